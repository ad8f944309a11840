# More of bundles: messages that fail before they are added, words of files, misused bundles.
start
add_ports br0 1 2 3
f() { t ovs-ofctl "$@"; }
b() { cat >b.txt; for o in "$@" ""; do [ -n "$o" ] && f -O OpenFlow$o bundle br0 b.txt; done; f --no-stats dump-flows br0; f -O OpenFlow13 dump-groups br0 | sort; ovs-ofctl -O OpenFlow15 del-groups br0; ovs-ofctl del-flows br0;  }
b 13 14 <<'L'
flow add in_port=1,actions=2
flow add table=254,actions=2
flow add in_port=2,actions=2
L
b 13 14 <<'L'
flow add in_port=1,actions=2
flow add in_port=2,actions=99999
L
b 13 14 <<'L'
flow add in_port=1,actions=2
flow add in_port=2,actions=65281
flow add in_port=3,actions=group:8
flow add in_port=3,actions=0
L
b 13 14 <<'L'
group group_id=1,type=all,bucket=1
group group_id=1,type=all,bucket=1
L
b 14 <<'L'
group group_id=1,type=all,bucket=group:2
group group_id=2,type=all,bucket=2
L
b 14 <<'L'
group group_id=2,type=all,bucket=2
flow in_port=1,actions=group:2
group delete group_id=2
L
b 14 <<'L'
group 
L
b 14 <<'L'
flow
L
b 14 <<'L'
packet-out
L
b 14 <<'L'
packet-out in_port=1
L
b 14 <<'L'
group add_or_mod group_id=2,type=all,bucket=2
L
b 14 <<'L'
group nix group_id=2,type=all,bucket=2
L
b 14 15 <<'L'
Flow add in_port=1,actions=2
  flow	add in_port=1,actions=2  # foo
L
b 14 15 <<'L'
flow in_port=1 actions=2
flow delete in_port=1 actions=2
L
b 14 15 <<'L'
flow delete_strict cookie=1/-1
flow modify cookie=1/-1,actions=2
L
b 14 15 </dev/null
t ovs-ofctl bundle br0 nofile
t ovs-ofctl -O OpenFlow14 bundle br0 -  </dev/null
b 14 <<'L'
flow add in_port=3,actions=group:8
L
b 14 <<'L'
flow add in_port=3,actions=meter:8
L
b 14 <<'L'
flow modify table=254,in_port=3,actions=1
L
b 14 <<'L'
flow delete table=254
L
b 14 <<'L'
flow modify_strict table=254,in_port=3,actions=1
L
b 14 <<'L'
flow add in_port=1,actions=1
flow add check_overlap,actions=1
L
b 14 <<'L'
flow add table=1,actions=goto_table:0
L
b 14 <<'L'
flow add actions=ct(table=254)
L
b 14 <<'L'
flow add actions=learn(table=254,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[])
L
b 14 <<'L'
packet-out in_port=1 packet=ffffffffffff00112233445508004500 actions=group:9
L
b 14 <<'L'
packet-out in_port=99 packet=ffffffffffff00112233445508004500 actions=2
L
b 14 <<'L'
packet-out in_port=1 packet=ffffffffffff00112233445508004500 actions=resubmit(,254)
L
b 14 <<'L'
flow add actions=conjunction(1,1/2)
flow add actions=output:99
flow add actions=1,bundle(eth_src,50,hrw,ofport,members:1,98)
L
b 14 <<'L'
group group_id=1,type=all,bucket=group:9
group group_id=2,type=all,bucket=meter:9
L
b 14 15 <<'L'
group modify group_id=3,type=all,bucket=1
L
b 15 <<'L'
group insert_bucket group_id=3,command_bucket_id=last,bucket=1
L
b 15 <<'L'
flow add in_port=1,actions=2
flow add table=254,in_port=1,actions=2
packet-out in_port=1 packet=ffffffffffff00112233445508004500 actions=group:9
flow add in_port=1,actions=group:8
L
echo === raw
ovs-ofctl -O OpenFlow14 monitor br0 --detach --no-chdir --pidfile 2>ofctl.log
send() { for hex; do echo "--- $hex" >>ofctl.log; ovs-appctl -t ovs-ofctl ofctl/send $hex >/dev/null; ovs-appctl -t ovs-ofctl ofctl/barrier; done; }
for k in 0 1 2 3 4 5 6 7 8 ; do
send 0521001000000001000000010000000$k 0521001000000001000000010000000$k 
done
for k in 0 1 2 3 4 5 6 7 8 ; do
send 0521001000000001000000020000000$k 0521001000000001000000020006000$k
done
F=050e00300000000300000000000000000000000000000000000000000000ff00ffffffffffffffffffffffff0000000000010004000000
F=051400080000000305140008
M=050e00400000000a00000000000000000000000000000000000000000000ff00ffffffffffffffffffffffff000000000001000400000000
P=0510002800000003
# messages to: open, closed, with flags that differ
X=050e003800000003000000000000000000000000000000000000000000000000ffffffffffffffffffffffff000000000001000400000000
a() { echo 05220048000000030000000${1}0000000$2$X; }
send $(a 7 1) $(a 7 1) 05210010000000010000000700020001 $(a 7 1) $(a 7 1) 05210010000000010000000700040001 05210010000000010000000700040001
send $(a 7 1) $(a 7 2) $(a 7 2) 05210010000000010000000700020001 05210010000000010000000700040002 05210010000000010000000700040002
send $(a 7 1) 05210010000000010000000700040002 05210010000000010000000700040001
send $(a 7 1) 05210010000000010000000700000001  05210010000000010000000700060001
send 05210010000000010000000800000001 05220018000000030000000800000001051400080000000305140008 05210010000000010000000800040001
send 05210010000000010000000800000001 05220018000000030000000800000001051400080000000300000000 05210010000000010000000800040001
send 05210010000000010000000800000001 0522001800000003000000080000000105140008000000030000000 05210010000000010000000800020001 05210010000000010000000800020001
send 05210010000000010000000900000008 05220018000000030000000900000008051400080000000300000000 05210010000000010000000900020008 05210010000000010000000900040008
Y=050e003800000003000000000000000000000000000000000000000000000000ffffffffffffffffffffffff000000000001000400000000
for i in $(echo $Y | sed "s/^\(.\{48\}\)00/\1fe/") $(echo $Y | sed "s/^\(.\{48\}\)00/\1ff/") $(echo $Y | sed "s/0001000400/0007000400/") $(echo $Y | sed "s/^05/04/") $(echo $Y | sed "s/^050e/0505/") $(echo $Y | sed "s/^\(.\{50\}\)00/\109/"); do send 0522004800000003000000090000000$((1))$i 05220048000000030000000900000001${i}; done
ovs-appctl -t ovs-ofctl exit;wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/;s/xid=[0-9]*/xid/' ofctl.log
stop | sed "s/unix#[0-9]*/unix/"
