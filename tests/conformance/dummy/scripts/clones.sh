# Actions within clones, and what is left of them outside; ct_clear of packets that are tracked and that are not.
start
add_ports br0 1 2 3
ovs-ofctl -O OpenFlow13 add-meter br0 meter=1,pktps,band=type=drop,rate=5
ovs-ofctl -O OpenFlow13 add-group br0 group_id=1,type=all,bucket=actions=2
ovs-ofctl -O OpenFlow13 add-group br0 group_id=2,type=all,bucket=actions=exit,2
tr() { ovs-appctl ofproto/trace br0 "$@" | tail -3 | grep -v Mega; }
while read a; do
ovs-ofctl -O OpenFlow15 del-flows br0; ovs-ofctl -O OpenFlow15 add-flow br0 "${P}in_port=1,actions=clone($a,2),ct_clear,3" 2>/dev/null || ovs-ofctl -O OpenFlow15 add-flow br0 "ip,in_port=1,actions=clone($a,2),ct_clear,3"; ovs-ofctl add-flow br0 table=1,actions=2;  ovs-ofctl add-flow br0 table=2,actions=exit,2
for m in tcp,nw_ttl=9 tcp,nw_ttl=9,ct_state=trk mpls,mpls_ttl=9; do echo "$a $m"; tr in_port=1,$m; done
done <<'X'
ct_clear
ct
ct(commit)
ct(commit,nat)
ct(commit,table=1)
ct_clear,ct(commit)
meter:1
group:1
output(port=3,max_len=100)
set_queue:5
dec_ttl
dec_mpls_ttl
dec_nsh_ttl
push_vlan:0x8100
push_mpls:0x8847
pop_mpls:0x0800
decap
encap(ethernet)
encap(nsh)
learn(table=3,eth_type=0x800)
resubmit(,1)
resubmit(,1,ct)
controller
controller(pause)
sample(probability=5)
check_pkt_larger(5)->reg0[0]
fin_timeout(idle_timeout=5)
note:00
set_field:5->tun_id
set_field:1.1.1.1->ip_dst
clone(3)
clone(ct(commit),3)
write_actions(output:3)
goto_table:1
exit
delete_field:tun_metadata0
conjunction(1,1/2)
multipath(eth_src,50,modulo_n,12,0,reg1[])
bundle(eth_src,50,hrw,ofport,members:3)
ct(commit),exit
ct_clear,exit
exit,ct(commit)
clone(exit,1)
clone(ct(commit),exit,1)
resubmit(,2)
resubmit(,2),ct(commit)
output(port=3,max_len=100),exit
group:2
write_actions(output:3),exit
ct_clear,ct(commit)
ct(commit),ct_clear
X
for a in ct_clear,2 ct_clear,ct_clear,2 "ct(commit),ct_clear,2" "resubmit(,1)"; do
  ovs-ofctl del-flows br0; ovs-ofctl add-flow br0 ip,in_port=1,actions="$a"; ovs-ofctl add-flow br0 table=1,actions=ct_clear,ct_clear,2
  for m in tcp tcp,ct_state=trk tcp,ct_zone=5 tcp,ct_mark=5; do echo "$a $m"; tr in_port=1,$m; done
done
stop | grep -v "^ofp_actions" | sort -u
