# Tunnels of a datapath that leaves the wrapping to its ports, and what is known for those that the switch wraps itself.
start
add_ports br0 1
t ovs-appctl netdev-dummy/ip4addr br0 1.1.1.2/24
t ovs-appctl netdev-dummy/ip6addr br0 fc00::1/64
t ovs-appctl ovs/route/add 1.1.1.0/24 br0 pkt_mark=5
t ovs-appctl ovs/route/add 2.2.0.0/16 br0 1.1.1.9 pkt_mark=0x10
t ovs-appctl ovs/route/add 3.2.0.0/16 br0 1.1.1.9
t ovs-appctl ovs/route/add 3.2.0.0/16 br0 1.1.1.9
t ovs-appctl ovs/route/add fc00::/64 br0
t ovs-appctl ovs/route/add fd00::/64 br0 fc00::9
t ovs-appctl ovs/route/add 3.2.0.0/99 br0
t ovs-appctl ovs/route/add 3.2.0.0 br0
t ovs-appctl ovs/route/show
t ovs-appctl ovs/route/lookup 1.1.1.5
t ovs-appctl ovs/route/lookup 1.1.1.5 pkt_mark=5
t ovs-appctl ovs/route/lookup 3.2.1.5
t ovs-appctl ovs/route/lookup fc00::7
t ovs-appctl ovs/route/lookup foo
t ovs-appctl ovs/route/lookup 3.2.1.5 foo
t ovs-appctl ovs/route/del 3.2.0.0/16 pkt_mark=4
t ovs-appctl ovs/route/del foo
t ovs-appctl ovs/route/del 1.1.1.0/24 pkt_mark=5
t ovs-appctl ovs/route/show
t ovs-appctl tnl/neigh/set br0 1.1.1.1 f8:bc:12:44:34:b6
t ovs-appctl tnl/neigh/set br0 fc00::5 f8:bc:12:44:34:b7
t ovs-appctl tnl/arp/set br0 1.1.1.3 f8:bc:12:44:34:b7
t ovs-appctl tnl/neigh/set nix 1.1.1.4 f8:bc:12:44:34:b7
t ovs-appctl tnl/neigh/set br0 foo f8:bc:12:44:34:b7
t ovs-appctl tnl/neigh/set br0 1.1.1.5 foo
for ip in IP === 1.1.1.1 1.1.1.3 1.1.1.4 fc00::5; do ovs-appctl tnl/neigh/show | grep ^$ip; done
t ovs-appctl tnl/arp/aging
t ovs-appctl tnl/neigh/aging 0
t ovs-appctl tnl/neigh/aging foo
t ovs-appctl tnl/neigh/aging 3
t ovs-appctl tnl/neigh/aging 
t ovs-appctl time/stop
t ovs-appctl time/warp 901000
for ip in IP === 1.1.1.1 1.1.1.3 1.1.1.4 fc00::5; do ovs-appctl tnl/neigh/show | grep ^$ip; done
t ovs-appctl tnl/neigh/flush
for ip in IP === 1.1.1.1 1.1.1.3 1.1.1.4 fc00::5; do ovs-appctl tnl/neigh/show | grep ^$ip; done
t ovs-appctl tnl/egress_port_range
t ovs-appctl tnl/egress_port_range 10 5
t ovs-appctl tnl/egress_port_range 10 70000
t ovs-appctl tnl/egress_port_range 10
t ovs-appctl tnl/egress_port_range 10 50
t ovs-appctl tnl/egress_port_range
t ovs-appctl tnl/ports/show
t ovs-vsctl add-port br0 gre1 -- set Interface gre1 type=gre options:remote_ip=1.1.1.1 options:key=5 ofport_request=5
t ovs-vsctl add-port br0 gre2 -- set Interface gre2 type=gre options:remote_ip=1.1.1.9 ofport_request=6
t ovs-vsctl add-port br0 vx -- set Interface vx type=vxlan options:remote_ip=1.1.1.1 options:key=flow ofport_request=7
t ovs-vsctl add-port br0 gnv -- set Interface gnv type=geneve options:remote_ip=1.1.1.1 options:key=7 ofport_request=8
for port in Listening genev gre vxlan; do ovs-appctl tnl/ports/show | grep ^$port; done
ovs-appctl tnl/ports/show -v
t ovs-appctl dpif/show
t ovs-appctl dpctl/show
t ovs-appctl dpif/set-dp-features br0 tnl_push_pop false
t ovs-ofctl add-flow br0 'in_port=1,actions=set_tunnel:9,5,6,7,8'
t ovs-ofctl add-flow br0 'in_port=5,actions=1'
t ovs-appctl ofproto/trace ovs-dummy 'in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
t ovs-appctl ofproto/trace ovs-dummy 'tunnel(tun_id=0x5,src=1.1.1.1,dst=1.1.1.2,ttl=64,flags(key)),in_port(2),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
t ovs-appctl netdev-dummy/receive p1 'in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
t ovs-appctl dpctl/dump-flows
t ovs-appctl revalidator/wait
t ovs-ofctl dump-ports br0 5
stop
