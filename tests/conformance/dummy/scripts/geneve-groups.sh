# Groups whose buckets name Geneve options: nothing is checked against the table before they are used.
start
ovs-appctl time/stop
add_ports br0 1 2
O="ovs-ofctl -O OpenFlow15"
ovs-vsctl add-port br0 g -- set interface g type=geneve options:remote_ip=flow options:key=flow ofport_request=5
ovs-ofctl add-tlv-map br0 "{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=1,len=8}->tun_metadata1"
n=1
g() { t $O add-group br0 "group_id=$n,type=all,bucket=actions=$1"; n=$((n+1)); }
g 'set_field:5->tun_metadata9,5'
g 'set_field:5->tun_metadata0,5'
g 'set_field:0x123456789->tun_metadata0,5'
g 'load:5->tun_metadata0[900..910],5'
g 'move:tun_metadata0[0..40]->tun_metadata1[0..40],set_field:6.6.6.6->tun_dst,5'
g 'learn(table=1,NXM_NX_TUN_METADATA0[],load:NXM_NX_TUN_METADATA1[0..31]->reg0)'
g 'learn(table=1,NXM_NX_TUN_METADATA0[],output:NXM_NX_TUN_METADATA1[0..15])'
g 'learn(table=1,NXM_NX_TUN_METADATA9[])'
g 'push:tun_metadata0[],pop:tun_metadata1[],set_field:6.6.6.6->tun_dst,5'
$O dump-groups br0 | sort
for i in 2 3 4 5 6 7 9; do $O add-flow br0 "in_port=1,actions=set_field:0x11223344->tun_metadata0,set_field:0x1122334455667788->tun_metadata1,group:$i"; ovs-appctl ofproto/trace br0 in_port=1,tcp; ovs-appctl ofproto/trace br0 in_port=1,tcp -generate | tail -3;  $O dump-flows br0; done
stop | sort -u
