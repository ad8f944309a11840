# Tags and native tunnels: those of a packet that goes into one are inside, and the bridge of the way out sees none.
start
add_ports br0 10 11
ovs-vsctl set port p11 tag=7
ovs-vsctl add-br int -- set bridge int datapath_type=dummy fail-mode=secure other-config:hwaddr=aa:55:aa:55:00:66
ovs-vsctl add-port int p1 -- set interface p1 type=dummy ofport_request=1 -- \
  add-port int t5 -- set interface t5 type=gre options:remote_ip=1.1.2.92 options:packet_type=legacy_l3 ofport_request=5 -- \
  add-port int t6 -- set interface t6 type=vxlan options:remote_ip=1.1.2.92 options:key=4 ofport_request=6
ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24
ovs-appctl ovs/route/add 1.1.2.92/24 br0
ovs-appctl tnl/arp/set br0 1.1.2.92 f8:bc:12:44:34:b8
ovs-ofctl add-flow br0 dl_vlan=7,actions=11,10
ovs-ofctl add-flow br0 priority=1,actions=10,NORMAL
ovs-ofctl add-flow br0 priority=2,dl_vlan=8,actions=strip_vlan,10,NORMAL
for packet in ipv6,ipv6_src=fe80::1 'packet_type=(1,0x86dd),ipv6_src=fe80::1' dl_vlan=7,dl_vlan_pcp=3; do
  for tunnel in 5 6; do
    for actions in push_vlan:0x8100 push_vlan:0x8100,mod_vlan_vid:7 push_vlan:0x8100,mod_vlan_vid:8,push_vlan:0x88a8,mod_vlan_vid:8 clear_actions; do
      t ovs-appctl ofproto/trace-packet-out int "in_port=1,$packet" "$actions,$tunnel,1"
    done
  done
done
stop
