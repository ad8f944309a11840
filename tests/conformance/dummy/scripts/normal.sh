# A learning switch with VLANs.
start
add_ports br0 1 2 3 4
t ovs-vsctl set Port p1 tag=10 -- set Port p2 trunks=10,11 -- set Port p3 tag=11
t ovs-ofctl add-flow br0 action=normal
t ovs-appctl time/stop
t ovs-appctl netdev-dummy/receive p1 'in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)'
t ovs-appctl netdev-dummy/receive p2 'in_port(2),eth(src=50:54:00:00:00:02,dst=50:54:00:00:00:01),eth_type(0x8100),vlan(vid=10,pcp=0),encap(eth_type(0x0806),arp(sip=10.0.0.2,tip=10.0.0.1,op=1,sha=50:54:00:00:00:02,tha=00:00:00:00:00:00))'
t ovs-appctl netdev-dummy/receive p3 'in_port(3),eth(src=50:54:00:00:00:03,dst=ff:ff:ff:ff:ff:ff),eth_type(0x86dd),ipv6(src=fe80::1,dst=ff02::1,label=0,proto=58,tclass=0,hlimit=255,frag=no),icmpv6(type=128,code=0)'
t ovs-appctl revalidator/wait
t ovs-appctl fdb/show br0
t ovs-appctl time/warp 2000
t ovs-appctl revalidator/wait
t ovs-appctl netdev-dummy/receive p1 'in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)'
t ovs-appctl fdb/show br0
t ovs-appctl revalidator/purge
t ovs-ofctl dump-ports br0
t ovs-appctl netdev-dummy/set-admin-state p2 down
t ovs-ofctl show br0
t ovs-vsctl get Interface p2 link_state admin_state
t ovs-appctl netdev-dummy/receive p3 'in_port(3),eth(src=50:54:00:00:00:03,dst=ff:ff:ff:ff:ff:ff),eth_type(0x1234)'
t ovs-ofctl dump-ports br0
t ovs-appctl netdev-dummy/set-admin-state p2 up
t ovs-appctl time/warp 400000 10000
t ovs-appctl fdb/show br0
t ovs-appctl fdb/stats-show br0
t ovs-appctl ofproto/trace ovs-dummy 'in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=0,ttl=64,frag=no),udp(src=1,dst=2)'
t ovs-appctl ofproto/trace br0 'in_port=1,dl_src=50:54:00:00:00:01,dl_dst=50:54:00:00:00:02,icmp' -generate
t ovs-appctl fdb/show br0
stop
