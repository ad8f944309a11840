# Tunnels that no datapath of Linux itself has, on one that leaves the wrapping to its ports.
start
add_ports br0 1 2
add() { t ovs-vsctl --timeout=5 add-port br0 t9 -- set Interface t9 "$@"; ovs-vsctl get Interface t9 ofport error options; ovs-appctl dpif/show | grep t9; ovs-vsctl --if-exists del-port t9; }
for type in lisp stt bareudp; do
  add type=$type
  add type=$type options:remote_ip=1.1.1.1 options:nonsense=1 options:dst_port=77 options:csum=true options:seq=true options:exts=gbp options:payload_type=ip
  add type=$type options:remote_ip=x options:local_ip=224.0.0.1 options:tos=300 options:key=y options:ttl=z
  add type=$type options:remote_ip=flow options:packet_type=legacy_l2
  add type=$type options:remote_ip=flow options:packet_type=legacy_l3
  add type=$type options:remote_ip=flow options:packet_type=ptap options:payload_type=mpls
  add type=$type options:remote_ip=::1 options:payload_type=nix
done
ovs-vsctl add-port br0 l1 -- set Interface l1 type=lisp options:remote_ip=1.1.1.1 options:key=5 ofport_request=11
ovs-vsctl add-port br0 l2 -- set Interface l2 type=lisp options:remote_ip=flow options:key=flow options:dst_port=5000 ofport_request=12
ovs-vsctl add-port br0 s1 -- set Interface s1 type=stt options:remote_ip=1.1.1.1 options:key=0x1234567890 options:csum=true options:tos=inherit ofport_request=21
ovs-vsctl add-port br0 s2 -- set Interface s2 type=stt options:remote_ip=flow options:key=flow ofport_request=22
ovs-vsctl add-port br0 b1 -- set Interface b1 type=bareudp options:remote_ip=1.1.1.1 options:payload_type=mpls ofport_request=31
ovs-vsctl add-port br0 b2 -- set Interface b2 type=bareudp options:remote_ip=flow options:dst_port=6000 ofport_request=32
t ovs-appctl dpif/show
t ovs-appctl dpctl/show
t ovs-appctl ofproto/list-tunnels
t ovs-appctl tnl/ports/show -v
for each in l1 l2 s1 s2 b1 b2; do t ovs-vsctl get Interface $each ofport status link_state; done
ovs-ofctl -O OpenFlow13 dump-ports-desc br0 | sed 's/addr:.*/addr/'
for out in l1 s1 b1 l2 s2 b2; do
  ovs-ofctl add-flow br0 "in_port=1 actions=set_field:7->tun_id,set_field:3.3.3.3->tun_dst,$out"
  t ovs-appctl ofproto/trace br0 in_port=1,icmp,nw_src=1.2.3.4,nw_dst=5.6.7.8
done
t ovs-appctl dpif/set-dp-features br0 tnl_push_pop false
ovs-ofctl add-flow br0 'in_port=1 actions=s1,l1,b1'
ovs-ofctl add-flow br0 'in_port=2 actions=set_field:7->tun_id,set_field:3.3.3.3->tun_dst,s2,l2,b2'
ovs-ofctl add-flow br0 'in_port=l1 actions=1'
ovs-ofctl add-flow br0 'in_port=s1,tun_id=0x1234567890 actions=2'
ovs-ofctl add-flow br0 'in_port=l2 actions=dec_ttl,s1,2'
ovs-ofctl add-flow br0 'in_port=b1 actions=2'
ovs-ofctl add-flow br0 'in_port=b2,mpls actions=pop_mpls:0x800,2'
t ovs-appctl ofproto/trace br0 in_port=1,icmp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_tos=20,nw_ttl=9
t ovs-appctl ofproto/trace br0 in_port=1,arp
t ovs-appctl ofproto/trace br0 in_port=2,icmp,nw_src=1.2.3.4,nw_dst=5.6.7.8
t ovs-appctl ofproto/trace br0 in_port=2,mpls,mpls_label=7
for port in lisp_sys_4341:lisp lisp_sys_5000:lisp stt_sys_7471:stt bareudp_sys_6635:bareudp bareudp_sys_6000:bareudp; do
  number=$(ovs-appctl dpctl/show | sed -n "s/^ *port \([0-9]*\): ${port%:*} .*/\1/p")
  for key in 0x5 0x1234567890 0x7; do
    t ovs-appctl ofproto/trace ovs-dummy "recirc_id(0),tunnel(tun_id=$key,src=1.1.1.1,dst=2.2.2.2,ttl=64,flags(key)),in_port($number),packet_type(ns=1,id=0x800),eth_type(0x0800),ipv4(src=1.2.3.4,dst=5.6.7.8,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)"
    t ovs-appctl ofproto/trace ovs-dummy "recirc_id(0),tunnel(tun_id=$key,src=1.1.1.1,dst=2.2.2.2,ttl=64,flags(df|csum|key)),in_port($number),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=1.2.3.4,dst=5.6.7.8,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)"
    t ovs-appctl ofproto/trace ovs-dummy "recirc_id(0),tunnel(tun_id=$key,src=1.1.1.1,dst=2.2.2.2,ttl=64),in_port($number),packet_type(ns=1,id=0x8847),eth_type(0x8847),mpls(label=7,tc=0,ttl=64,bos=1)"
  done
done
t ovs-vsctl set Interface l1 options:dst_port=4000
t ovs-appctl dpif/show
t ovs-vsctl del-port l1 -- del-port b2
t ovs-appctl dpif/show
t ovs-appctl vlog/list
grep -E 'tunnel|netdev_vport|bridge.*could' ovs-vswitchd.log | sed 's/^[^|]*|[^|]*|//'
stop
