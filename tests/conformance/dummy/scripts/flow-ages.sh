# When flows that are replaced and modified were used, and what they count.
start
add_ports br0 1 2 3
ovs-appctl time/stop
for v in 10 11 13 14; do
for flags in "" reset_counts, ; do
ovs-ofctl del-flows br0
w() { ovs-appctl time/warp $1 >/dev/null; }
p() { ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=9),tcp_flags(0x010)"; sleep 0.05; ovs-appctl revalidator/purge; }
d() { ovs-ofctl -m dump-flows br0;  }
ovs-ofctl -O OpenFlow$v add-flow br0 ${flags}in_port=1,idle_timeout=20,hard_timeout=50,actions=2
w 3000; p; w 2000; d
ovs-ofctl -O OpenFlow$v add-flow br0 ${flags}in_port=1,idle_timeout=21,hard_timeout=51,actions=2
d
w 2000
d
ovs-ofctl -O OpenFlow$v mod-flows br0 ${flags}in_port=1,actions=3
d
w 3000
ovs-ofctl -O OpenFlow$v add-flow br0 ${flags}in_port=1,actions=3
d
p
ovs-ofctl -O OpenFlow$v --strict mod-flows br0 ${flags}in_port=1,actions=2
d
done
done
stop
