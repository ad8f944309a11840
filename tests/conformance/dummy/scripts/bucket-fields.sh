# Fields that buckets set in packets that do not have them.
start
add_ports br0 1 2
O="ovs-ofctl -O OpenFlow15"
n=0
for a in 'set_field:5->mpls_label' 'set_mpls_label:5' 'set_field:5->mpls_tc' 'set_mpls_ttl:5' 'set_field:1->mpls_bos' 'set_field:7->mpls_ttl' 'load:5->OXM_OF_MPLS_LABEL[]' 'load:1->NXM_NX_MPLS_TTL[]' 'set_field:4101->vlan_vid' 'set_field:3->vlan_pcp' 'set_field:3->tcp_dst' 'set_field:3->arp_op' 'set_field:::1->nd_target' 'set_field:3->nw_ttl' 'set_field:3->icmp_type' 'set_field:3->nsh_spi' 'set_field:3->ip_dscp' 'pop_mpls:0x800,set_field:5->mpls_label' 'set_field:3->mpls_label,pop_mpls:0x86dd'; do
n=$((n+1)); $O add-group br0 "group_id=$n,type=all,bucket=actions=$a,2" 2>&1 | cut -c1-150
$O del-flows br0; $O add-flow br0 "in_port=1,actions=group:$n"
for p in tcp6 tcp mpls; do echo "$a $p"; ovs-appctl ofproto/trace br0 in_port=1,$p 2>&1 | sed 1,6d; done; done
stop | sort -u | grep -v "^0000"
