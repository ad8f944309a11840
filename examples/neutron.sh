# OpenStack Neutron with Linux-bridge firewalls: two compute nodes, A and B, one instance on each. Instance - tap - qbr - qvb = qvo -
# br-int (a local VLAN) - int-br-eth1 = phy-br-eth1 - br-eth1 - eth1, and VLAN 1001 on the wire between the nodes.
# 1. The wire
ip link add eth1-a type veth peer name eth1-b
ip link set eth1-a up
ip link set eth1-b up
# 2. Each node; what is VLAN 1001 on the wire is 1 inside node A and 2 inside node B
node() {
  n=$1; tag=$2; address=$3
  ovs-vsctl add-br br-int-$n -- set-fail-mode br-int-$n secure
  ovs-vsctl add-br br-eth1-$n
  ip link add qvb-$n type veth peer name qvo-$n
  ip link add int-br-eth1-$n type veth peer name phy-br-eth1-$n
  for d in qvb-$n qvo-$n int-br-eth1-$n phy-br-eth1-$n; do ip link set $d up; done
  brctl addbr qbr-$n
  ip link set qbr-$n up
  ip netns add vm-$n
  ip link add tap-$n type veth peer name eth0 netns vm-$n
  ip link set tap-$n up
  brctl addif qbr-$n qvb-$n
  brctl addif qbr-$n tap-$n
  ovs-vsctl add-port br-int-$n qvo-$n tag=$tag
  ovs-vsctl add-port br-int-$n int-br-eth1-$n
  ovs-vsctl add-port br-eth1-$n phy-br-eth1-$n
  ovs-vsctl add-port br-eth1-$n eth1-$n
  ovs-ofctl add-flow br-int-$n "priority=0,actions=NORMAL"
  ovs-ofctl add-flow br-int-$n "priority=2,in_port=int-br-eth1-$n,actions=drop"
  ovs-ofctl add-flow br-int-$n "priority=3,in_port=int-br-eth1-$n,dl_vlan=1001,actions=mod_vlan_vid:$tag,NORMAL"
  ovs-ofctl add-flow br-eth1-$n "priority=2,in_port=phy-br-eth1-$n,actions=drop"
  ovs-ofctl add-flow br-eth1-$n "priority=4,in_port=phy-br-eth1-$n,dl_vlan=$tag,actions=mod_vlan_vid:1001,NORMAL"
  ip -n vm-$n addr add $address dev eth0
  ip -n vm-$n link set eth0 up
}
node a 1 192.168.100.11/24
node b 2 192.168.100.12/24
sleep 2
# 3. One instance reaches the other
ip netns exec vm-a ping -c 3 192.168.100.12
# 4. What happens on the way
ovs-appctl fdb/show br-int-a
ovs-ofctl --no-stats dump-flows br-eth1-b
ovs-appctl ofproto/trace br-int-b in_port=int-br-eth1-b,dl_vlan=1001,icmp,dl_dst=ff:ff:ff:ff:ff:ff
