# Vacancy events with eviction, names that OpenFlow gives, prefixes, requests of several parts.
start
add_ports br0 1
ovs-appctl time/stop
O="ovs-ofctl -O OpenFlow14"
watch() { ovs-ofctl -O OpenFlow1$1 monitor br0 65534 --detach --no-chdir --pidfile 2>ofctl.log; }
send() { for hex; do ovs-appctl -t ovs-ofctl ofctl/send $hex; done; ovs-appctl -t ovs-ofctl ofctl/barrier; }
end() {
  ovs-appctl -t ovs-ofctl ofctl/barrier
  ovs-appctl -t ovs-ofctl exit
  wait_until '[ ! -e ovs-ofctl.pid ]'
  sed 's/xid=0x[0-9a-f]*/xid/' ofctl.log
}
ovs-vsctl -- --id=@t create Flow_Table flow-limit=10 name=one -- set bridge br0 flow_tables:0=@t
t $O mod-table br0 0 vacancy:20,80
watch 4
# whoever wants to be told of tables
send 051c0010000000020009000800000018
for i in 1 2 3 4 5 6 7 8 9 10 11; do echo "priority=$i,idle_timeout=10$i,importance=$i,tcp,tp_dst=$i,send_flow_rem,actions=drop"; done >f.txt
t $O add-flows br0 f.txt
t $O dump-table-desc br0 | head -8
t $O del-flows br0
t $O mod-table br0 0 evict
t $O mod-table br0 one vacancy:10,30
t $O add-flows br0 f.txt
t $O add-flow br0 priority=12,actions=drop
t $O dump-table-desc br0 | head -12
t $O mod-table br0 254 evict
t $O mod-table br0 1 name:two
t $O mod-table br0 0 name:two 2>&1 | head -1
t ovs-ofctl -O OpenFlow15 mod-table br0 2 name:$(printf '%040d' 7)
t ovs-ofctl mod-table br0 2 name:x
t ovs-ofctl -O OpenFlow15 dump-tables br0 | head -12
end
echo "=== parts"
watch 3
send 04120010000000050000000100000000 04120010000000050000000000000000
send 04120010000000060000000100000000 041200100000000600030000000000000
send 04120010000000070001000100000000 0412003800000007000100010000000000000000ffffffffffffffff00000000000000000000000000000000000000000001000400000000 0412003800000007000100000000000001000000ffffffffffffffff00000000000000000000000000000000000000000001000400000000
send 041200380000000800010001000000000100000000000000ffffffffffffffff000000000000000000000000000000000001000400000000 04120010000000080001000000000000
send 04120010000000090001000100000000 04120010000000090001000000000000
send 041200100000000c0000000100000000
ovs-appctl time/warp 1500 >/dev/null
sleep 0.5
send 041200100000000d0000000000000000
end
echo "=== prefixes"
ovs-vsctl -- --id=@t create Flow_Table prefixes=nw_src,ipv6_label,nonsense -- set bridge br0 flow_tables:0=@t
printf '%s\n' table=0,priority=2,tcp,nw_src=10.0.0.0/9,actions=1 table=0,priority=3,tcp,nw_dst=10.1.0.0/16,actions=1 table=0,priority=1,actions=1 >f.txt
$O add-flows br0 f.txt
t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=192.0.0.1,nw_dst=192.0.0.2 | grep Megaflow
ovs-vsctl -- --id=@t create Flow_Table prefixes=none -- set bridge br0 flow_tables:0=@t
t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=192.0.0.1,nw_dst=192.0.0.2 | grep Megaflow
ovs-vsctl clear bridge br0 flow_tables
t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=192.0.0.1,nw_dst=192.0.0.2 | grep Megaflow
ovs-vsctl -- --id=@t create Flow_Table prefixes=ipv6_dst,ipv6_src,ct_ipv6_src -- set bridge br0 flow_tables:0=@t >/dev/null
$O del-flows br0
printf '%s\n' table=0,priority=2,ipv6,ipv6_src=2001:db8::/32,actions=1 table=0,priority=3,tcp6,ipv6_dst=2001:db8:1:2::/61,actions=1 table=0,priority=4,ipv6,ipv6_src=2001:db8:1:2:3:4:5:6,actions=1 table=0,priority=5,ipv6,ipv6_dst=fe80::/10,actions=1 table=0,priority=1,actions=1 >f.txt
$O add-flows br0 f.txt
for d in 2001:db8:1:2::9 2001:db8:1:a::1 2002::1 fe80::5 ::; do for s in 2001:db8:1:2:3:4:5:6 2001:db8:1:2:3:4:5:7 2001:db9::1 3001::; do for l in tcp6 udp6; do
  echo "$l $s $d"; ovs-appctl ofproto/trace br0 in_port=1,$l,ipv6_src=$s,ipv6_dst=$d | grep Megaflow; done; done; done
grep 'Prefix lookup\|connmgr.*sending' ovs-vswitchd.log | sed 's/^[^|]*|[0-9]*|//;s/unix#[0-9]*/unix/'
# how often a wrong length is told is not
stop | grep -v 'ofp_msgs'
