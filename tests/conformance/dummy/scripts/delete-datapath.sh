# A datapath that bridges have open is deleted by hand: it stays.
start
add_ports br0 1 2
ovs-ofctl add-flow br0 actions=normal
t ovs-appctl dpctl/del-dp nix
t ovs-appctl dpctl/del-dp dummy@ovs-dummy
t ovs-appctl dpctl/show
t ovs-appctl dpctl/dump-dps
t ovs-appctl dpif/dump-dps
t ovs-appctl dpif/show
t ovs-appctl dpctl/dump-flows
t ovs-appctl netdev-dummy/receive p1 'in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
t ovs-appctl dpif/dump-flows br0
t ovs-ofctl dump-ports br0
t ovs-vsctl --timeout=5 add-port br0 p3 -- set interface p3 type=dummy
t ovs-appctl dpif/show
t ovs-appctl dpctl/show
t ovs-appctl dpctl/dump-dps
t ovs-appctl dpctl/add-dp dummy@ovs-dummy
t ovs-appctl dpctl/show
t ovs-vsctl --timeout=5 add-port br0 p4 -- set interface p4 type=dummy
t ovs-appctl dpif/show
t ovs-appctl dpctl/show
stop
