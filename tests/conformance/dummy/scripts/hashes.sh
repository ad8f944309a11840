# Hashes that choose: links of multipath, buckets of bonds, members that the datapath chooses; and the slow path.
start
ovs-vsctl set bridge br0 fail-mode=standalone
add_ports br0 1 2 3 4 7
for multipath in eth_src,50,hash_threshold,7 symmetric_l4,1024,hrw,4 nw_dst,1024,iter_hash,13 symmetric_l3l4+udp,1024,modulo_n,63 symmetric_l3,7,modulo_n,256; do
  ovs-ofctl add-flow br0 "actions=multipath($multipath,5,NXM_NX_REG0[0..7])"
  for flow in ip,nw_src=1.2.3.4,nw_dst=4.3.2.1 tcp,nw_src=1.2.3.5,nw_dst=4.3.2.1,tp_src=5,tp_dst=6 ipv6,ipv6_src=fe80::1,ipv6_dst=fe80::2 dl_type=0x1234; do
    ovs-appctl ofproto/trace br0 in_port=1,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:06,$flow | grep 'is now'
  done
done
for words in 50:54:00:00:00:01 "50:54:00:00:00:01 5" "50:54:00:00:00:01 5 7" zz "50:54:00:00:00:01 zz"; do
  t ovs-appctl bond/hash $words
done
ovs-appctl time/stop
ovs-ofctl add-flow br0 actions=normal
ovs-vsctl add-bond br0 bond0 q1 q2 bond_mode=balance-tcp lacp=active other_config:lb-output-action=true -- set interface q1 type=dummy -- set interface q2 type=dummy
ovs-appctl time/warp 1000 100 >/dev/null
show() { ovs-appctl bond/show bond0 | grep 'lb_out\|recirc\|lacp'; }
show
ovs-appctl ofproto/trace br0 in_port=7,dl_src=50:54:00:00:00:99,dl_dst=50:54:00:00:00:98,tcp,tp_src=7 | tail -2
ovs-appctl dpif-netdev/bond-show | sed 's/- member .*//' | head -3
ovs-vsctl remove port bond0 other_config lb-output-action
ovs-appctl time/warp 1000 100 >/dev/null
show
t ovs-appctl dpif-netdev/bond-show
ovs-vsctl del-port bond0
ovs-ofctl del-flows br0
cat >flows.txt <<'X'
in_port=1 actions=debug_recirc,resubmit(,5)
table=5 cookie=3 actions=debug_recirc,set_field:1->reg5,controller(reason=no_match),2,resubmit(,6)
table=6 actions=push_mpls:0x8847,pop_mpls:0x0800,resubmit(,7),4
table=7 ip actions=3
in_port=2 actions=debug_slow,3
in_port=3 actions=clone(exit),2,clone(dec_ttl,exit,1),4
X
t ovs-ofctl -O OpenFlow13 add-flows br0 flows.txt
for port in 1 2 3; do
  ovs-appctl ofproto/trace br0 in_port=$port,tcp,nw_ttl=64
  ovs-appctl netdev-dummy/receive p$port "in_port($port),eth(src=10:20:30:40:50:60,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=10),tcp_flags(0x010)"
done
ovs-appctl time/warp 100 >/dev/null
ovs-appctl dpctl/dump-flows | sed 's/recirc_id=[1-9][0-9]*/recirc_id=N/;s/(0x[0-9a-f]*)/(0xN)/g' | sort
ovs-ofctl dump-ports br0 | sed 's/duration.*//' | grep -A1 "port  [1-4]:"
stop
