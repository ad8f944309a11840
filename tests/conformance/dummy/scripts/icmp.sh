# One flow, one packet, time that goes on by hand.
start
add_ports br0 1 2
t ovs-ofctl add-flow br0 'in_port=1 actions=2'
t ovs-ofctl add-flow br0 'table=0,priority=5,tcp,idle_timeout=10,actions=1,IN_PORT'
t ovs-appctl time/stop
icmp='eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
tcp='eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=9),tcp_flags(0x010)'
t ovs-appctl netdev-dummy/receive p1 "in_port(1),$icmp"
t ovs-appctl time/warp 5000
t ovs-ofctl dump-flows br0
t ovs-appctl dpctl/dump-flows
t ovs-appctl dpctl/dump-flows -m
t ovs-appctl netdev-dummy/receive p1 "in_port(1),$icmp" "in_port(1),$icmp"
t ovs-appctl netdev-dummy/receive p2 "in_port(2),$tcp" --len 100
t ovs-appctl revalidator/wait
t ovs-appctl dpctl/dump-flows
t ovs-appctl time/warp 1000 100
t ovs-ofctl dump-flows br0
t ovs-appctl time/warp 20000 500
t ovs-ofctl dump-flows br0
t ovs-appctl dpctl/dump-flows
t ovs-ofctl dump-ports br0
t ovs-ofctl -O OpenFlow14 dump-ports br0 1
t ovs-appctl dpif/show
t ovs-appctl dpctl/show -s
t ovs-ofctl show br0
t ovs-ofctl dump-tables br0
t ovs-appctl bridge/dump-flows br0
t ovs-vsctl --columns=name,ofport,statistics,link_state,admin_state list Interface p1
stop
