# Tunnels that the daemon knows and does not wrap: LISP, STT, bareudp.
start
ovs-appctl time/stop
add_ports br0 1 
tp() { n=$1; shift; ovs-vsctl add-port br0 $n -- set interface $n "$@"; ovs-vsctl get interface $n ofport error; }
tp l1 type=lisp options:remote_ip=1.1.1.1 ofport_request=51
tp l2 type=lisp options:remote_ip=1.1.1.2 options:key=5 options:dst_port=7 ofport_request=56
tp s1 type=stt options:remote_ip=1.1.1.1 ofport_request=52
tp b1 type=bareudp options:remote_ip=1.1.1.1 options:dst_port=6635 options:payload_type=mpls ofport_request=54
tp b2 type=bareudp options:remote_ip=1.1.1.2 options:payload_type=0x800 ofport_request=57
tp b3 type=bareudp options:remote_ip=1.1.1.2 options:payload_type=foo ofport_request=58
t ovs-appctl ofproto/list-tunnels
t ovs-appctl dpif/show
t ovs-appctl dpctl/show
t ovs-appctl tnl/ports/show
tr() { ovs-appctl ofproto/trace "$@" | grep -v "^$\|^Flow"; }
for p in 51 56 52 54 57; do ovs-ofctl add-flow br0 "in_port=1,actions=set_field:9->tun_id,output:$p"; tr br0 in_port=1,ip,nw_tos=12,nw_ttl=33; done
ovs-appctl netdev-dummy/ip4addr br0 1.1.1.77/24
ovs-appctl ovs/route/add 1.1.1.0/24 br0
t ovs-appctl tnl/ports/show -v
ovs-appctl tnl/neigh/set br0 1.1.1.1 aa:bb:cc:dd:ee:ff
ovs-appctl tnl/neigh/set br0 1.1.1.2 aa:bb:cc:dd:ee:ff
for p in 51 56 52 54 57; do ovs-ofctl add-flow br0 "in_port=1,actions=set_field:9->tun_id,output:$p"; tr br0 in_port=1,ip,nw_tos=12,nw_ttl=33; done
ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x1234)"
t ovs-ofctl dump-ports br0
for p in 4341 7 7471 6635; do t ovs-appctl ofproto/trace ovs-dummy "tunnel(tun_id=0x0,src=1.1.1.1,dst=2.2.2.2,ttl=64,tp_src=5,tp_dst=$p,flags(key)),in_port($p),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=1,ttl=64,frag=no),udp(src=1,dst=2)"; done
ovs-vsctl del-port s1
ovs-vsctl del-port l1
t ovs-appctl dpctl/show
stop
