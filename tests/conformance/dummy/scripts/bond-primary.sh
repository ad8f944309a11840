# A bond's primary member, its modes with and without LACP, and delays before links count.
start
ovs-appctl time/stop
ovs-vsctl add-bond br0 bond0 a1 a2 a3 -- set interface a1 type=dummy ofport_request=1 -- set interface a2 type=dummy ofport_request=2  -- set interface a3 type=dummy ofport_request=3 -- set port bond0 bond_mode=active-backup other_config:bond-primary=a2
add_ports br0 7
ovs-ofctl add-flow br0 actions=normal
w() { for i in `seq 1 $(($1/500))`; do ovs-appctl time/warp 500 100 >/dev/null; done; }
f() { sed "s,next rebalance.*,next rebalance,;s,may_enable,m,;s,aa:55:aa:55:00:0[0-9],MAC,"; }
show() { ovs-appctl bond/show | f; ovs-appctl bond/list | sed 's/\ta.*//'; }
show
for m in active-backup balance-slb balance-tcp; do for l in off active passive; do for fb in false true; do
ovs-vsctl set port bond0 bond_mode=$m lacp=$l other_config:lacp-fallback-ab=$fb
w 2000
echo "$m $l $fb"
ovs-appctl bond/show | grep primary
ovs-appctl bond/show | grep "^member" | sed 's/a[0-9]//' | sort | uniq -c
ovs-appctl bond/show | grep "mode\|lacp\|hash basis\|delay"
ovs-appctl ofproto/trace br0 in_port=7,dl_src=50:54:00:00:00:01,dl_dst=50:54:00:00:01:00,tcp | grep -v "^Datapath" | tail -1
ovs-appctl ofproto/trace br0 in_port=2,dl_src=50:54:00:00:00:01,dl_dst=50:54:00:00:01:00,tcp | tail -2
done; done; done
ovs-vsctl set port bond0 bond_mode=active-backup lacp=off
t ovs-appctl bond/show bond0 | f
for p in a1 a2 a3; do ovs-appctl netdev-dummy/set-admin-state $p down;  w 500; ovs-appctl bond/show | f | grep -A1 primary ; ovs-appctl bond/show | grep "^member" | sort;  done
for p in a3 a2 a1; do ovs-appctl netdev-dummy/set-admin-state $p up;  w 500; ovs-appctl bond/show | f | grep -A1 primary ; ovs-appctl bond/show | grep "^member" | sort;  done
ovs-vsctl set port bond0 other_config:bond-primary=a3
t ovs-appctl bond/show bond0 | f
ovs-vsctl set port bond0 other_config:bond-primary=zz
t ovs-appctl bond/show bond0 | f
ovs-vsctl remove port bond0 other_config bond-primary
# which member is active without a primary is chance
g() { f | grep -v "active member"; }
t ovs-appctl bond/show bond0 | g
ovs-vsctl set port bond0 bond_updelay=1000 bond_downdelay=700
w 1000
ovs-appctl netdev-dummy/set-admin-state a3 down; w 500
t ovs-appctl bond/show bond0 | g
w 500
t ovs-appctl bond/show bond0 | g
ovs-appctl netdev-dummy/set-admin-state a3 up; w 500
t ovs-appctl bond/show bond0 | g
w 1000
t ovs-appctl bond/show bond0 | g
for m in foo balance-slb; do ovs-vsctl set port bond0 bond_mode=$m; done
ovs-vsctl set port bond0 other_config:bond-rebalance-interval=500 vlan_mode=access tag=5
t ovs-appctl bond/show bond0 | g
stop | sort -u | grep -v x1
