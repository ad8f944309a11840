# What actions and groups that choose by a hash look at in packets of every sort; arguments of traces that are wrong.
start
add_ports br0 1 2 3
O="-O OpenFlow15"
PACKETS="tcp,nw_src=1.2.3.4 udp sctp icmp tcp6 udp6 icmp6 arp ip,nw_proto=2 ipv6,nw_proto=9 tcp,nw_frag=first tcp,nw_frag=later udp,nw_frag=later mpls dl_vlan=3,udp"
chosen() {
  for p in $PACKETS; do
    echo "$1 $p"
    ovs-appctl ofproto/trace br0 in_port=1,$p,dl_src=50:54:00:00:00:01 | grep '^Mega\|^Final\|^Data'
  done
}
for h in eth_src symmetric_l4 symmetric_l3l4 symmetric_l3l4+udp nw_src nw_dst symmetric_l3; do
  ovs-ofctl $O add-flow br0 "actions=multipath($h,50,modulo_n,12,0,reg1[]),3"
  chosen $h
done
ovs-ofctl $O add-flow br0 "actions=bundle(symmetric_l3l4,50,hrw,ofport,members:1,2,3)"
chosen bundle
ovs-ofctl $O del-flows br0
for method in hash 'hash,fields(ip_src,tcp_dst)' 'hash,fields(ip_src=255.0.0.0,ipv6_dst=ffff::)' \
  'hash,selection_method_param=7,fields(icmp_type,nd_target)'; do
  ovs-ofctl $O del-groups br0
  ovs-ofctl $O add-group br0 "group_id=1,type=select,selection_method=$method,bucket=weight:1,actions=1,bucket=weight:3,actions=2,bucket=weight:0,actions=4,bucket=actions=3"
  ovs-ofctl $O add-flow br0 "actions=group:1"
  chosen $method
done
t ovs-appctl ofproto/trace br0 in_port=p1 505400
t ovs-appctl ofproto/trace br0 in_port=p1 xx
t ovs-appctl ofproto/trace br0 in_port=p1 -generate 50540000000a5054000000091234
stop
