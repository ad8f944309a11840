# A Linux bridge and an Open vSwitch bridge, joined by one veth pair.
# 1. The cable between the two
ip link add eth1-br1 type veth peer name phy-br1
ip link set eth1-br1 up
ip link set phy-br1 up
# 2. A Linux bridge at one end
brctl addbr br1
brctl addif br1 phy-br1
ip link set br1 up
# 3. An Open vSwitch bridge at the other
ovs-vsctl add-br br-eth1
ovs-vsctl add-port br-eth1 eth1-br1
ovs-vsctl show
# 4. A host on each
for n in 1 2; do ip netns add h$n; ip link add port$n type veth peer name eth0 netns h$n; ip link set port$n up; ip -n h$n link set eth0 up; ip -n h$n addr add 10.1.0.$n/24 dev eth0; done
brctl addif br1 port1
ovs-vsctl add-port br-eth1 port2
# 5. They can talk; both switches have learned who is where
ip netns exec h1 ping -c 2 10.1.0.2
brctl showmacs br1
ovs-appctl fdb/show br-eth1
