# VLANs, a dummy, a bridge that filters VLANs, and the kernel datapath of Open vSwitch. Ports come in transactions of their own: the
# real daemon numbers those of one transaction in the order of their rows' random UUIDs.
@ovs-start
ip link add d0 address 02:00:00:00:00:d0 type dummy
ip link add link d0 name d0.10 type vlan id 10 egress-qos-map 1:3
ip -d link show d0.10
@for n in 1 2; do ip netns add h$n; ip link add v$n address 02:00:00:00:01:0$n type veth peer name eth0 address 02:00:00:00:02:0$n netns h$n; ip -n h$n addr add 10.0.0.$n/24 dev eth0; ip -n h$n link set eth0 up; ip link set v$n up; done
@ip link add br0 address 02:00:00:00:00:b0 type bridge vlan_filtering 1; ip link set br0 up; ip link set v1 master br0; ip link set v2 master br0
bridge vlan add dev v1 vid 10 pvid untagged
@bridge vlan add dev v2 vid 10 pvid untagged
bridge -d vlan
ip netns exec h1 ping -c 1 10.0.0.2
@ip link set v1 nomaster; ip link set v2 nomaster
ovs-vsctl add-br ovs0 -- set bridge ovs0 other-config:hwaddr=02:00:00:00:00:05 -- add-port ovs0 v1 tag=10
ovs-vsctl add-port ovs0 v2 tag=10
ip -d link show v1
ip netns exec h1 ping -c 1 10.0.0.2
ovs-appctl dpif/show | sed 's/hit:[0-9]* missed:[0-9]*/H/'
ovs-vsctl del-br ovs0
