start -- set bridge br0 other-config:junk=1
add_ports br0 1 2 3
for p in 5 4 3 2 1; do ovs-ofctl add-flow br0 "cookie=1,priority=$p,in_port=$p,actions=drop"; done
ovs-ofctl add-flow br0 "cookie=1,priority=1,ip,actions=drop"
ovs-ofctl add-flow br0 "cookie=1,priority=9,in_port=3,actions=drop"
ovs-ofctl add-flow br0 "cookie=1,priority=5,arp,actions=drop"
flows() { t ovs-ofctl --no-stats dump-flows br0 $1; }
flows
flows cookie=1/-1
flows cookie=1/1
flows in_port=3
t ovs-ofctl --strict del-flows br0 priority=9,in_port=3
flows
t ovs-ofctl mod-flows br0 "ip,actions=1"
flows cookie=1/-1
t ovs-ofctl mod-flows br0 "in_port=5,actions=1"
flows cookie=1/-1
t ovs-ofctl mod-flows br0 "in_port=3,actions=1"
flows cookie=1/-1
t ovs-ofctl add-flow br0 "cookie=1,priority=5,in_port=5,actions=2"
flows cookie=1/-1
t ovs-ofctl add-flow br0 "cookie=1,priority=2,in_port=2,actions=2"
flows cookie=1/-1
t ovs-ofctl add-flow br0 "cookie=2,priority=5,in_port=5,actions=2"
flows cookie=1/-1
flows
t ovs-ofctl del-flows br0 "in_port=5"
flows
flows cookie=1/-1
t ovs-ofctl add-flow br0 "priority=2,in_port=6,actions=2"
t ovs-ofctl add-flow br0 "priority=2,in_port=7,actions=2"
t ovs-ofctl add-flow br0 "table=3,priority=2,in_port=7,actions=2"
t ovs-ofctl add-flow br0 "table=2,priority=2,in_port=7,actions=2"
flows cookie=0/-1
flows table=3,cookie=0/-1
for p in tcp udp icmp arp ip dl_vlan=3 ipv6 icmp6 sctp rarp; do ovs-ofctl add-flow br0 "priority=5,$p,actions=drop"; ovs-ofctl add-flow br0 "priority=6,$p,in_port=4,actions=drop"; done
flows
t ovs-ofctl del-flows br0 tcp
flows
t ovs-ofctl --strict del-flows br0 priority=6,udp,in_port=4
flows
t ovs-ofctl del-flows br0 ip
flows
t ovs-ofctl del-flows br0 in_port=1
flows
t ovs-ofctl add-flow br0 priority=9,tcp,tp_src=1,actions=1
t ovs-ofctl add-flow br0 priority=9,tcp,tp_dst=1,actions=1
t ovs-ofctl add-flow br0 priority=8,udp,tp_dst=1,actions=1
t ovs-ofctl add-flow br0 priority=8,nw_src=10.0.0.0/8,ip,actions=1
t ovs-ofctl add-flow br0 priority=8,nw_dst=10.0.0.0/8,ip,actions=1
flows
t ovs-ofctl add-flow br0 priority=3,nw_dst=10.0.0.0/8,ip,actions=1
t ovs-ofctl --strict del-flows br0 priority=8,nw_dst=10.0.0.0/8,ip
flows
t ovs-ofctl del-flows br0 ip
flows
t ovs-appctl bridge/dump-flows br0
stop
