# Checks of packets' lengths: what was changed before them, exits and action sets within their branches.
start
add_ports br0 1 2 3
tr() { ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_ttl=5 | tail -3; }
for a in 'resubmit(,5)' 'resubmit(,5),3' 'check_pkt_larger(1500)->reg0[0]' '2,check_pkt_larger(1500)->reg0[0]' 'dec_ttl,check_pkt_larger(1500)->reg0[0]' 'check_pkt_larger(1500)->reg0[0],goto_table:1' 'resubmit(,3),2' 'clone(check_pkt_larger(1500)->reg0[0]),2' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0],2' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0],mod_nw_ttl:3,2' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0],dec_ttl' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0],resubmit(,1)' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0]' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0],2,exit' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0],exit,2' 'mod_nw_ttl:171,check_pkt_larger(1500)->reg0[0],controller' '2,check_pkt_larger(1500)->reg0[0],check_pkt_larger(15)->reg0[1],resubmit(,2)' 'clone(check_pkt_larger(1500)->reg0[0],exit),3' 'clone(check_pkt_larger(1500)->reg0[0],resubmit(,2)),3' 'resubmit(,3),3' 'clone(resubmit(,3)),3' 'push_vlan:0x8100,check_pkt_larger(1500)->reg0[0],strip_vlan,2' 'check_pkt_larger(1500)->reg0[0],ct(table=1),2'; do
ovs-ofctl del-flows br0; ovs-ofctl -O OpenFlow13 add-flow br0 "ip,in_port=1,actions=$a"; ovs-ofctl -O OpenFlow13 add-flows br0 - <<X
table=1,reg0=1,actions=2
table=1,reg0=0,actions=3
table=2,reg0=1,actions=2
table=2,reg0=3,actions=exit
table=5,actions=write_actions(output:2),goto_table:6
table=6,actions=check_pkt_larger(1500)->reg0[0]
table=3,actions=check_pkt_larger(1500)->reg0[0],resubmit(,4)
table=4,reg0=1,actions=2,exit
table=4,reg0=0,actions=2
X
echo "== $a"; tr; done
stop
