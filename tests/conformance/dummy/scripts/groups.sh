# Buckets: in the order of an action set, live or not, patch ports from within them.
start
add_ports br0 1 2 3 4 5
O="-O OpenFlow15"
ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy fail-mode=secure -- add-port br0 pa -- set interface pa type=patch options:peer=pb ofport_request=10 -- add-port br1 pb -- set interface pb type=patch options:peer=pa ofport_request=20
ovs-vsctl add-port br1 q1 -- set interface q1 type=dummy ofport_request=21
t ovs-ofctl $O add-group br0 'group_id=1,type=all,bucket=output:1,set_field:3->reg1,resubmit(,7),bucket=output:10'
t ovs-ofctl $O add-group br0 'group_id=2,type=ff,bucket=watch_group:3,output:1,bucket=watch_port:9,output:1,bucket=watch_port:4,watch_group:3,output:2'
t ovs-ofctl $O add-group br0 'group_id=3,type=ff,bucket=watch_port:9,output:1'
t ovs-ofctl $O add-flow br0 "in_port=1,actions=write_actions(group:1)"
t ovs-ofctl $O add-flow br0 "in_port=2,actions=write_actions(group:1),goto_table:1"
t ovs-ofctl $O add-flow br0 "in_port=4,actions=group:2"
t ovs-ofctl $O add-flow br0 "in_port=5,actions=group:3"
t ovs-ofctl $O add-flow br0 "in_port=3,actions=output:10,clone(resubmit(,7))"
t ovs-ofctl $O add-flow br0 "table=1,actions=write_actions(set_field:6->reg2)"
t ovs-ofctl $O add-flow br0 "table=7,actions=write_actions(output:2)"
t ovs-ofctl $O add-flow br1 "in_port=20,actions=write_actions(output:21)"
for p in 1 2 3 4 5; do
t ovs-appctl ofproto/trace br0 in_port=$p,udp
done
stop
