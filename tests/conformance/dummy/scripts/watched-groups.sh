# Groups that watch each other in circles: how many links are followed, and that the log tells of them.
start
add_ports br0 1 2 3
O="ovs-ofctl -O OpenFlow15"
$O add-group br0 group_id=1,type=ff,bucket=watch_group:1,2
$O add-group br0 group_id=2,type=ff,bucket=watch_group:3,actions=2,bucket=watch_port:2,actions=1
$O add-group br0 group_id=3,type=ff,bucket=watch_group:2,actions=3
$O add-group br0 group_id=4,type=select,bucket=watch_group:1,actions=3,bucket=watch_group:2,actions=1
$O add-group br0 group_id=5,type=select,selection_method=dp_hash,bucket=watch_group:1,actions=3,bucket=watch_group:4,watch_port:2,actions=1
for g in 1 2 3 4 5; do ovs-appctl ofproto/trace-packet-out br0 in_port=1,tcp group:$g; done
$O add-flow br0 actions=group:1
ovs-appctl netdev-dummy/receive p2 50540000000150540000000208004500001c000000004001f98ec0a80002c0a80001080000000000
sleep 0.6
grep "ofproto_dpif_xlate|WARN" ovs-vswitchd.log | sed 's/^[^|]*|[0-9]*|//'
stop
