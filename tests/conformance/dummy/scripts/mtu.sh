# Internal ports follow the least MTU of a bridge's others, dummies among them.
start
m() { for i in br0 int bad p1 v pa; do ovs-vsctl --if-exists get interface $i mtu; done | tr '\n' ' '; echo; }
add_ports br0 1
m
ovs-vsctl add-port br0 int -- set interface int type=internal; m
ovs-vsctl add-port br0 bad -- set interface bad type=dummy mtu_request=1400; m
ovs-vsctl set interface bad mtu_request=1300; m
ovs-vsctl set interface int mtu_request=1200; m
ovs-vsctl set interface br0 mtu_request=1250; m
ovs-vsctl clear interface br0 mtu_request; m
ovs-vsctl clear interface bad mtu_request; m
ovs-vsctl set interface p1 mtu_request=9000; m
ovs-vsctl set interface bad mtu_request=9000; m
ovs-vsctl add-port br0 v -- set interface v type=vxlan options:remote_ip=1.1.1.1 mtu_request=1100; m
ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb; m
ovs-vsctl del-port bad; m
ovs-vsctl clear interface int mtu_request; m

stop | grep -v reconnect
