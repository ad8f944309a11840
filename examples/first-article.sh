# A veth pair between two network namespaces.
# 1. Create the veth pair
ip link add veth1 type veth peer name veth2
ip link
# 2. Create two namespaces
ip netns add ns1
ip netns add ns2
# 3. Give each namespace one end
ip link set veth1 netns ns1
ip link set veth2 netns ns2
# 4. Addresses, and both ends up
ip netns exec ns1 ip addr add local 172.20.1.1/24 dev veth1
ip netns exec ns2 ip addr add local 172.20.1.2/24 dev veth2
ip netns exec ns1 ip link set veth1 up
ip netns exec ns2 ip link set veth2 up
# 5. The two can talk
ip netns exec ns1 ping -c 1 172.20.1.2
