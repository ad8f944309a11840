# Mirrors that come, change and go: flows that the datapath has already stay as they are.
start
add_ports br0 1 2 3
ovs-ofctl add-flow br0 actions=normal
r() { ovs-appctl netdev-dummy/receive p$1 50540000000150540000000208004500001c000000004001f98ec0a80002c0a80001080000000000; sleep 0.1; ovs-appctl dpctl/dump-flows | sed 's/, packets.*actions/ actions/'; }
r 1
ovs-vsctl -- --id=@q get port p3 -- --id=@m create mirror name=m select-all=true output-port=@q -- set bridge br0 mirrors=@m
sleep 0.2
r 1
sleep 0.7
r 1
ovs-vsctl set mirror m snaplen=100
sleep 0.7
r 1
ovs-vsctl clear mirror m output_port -- set mirror m output_vlan=9
sleep 0.7
r 1
ovs-vsctl set mirror m output_vlan=10
sleep 0.7
r 1
ovs-vsctl set mirror m select_vlan=8
sleep 0.7
r 1
ovs-vsctl clear bridge br0 mirrors
sleep 0.7
r 1
ovs-vsctl add-port br0 p4 -- set interface p4 type=dummy
sleep 0.7
r 1
stop
