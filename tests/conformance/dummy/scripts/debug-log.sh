# What is logged for those who look closely: OpenFlow messages, upcalls and flows, groups, spanning trees.
start
add_ports br0 1 2
ovs-appctl vlog/set dpif:dbg dpif_netdev:dbg
O="ovs-ofctl -O OpenFlow15"
P="in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)"
log() { sed 's/^[^|]*|[0-9]*|//;s/(revalidator[0-9]*)//;s/unix#[0-9]*/unix/;s/ufid:[-0-9a-f]* //g;s/mega_//g;s/xid=0x[0-9a-f]*/xid/' ovs-vswitchd.log; }
ovs-appctl time/stop
ovs-ofctl add-flow br0 action=normal
ovs-appctl netdev-dummy/receive p1 "$P"
ovs-appctl revalidator/wait
ovs-ofctl mod-flows br0 actions=2
ovs-appctl revalidator/wait
ovs-ofctl packet-out br0 "in_port=1 packet=50540000000750540000000508004500001c00000000400100000a0000010a00000208000000ffffffff actions=2"
ovs-appctl vlog/set dpif:info dpif_netdev:info vconn:file:info
log | grep -A3 'upcall:\|flow_add\|flow match\|flow_mod:\|put.modify\|execute' | grep -v 'dpcls\|subtable\|unixctl\|dump\|^--\|vconn\|version bitmap\|device\|connmgr\|netdev_max\|get_stats'
log | grep 'vconn|DBG|unix: \(negotiated\|received: OFPT_[FPB]\|sent (Success): OFPT_B\)'
ovs-ofctl del-flows br0
ovs-ofctl add-flow br0 "actions=resubmit:1,output:2"
ovs-appctl revalidator/wait
ovs-appctl netdev-dummy/receive p1 "$P"
$O add-group br0 'group_id=2,type=select,bucket=weight:1,actions=1,bucket=weight:100,actions=2'
$O add-group br0 'group_id=4,type=select,selection_method=dp_hash,selection_method_param=0x500000007,bucket=weight:7,actions=1,bucket=weight:999,actions=2,bucket=actions=3'
$O add-group br0 'group_id=6,type=select,selection_method=hash,fields(ip_dst,tcp_dst,nw_src=255.255.0.0),bucket=actions=1'
$O add-group br0 'group_id=8,type=select'
$O insert-buckets br0 'group_id=6,command_bucket_id=last,bucket=bucket_id=7,weight:9,actions=1'
ovs-vsctl set bridge br0 stp_enable=true
for i in $(seq 33); do ovs-appctl time/warp 1000; done >/dev/null
ovs-vsctl set port p1 other_config:stp-enable=false
ovs-vsctl set bridge br0 stp_enable=false rstp_enable=true
for i in $(seq 5); do ovs-appctl time/warp 1000; done >/dev/null
ovs-vsctl set bridge br0 rstp_enable=false
log | grep -v 'dpif|DBG|dummy@\|unixctl' | grep -A70 'ofproto_dpif|DBG\|ofproto_dpif_upcall|WARN\|_xlate|WARN' | grep -v 'vconn\|connmgr\|unixctl\|timeval\|poll_loop\||dpif|\|dpif_netdev\|netdev_max\|memory\|^--\|version bitmap\|^[a-zA-Z_0-9]*|INFO'
stop
