# One cable: a veth pair, one end in each of two namespaces
ip netns add red
ip netns add blue
ip link add veth1 netns red type veth peer name veth2 netns blue
ip -n red address add 10.0.0.1/24 dev veth1
ip -n blue address add 10.0.0.2/24 dev veth2
ip -n red link set veth1 up
ip -n red -br link show veth1
ip -n blue link set veth2 up
ip -n red -br link show veth1
ip netns exec red ping -c 2 10.0.0.2
# A bridge with three hosts
ip link add br0 type bridge
ip link set br0 up
for name in green amber violet; do
  ip netns add $name
  ip link add $name type veth peer name eth0 netns $name
  ip link set $name master br0 up
  ip -n $name link set eth0 up
done
ip -n green address add 10.1.0.1/24 dev eth0
ip -n amber address add 10.1.0.2/24 dev eth0
ip netns exec green ping -c 1 -q 10.1.0.2
bridge link
bridge fdb show br br0 dynamic
# Break it
ip -n amber link set eth0 down
ip -br link show amber
ip -n green link set lo up
ip -n green neigh flush dev eth0
ip netns exec green ping -c 3 10.1.0.2
why green 10.1.0.2
# And mend it
ip -n amber link set eth0 up
ip netns exec green ping -c 1 -q 10.1.0.2
trace green 10.1.0.2
# Open vSwitch, which knows VLANs and flows
ovs-vsctl add-br ovs0
ip netns add teal
ip link add teal type veth peer name eth0 netns teal
ip link set teal up
ip -n teal link set eth0 up
ip -n teal address add 10.1.0.4/24 dev eth0
ip link add cord type veth peer name cord-ovs
ip link set cord master br0 up
ip link set cord-ovs up
ovs-vsctl add-port ovs0 teal -- add-port ovs0 cord-ovs
ovs-vsctl show
ip netns exec green ping -c 1 -q 10.1.0.4
ovs-appctl fdb/show ovs0
ovs-ofctl add-flow ovs0 priority=100,icmp,nw_dst=10.1.0.4,actions=drop
why green 10.1.0.4
ovs-ofctl --strict del-flows ovs0 "table=0,priority=100,icmp,nw_dst=10.1.0.4"
ip netns exec green ping -c 1 -q 10.1.0.4
