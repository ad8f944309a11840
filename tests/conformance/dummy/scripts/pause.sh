# Revalidators that are held up: flows of the datapath neither end nor change, and what they count is theirs.
start
add_ports br0 1 2 3
ovs-appctl time/stop
P='in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
F() { ovs-ofctl dump-flows br0 | sed 's/duration=[^,]*, //;s/idle_age=[0-9]*, //'; ovs-appctl dpctl/dump-flows | sed 's/used:[^,]*/used/' | sort; }
t ovs-ofctl add-flow br0 in_port=1,actions=2
for i in 1 2 3; do ovs-appctl netdev-dummy/receive p1 "$P"; done
ovs-appctl time/warp 2000 500 >/dev/null
F
t ovs-appctl revalidator/pause
for i in 1 2 3; do ovs-appctl netdev-dummy/receive p1 "$P"; done
ovs-appctl time/warp 3000 500 >/dev/null
F
t ovs-ofctl mod-flows br0 in_port=1,actions=3
ovs-appctl time/warp 3000 500 >/dev/null
F
ovs-appctl time/warp 12000 3000 >/dev/null
F
ovs-appctl netdev-dummy/receive p1 "$P"
F
t ovs-appctl revalidator/resume
ovs-appctl time/warp 1000 500 >/dev/null
F
ovs-appctl time/warp 12000 3000 >/dev/null
F
stop
