# Connections that hear of changes of flows, and of messages in another version.
start
ovs-appctl time/stop
add_flow() { ovs-ofctl add-flow br0 "$@"; }
end() {
  ovs-appctl -t ovs-ofctl ofctl/barrier
  ovs-appctl -t ovs-ofctl exit
  wait_until '[ ! -e ovs-ofctl.pid ]'
  sed 's/ (xid=0x[0-9a-f]*)//' ofctl.log
}
for version in 10 14; do
  for watch in watch: 'watch:!initial,!add,table=0' 'watch:out_port=2,!actions' 'watch:!own'; do
    echo "== $version $watch"
    ovs-ofctl del-flows br0
    add_flow in_port=0,dl_vlan=123,actions=output:1
    ovs-ofctl -O OpenFlow$version monitor br0 "$watch" --detach --no-chdir --pidfile 2>ofctl.log
    add_flow in_port=0,dl_vlan=124,actions=output:2
    add_flow in_port=0,dl_vlan=124,actions=output:2
    add_flow cookie=5,table=1,in_port=1,actions=output:3
    ovs-ofctl mod-flows br0 actions=output:4
    add_flow idle_timeout=1,hard_timeout=3,table=2,tcp,tp_dst=80,actions=mod_nw_tos:4
    ovs-appctl time/warp 2500 500 >/dev/null
    printf 'delete\nadd in_port=3,actions=2\nadd table=1,actions=drop\n' | ovs-ofctl --bundle add-flows br0 -
    # what was told before is read first
    [ $version = 14 ] || { ovs-appctl -t ovs-ofctl ofctl/barrier; ovs-appctl -t ovs-ofctl ofctl/send 010e004800000003003820fe000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000800000000000ffffffff0000; }
    end
  done
done
for watch in 'watch:table=1,!initial,actions' watch:foo watch:table=x watch:own; do
  t ovs-ofctl monitor br0 "$watch"
done
stop
