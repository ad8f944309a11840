# Connections that are named by what is known of their two directions.
start
add_ports br0 1 2
ovs-appctl time/stop
cat > flows.txt <<'X'
in_port=1,udp,udp_src=1,actions=ct(commit,zone=1),2
in_port=1,udp,udp_src=2,actions=ct(commit,zone=2),2
in_port=1,udp,actions=ct(commit),2
X
t ovs-ofctl add-flows br0 flows.txt
t ovs-appctl dpctl/ct-get-nconns
f() {
  for source in 1 2 3; do
    ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:09,dst=50:54:00:00:00:0a),eth_type(0x0800),ipv4(src=10.1.1.1,dst=10.1.1.2,proto=17,tos=0,ttl=64,frag=no),udp(src=$source,dst=9)"
  done
  t ovs-appctl dpctl/flush-conntrack "$@"
  ovs-appctl dpctl/dump-conntrack | sed 's/^udp,orig=([^)]*sport=\([0-9]*\),.*/left \1/' | sort
}
f dummy@ovs-dummy
f ct_tp_src=2
f ct_nw_src=10.1.1.1,ct_ipv6_src=::1
f ct_nw_proto=17,icmp_id=3
f ct_nw_src=10.1.1.1,ct_nw_dst=10.1.1.2,ct_nw_proto=17,ct_tp_src=1,ct_tp_dst=9
f zone=1 ct_nw_src=10.1.1.1,ct_nw_dst=10.1.1.2,ct_nw_proto=17,ct_tp_src=1,ct_tp_dst=9
f ct_nw_proto=17,ct_tp_src=2
f '' ct_nw_proto=17,ct_tp_dst=3
f zone=2 ct_nw_src=10.1.1.1
f a=1 b=1 c=1
stop
