# Tunnels of every kind with options that are right and wrong, and the tables that native tunnels use.
start
ovs-appctl time/stop
add_ports br0 1 
tp() { n=$1; shift; ovs-vsctl add-port br0 $n -- set interface $n "$@"; ovs-vsctl get interface $n ofport error; }
tp v1 type=vxlan options:remote_ip=1.1.1.1 ofport_request=11
tp v2 type=vxlan options:remote_ip=1.1.1.1 options:key=5 ofport_request=12
tp v3 type=vxlan options:remote_ip=flow options:key=flow ofport_request=13
tp v4 type=vxlan options:remote_ip=1.1.1.1 ofport_request=14
tp v5 type=vxlan options:remote_ip=1.1.1.2 options:dst_port=4790 options:exts=gbp options:tos=inherit options:ttl=7 options:df_default=false options:csum=true ofport_request=15
tp v6 type=vxlan options:remote_ip=1.1.1.3 options:exts=gpe options:local_ip=2.2.2.2 options:in_key=3 options:out_key=4 ofport_request=16
tp v7 type=vxlan 
tp v8 type=vxlan options:remote_ip=foo
tp v9 type=vxlan options:remote_ip=224.0.0.1
tp v10 type=vxlan options:remote_ip=1.1.1.9 options:exts=foo options:tos=300 options:ttl=x options:dst_port=y options:foo=bar
tp g1 type=gre options:remote_ip=1.1.1.1 ofport_request=21
tp g2 type=gre options:remote_ip=1.1.1.2 options:packet_type=legacy_l3 options:key=1 options:seq=true ofport_request=22
tp g3 type=gre options:remote_ip=1.1.1.3 options:packet_type=ptap ofport_request=23
tp g4 type=gre options:remote_ip=1.1.1.4 options:packet_type=foo ofport_request=24
tp n1 type=geneve options:remote_ip=::1 options:key=0x123456 ofport_request=31
tp n2 type=geneve options:remote_ip=flow options:local_ip=flow ofport_request=32
tp n3 type=geneve options:remote_ip=flow options:local_ip=1.1.1.1 ofport_request=33
tp e1 type=erspan options:remote_ip=1.1.1.5 options:key=1 options:erspan_ver=1 options:erspan_idx=3 ofport_request=41
tp e2 type=erspan options:remote_ip=1.1.1.5 options:key=2 options:erspan_ver=2 options:erspan_dir=1 options:erspan_hwid=4 ofport_request=42
tp e3 type=erspan options:remote_ip=1.1.1.5 options:erspan_ver=3
tp l1 type=lisp options:remote_ip=1.1.1.1 ofport_request=51
tp s1 type=stt options:remote_ip=1.1.1.1 ofport_request=52
tp u1 type=gtpu options:remote_ip=1.1.1.1 options:key=7 ofport_request=53
tp b1 type=bareudp options:remote_ip=1.1.1.1 options:dst_port=6635 options:payload_type=mpls ofport_request=54
tp ip6 type=ip6gre options:remote_ip=fe80::1 ofport_request=55
t ovs-appctl ofproto/list-tunnels
t ovs-appctl dpif/show
tr() { ovs-appctl ofproto/trace "$@" | grep -v "^$\|^Flow"; }
for p in 11 12 13 15 16 21 22 23 31 32 33 41 42 53; do ovs-ofctl add-flow br0 "in_port=1,actions=set_field:9->tun_id,set_field:3.3.3.3->tun_dst,output:$p"; tr br0 in_port=1,ip,nw_tos=12,nw_ttl=33; done
for k in 'tunnel(tun_id=0x5,src=1.1.1.1,dst=2.2.2.2,ttl=64,tp_src=5,tp_dst=4789,flags(df|key))' 'tunnel(tun_id=0x0,src=1.1.1.1,dst=2.2.2.2,ttl=64,tp_src=5,tp_dst=4789,flags())' 'tunnel(tun_id=0x99,src=9.1.1.1,dst=2.2.2.2,ttl=64,tp_src=5,tp_dst=4789,flags(key))'; do for port in 4789 1; do t ovs-appctl ofproto/trace ovs-dummy "$k,in_port($port),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=17,tos=1,ttl=64,frag=no),udp(src=1,dst=2)"; done; done
ovs-vsctl --columns=name,status list interface v1 v5 n1
t ovs-appctl tnl/ports/show
t ovs-appctl tnl/ports/show -v
t ovs-appctl tnl/arp/show
t ovs-appctl tnl/neigh/show
t ovs-appctl tnl/neigh/aging
t ovs-appctl tnl/neigh/aging 33
t ovs-appctl tnl/neigh/aging 0
t ovs-appctl tnl/neigh/set br0 1.1.1.1 aa:bb:cc:dd:ee:ff
t ovs-appctl tnl/neigh/set br0 fe80::9 aa:bb:cc:dd:ee:f0
t ovs-appctl tnl/neigh/set br0 foo aa:bb:cc:dd:ee:ff
ovs-appctl tnl/neigh/show | sort
t ovs-appctl tnl/neigh/flush
t ovs-appctl tnl/neigh/show
t ovs-appctl tnl/egress_port_range
t ovs-appctl tnl/egress_port_range 100 200
t ovs-appctl tnl/egress_port_range 1 0
t ovs-appctl ovs/route/show
t ovs-appctl ovs/route/add 1.1.1.0/24 br0
t ovs-appctl ovs/route/add 1.2.1.0/24 br0 1.1.1.1
t ovs-appctl ovs/route/add 1.3.1.0/24 br0 pkt_mark=5
t ovs-appctl ovs/route/add 1.4.1.0/24 br0 src=9.9.9.9
t ovs-appctl ovs/route/add fc00::/64 br0
t ovs-appctl ovs/route/add foo br0
t ovs-appctl ovs/route/add 1.1.1.0/24 nosuch
t ovs-appctl netdev-dummy/ip4addr br0 1.1.1.77/24
t ovs-appctl netdev-dummy/ip6addr br0 fc00::77/64
t ovs-appctl ovs/route/add 1.1.1.0/24 br0
t ovs-appctl ovs/route/show
t ovs-appctl ovs/route/lookup 1.1.1.5
t ovs-appctl ovs/route/lookup 1.2.1.5
t ovs-appctl ovs/route/lookup 5.2.1.5
t ovs-appctl ovs/route/lookup fc00::5
t ovs-appctl ovs/route/lookup 1.3.1.5 pkt_mark=5
t ovs-appctl ovs/route/lookup foo
t ovs-appctl ovs/route/del 1.2.1.0/24
t ovs-appctl ovs/route/del 1.2.1.0/24
t ovs-appctl ovs/route/del 1.3.1.0/24 pkt_mark=5
t ovs-appctl ovs/route/show
stop | sort -u
