# BFD over tunnels: its flag OAM, and packets whose tunnel has a key; what a bond's own datapath counts by hash.
start
ovs-vsctl add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 options:tx_pcap=p1.pcap
ovs-vsctl add-br int0 -- set bridge int0 datapath_type=dummy fail-mode=secure other-config:hwaddr=aa:55:aa:56:00:00
ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24 >/dev/null
ovs-appctl ovs/route/add 1.1.2.0/24 br0 >/dev/null
ovs-appctl tnl/arp/set br0 1.1.2.92 f8:bc:12:44:34:b6 >/dev/null
ovs-ofctl add-flow br0 action=normal
ovs-appctl time/stop
for oam in false true; do
  for kind in geneve vxlan; do
    ovs-vsctl add-port int0 t1 -- set Interface t1 type=$kind options:remote_ip=1.1.2.92 options:key=7 ofport_request=3 bfd:enable=true bfd:oam=$oam bfd:min_tx=1000
    ovs-appctl time/warp 3000 500 >/dev/null
    # which port UDP chooses is a hash, and discriminators are chance
    ovs-pcap p1.pcap | tail -1 | cut -c1-28,69-112
    ovs-vsctl del-port t1
  done
done
ovs-vsctl add-port int0 t1 -- set Interface t1 type=vxlan options:remote_ip=1.1.2.92 options:key=flow ofport_request=3 bfd:enable=true bfd:check_tnl_key=true
B="in_port=3,udp,nw_dst=169.254.1.1,tp_dst=3784"
t ovs-appctl ofproto/trace int0 $B,tun_id=0
t ovs-appctl ofproto/trace int0 $B,tun_id=5
t ovs-appctl ofproto/trace int0 in_port=3,udp,nw_dst=169.254.1.1,tp_dst=3785,tun_id=5
ovs-vsctl set Interface t1 bfd:check_tnl_key=false
t ovs-appctl ofproto/trace int0 $B,tun_id=5
stop
