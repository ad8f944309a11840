# Packets that wait for a controller in clones, groups and other bridges, in traces with and without effects, and in the datapath.
start
add_ports br0 1 2 3
O="ovs-ofctl -O OpenFlow15"
ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy -- add-port br0 pa -- set interface pa type=patch options:peer=pb ofport_request=9 -- add-port br1 pb -- set interface pb type=patch options:peer=pa
ovs-ofctl add-flow br1 'vlan_tci=0x1000/0x1000,actions=pop_vlan,controller(pause),LOCAL'
ovs-ofctl add-flow br1 'priority=1,actions=push_vlan:0x8100,controller(pause),LOCAL'
P=505400000002505400000001810000050800450000280000000040063cceC0a80001C0a80002000100020000000000000000500000000000000000
for a in 'push_vlan:0x8100,clone(controller(pause),ct(commit),2),3' 'push_vlan:0x8100,clone(ct(commit),controller(pause),2),3' 'pop_vlan,clone(controller(pause),ct(commit),2),3' 'clone(pop_vlan,controller(pause),ct(commit),2),3' 'clone(ct(commit),pop_vlan,controller(pause),2),3' 'pop_vlan,clone(push_vlan:0x8100,controller(pause),ct(commit),2),3' 'clone(push_vlan:0x8100,2,controller(pause),ct(commit),2),3' 'clone(pop_vlan,2,controller(pause),ct(commit),2),push_vlan:0x8100,3'  'dec_ttl,clone(dec_ttl,2,controller(pause),ct(commit),2),push_vlan:0x8100,3' 'clone(clone(ct(commit),pop_vlan,controller(pause)),2),3' 'resubmit(,1),3' 'clone(controller(pause),2),3' 'clone(pop_vlan,controller(pause),2),3' 'group:1,3' '9,3' 'push_vlan:0x8100,9,3' 'clone(pop_vlan,9),3' 'clone(pop_vlan,clone(ct(commit),push_vlan:0x8100,controller(pause)),2),3' 'clone(pop_vlan,group:2),3' 'pop_vlan,clone(push_vlan:0x8100,controller(pause)),write_actions(2)'; do
$O del-flows br0; $O del-groups br0; $O del-meters br0; $O add-meter br0 meter=1,kbps,band=type=drop,rate=1000;  $O add-group br0 'group_id=2,type=indirect,bucket=actions=push_vlan:0x8100,controller(pause),2'; $O add-group br0 'group_id=1,type=all,bucket=actions=clone(pop_vlan,controller(pause),ct(commit)),2,bucket=actions=2'
printf '%s\n' "tcp,dl_vlan=5,in_port=1,actions=$a" 'table=0,tcp,in_port=3,dl_vlan=5,actions=drop' 'table=1,tcp,dl_vlan=5,actions=clone(ct(commit),pop_vlan,controller(pause)),2' | $O add-flows br0 -
echo "== $a"; ovs-appctl ofproto/trace br0 in_port=1,tcp,dl_vlan=5,nw_ttl=9 | tail -3 | sed 's/recirc_id=[0-9]*,//g'
ovs-appctl ofproto/trace br0 in_port=1,tcp,dl_vlan=5,nw_ttl=9 -generate| tail -3 | sed 's/recirc_id=[0-9]*,//g'
ovs-appctl netdev-dummy/receive p1 $P
sleep 0.1
ovs-appctl dpctl/dump-flows | sed 's/.*actions/actions/; s/recirc_id=[0-9]*,//g'
done
stop
