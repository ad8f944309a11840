# What a monitor is told to do, and which changes of flows it is told of.
start
add_ports br0 1 2 3
ovs-appctl time/stop
a() { t ovs-appctl -t ovs-ofctl "$@"; }
ovs-ofctl monitor br0 --detach --no-chdir --pidfile 2>ofctl.log
for c in exit ofctl/send ofctl/packet-out ofctl/barrier ofctl/set-output-file ofctl/block ofctl/unblock version nix; do
for args in "nix" "a b c" "00" "0114000800000001" "in_port=1,packet=ffffffffffff00112233445508004500,actions=2" "in_port=nix" ; do [ $c = exit ] || [ "$c $args" = "ofctl/set-output-file nix" ] || [ "$c" = ofctl/set-output-file ] || a $c $args; done
[ $c = exit ] || [ $c = ofctl/send ] || [ $c = ofctl/packet-out ] || [ $c = ofctl/set-output-file ] || a $c
done
a ofctl/packet-out
a ofctl/send
a ofctl/set-output-file
a ofctl/barrier
a exit
wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/' ofctl.log
echo === watch
for w in watch: 'watch:!initial' 'watch:!add,!delete' 'watch:table=1' 'watch:out_port=2' 'watch:tcp,!own' 'watch:!actions' 'watch:out_group=5' 'watch:cookie=1' 'watch:nix=1' 'watch:table=300' 'watch:priority=5' 'watch:!nix'; do
for v in 10 13 14 15; do
ovs-ofctl -O OpenFlow$v monitor br0 "$w" --detach --no-chdir --pidfile >of.out 2>ofctl.log || { cat of.out ofctl.log; continue; }
echo "--- $v $w"
cat of.out
ovs-ofctl -O OpenFlow$v add-flow br0 in_port=1,tcp,actions=2
ovs-ofctl -O OpenFlow$v add-flow br0 table=1,in_port=1,cookie=5,actions=3
ovs-ofctl -O OpenFlow$v mod-flows br0 table=1,cookie=5/-1,actions=2
ovs-ofctl -O OpenFlow$v add-flow br0 table=1,in_port=1,cookie=6,actions=2
ovs-ofctl -O OpenFlow$v mod-flows br0 table=1,actions=2
ovs-ofctl -O OpenFlow$v --strict mod-flows br0 table=1,in_port=1,cookie=9,actions=2
ovs-ofctl -O OpenFlow$v del-flows br0 table=1
ovs-ofctl -O OpenFlow$v del-flows br0
ovs-appctl -t ovs-ofctl ofctl/send 0$(( ${v#1} + 1 ))0e00500000000100000000000000ff000000000000000000000000000000000000ffffffffffffffffffffffff0000000000010004000000000004001800000000000000100000000100000000000000 >/dev/null 2>&1
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-appctl -t ovs-ofctl exit
wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/' ofctl.log
ovs-ofctl del-flows br0
done
done
stop
