# Geneve options as fields: their table, matches, groups that name them, learn, packets with and without them.
start
ovs-appctl time/stop
add_ports br0 1 2
O="ovs-ofctl -O OpenFlow15"
ovs-vsctl add-port br0 g -- set interface g type=geneve options:remote_ip=flow options:key=flow ofport_request=5
t ovs-ofctl add-tlv-map br0 "{class=0xffff,type=0,len=4}->tun_metadata0,{class=0xffff,type=1,len=8}->tun_metadata1,{class=0x102,type=0x80,len=124}->tun_metadata5"
t ovs-ofctl dump-tlv-map br0
t ovs-ofctl add-tlv-map br0 "{class=0xffff,type=0,len=4}->tun_metadata9"
t ovs-ofctl add-tlv-map br0 "{class=0xfffe,type=0,len=4}->tun_metadata0"
t ovs-ofctl add-tlv-map br0 "{class=0xfffe,type=2,len=124}->tun_metadata7"
t ovs-ofctl add-tlv-map br0 "{class=0xfffe,type=2,len=124}->tun_metadata8"
t ovs-ofctl add-tlv-map br0 "foo"
t ovs-ofctl add-tlv-map br0 "{class=0xfffe,type=2,len=4}"
t ovs-ofctl add-tlv-map br0 "{class=0x10000,type=2,len=4}->tun_metadata8"
t ovs-ofctl add-tlv-map br0 "{class=0xfffe,type=256,len=4}->tun_metadata8"
t ovs-ofctl add-tlv-map br0 "{class=0xfffe,type=2,len=128}->tun_metadata8"
t ovs-ofctl add-tlv-map br0 "{class=0xfffe,type=2,len=4}->tun_metadata64"
t ovs-ofctl del-tlv-map br0 "{class=0xffff,type=1,len=8}->tun_metadata1"
t ovs-ofctl dump-tlv-map br0
t ovs-ofctl del-tlv-map br0 "{class=0xeeee,type=1,len=8}->tun_metadata1"
t ovs-ofctl add-tlv-map br0 "{class=0xffff,type=1,len=8}->tun_metadata1"
f() { t $O add-flow br0 "$1"; }
f 'in_port=1,actions=set_field:0x12345678->tun_metadata0,set_field:5.5.5.5->tun_dst,5'
f 'in_port=2,actions=load:0x77->tun_metadata1[8..15],move:tun_metadata0[]->reg1[],set_field:5.5.5.5->tun_dst,5'
f 'in_port=5,tun_metadata0=0x1234,actions=move:NXM_NX_TUN_METADATA0[]->NXM_NX_REG2[],1'
f 'in_port=5,tun_metadata0,tun_metadata1=0/0,actions=2'
f 'in_port=5,tun_metadata1=0x5/0xff,tun_id=9,tun_src=1.1.1.1,actions=drop'
f 'tun_metadata5=0x1122334455667788990011,actions=2'
f 'tun_metadata9=0x1,actions=2'
f 'tun_metadata0=0x123456789,actions=2'
f 'in_port=5,actions=learn(table=1,tun_metadata0,load:NXM_NX_TUN_METADATA1[]->NXM_NX_REG3[0..15],NXM_NX_TUN_METADATA0[]=NXM_NX_REG5[],load:5->NXM_NX_TUN_METADATA0[0..3],output:NXM_OF_IN_PORT[])'
f 'in_port=5,actions=learn(table=1,NXM_NX_TUN_METADATA0[],NXM_NX_TUN_ID[])'
f 'in_port=5,actions=learn(table=1,tun_metadata0=0x5)'
f 'actions=output:tun_metadata0[0..15],push:tun_metadata0[],pop:tun_metadata1[0..31]'
$O dump-flows br0
ovs-ofctl dump-flows br0
t $O add-group br0 'group_id=1,type=all,bucket=actions=set_field:5->tun_metadata0,output:5,bucket=actions=move:tun_metadata0[]->tun_metadata1[0..31],5'
t $O add-group br0 'group_id=2,type=all,bucket=actions=learn(table=1,NXM_NX_TUN_METADATA0[],NXM_NX_TUN_ID[])'
t ovs-ofctl -O OpenFlow11 add-group br0 'group_id=3,type=all,bucket=actions=learn(table=1,NXM_NX_TUN_METADATA0[],NXM_NX_TUN_ID[])'
t $O add-group br0 'group_id=4,type=select,selection_method=hash,fields(tun_metadata0),bucket=actions=1,bucket=actions=2'
$O dump-groups br0 | sort

tr() { t ovs-appctl ofproto/trace "$@"; }
tr br0 in_port=1,ip; tr br0 in_port=2,ip,tun_metadata0=0x99; tr br0 in_port=5,tun_metadata0=0x1234,tun_id=9
for g in '' 'geneve()' 'geneve({class=0xffff,type=0,len=4,0x1234})' 'geneve({class=0xffff,type=0,len=4,0x1234}{class=0xffff,type=0x81,len=8,0x5})' 'geneve({class=0xeeee,type=0x5,len=4,0x1})' 'geneve({class=0xffff,type=1,len=8,0x5})'; do
tr ovs-dummy "tunnel(tun_id=0x9,src=1.1.1.1,dst=2.2.2.2,ttl=64,tp_src=5,tp_dst=6081,${g:+$g,}flags(key)),in_port(6081),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x1234)"
tr ovs-dummy "tunnel(tun_id=0x9,src=1.1.1.1,dst=2.2.2.2,ttl=64,tp_src=5,tp_dst=6081,${g:+$g,}flags(key)),in_port(6081),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x1234)" -generate
done
$O dump-flows br0 table=1
$O del-flows br0
$O del-groups br0
t ovs-ofctl del-tlv-map br0
t ovs-ofctl dump-tlv-map br0
$O dump-flows br0
stop | sort -u | grep -v "^meta_flow\|^ofp_"
