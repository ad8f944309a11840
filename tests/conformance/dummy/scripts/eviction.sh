# Which flow makes room when a table is full: importance, then the time that is left, then the order of a heap.
start
add_ports br0 1
ovs-appctl time/stop
O="ovs-ofctl -O OpenFlow14"
flows() { $O dump-flows br0 table=$1 | sed -n 's/.*\(tcp,[a-z0-9_=,]*\).*/\1/p' | sort -V; }
ovs-vsctl -- --id=@t create Flow_Table flow-limit=8 overflow-policy=evict -- set bridge br0 flow_tables:0=@t >/dev/null
for i in 1 2 3 4 5 6 7 8; do $O add-flow br0 idle_timeout=100,tcp,tp_dst=$i,actions=drop; done
for i in 11 12 13 14 15 16; do $O add-flow br0 idle_timeout=100,tcp,tp_dst=$i,actions=drop; echo "$i: "$(flows 0); done
echo "=== importance and timeouts"
$O del-flows br0
for i in 1 2 3 4 5 6 7 8; do $O add-flow br0 hard_timeout=$((100 + i % 3 * 10)),importance=$((i % 2)),tcp,tp_dst=$i,actions=drop; done
for i in 11 12 13 14 15 16 17; do $O add-flow br0 idle_timeout=90,importance=$((i % 3)),tcp,tp_dst=$i,actions=drop; echo "$i: "$(flows 0); done
echo "=== used flows go later"
$O del-flows br0
for i in 1 2 3 4 5 6 7 8; do $O add-flow br0 idle_timeout=100,tcp,tp_dst=$i,actions=drop; done
ovs-appctl time/warp 5000 500 >/dev/null
for i in 1 3 4; do ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=$i),tcp_flags(ack)"; done
ovs-appctl time/warp 5000 500 >/dev/null
for i in 11 12 13 14 15 16 17; do $O add-flow br0 idle_timeout=300,tcp,tp_dst=$i,actions=drop; echo "$i: "$(flows 0); done
echo "=== changed flows, flows without a timeout"
$O del-flows br0
for i in 1 2 3 4 5; do $O add-flow br0 hard_timeout=100,tcp,tp_dst=$i,actions=drop; done
for i in 6 7 8; do $O add-flow br0 tcp,tp_dst=$i,actions=drop; done
ovs-appctl time/warp 3000 500 >/dev/null
$O mod-flows br0 tcp,tp_dst=1,actions=1
$O add-flow br0 hard_timeout=100,tcp,tp_dst=2,actions=1
for i in 11 12 13 14 15 16 17; do t $O add-flow br0 hard_timeout=100,tcp,tp_dst=$i,actions=drop; echo "$i: "$(flows 0); done
ovs-vsctl set Flow_Table . flow-limit=5 2>/dev/null || ovs-vsctl set Flow_Table $(ovs-vsctl --bare --columns=_uuid list Flow_Table) flow-limit=5
echo "less: "$(flows 0)
echo "=== groups"
ovs-vsctl set Flow_Table $(ovs-vsctl --bare --columns=_uuid list Flow_Table) flow-limit=6 'groups="NXM_OF_IN_PORT[]"'
$O del-flows br0
for i in 1 2 3 4; do $O add-flow br0 idle_timeout=100,in_port=1,tcp,tp_dst=$i,actions=drop; done
for i in 5 6; do $O add-flow br0 idle_timeout=10,in_port=2,tcp,tp_dst=$i,actions=drop; done
for i in 11 12; do $O add-flow br0 idle_timeout=100,in_port=3,tcp,tp_dst=$i,actions=drop; echo "$i: "$(flows 0); done
# a number that its bridge is said to have left, now and then
stop | grep -v recirc_id
