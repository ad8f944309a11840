# Tags, labels, marks and fields of tunnels, as random flows have found them: what traces and the datapath's flows tell of them.
start
add_ports br0 1 2 3
ovs-appctl vlog/set dpif:off dpif_netdev:off odp_util:off ofproto_dpif_xlate:off
O="-O OpenFlow13"
# Fields that only recirculation sets; the order in which flows are listed
t ovs-ofctl add-flow br0 dp_hash=1,actions=1
t ovs-ofctl $O mod-flows br0 recirc_id=1,actions=1
t ovs-ofctl add-flow br0 recirc_id=0,actions=drop
for f in priority=1,tcp priority=7,udp priority=5,tcp priority=3,tcp in_port=1 priority=7,tcp,tp_dst=2; do ovs-ofctl add-flow br0 table=3,$f,actions=drop; done
ovs-ofctl add-flow br0 table=3,priority=5,tcp,actions=1
t ovs-ofctl --no-stats dump-flows br0 table=3
# One tag is looked at unless more are wanted
ovs-ofctl del-flows br0
ovs-ofctl add-flow br0 in_port=1,actions=strip_vlan
ovs-ofctl add-flow br0 in_port=2,actions=strip_vlan,1
ovs-ofctl $O add-flow br0 in_port=3,actions=push_vlan:0x8100,1
TAGS=00000000000200000000000188a8000a8100001408004500001400000000400600000a0000010a000002
for limit in 1 2; do
  ovs-vsctl set Open_vSwitch . other_config:vlan-limit=$limit
  for p in 1 2 3; do
    t ovs-appctl ofproto/trace br0 in_port=$p $TAGS --names
    t ovs-appctl ofproto/trace br0 in_port=$p,dl_vlan=5
  done
  t ovs-appctl netdev-dummy/receive p1 $TAGS
  ovs-appctl dpctl/dump-flows | sed 's/used:[^,]*/used/'
  ovs-appctl dpctl/del-flows
done
# NSH flags and connection labels with masks; learning from packets that have no frame
ovs-ofctl del-flows br0
ovs-ofctl add-flow br0 dl_type=0x894f,nsh_flags=0/2,actions=drop
ovs-ofctl add-flow br0 ct_label=0/0xff,actions=NORMAL
ovs-ofctl --no-stats dump-flows br0
t ovs-appctl ofproto/trace br0 in_port=1 $TAGS
t ovs-appctl ofproto/trace br0 'in_port=2,packet_type=(1,0x86dd)' --generate
# Tunnels: the mark that one leaves, its own address, options that are deleted
ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24
ovs-appctl ovs/route/add 1.1.2.92/24 br0
ovs-appctl ovs/route/add 1.1.2.92/24 br0 pkt_mark=3
ovs-appctl tnl/arp/set br0 1.1.2.92 f8:bc:12:44:34:b8
ovs-vsctl add-br int -- set bridge int datapath_type=dummy fail-mode=secure other-config:hwaddr=aa:55:aa:55:00:66
ovs-vsctl add-port int p4 -- set interface p4 type=dummy ofport_request=4 -- \
  add-port int t13 -- set interface t13 type=geneve ofport_request=13 options:remote_ip=1.1.2.92 options:key=7 options:egress_pkt_mark=3 -- \
  add-port int t14 -- set interface t14 type=geneve ofport_request=14 options:remote_ip=flow options:key=flow
t ovs-ofctl add-tlv-map int '{class=0xffff,type=0,len=4}->tun_metadata0'
t ovs-ofctl $O add-group int 'group_id=1,type=all,bucket=actions=delete_field:tun_metadata5,4'
ovs-ofctl add-flow int in_port=4,actions=13,14,4,in_port
ovs-ofctl add-flow int 'in_port=5,actions=set_field:2->tun_erspan_ver,14,delete_field:tun_metadata0,4'
t ovs-appctl ofproto/trace int in_port=4
t ovs-appctl ofproto/trace int in_port=5,tun_src=1.1.2.92,tun_dst=1.1.2.88,tun_metadata0=0x1234
printf 'in_port=4,actions=drop\npriority=1,actions=group:9\npriority=2,actions=drop\n' > flows.txt
t ovs-ofctl $O replace-flows int flows.txt
ovs-ofctl $O --no-stats dump-flows int
stop
