# The switch of the original's tutorial, and tables in the manner of OVN: traces that learn, lists in other orders.
start
# the tutorial's switch: VLANs, learning, output
ovs-vsctl add-port br0 p1 -- set interface p1 type=dummy ofport_request=1 -- add-port br0 p2 tag=20 -- set interface p2 type=dummy ofport_request=2 -- add-port br0 p3 tag=30 -- set interface p3 type=dummy ofport_request=3 -- add-port br0 p4 tag=30 -- set interface p4 type=dummy ofport_request=4
cat > f.txt <<'X'
table=0, dl_src=01:00:00:00:00:00/01:00:00:00:00:00, actions=drop
table=0, dl_dst=01:80:c2:00:00:00/ff:ff:ff:ff:ff:f0, actions=drop
table=0, priority=0, actions=resubmit(,1)
table=1, priority=0, actions=drop
table=1, priority=99, in_port=1, actions=resubmit(,2)
table=1, priority=99, in_port=2, vlan_tci=0, actions=mod_vlan_vid:20, resubmit(,2)
table=1, priority=99, in_port=3, vlan_tci=0, actions=mod_vlan_vid:30, resubmit(,2)
table=1, priority=99, in_port=4, vlan_tci=0, actions=mod_vlan_vid:30, resubmit(,2)
table=2, actions=learn(table=10, NXM_OF_VLAN_TCI[0..11], NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[], load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15]), resubmit(,3)
table=3, priority=50, actions=resubmit(,10), resubmit(,4)
table=3, priority=99, dl_dst=01:00:00:00:00:00/01:00:00:00:00:00, actions=resubmit(,4)
table=4, reg0=1, actions=1
table=4, reg0=2, actions=strip_vlan,2
table=4, reg0=3, actions=strip_vlan,3
table=4, reg0=4, actions=strip_vlan,4
table=4, priority=99, reg0=0, dl_vlan=20, actions=1,strip_vlan,2
table=4, priority=99, reg0=0, dl_vlan=30, actions=1,strip_vlan,3,4
table=4, priority=50, reg0=0, actions=1
X
t ovs-ofctl add-flows br0 f.txt
t ovs-appctl ofproto/trace br0 in_port=1,dl_dst=01:80:c2:00:00:05
t ovs-appctl ofproto/trace br0 in_port=1,dl_dst=01:80:c2:00:00:10
t ovs-appctl ofproto/trace br0 in_port=1,vlan_tci=5
t ovs-appctl ofproto/trace br0 in_port=2,vlan_tci=5
t ovs-appctl ofproto/trace br0 in_port=1,vlan_tci=20,dl_src=50:00:00:00:00:01 -generate
t ovs-ofctl --no-stats dump-flows br0 table=10
t ovs-appctl ofproto/trace br0 in_port=2,dl_src=50:00:00:00:00:02,dl_dst=50:00:00:00:00:01 -generate
t ovs-appctl ofproto/trace br0 in_port=1,dl_vlan=20,dl_vlan_pcp=7,dl_src=50:00:00:00:00:01,dl_dst=50:00:00:00:00:02 -generate
t ovs-appctl ofproto/trace br0 in_port=4,dl_src=10:00:00:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff -generate
t ovs-ofctl --no-stats --names --sort=dl_dst dump-flows br0 table=10
t ovs-ofctl --no-stats --rsort=in_port dump-flows br0
t ovs-ofctl del-flows br0 table=10
t ovs-ofctl --strict mod-flows br0 'table=4,priority=50,reg0=0,actions=1,2'
t ovs-ofctl diff-flows br0 f.txt
t ovs-ofctl --readd replace-flows br0 f.txt
t ovs-ofctl snoop nix
t ovs-ofctl del-flows br0 'cookie=0/-1'
ovs-ofctl --no-stats dump-flows br0
# OVN-like
cat > g.txt <<'X'
table=0,priority=100,in_port=1 actions=load:0x1->NXM_NX_REG13[],load:0x3->OXM_OF_METADATA[],load:0x1->NXM_NX_REG14[],resubmit(,8)
table=8,priority=50,reg14=0x1,metadata=0x3,dl_src=00:00:00:00:00:01 actions=resubmit(,9)
table=9,priority=90,ip,reg14=0x1,metadata=0x3,dl_src=00:00:00:00:00:01,nw_src=10.0.0.1 actions=ct(table=10,zone=NXM_NX_REG13[0..15])
table=10,priority=65535,ct_state=-new+est-rel+rpl-inv+trk,ct_label=0/0x1,metadata=0x3 actions=resubmit(,11)
table=10,priority=65534,ct_state=+new-est+trk,ip,metadata=0x3 actions=conjunction(2,1/2)
table=10,priority=2002,ct_state=+new-est+trk,tcp,metadata=0x3 actions=load:0x1->NXM_NX_XXREG0[97],resubmit(,11)
table=10,priority=2001,conj_id=5,ip,metadata=0x3 actions=load:0x1->NXM_NX_XXREG0[97],resubmit(,11)
table=10,priority=2001,ip,nw_src=10.0.0.1 actions=conjunction(5,1/2)
table=10,priority=2001,udp,tp_dst=53 actions=conjunction(5,2/2)
table=11,priority=100,ip,reg0=0x2/0x2,metadata=0x3 actions=ct(commit,zone=NXM_NX_REG13[0..15],exec(load:0->NXM_NX_CT_LABEL[0])),resubmit(,12)
table=11,priority=0,metadata=0x3 actions=resubmit(,12)
table=12,priority=50,metadata=0x3,dl_dst=00:00:00:00:00:02 actions=set_field:0x2->reg15,resubmit(,32)
table=32,priority=0 actions=resubmit(,33)
table=33,priority=100,reg15=0x2,metadata=0x3 actions=load:0x2->NXM_NX_REG13[],resubmit(,64)
table=64,priority=100,reg10=0/0x1,reg15=0x2 actions=push:NXM_OF_IN_PORT[],load:0xffff->NXM_OF_IN_PORT[],resubmit(,65),pop:NXM_OF_IN_PORT[]
table=65,priority=100,reg15=0x2 actions=output:2
X
t ovs-ofctl add-flows br0 g.txt
for s in trk,new trk,est,rpl trk,est trk,inv; do for p in tcp,tp_dst=80 udp,tp_dst=53 udp,tp_dst=54 icmp; do ovs-appctl ofproto/trace br0 "in_port=1,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_ttl=64,$p" --ct-next $s 2>/dev/null || ovs-appctl ofproto/trace br0 "in_port=1,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02,${p%%,*},nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_ttl=64,${p#*,}" --ct-next $s; done; done
t ovs-ofctl --no-stats dump-flows br0
stop | grep -v rid
