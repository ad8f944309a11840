# A daemon that waits for flows to be put back (flow-restore-wait) before it takes packets; ranges of addresses that begin with none.
start_server
ovs-vsctl --no-wait set open . other_config:flow-restore-wait=true
start_switch
ovs-vsctl -- add-br br0 -- set bridge br0 datapath-type=dummy other-config:datapath-id=fedcba9876543210 other-config:hwaddr=aa:55:aa:55:00:00 fail-mode=standalone
add_ports br0 1 2
t ovs-vsctl get open . cur_cfg next_cfg
t ovs-ofctl dump-flows br0
ovs-vsctl set-controller br0 punix:$OVS_RUNDIR/xx
ovs-vsctl --columns=is_connected list controller
ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x1234)"
ovs-ofctl add-flow br0 in_port=1,actions=2
ovs-appctl dpctl/dump-flows
t ovs-appctl dpctl/show
ls *xx
ovs-vsctl --no-wait remove open . other_config flow-restore-wait
sleep 0.3
ls *xx
t ovs-ofctl dump-flows br0
ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x1234)"
ovs-ofctl dump-ports br0 | grep tx
stop | grep -v 'connect'
