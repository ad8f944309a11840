# What tables and the datapath can do, and what is taken away from it.
start
add_ports br0 1
t ovs-appctl dpif/show-dp-features br0
t ovs-appctl dpif/set-dp-features br0
t ovs-appctl dpif/set-dp-features br0 tnl_push_pop false
t ovs-appctl dpif/set-dp-features br0 tnl_push_pop
t ovs-appctl dpif/set-dp-features br0 tnl_push_pop maybe
t ovs-appctl dpif/set-dp-features br0 max_vlan_headers 0
t ovs-appctl dpif/set-dp-features br0 max_vlan_headers 5
t ovs-appctl dpif/set-dp-features br0 max_vlan_headers x
t ovs-appctl dpif/set-dp-features br0 nothing true
t ovs-appctl dpif/set-dp-features nix
t ovs-appctl dpif/set-dp-features br0
t ovs-appctl dpif/show-dp-features br0
for version in 13 14 15; do t ovs-ofctl -O OpenFlow$version dump-table-features br0; done
stop
