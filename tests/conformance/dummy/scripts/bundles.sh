# Bundles that fail, as a whole or in a message.
start
add_ports br0 1
O="ovs-ofctl -O OpenFlow14"
cat > b.txt <<'X'
flow add table=1,actions=1
group add group_id=1,type=all,bucket=actions=1
flow add table=2,actions=group:1
X
t $O bundle br0 b.txt
t $O bundle br0 b.txt
echo 'flow add table=7,actions=set_field:0x7/0x3->reg1' > c.txt
echo 'flow add table=8,actions=set_field:0x7/0x3->reg2' >> c.txt
echo 'flow add table=9,actions=2' >> c.txt
t ovs-ofctl -O OpenFlow15 bundle br0 c.txt
echo 'table=7,actions=group:77' > d.txt
echo 'table=8,actions=group:78' >> d.txt
t $O --bundle add-flows br0 d.txt
t $O add-flows br0 d.txt
t $O --bundle replace-flows br0 d.txt
t $O --bundle add-group br0 group_id=1,type=all,bucket=actions=1
$O --no-stats dump-flows br0
stop | grep -v "bad action\|Rejecting"
