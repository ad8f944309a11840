# Connections of protocols without ports in the switch daemon's tracker.
start
add_ports br0 1 2
ovs-ofctl add-flow br0 'ip,actions=ct(commit,table=1)'
ovs-ofctl add-flow br0 'table=1,actions=2'
rx() { ovs-appctl netdev-dummy/receive p1 $1; sleep 0.1; ovs-appctl dpctl/dump-conntrack; ovs-appctl dpctl/dump-flows -m | grep recirc_id.0x | sed 's/.*ct_state(\([^)]*\)).*/\1/'; ovs-appctl dpctl/flush-conntrack; ovs-appctl revalidator/purge; }
for p in 132 47 2 50 6 17 1; do echo "proto $p"; rx "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=$p,tos=0,ttl=64,frag=no)"; done
rx "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=132,tos=0,ttl=64,frag=no),sctp(src=5,dst=6)"
stop
