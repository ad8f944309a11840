# Flows of the datapath by hand, ports under other numbers, features.
start
add_ports br0 1 2 3
t ovs-ofctl add-flow br0 actions=normal
t ovs-appctl time/stop
t ovs-appctl dpctl/dump-dps
t ovs-appctl dpif/dump-dps
t ovs-appctl dpctl/del-flows
t ovs-appctl dpctl/dump-flows
t ovs-appctl upcall/disable-megaflows
t ovs-appctl netdev-dummy/receive p1 'in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
t ovs-appctl dpctl/dump-flows
t ovs-appctl dpctl/dump-flows --names
t ovs-appctl upcall/enable-megaflows
t ovs-appctl dpif/dump-flows br0
t ovs-appctl dpif/dump-flows -m br0
t ovs-appctl upcall/disable-ufid
t ovs-appctl upcall/enable-ufid
t ovs-appctl upcall/set-flow-limit 10
t ovs-appctl dpif-dummy/change-port-number ovs-dummy p3 30
t ovs-appctl dpif-dummy/change-port-number ovs-dummy p3 1
t ovs-appctl dpif-dummy/change-port-number ovs-dummy nix 1
t ovs-appctl dpif-dummy/change-port-number nix p3 1
t ovs-appctl dpif/show
t ovs-appctl dpctl/show
t ovs-appctl netdev-dummy/receive p3 'in_port(30),eth(src=50:54:00:00:00:06,dst=50:54:00:00:00:05),eth_type(0x0800),ipv4(src=192.168.0.2,dst=192.168.0.1,proto=1,tos=0,ttl=64,frag=no),icmp(type=0,code=0)'
t ovs-appctl dpctl/dump-flows
t ovs-appctl dpif/show-dp-features br0
t ovs-appctl dpctl/dump-flows nix
t ovs-appctl dpctl/dump-flows system@ovs-system
t ovs-appctl netdev-dummy/receive p9 00
t ovs-appctl netdev-dummy/receive p1 00
t ovs-appctl netdev-dummy/receive p1 --qid 3 'in_port(1)'
t ovs-appctl netdev-dummy/receive p1 'eth()' --len 3
t ovs-appctl netdev-dummy/conn-state
t ovs-appctl netdev-dummy/conn-state p1
t ovs-appctl netdev-dummy/set-admin-state p1 sideways
t ovs-appctl netdev-dummy/set-admin-state nix up
t ovs-appctl time/warp 0
t ovs-appctl time/warp x
t ovs-appctl time/warp
t ovs-appctl time/warp -1 10
stop
