# What follows a group that is not there, what comes after the last label, timeouts of flows without a protocol.
start
add_ports br0 1 2 3
O="ovs-ofctl -O OpenFlow15"
tr() { ovs-appctl ofproto/trace br0 "$@" | tail -n +4 | sed 's/recirc_id=[0-9]*,rule/rule/'; }
$O add-meter br0 meter=1,kbps,band=type=drop,rate=1000
$O add-group br0 group_id=3,type=ff,bucket=watch_port:1,actions=group:9,2
$O add-group br0 group_id=4,type=all,bucket=actions=2,bucket=actions=group:9,3
$O add-group br0 group_id=5,type=all,bucket=actions=set_field:1.1.1.1-\>ip_dst,2,bucket=3
$O add-group br0 group_id=6,type=select,bucket=actions=2,bucket=3
$O add-group br0 group_id=7,type=indirect,bucket=actions=dec_ttl,2
for a in 'group:9,2' '2,group:9,3' 'clone(group:9,2),3' 'group:3,2' 'group:4,2' 'resubmit(,1),2' 'write_actions(group:9)' 'write_actions(group:9,output:2)' 'fin_timeout(idle_timeout=9),2' ; do
$O del-flows br0
$O add-flow br0 "in_port=1,tcp,actions=$a"; $O add-flow br0 "table=1,tcp,actions=group:9,2"
echo "== $a"; tr in_port=1,tcp
done
$O del-flows br0; $O add-flow br0 actions='fin_timeout(idle_timeout=9),2'
for f in arp,arp_op=1 ip,nw_proto=5 ipv6 dl_type=0x1234 rarp,arp_op=3 mpls; do tr in_port=1,$f; done
ovs-vsctl set port p3 qos=@q -- --id=@q create qos type=linux-htb
for a in 'strip_vlan,2' 'mod_vlan_vid:5,2' 'mod_vlan_pcp:5,2' 'set_field:5->vlan_vid,2' 'load:5->vlan_tci[0..11],2' 'set_field:5->tun_id,2' 'load:5->tun_id[],2' 'load:5->NXM_OF_IP_DST[],2' 'load:0x32->NXM_OF_ETH_SRC[0..7],2' 'set_field:50:54:00:00:00:05->eth_dst,2' 'set_field:7->metadata,2' 'write_metadata:7' 'meter:1,2' 'clear_actions' 'conjunction(1,1/2)' 'set_field:5->pkt_mark,2' 'set_field:3->ct_mark,2' 'set_field:1->ip_ecn,2' 'set_field:3->nw_ttl,2' 'load:3->nw_tos[2..7],2' 'mod_nw_src:1.1.1.1,2' 'mod_nw_ecn:1,2' 'mod_nw_ttl:1,2' 'group:5' 'group:6' 'group:7' 'dec_nsh_ttl,2' 'output:normal' 'in_port' 'flood' 'controller:100' 'goto_table:1' 'set_field:5->skb_priority,2' 'set_field:1->in_port,2' 'load:1->NXM_OF_IN_PORT[],2' 'set_field:2->actset_output,2' 'clone(2)' 'debug_recirc,2' 'set_mpls_label(5),2' 'pop_mpls:0x86dd,2'; do
$O del-flows br0
$O add-flow br0 "mpls,in_port=1,actions=pop_mpls:0x0800,$a" 2>&1 | head -1
$O add-flow br0 table=1,actions=3
echo "== $a"; tr in_port=1,mpls,mpls_bos=1,mpls_ttl=9 | sed 's/recirc(0x[0-9a-f]*)/recirc(X)/'
done
stop
