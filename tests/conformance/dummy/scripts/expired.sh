# Packets that have lived too long, in tables, clones and buckets: only the list of actions ends.
start
add_ports br0 1 2 3
O="ovs-ofctl -O OpenFlow15"
for a in 'clone(dec_ttl,2),3' 'clone(dec_ttl,2),dec_ttl,3' 'check_pkt_larger(5)->reg0[0],dec_ttl,2' 'clone(check_pkt_larger(5)->reg0[0],dec_ttl,2),3' 'resubmit(,1),3' 'clone(resubmit(,1),2),3' 'clone(exit),3' 'resubmit(,2),3' 'group:1,3'; do
$O del-flows br0; $O del-groups br0; $O add-group br0 'group_id=1,type=all,bucket=actions=dec_ttl,2,bucket=actions=2'
printf '%s\n' "ip,in_port=1,actions=$a" 'ip,table=1,actions=dec_ttl,2' 'ip,table=2,actions=clone(exit),2' | $O add-flows br0 -
echo "== $a"; ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_ttl=1 | sed 's/recirc_id=[0-9]*,//g'
done
stop
