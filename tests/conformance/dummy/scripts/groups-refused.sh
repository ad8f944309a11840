# Groups that are refused, in each version, and why flows go when groups and meters do. The order of groups is chance.
start
add_ports br0 1 2 3
ovs-appctl time/stop
f() { case "$*" in *dump-groups*) t ovs-ofctl "$@" | sort ;; *dump-group-stats*) t ovs-ofctl "$@" | sort ;; *) t ovs-ofctl "$@" ;; esac; }
while read -r what; do for v in 11 13 15; do f -O OpenFlow$v $what; done; done <<'L'
add-group br0 group_id=1,type=all,bucket=output:1,bucket=output:2
add-group br0 group_id=1,type=all,bucket=output:1
add-group br0 group_id=2,type=select,bucket=weight:5,output:1,bucket=output:2
add-group br0 group_id=3,type=indirect,bucket=output:1,bucket=output:2
add-group br0 group_id=3,type=indirect
add-group br0 group_id=3,type=indirect,bucket=1
add-group br0 group_id=4,type=ff,bucket=output:1
add-group br0 group_id=4,type=ff,bucket=watch_port:1,output:1,bucket=watch_port:2,output:2
add-group br0 group_id=6,type=fast_failover,bucket=watch_port:99,output:1
add-group br0 group_id=7,type=all,bucket=weight:5,output:1
add-group br0 group_id=8,type=all,bucket=group:1
add-group br0 group_id=10,type=all,bucket=group:77
add-group br0 group_id=11,type=nix,bucket=1
add-group br0 group_id=11,bucket=1
add-group br0 type=all,bucket=1
add-group br0 group_id=4294967295,type=all,bucket=1
add-group br0 group_id=4294967040,type=all,bucket=1
add-group br0 group_id=4294967041,type=all,bucket=1
add-group br0 group_id=all,type=all,bucket=1
add-group br0 group_id=12,type=all,bucket=99
add-group br0 group_id=13,type=all,bucket=bucket_id:5,1,bucket=bucket_id:5,2
add-group br0 group_id=13,type=all,bucket=bucket_id:4294967295,1
add-group br0 group_id=14,type=select,selection_method=hash,bucket=1,bucket=2
add-group br0 group_id=15,type=select,selection_method=dp_hash,bucket=1,bucket=2
add-group br0 group_id=16,type=select,selection_method=hash,fields(ip_src,ip_dst),bucket=1,bucket=2
add-group br0 group_id=17,type=select,selection_method=hash,selection_method_param=5,fields=eth_src,bucket=1,bucket=2
add-group br0 group_id=17,type=select,selection_method=nix,bucket=1,bucket=2
add-group br0 group_id=17,type=all,selection_method=hash,bucket=1,bucket=2
add-group br0 group_id=17,type=select,selection_method=dp_hash,fields(ip_src),bucket=1,bucket=2
add-group br0 group_id=17,type=select,fields(ip_src),bucket=1
add-group br0 group_id=17,type=select,selection_method_param=1,bucket=1
add-group br0 group_id=18,type=select,selection_method=hash,fields(nix),bucket=1
add-group br0 group_id=18,type=select,selection_method=hash,fields(ip_src=1.2.3.4),bucket=1
add-group br0 group_id=19,type=all,bucket=actions=
add-group br0 group_id=19,type=all,bucket=drop
add-group br0 group_id=20,type=all,bucket=goto_table:1
add-group br0 group_id=20,type=all,bucket=set_field:1.2.3.4->ip_src,1
add-group br0 group_id=20,type=all,bucket=resubmit(,1)
add-group br0 group_id=21,type=all,bucket=ct(commit)
add-group br0 group_id=21,type=all
add-group br0 group_id=22,type=all,foo=1
add-group br0 group_id=22,type=all,command_bucket_id=1,bucket=1
mod-group br0 group_id=1,type=select,bucket=1
mod-group br0 group_id=88,type=all,bucket=1
--may-create mod-group br0 group_id=88,type=all,bucket=1
insert-buckets br0 group_id=1,command_bucket_id=first,bucket=bucket_id:7,3
insert-buckets br0 group_id=1,command_bucket_id=last,bucket=bucket_id:8,3
insert-buckets br0 group_id=1,command_bucket_id=7,bucket=bucket_id:9,3
insert-buckets br0 group_id=1,command_bucket_id=77,bucket=bucket_id:10,3
insert-buckets br0 group_id=1,command_bucket_id=all,bucket=3
insert-buckets br0 group_id=1,bucket=3
insert-buckets br0 group_id=99,command_bucket_id=last,bucket=3
insert-buckets br0 group_id=1,command_bucket_id=last,bucket=bucket_id:7,3
remove-buckets br0 group_id=1,command_bucket_id=7
remove-buckets br0 group_id=1,command_bucket_id=7
remove-buckets br0 group_id=1,command_bucket_id=first
remove-buckets br0 group_id=1,command_bucket_id=last
remove-buckets br0 group_id=1,command_bucket_id=all
remove-buckets br0 group_id=99,command_bucket_id=all
remove-buckets br0 group_id=1
remove-buckets br0
dump-groups br0
dump-groups br0 1
dump-groups br0 99
dump-groups br0 all
dump-groups br0 foo
dump-group-stats br0
dump-group-stats br0 99
dump-group-stats br0 1
dump-group-features br0
add-flow br0 in_port=1,actions=group:1
add-flow br0 in_port=2,actions=group:99
add-flow br0 in_port=2,actions=write_actions(group:2)
dump-group-stats br0 1
del-groups br0 group_id=1
del-groups br0 1
del-groups br0 99
del-groups br0 foo
dump-flows br0
del-groups br0
dump-flows br0
dump-groups br0
L
for v in 10 12; do f -O OpenFlow$v add-group br0 group_id=1,type=all,bucket=1; f -O OpenFlow$v dump-groups br0;  f -O OpenFlow$v dump-groups br0 1; f -O OpenFlow$v dump-group-stats br0 1; f -O OpenFlow$v dump-group-features br0; f -O OpenFlow$v add-flow br0 actions=group:1;  done
ovs-ofctl -O OpenFlow13 del-groups br0
ovs-ofctl del-flows br0
printf 'insert_bucket group_id=1,command_bucket_id=last,bucket=1\n' >g.txt
for o in 10 11 13 14 15; do f -O OpenFlow$o add-groups br0 g.txt;  f -O OpenFlow$o remove-buckets br0 group_id=1,command_bucket_id=3; done
printf 'group insert_bucket group_id=1,command_bucket_id=last,bucket=1\n' >g.txt
for o in 13 14 15; do f -O OpenFlow$o bundle br0 g.txt; done
printf 'group remove_bucket group_id=1,command_bucket_id=last\n' >g.txt
for o in 13 14 15; do f -O OpenFlow$o bundle br0 g.txt; done
f -O OpenFlow14 --bundle insert-buckets br0 group_id=1,command_bucket_id=last,bucket=1
f -O OpenFlow15 remove-buckets br0 group_id=1
f remove-buckets br0 group_id=1
f show br0
f -O OpenFlow13 dump-ports-desc br0
f -O OpenFlow15 dump-ports-desc br0
f dump-ports br0
# removal by deleting groups and meters as each version hears of it
ovs-appctl time/stop
for v in 10 11 12 13 14 15; do
ovs-ofctl -O OpenFlow$v monitor br0 65534 --detach --no-chdir --pidfile 2>ofctl.log
ovs-ofctl -O OpenFlow13 add-group br0 group_id=1,type=all,bucket=1
ovs-ofctl -O OpenFlow13 add-meter br0 meter=1,kbps,band=type=drop,rate=1
ovs-ofctl -O OpenFlow13 add-flow br0 send_flow_rem,in_port=1,actions=group:1
ovs-ofctl -O OpenFlow13 add-flow br0 send_flow_rem,in_port=2,actions=meter:1,2
ovs-ofctl -O OpenFlow13 del-groups br0 
ovs-ofctl -O OpenFlow13 del-meters br0 
ovs-vsctl -- --id=@t create Flow_Table flow-limit=1 overflow_policy=evict -- set bridge br0 flow_tables:0=@t
ovs-ofctl add-flow br0 send_flow_rem,idle_timeout=10,in_port=1,actions=2
ovs-ofctl add-flow br0 send_flow_rem,idle_timeout=20,in_port=2,actions=2
ovs-ofctl del-flows br0
ovs-vsctl clear bridge br0 flow_tables
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-appctl -t ovs-ofctl exit;wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/;s/xid=[0-9]*/xid/' ofctl.log
done
stop | sed "s/unix#[0-9]*/unix/"
