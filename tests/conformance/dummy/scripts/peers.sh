# Patch ports without a peer, and options of patch ports and tunnels that become wrong. (The original takes the error of a patch port
# without a peer back in every other reconfiguration: it is left out.)
start
e() { for i in a b; do ovs-vsctl --if-exists get interface $i ofport error | sed 's/^"No usable peer .*"$/[]/'; done; }
ovs-vsctl add-port br0 a -- set interface a type=patch options:peer=b
e; sleep 0.3; e
ovs-vsctl add-port br0 p9 -- set interface p9 type=dummy; sleep 0.3
e
ovs-vsctl add-port br0 b -- set interface b type=patch options:peer=a; sleep 0.3
e
ovs-vsctl set interface b options:peer=c; sleep 0.3
e
ovs-vsctl set interface b options:peer=a; sleep 0.3
e
ovs-vsctl del-port a; sleep 0.3
e
ovs-vsctl add-br br1 -- set bridge br1 datapath_type=dummy
ovs-vsctl add-port br1 a -- set interface a type=patch options:peer=b; sleep 0.3
e
ovs-vsctl set interface b options:peer=b; sleep 0.3
e
ovs-vsctl clear interface b options; ovs-vsctl get interface b ofport error
ovs-vsctl add-port br0 t1 -- set interface t1 type=vxlan options:remote_ip=1.1.1.1
ovs-vsctl set interface t1 options:remote_ip=x; ovs-vsctl get interface t1 ofport error; ovs-appctl dpif/show
stop | grep -v reconnect
