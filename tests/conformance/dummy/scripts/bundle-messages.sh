# Bundles as files and as messages: what is wrong with them, and what is left of a bundle then.
start
add_ports br0 1 2 3
f() { t ovs-ofctl "$@"; }
b() { cat >b.txt; for o in "$@" ""; do [ -n "$o" ] && f -O OpenFlow$o bundle br0 b.txt; done; f --no-stats dump-flows br0; f -O OpenFlow13 dump-groups br0 | sort; f -O OpenFlow15 dump-meters br0;  ovs-ofctl -O OpenFlow15 del-groups br0; ovs-ofctl del-flows br0; ovs-ofctl -O OpenFlow13 del-meters br0; }
b 13 14 15 <<'L'
flow add in_port=1,actions=2
flow table=1 in_port=2,actions=3
group add group_id=1,type=all,bucket=1
flow in_port=3,actions=group:1
L
b 14 <<'L'
flow add in_port=1,actions=2
flow add in_port=1,actions=group:7
L
b 14 <<'L'
flow add in_port=1,actions=2
flow modify in_port=1,actions=3
flow modify_strict priority=7,in_port=1,actions=3
flow delete in_port=2
flow delete_strict in_port=1
L
b 14 <<'L'
group group_id=1,type=all,bucket=1
group modify group_id=1,type=all,bucket=2
group add_or_mod group_id=2,type=all,bucket=2
group insert_bucket group_id=1,command_bucket_id=last,bucket=3
group remove_bucket group_id=1,command_bucket_id=first
group delete group_id=2
L
b 15 <<'L'
group group_id=1,type=all,bucket=1
group modify group_id=1,type=all,bucket=2
group add_or_mod group_id=2,type=all,bucket=2
group insert_bucket group_id=1,command_bucket_id=last,bucket=3
group remove_bucket group_id=1,command_bucket_id=first
group delete group_id=2
L
b 13 14 15 <<'L'
packet-out in_port=1, packet=ffffffffffff00112233445508004500, actions=2
flow actions=2
packet-out in_port=controller actions=table packet=ffffffffffff00112233445508004500
L
b 14 <<'L'
meter meter=1 kbps band=type=drop,rate=1
meter add meter=1 kbps band=type=drop,rate=1
L
b 14 <<'L'
nix actions=2
L
b 14 <<'L'
flow nix actions=2
L
b 14 <<'L'
actions=2
L
b 14 <<'L'
# comment

   # another
flow add table=254,actions=2
L
b 10 11 12 <<'L'
flow add actions=2
L
printf '%s\n' actions=2 'delete in_port=1' 'modify actions=3' >f.txt
for o in 10 13 14 15; do f -O OpenFlow$o --bundle add-flows br0 f.txt; f -O OpenFlow$o --bundle replace-flows br0 f.txt; f -O OpenFlow$o --bundle mod-flows br0 actions=1; f -O OpenFlow$o --bundle del-flows br0; f -O OpenFlow$o --bundle --strict del-flows br0 in_port=1; f -O OpenFlow$o --bundle add-group br0 group_id=1,type=all,bucket=1; f -O OpenFlow$o --bundle packet-out br0 in_port=1,packet=00,actions=2; done
echo === raw
ovs-ofctl -O OpenFlow14 monitor br0 --detach --no-chdir --pidfile 2>ofctl.log
send() { for hex; do ovs-appctl -t ovs-ofctl ofctl/send $hex; ovs-appctl -t ovs-ofctl ofctl/barrier; done; }
# ctrl: bundle id, type, flags
# close unknown, open, open again, other flags, unknown flags, commit without close, add after close, discard unknown
send 05210010000000010000000100020001
send 05210010000000020000000100000001 05210010000000030000000100000001 05210010000000040000000100020003 05210010000000050000000200000010
send 05220018000000070000000100000001051400080000000705140008
send 05220018000000080000000100000001050e001000000008
send 0522001800000009000000010000000105000008000000090000000000000000
send 0522001800000009000000010000000305140008000000090000000000000000
send 0522001800000009000000770000000105140008000000090000000000000000
send 052200600000000a0000000100000001050e00500000000a00000000000000000000000000000000000000000000ff00ffffffffffffffffffffffff0000000000010004000000000004001800000000000000100000000200000000000000000000
send 05210010000000010000000100020001 052200180000000b0000000100000001051400080000000b0000000000000000 05210010000000010000000100020001
send 05210010000000010000000100040001 05210010000000010000000100040001 05210010000000010000000100060001
send 05210010000000020000000500000000 05210010000000030000000500040000
send 05210010000000020000000600000003 05210010000000030000000600020003 05210010000000030000000600060003  05210010000000030000000600060003
send 05210010000000020000000600000000 05210010000000030000000600000001 05210010000000030000000600060003
ovs-appctl -t ovs-ofctl exit;wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/;s/xid=[0-9]*/xid/' ofctl.log
stop | sed "s/unix#[0-9]*/unix/"
