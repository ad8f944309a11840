# Meters: what is refused, what they let through, and their counters.
start
add_ports br0 1 2
ovs-appctl time/stop
O="-O OpenFlow13"
t ovs-ofctl $O add-meter br0 'meter=1 pktps burst stats bands=type=drop rate=1 burst_size=2'
t ovs-ofctl $O add-meter br0 'meter=2 kbps burst stats bands=type=drop rate=2 burst_size=3'
t ovs-ofctl $O add-meter br0 'meter=2 kbps burst stats bands=type=drop rate=2 burst_size=3'
t ovs-ofctl $O mod-meter br0 'meter=2 kbps stats bands=type=drop rate=4'
t ovs-ofctl $O mod-meter br0 'meter=3 kbps stats bands=type=drop rate=4'
t ovs-ofctl $O add-meter br0 'meter=4 kbps stats bands=type=dscp_remark rate=4 prec_level=1'
t ovs-ofctl $O add-meter br0 'meter=5 pktps stats bands=type=drop rate=4 type=drop rate=9'
t ovs-ofctl $O add-meter br0 'meter=controller pktps stats bands=type=drop rate=4'
t ovs-ofctl $O add-meter br0 'meter=slowpath pktps stats bands=type=drop rate=4'
t ovs-ofctl $O add-meter br0 'meter=6 stats bands=type=drop rate=4'
t ovs-ofctl $O mod-meter br0 'meter=1 kbps bands=type=dscp_remark rate=4 prec_level=1'
t ovs-ofctl $O add-meter br0 'meter=all pktps bands=type=drop rate=4'
t ovs-ofctl $O dump-meters br0
t ovs-ofctl $O dump-meter br0 meter=1
t ovs-ofctl $O dump-meter br0 1
t ovs-ofctl $O meter-features br0
t ovs-ofctl $O add-flow br0 'in_port=1 action=meter:1,2'
t ovs-ofctl $O add-flow br0 'in_port=2 action=meter:2,1'
t ovs-ofctl $O add-flow br0 'in_port=3 action=meter:9,1'
t ovs-ofctl $O add-flow br0 'in_port=4 action=1,meter:1'
t ovs-ofctl $O add-flow br0 'in_port=5 action=controller(meter_id=1)'
for i in `seq 1 10`; do ovs-appctl netdev-dummy/receive p1 'in_port(1),packet_type(ns=0,id=0),eth(src=50:54:00:00:00:0a,dst=50:54:00:00:00:09),eth_type(0x0800),ipv4(src=10.0.0.2,dst=10.0.0.1,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)' --len 60; done
for i in `seq 1 5`; do ovs-appctl netdev-dummy/receive p2 'in_port(2),packet_type(ns=0,id=0),eth(src=50:54:00:00:00:0c,dst=50:54:00:00:00:0a),eth_type(0x0800),ipv4(src=10.0.0.3,dst=10.0.0.4,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)' --len 60; done
sleep 0.3
ovs-ofctl $O meter-stats br0 | sort
ovs-ofctl $O meter-stats br0 meter=2
ovs-ofctl $O -O OpenFlow15 meter-stats br0 meter=2
ovs-appctl time/warp 5000
for i in `seq 1 5`; do ovs-appctl netdev-dummy/receive p1 'in_port(1),packet_type(ns=0,id=0),eth(src=50:54:00:00:00:0a,dst=50:54:00:00:00:09),eth_type(0x0800),ipv4(src=10.0.0.2,dst=10.0.0.1,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)' --len 60; done
sleep 0.3
ovs-appctl revalidator/wait
ovs-ofctl $O meter-stats br0 | sort
ovs-ofctl dump-ports br0 | sed 's/duration.*//'
ovs-ofctl $O dump-flows br0
t ovs-ofctl $O del-meter br0 meter=1
ovs-ofctl $O --no-stats dump-flows br0
t ovs-ofctl $O del-meters br0
ovs-ofctl $O --no-stats dump-flows br0
ovs-ofctl $O dump-meters br0
stop
