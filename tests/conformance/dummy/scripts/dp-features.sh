# What the pipeline does without an ability of the datapath.
start
add_ports br0 1 2 3
ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy fail-mode=secure
add_ports br1 11 12
ovs-vsctl add-port br0 to1 -- set interface to1 type=patch options:peer=to0 ofport_request=9 -- add-port br1 to0 -- set interface to0 type=patch options:peer=to1 ofport_request=19
ovs-ofctl add-flow br1 'actions=set_field:1->reg1,12'
feature() { t ovs-appctl dpif/set-dp-features br0 "$@"; }
# What flows do while an ability is taken away: its name, its value meanwhile and afterwards, actions of flows.
without() {
  name=$1 then=$3
  feature $name $2
  shift 3
  for actions; do try "$actions"; done
  feature $name $then
}
try() {
  ovs-ofctl del-flows br0
  ovs-ofctl add-flow br0 "in_port=1,tcp $1" 2>&1 | grep -oE '(OFP[BM]|NX[BM])[A-Z]*_[A-Z_]*' | head -1
  ovs-ofctl add-flow br0 'table=1,in_port=1 actions=move:NXM_NX_REG0[0]->NXM_NX_REG1[0],3'
  t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=1.2.3.4,nw_dst=5.6.7.8,nw_ttl=64,tcp_dst=80
}
ovs-ofctl -O OpenFlow15 add-group br0 'group_id=5,type=select,selection_method=dp_hash,bucket=bucket_id=0,weight=100,actions=2,bucket=bucket_id=1,weight=50,actions=3'
ovs-ofctl -O OpenFlow15 add-group br0 'group_id=6,type=select,bucket=bucket_id=0,actions=2,bucket=bucket_id=1,actions=3'
ovs-ofctl -O OpenFlow13 add-meter br0 meter=1,kbps,band=type=drop,rate=10
without clone false true 'actions=clone(set_field:9->nw_ttl,2),3' 'actions=clone(clone(set_field:9->nw_ttl,2),set_field:7.7.7.7->ip_dst,3),2' 'actions=set_field:5->nw_ttl,9,2' 'actions=clone(ct(commit),2),3' 'actions=clone(push_vlan:0x8100,2),3' 'actions=clone(meter:1,2),3' 'actions=clone(dec_ttl,controller,2),3'
without sample_nesting 1 0 'actions=sample(probability=12345,collector_set_id=100,obs_domain_id=0,obs_point_id=0),2' 'actions=clone(set_field:9->nw_ttl,clone(set_field:8->nw_ttl,clone(set_field:7->nw_ttl,2),3),2),3'
without sample_nesting 0 2 'actions=sample(probability=12345,collector_set_id=100,obs_domain_id=0,obs_point_id=0),2' 'actions=clone(set_field:9->nw_ttl,clone(set_field:8->nw_ttl,clone(set_field:7->nw_ttl,2),3),2),3'
without sample_nesting 2 10 'actions=sample(probability=12345,collector_set_id=100,obs_domain_id=0,obs_point_id=0),2' 'actions=clone(set_field:9->nw_ttl,clone(set_field:8->nw_ttl,clone(set_field:7->nw_ttl,2),3),2),3'
without check_pkt_len false true 'actions=check_pkt_larger(100)->reg0[0],resubmit(,1)'
without trunc false true 'actions=output(port=2,max_len=100),3' 'actions=clone(output(port=2,max_len=100)),3'
without ct_clear false true 'actions=ct_clear,2' 'actions=ct(commit),ct_clear,2'
without ct_eventmask false true 'actions=ct(commit,zone=3),2'
without ct_timeout false true 'actions=ct(commit,zone=3),2'
without ct_zero_snat false true 'actions=ct(commit,nat(src=0.0.0.0),zone=3),2' 'actions=ct(commit,nat(src=1.1.1.1),zone=3),2'
without ct_state_nat false true 'actions=ct(commit,nat(src=1.1.1.1),zone=3),2' 'actions=ct(table=1,nat)'
without ct_zone false true 'actions=ct(commit,zone=3),2' 'actions=ct(table=1)' 'actions=set_field:5->reg0,ct(commit,zone=NXM_NX_REG0[0..15]),2'
without ct_mark false true 'actions=ct(commit,exec(set_field:5->ct_mark)),2'
without ct_label false true 'actions=ct(commit,exec(set_field:5->ct_label)),2'
without ct_state false true 'actions=ct(table=1)' 'actions=ct(commit),2'
without ct_orig_tuple false true 'actions=ct(table=1)'
without recirc false true 'actions=ct(table=1)' 'actions=push_mpls:0x8847,pop_mpls:0x0800,resubmit(,1)' 'actions=group:5'
without max_hash_alg 0 1 'actions=group:5' 'actions=group:6'
without max_mpls_depth 1 0 'actions=push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,2' 'actions=push_mpls:0x8847,2'
without max_mpls_depth 0 3 'actions=push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,2' 'actions=push_mpls:0x8847,2'
without max_vlan_headers 0 1 'actions=push_vlan:0x8100,set_field:0x1005->vlan_vid,2' 'actions=push_vlan:0x88a8,push_vlan:0x8100,2'
without max_vlan_headers 1 1 'actions=push_vlan:0x8100,set_field:0x1005->vlan_vid,2' 'actions=push_vlan:0x88a8,push_vlan:0x8100,2'
without add_mpls false true 'actions=encap(mpls),encap(ethernet),2' 'actions=push_mpls:0x8847,2'
without masked_set_action false true 'actions=set_field:2->nw_tos,2' 'actions=set_field:1.2.3.9->ip_src,set_field:aa:bb:cc:dd:ee:ff->eth_dst,2' 'actions=set_field:0x5/0xf->tcp_dst,2'
without explicit_drop_action false true 'actions=drop' 'actions=2,drop'
without ufid false true 'actions=2'
without nd_ext false true 'actions=2'
without lb_output_action false true 'actions=2'
without tnl_push_pop false true 'actions=2'
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
