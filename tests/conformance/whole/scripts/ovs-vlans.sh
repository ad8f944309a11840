#!/bin/bash
set -v
# Open vSwitch: access ports, trunk, native VLAN
set -e; sleep 0.3
ovs-vsctl --may-exist add-br br0
for i in 1 2 3 4; do
  ip netns add ns$i
  ip link add veth$i type veth peer name eth0 netns ns$i
  ip netns exec ns$i ip addr add 10.0.0.$i/24 dev eth0
  ip netns exec ns$i ip link set dev eth0 up
  ip link set veth$i up
done
ovs-vsctl add-port br0 veth1 tag=100
ovs-vsctl add-port br0 veth2 tag=100
ovs-vsctl add-port br0 veth3 tag=200
ovs-vsctl add-port br0 veth4 trunks=100,200
ovs-vsctl list-ports br0
ovs-vsctl get port veth1 tag
ovs-vsctl get port veth4 trunks
ovs-vsctl --columns=name,tag,trunks list port | sort | sed '/^$/d'
ovs-vsctl -f csv --columns=name,tag list Port | sort
ovs-vsctl --format=json --columns=name,tag list Port | jq '.headings'
p() { ip netns exec ns$1 ping -c 1 -W 1 10.0.0.$2 > /dev/null 2>&1 && echo "$1->$2 ok" || echo "$1->$2 no"; }
p 1 2; p 1 3; p 1 4
ip -n ns4 link add link eth0 name eth0.100 type vlan id 100
ip -n ns4 addr flush dev eth0
ip -n ns4 addr add 10.0.0.4/24 dev eth0.100
ip -n ns4 link set eth0.100 up
p 1 4
ovs-vsctl set port veth3 tag=100; sleep 2
p 1 3
ovs-vsctl remove port veth3 tag 100
ovs-vsctl get port veth3 tag
ovs-vsctl clear port veth3 tag
ovs-appctl fdb/show br0 | awk 'NR==1 || $2!=0 {print $1, $2}' | head -1
ovs-vsctl port-to-br veth1
ovs-vsctl iface-to-br veth1
ovs-vsctl br-exists br0 && echo yes
ovs-vsctl br-exists br9 || echo "rc $?"
ovs-vsctl show | grep -A1 'Port veth1'
ovs-vsctl add-port br0 veth1 || echo "rc $?"
ovs-vsctl --may-exist add-port br0 veth1 && echo may
ovs-ofctl show br0 | grep -E 'veth' | sed 's/addr:.*/addr/'
ovs-ofctl dump-ports-desc br0 | grep -c '(veth'
ovs-vsctl get Interface veth1 ofport
ovs-vsctl -- --columns=name,ofport find Interface 'ofport>0' | grep -c name
ovs-vsctl list interface veth1 | grep -E '^(admin_state|link_state|mtu |type)'
ovs-vsctl del-br br0
ovs-vsctl list-br
