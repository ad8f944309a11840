# Limits of learn actions, flows that they make once more with other actions, and flows that go with them.
start
add_ports br0 1 2 3
ovs-appctl time/stop
O="ovs-ofctl -O OpenFlow15"
f() { $O del-flows br0; printf '%s\n' "$@" | $O add-flows br0 -; }
tr() { ovs-appctl ofproto/trace br0 "$@" | grep -v "^$\|^Flow"; }
f 'table=0,actions=learn(table=1,limit=2,result_dst=reg0[0],delete_learned,cookie=0x5,priority=7,hard_timeout=9,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,2)' 'table=2,reg0=1,actions=1' 'table=2,reg0=0,actions=2' 
for i in 1 1 2 2 1 3; do tr in_port=3,dl_src=50:54:00:00:00:0$i -generate; $O dump-flows br0 table=1; ovs-appctl time/warp 1000 > /dev/null; done
for i in 1 1 2 2 1 3; do tr in_port=2,dl_src=50:54:00:00:00:0$i -generate;  $O dump-flows br0 table=1;done
$O add-flow br0 'table=1,cookie=0x6,actions=drop'
$O add-flow br0 'table=1,cookie=0x5,dl_type=0x806,actions=drop'
for i in 4 5; do tr in_port=2,dl_src=50:54:00:00:00:0$i -generate;  $O dump-flows br0 table=1;done
ovs-appctl time/warp 10000 1000 > /dev/null
for i in 4 5; do ovs-appctl netdev-dummy/receive p3 "in_port(3),eth(src=50:54:00:00:00:0$i,dst=50:54:00:00:00:09),eth_type(0x1234)"; $O dump-flows br0 table=1; done
for n in 1 2 3 4 5 6 7; do ovs-appctl netdev-dummy/receive p3 "in_port(3),eth(src=50:54:00:00:00:04,dst=50:54:00:00:00:09),eth_type(0x1234)"; ovs-appctl time/warp 2000 500 > /dev/null;  $O dump-flows br0; done
$O --no-stats dump-flows br0 
f 'table=0,actions=learn(table=1,limit=1,priority=7,idle_timeout=3,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])'
for n in 1 2 3 4 5 6 7; do for i in 4 5; do ovs-appctl netdev-dummy/receive p3 "in_port(3),eth(src=50:54:00:00:00:0$i,dst=50:54:00:00:00:09),eth_type(0x1234)"; done; ovs-appctl time/warp 2000 500 > /dev/null;  $O dump-flows br0; done
f 'table=0,actions=learn(table=1,priority=7,idle_timeout=30,hard_timeout=40,fin_idle_timeout=5,eth_type=0x800,nw_proto=6,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,1)'
d() { $O dump-flows br0 table=1 | sed 's/duration=/d=/'; }
r() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$2,dst=50:54:00:00:00:0$3),eth_type(0x0800),ipv4(src=1.1.1.1,dst=2.2.2.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=5,dst=6),tcp_flags($4)"; }
r 1 1 2 0x10; d
ovs-appctl time/warp 3000 500 >/dev/null
r 2 2 1 0x10; d
ovs-appctl time/warp 3000 500 >/dev/null
r 3 1 2 0x10; d
ovs-appctl time/warp 3000 500 >/dev/null
r 2 2 1 0x11; d
ovs-appctl time/warp 2000 500 >/dev/null
r 3 1 2 0x12; d
ovs-appctl time/warp 2000 500 >/dev/null
r 1 1 2 0x12; d
# flows that go with the last learn action for their cookie
f 'table=0,in_port=1,actions=learn(table=1,cookie=0x9,delete_learned,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[])' 'table=0,in_port=2,actions=learn(table=1,cookie=0x9,delete_learned,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),learn(table=2,cookie=0x9,delete_learned,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])' 'table=1,cookie=0x9,dl_type=0x1234,actions=drop' 'table=3,cookie=0x9,actions=drop'
tr in_port=1,dl_src=50:54:00:00:00:01 -generate > /dev/null
tr in_port=2,dl_src=50:54:00:00:00:02 -generate > /dev/null
$O --no-stats dump-flows br0
$O del-flows br0 table=0,in_port=1
$O --no-stats dump-flows br0
$O mod-flows br0 table=0,in_port=2,actions=drop
$O --no-stats dump-flows br0
stop
