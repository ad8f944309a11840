# Headers that actions rewrite: neighbour discovery with its options, ARP, ICMP, labels, code points, SCTP; what ports send.
start
add_ports br0 1 2 3
cat > f.txt <<'X'
table=0 icmp6,icmp_type=135,nd_target=fe80::1 actions=set_field:aa:bb:cc:dd:ee:ff->nd_sll,move:NXM_NX_ND_TARGET[]->NXM_NX_IPV6_SRC[],set_field:136->icmpv6_type,set_field:2->nd_options_type,set_field:0xE000->nd_reserved,in_port
table=0 arp,arp_op=1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],mod_dl_src:aa:bb:cc:dd:ee:ff,load:0x2->NXM_OF_ARP_OP[],move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],load:0xaabbccddeeff->NXM_NX_ARP_SHA[],push:NXM_OF_ARP_SPA[],move:NXM_OF_ARP_TPA[]->NXM_OF_ARP_SPA[],pop:NXM_OF_ARP_TPA[],in_port
table=0 ip,in_port=2 actions=dec_ttl,set_field:10.0.0.9->ip_dst,mod_nw_tos:32,push_mpls:0x8847,set_mpls_label:100,set_mpls_tc:3,push_mpls:0x8848,set_mpls_ttl:5,3
table=0 mpls,in_port=3 actions=pop_mpls:0x0800,resubmit(,1)
table=1 ip actions=dec_ttl,2
table=0 udp6 actions=set_field:5->ipv6_label,set_field:2001::1->ipv6_dst,set_field:3->ip_dscp,dec_ttl,set_field:77->udp_dst,2
table=0 sctp actions=set_field:77->sctp_dst,2
table=0 ip,nw_frag=later,priority=40000 actions=3
X
t ovs-ofctl -O OpenFlow15 add-flows br0 f.txt
rx() { ovs-appctl netdev-dummy/receive $1 $2; }
for i in 1 2 3; do ovs-vsctl set interface p$i options:tx_pcap=p$i-tx.pcap; done
rx p1 333300000001505400000001 2>/dev/null
t ovs-appctl ofproto/trace br0 in_port=1 33330000000150540000000186dd6000000000203afffe800000000000000000000000000002ff0200000000000000000001ff0000018700d1d400000000fe80000000000000000000000000000101010102030405aa
rx p1 33330000000150540000000186dd6000000000203afffe800000000000000000000000000002ff0200000000000000000001ff0000018700d1d400000000fe80000000000000000000000000000101010102030405aa
rx p1 "in_port(1),eth(src=50:54:00:00:00:05,dst=ff:ff:ff:ff:ff:ff),eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=1,sha=50:54:00:00:00:05,tha=00:00:00:00:00:00)"
rx p2 "in_port(2),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=3,ttl=64,frag=no),tcp(src=8,dst=10),tcp_flags(0x010)"
rx p3 5054000000075054000000058848000640058847000641404500002800000000400639bdc0a80001c0a80002000800000000000000000000501000000000000000000000
rx p1 "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x86dd),ipv6(src=fe80::1,dst=fe80::2,label=0x3,proto=17,tclass=0x3,hlimit=64,frag=no),udp(src=1,dst=2)"
rx p1 "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=132,tos=3,ttl=64,frag=no),sctp(src=8,dst=10)"
rx p1 "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=3,ttl=64,frag=later)"
sleep 0.3
for i in 1 2 3; do echo "p$i"; ovs-ofctl parse-pcap p$i-tx.pcap; ovs-pcap p$i-tx.pcap; done
ovs-appctl dpctl/dump-flows | sed 's/used:[^,]*/used/' | sort
ovs-ofctl --no-stats dump-flows br0
ovs-ofctl del-flows br0
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp,icmp_type=8,icmp_code=0,actions=set_field:0->icmp_type,2'
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp,icmp_type=9,icmp_code=0,actions=set_field:3->icmp_code,2'
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp,icmp_type=10,actions=set_field:3->icmp_type,2'
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp6,icmp_type=128,icmp_code=0,actions=set_field:129->icmpv6_type,2'
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp6,icmp_type=135,icmp_code=0,actions=set_field:136->icmpv6_type,2'
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp6,icmp_type=136,icmp_code=0,actions=set_field:00:00:00:00:00:01->nd_tll,2'
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp6,icmp_type=133,icmp_code=0,actions=set_field:3->icmpv6_code,2'
for p in icmp,icmp_type=8,icmp_code=0 icmp,icmp_type=9,icmp_code=0 icmp,icmp_type=10,icmp_code=0 icmp6,icmp_type=128,icmp_code=0 icmp6,icmp_type=135,icmp_code=0 icmp6,icmp_type=136,icmp_code=0,nd_target=fe80::1,nd_tll=00:00:00:00:00:07 icmp6,icmp_type=136,icmp_code=0,nd_target=fe80::1,nd_reserved=0xe0000000,nd_options_type=2 icmp6,icmp_type=133,icmp_code=0; do ovs-appctl ofproto/trace br0 in_port=1,$p | tail -4; done
ovs-ofctl del-flows br0
ovs-ofctl -O OpenFlow15 add-flow br0 'icmp6,icmp_type=135,icmp_code=0,nd_options_type=1,nd_reserved=5,actions=2'
ovs-ofctl -O OpenFlow15 --no-stats dump-flows br0
ovs-ofctl --no-stats dump-flows br0
ovs-appctl ofproto/trace br0 in_port=1 33330000000150540000000186dd6000000000203afffe800000000000000000000000000002ff0200000000000000000001ff0000018700d1d400000005fe80000000000000000000000000000101010102030405aa
ovs-appctl ofproto/trace br0 in_port=1 33330000000150540000000186dd6000000000203afffe800000000000000000000000000002ff0200000000000000000001ff0000018700d1d400000005fe80000000000000000000000000000102010102030405aa
# A TTL that is not there is looked at all the same.
ovs-ofctl del-flows br0
for actions in dec_ttl,2 'dec_ttl(0,1),2'; do
  ovs-ofctl add-flow br0 "in_port=1 actions=$actions"
  for packet in mpls,mpls_label=7,mpls_ttl=9 arp dl_type=0x1234 ip; do ovs-appctl ofproto/trace br0 in_port=1,$packet | grep Megaflow; done
done
stop
