# Tunnels of the daemon as the last output of branches, clones, buckets and lists.
start
add_ports br0 1
ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24
ovs-appctl ovs/route/add 1.1.2.92/24 br0 >/dev/null
ovs-appctl tnl/neigh/set br0 1.1.2.92 f8:bc:12:44:34:b6 >/dev/null
ovs-vsctl add-br int -- set bridge int datapath-type=dummy -- add-port int t1 -- set interface t1 type=gre options:remote_ip=1.1.2.92 ofport_request=6 -- add-port int q2 -- set interface q2 type=dummy ofport_request=2 -- add-port int q3 -- set interface q3 type=dummy ofport_request=3
ovs-ofctl add-flow br0 actions=normal
O="ovs-ofctl -O OpenFlow15"
$O add-group int group_id=1,type=all,bucket=6,bucket=actions=2,6
$O add-group int group_id=2,type=indirect,bucket=actions=6
$O add-flow int table=1,actions=6
$O add-flow int table=2,actions=2,6
for a in 6 '6,2' '2,6' 'check_pkt_larger(64)->reg0[1],6' 'check_pkt_larger(64)->reg0[1],6,2' 'check_pkt_larger(64)->reg0[1],2,6' 'check_pkt_larger(64)->reg0[1],resubmit(,1)' 'check_pkt_larger(64)->reg0[1],resubmit(,1),2' 'clone(ct(commit),6),2' 'clone(ct(commit),6,2),3' 'clone(ct(commit),2,6)' 'clone(6),2' 'clone(6)' 'group:1' 'group:2' 'group:2,3' 'resubmit(,1)' 'resubmit(,1),3' 'resubmit(,2),3' 'write_actions(output:6)' 'check_pkt_larger(64)->reg0[1],write_actions(output:6)' 'sample(probability=65535,collector_set_id=1),6' 'clone(check_pkt_larger(64)->reg0[1],6),3' 'check_pkt_larger(64)->reg0[1],clone(dec_ttl,6)' 'check_pkt_larger(64)->reg0[1],clone(ct(commit),6)' 'check_pkt_larger(64)->reg0[1],clone(ct(commit),6),2' 'check_pkt_larger(64)->reg0[1],check_pkt_larger(90)->reg0[2],6'; do
$O del-flows int table=0
$O add-flow int "table=0,in_port=2,ip,actions=$a" 2>&1 | head -1
echo "== $a"; ovs-appctl ofproto/trace int in_port=2,icmp,nw_ttl=9 | tail -1 | sed 's/tnl_port([0-9]*)/T/g;s/header([^(]*([^)]*)[^(]*([^)]*)[^(]*(([^)]*)[^)]*))/H/g'
done
stop
