# What the pipeline does without an ability of the datapath.
start
add_ports br0 1 2 3
ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy fail-mode=secure
add_ports br1 11 12
ovs-vsctl add-port br0 to1 -- set interface to1 type=patch options:peer=to0 ofport_request=9 -- add-port br1 to0 -- set interface to0 type=patch options:peer=to1 ofport_request=19
ovs-ofctl add-flow br1 'actions=set_field:1->reg1,12'
feature() { t ovs-appctl dpif/set-dp-features br0 "$@"; }
flow() { ovs-ofctl del-flows br0; ovs-ofctl -O OpenFlow15 add-flow br0 "in_port=1,tcp $1" 2>&1 | grep -oE '(OFP[BM]|NX[BM])[A-Z]*_[A-Z_]*' | head -1; }
trace() { t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_ttl=64,"$@"; }
brief() { ovs-appctl ofproto/trace "$@" | grep -E 'Megaflow|Datapath|slow|>>|^ *-|fail|cannot|drop|error'; }
ovs-ofctl -O OpenFlow15 add-group br0 'group_id=5,type=select,selection_method=dp_hash,bucket=bucket_id=0,weight=100,actions=2,bucket=bucket_id=1,weight=50,actions=3'
ovs-ofctl -O OpenFlow15 add-group br0 'group_id=6,type=select,bucket=bucket_id=0,actions=2,bucket=bucket_id=1,actions=3'
ovs-ofctl -O OpenFlow13 add-meter br0 meter=1,kbps,band=type=drop,rate=10
feature clone false
flow 'actions=clone(set_field:9->nw_ttl,2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(clone(set_field:9->nw_ttl,2),set_field:7.7.7.7->ip_dst,3),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=set_field:5->nw_ttl,9,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(ct(commit),2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(push_vlan:0x8100,2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(meter:1,2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(dec_ttl,controller,2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature clone true
feature sample_nesting 1
flow 'actions=sample(probability=12345,collector_set_id=100,obs_domain_id=0,obs_point_id=0),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(set_field:9->nw_ttl,clone(set_field:8->nw_ttl,clone(set_field:7->nw_ttl,2),3),2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature sample_nesting 0
flow 'actions=sample(probability=12345,collector_set_id=100,obs_domain_id=0,obs_point_id=0),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(set_field:9->nw_ttl,clone(set_field:8->nw_ttl,clone(set_field:7->nw_ttl,2),3),2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature sample_nesting 2
flow 'actions=sample(probability=12345,collector_set_id=100,obs_domain_id=0,obs_point_id=0),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(set_field:9->nw_ttl,clone(set_field:8->nw_ttl,clone(set_field:7->nw_ttl,2),3),2),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature sample_nesting 10
feature check_pkt_len false
flow 'actions=check_pkt_larger(100)->reg0[0],resubmit(,1)'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature check_pkt_len true
feature trunc false
flow 'actions=output(port=2,max_len=100),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=clone(output(port=2,max_len=100)),3'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature trunc true
feature ct_clear false
flow 'actions=ct_clear,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=ct(commit),ct_clear,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_clear true
feature ct_eventmask false
flow 'actions=ct(commit,zone=3),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_eventmask true
feature ct_timeout false
flow 'actions=ct(commit,zone=3),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_timeout true
feature ct_zero_snat false
flow 'actions=ct(commit,nat(src=0.0.0.0),zone=3),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=ct(commit,nat(src=1.1.1.1),zone=3),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_zero_snat true
feature ct_state_nat false
flow 'actions=ct(commit,nat(src=1.1.1.1),zone=3),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=ct(table=1,nat)'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_state_nat true
feature ct_zone false
flow 'actions=ct(commit,zone=3),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=ct(table=1)'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=set_field:5->reg0,ct(commit,zone=NXM_NX_REG0[0..15]),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_zone true
feature ct_mark false
flow 'actions=ct(commit,exec(set_field:5->ct_mark)),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_mark true
feature ct_label false
flow 'actions=ct(commit,exec(set_field:5->ct_label)),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_label true
feature ct_state false
flow 'actions=ct(table=1)'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=ct(commit),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_state true
feature ct_orig_tuple false
flow 'actions=ct(table=1)'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ct_orig_tuple true
feature recirc false
flow 'actions=ct(table=1)'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=push_mpls:0x8847,pop_mpls:0x0800,resubmit(,1)'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=group:5'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature recirc true
feature max_hash_alg 0
flow 'actions=group:5'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=group:6'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature max_hash_alg 1
feature max_mpls_depth 1
flow 'actions=push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=push_mpls:0x8847,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature max_mpls_depth 0
flow 'actions=push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=push_mpls:0x8847,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature max_mpls_depth 3
feature max_vlan_headers 0
flow 'actions=push_vlan:0x8100,set_field:0x1005->vlan_vid,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=push_vlan:0x88a8,push_vlan:0x8100,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature max_vlan_headers 1
flow 'actions=push_vlan:0x8100,set_field:0x1005->vlan_vid,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=push_vlan:0x88a8,push_vlan:0x8100,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature max_vlan_headers 1
feature add_mpls false
flow 'actions=encap(mpls),encap(ethernet),2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=push_mpls:0x8847,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature add_mpls true
feature masked_set_action false
flow 'actions=set_field:2->nw_tos,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=set_field:1.2.3.9->ip_src,set_field:aa:bb:cc:dd:ee:ff->eth_dst,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=set_field:0x5/0xf->tcp_dst,2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature masked_set_action true
feature explicit_drop_action false
flow 'actions=drop'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
flow 'actions=2,drop'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature explicit_drop_action true
feature ufid false
flow 'actions=2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature ufid true
feature nd_ext false
flow 'actions=2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature nd_ext true
feature lb_output_action false
flow 'actions=2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature lb_output_action true
feature tnl_push_pop false
flow 'actions=2'; ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'; trace tcp_dst=80
feature tnl_push_pop true
for actions in 'ct(commit)' 'ct(commit,zone=3)' 'ct(commit,zone=NXM_NX_REG0[0..15])' 'ct(commit,force)' 'ct(commit,exec(set_field:1->ct_mark))' 'ct(commit,exec(set_field:1->ct_label))' 'ct(commit,exec(move:NXM_NX_REG0[]->NXM_NX_CT_MARK[]))' 'ct(nat)' 'ct(commit,nat(src=1.1.1.1))' 'clone(ct(commit,zone=4))' 'ct_clear' 'learn(table=7,ct_mark=5)'; do
  for name in ct_state ct_zone ct_mark ct_label ct_state_nat ct_orig_tuple; do
    ovs-appctl dpif/set-dp-features br0 $name false
    echo "$actions without $name: $(ovs-ofctl add-flow br0 "table=3,tcp,ct_state=+trk actions=$actions" 2>&1 | grep -oE '(OFP[BM]|NX[BM])[A-Z]*_[A-Z_]*' | head -1)"
    ovs-appctl dpif/set-dp-features br0 $name true
  done
done
for field in ct_state=+trk+snat ct_state=+trk ct_zone=5 ct_mark=5 ct_label=5 ct_nw_src=1.1.1.1 ct_ipv6_src=::1; do
  for name in ct_state ct_zone ct_mark ct_label ct_state_nat ct_orig_tuple ct_orig_tuple6; do
    ovs-appctl dpif/set-dp-features br0 $name false
    match=tcp,ct_state=+trk+est,$field; case $field in ct_ipv6*) match=tcp6,ct_state=+trk+est,$field;; ct_state*) match=tcp,$field;; ct_zone* | ct_mark* | ct_label*) match=tcp,$field;; esac
    echo "$match without $name: $(ovs-ofctl add-flow br0 "table=3,$match actions=2" 2>&1 | grep -oE '(OFP[BM]|NX[BM])[A-Z]*_[A-Z_]*' | head -1)"
    ovs-appctl dpif/set-dp-features br0 $name true
  done
done
stop
