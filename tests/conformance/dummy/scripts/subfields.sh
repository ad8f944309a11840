# Which bits of fields actions look at, as megaflows tell; marks and labels of connections with masks.
start
add_ports br0 1 2
n=0
for a in 'move:NXM_OF_ETH_SRC[0..7]->NXM_NX_REG0[0..7]' 'move:NXM_OF_IP_SRC[8..15]->NXM_OF_IP_DST[0..7]' 'move:NXM_OF_ETH_SRC[]->NXM_NX_CT_LABEL[0..47]' 'push:NXM_OF_IP_SRC[0..7],pop:NXM_OF_IP_DST[8..15]' 'load:0x5->NXM_OF_IP_DST[8..15]' 'output:NXM_NX_REG0[]' 'move:NXM_OF_VLAN_TCI[0..11]->NXM_NX_REG0[0..11]' 'move:OXM_OF_VLAN_VID[0..11]->NXM_NX_REG0[0..11]' 'move:NXM_OF_TCP_SRC[0..3]->NXM_OF_TCP_DST[4..7]' 'move:NXM_NX_IPV6_SRC[0..3]->NXM_NX_IPV6_DST[4..7]' 'ct(commit,exec(move:NXM_OF_IP_SRC[0..3]->NXM_NX_CT_MARK[4..7]))' 'ct(commit,exec(load:3->NXM_NX_CT_MARK[4..7],move:NXM_OF_IP_SRC[0..3]->NXM_NX_CT_LABEL[4..7],load:1->NXM_NX_CT_LABEL[64]))' 'ct(commit,exec(set_field:0/0xf0->ct_label))' 'ct(commit,exec(set_field:0->ct_label,set_field:0->ct_mark))' 'learn(table=3,NXM_OF_IP_DST[0..3]=NXM_OF_IP_SRC[4..7])' 'move:NXM_NX_TUN_ID[0..3]->NXM_NX_REG1[0..3],set_field:3->tun_id' 'multipath(eth_src,50,hrw,12,0,NXM_NX_REG0[0..3])' 'check_pkt_larger(100)->NXM_NX_REG0[0],2' 'bundle_load(eth_src,0,hrw,ofport,NXM_NX_REG0[0..15],members:1,2)' 'set_field:00:00:00:00:00:01/00:00:00:00:00:ff->eth_dst' 'move:NXM_NX_ND_TARGET[0..3]->NXM_NX_REG0[0..3]' 'move:NXM_OF_ARP_OP[0..3]->NXM_NX_REG0[0..3],load:2->NXM_OF_ARP_OP[],move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]' 'dec_ttl,set_field:5->ip_ttl,mod_nw_tos:16,mod_nw_ecn:2' 'conjunction(1,1/2)'; do
for p in tcp arp; do
  if ovs-ofctl add-flow br0 "$p,actions=$a,2" 2>/dev/null; then echo "== $p $a"; ovs-appctl ofproto/trace br0 "in_port=1,dl_vlan=5,$p" | grep -v '^$\|^Flow\|^bridge\|^--'; fi
  ovs-ofctl del-flows br0
done; done
stop
