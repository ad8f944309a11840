# A device takes tunnels above it along when it leaves its namespace, wherever they are: which index it then gets where one of them had its own.
@ip netns add n2; ip link add v4 address 02:00:00:00:00:04 type veth peer name w4 address 02:00:00:00:00:05
@ip link add x8 address 02:00:00:00:00:09 type vxlan id 8 dstport 4789 remote 10.2.1.251 dev w4; ip link set x8 netns n2
@ip -n n2 link add x14 address 02:00:00:00:00:0f type vxlan id 14 dstport 4789 remote 10.0.1.251 dev x8
ip -n n2 link
ip link set w4 netns n2
ip -n n2 link
ip link
ip -n n2 link set w4 netns 1
ip link
