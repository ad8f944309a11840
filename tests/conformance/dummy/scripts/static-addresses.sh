# Static addresses of a learning switch, and what becomes of them when the ageing time changes.
start
ovs-appctl time/stop
add_ports br0 1 2 3
ovs-ofctl add-flow br0 actions=normal
r() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$2,dst=50:54:00:00:00:0${3:-9}),eth_type(0x1234)"; }
s() { ovs-appctl fdb/show br0 | sed 's/-2147.*/OLD/;s/-2146.*/OLD/'; ovs-appctl fdb/stats-show br0; }
t ovs-appctl fdb/add br0 p1 0 50:54:00:00:00:01
r 2 2; r 3 3; r 2 1
s
ovs-appctl time/warp 301000 10000 >/dev/null
s
r 2 2; r 3 3; r 2 1
ovs-vsctl set bridge br0 other_config:mac-aging-time=100
s
t ovs-appctl fdb/del br0 0 50:54:00:00:00:01
ovs-vsctl set bridge br0 other_config:mac-aging-time=300
s
t ovs-appctl fdb/del br0 0 50:54:00:00:00:01
t ovs-appctl fdb/add br0 p1 0 50:54:00:00:00:04
ovs-vsctl set bridge br0 other_config:mac-aging-time=200
s
r 3 4
ovs-appctl time/warp 1000
s
t ovs-appctl fdb/add br0 p1 0 50:54:00:00:00:05
ovs-vsctl set bridge br0 other_config:mac-aging-time=201
t ovs-appctl fdb/add br0 p2 0 50:54:00:00:00:05
s
t ovs-appctl fdb/add br0 p1 0 50:54:00:00:00:06
ovs-vsctl set bridge br0 other_config:mac-aging-time=202
t ovs-appctl fdb/add br0 p1 0 50:54:00:00:00:06
s
ovs-appctl fdb/flush br0
s
stop
