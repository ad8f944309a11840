# What is told unasked in each version: ports, flows that go, packets for controllers.
start
add_ports br0 1 2 3
ovs-appctl time/stop
for v in 10 11 12 13 14 15; do
echo "=== $v"
ovs-ofctl -O OpenFlow$v -P standard monitor br0 65534 --detach --no-chdir --pidfile 2>ofctl.log

ovs-appctl -t ovs-ofctl ofctl/barrier
: > ofctl.log
ovs-appctl -t ovs-ofctl ofctl/set-output-file monitor.log
# port status
ovs-vsctl add-port br0 test -- set interface test type=dummy ofport_request=9
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-ofctl -O OpenFlow$v mod-port br0 test no-recv
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-ofctl -O OpenFlow$v mod-port br0 test no-packet-in
ovs-ofctl -O OpenFlow$v mod-port br0 test no-forward
ovs-ofctl -O OpenFlow$v mod-port br0 test no-flood
ovs-ofctl -O OpenFlow$v mod-port br0 test no-receive
ovs-ofctl -O OpenFlow$v mod-port br0 test no-receive-stp
ovs-ofctl -O OpenFlow$v mod-port br0 test down
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-vsctl del-port test
ovs-appctl -t ovs-ofctl ofctl/barrier
# flow removed
ovs-ofctl -O OpenFlow$v add-flow br0 'send_flow_rem,cookie=0x123,priority=7,tcp,tp_dst=9,idle_timeout=10,actions=2'
ovs-ofctl -O OpenFlow$v add-flow br0 'send_flow_rem,cookie=0x124,priority=7,udp,tp_dst=9,hard_timeout=5,actions=2'
ovs-ofctl -O OpenFlow$v del-flows br0 tcp
ovs-appctl time/warp 6000 >/dev/null
sleep 0.1
ovs-appctl -t ovs-ofctl ofctl/barrier
# packet in
ovs-ofctl -O OpenFlow$v add-flow br0 'priority=3,in_port=1,cookie=0x77,actions=controller'
ovs-ofctl -O OpenFlow$v add-flow br0 'priority=3,in_port=2,cookie=0x78,actions=set_field:1.1.1.1->ip_src,controller(max_len=20,reason=invalid_ttl)'
ovs-ofctl -O OpenFlow$v add-flow br0 'priority=3,in_port=3,cookie=0x79,actions=controller(id=3,userdata=01.02.03.04.05,pause),2'
for p in 1 2 3; do
ovs-appctl netdev-dummy/receive p$p "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=9),tcp_flags(0x010)"
ovs-appctl netdev-dummy/receive p$p "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=17,tos=0,ttl=1,frag=no),udp(src=8,dst=9)"
sleep 0.1
done
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-ofctl -O OpenFlow$v del-flows br0
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-appctl -t ovs-ofctl exit
wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/(xid=0x[0-9a-f]*)/(xid)/' monitor.log
cat ofctl.log
rm monitor.log
done
stop
