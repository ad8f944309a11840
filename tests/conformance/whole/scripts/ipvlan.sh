#!/bin/bash
set -v
ip netns add up; ip netns add c1; ip netns add c2; ip netns add host
ip link add p0 netns host type veth peer name sw netns up
ip -n up addr add 10.0.0.1/24 dev sw; ip -n up link set sw up
ip -n host link set lo up; ip -n host link set p0 up; ip -n host addr add 10.0.0.5/24 dev p0
sleep 2
for i in 1 2; do
  ip -n host link add link p0 name ipv$i type ipvlan mode l2
  ip -n host link set ipv$i netns c$i
  ip -n c$i addr add 10.0.0.1$i/24 dev ipv$i
  ip -n c$i addr add 2001:db8::1$i/64 dev ipv$i nodad
  ip -n c$i link set ipv$i up
done
ip -n c1 link show ipv1
ip -n c1 -d link show ipv1 | sed "s/ numrxqueues [0-9]*//"
ip -n c1 -d -j link show ipv1 | jq -c '.[0].linkinfo'
[ "$(ip -n c1 -j link show ipv1 | jq -r .[0].address)" = "$(ip -n host -j link show p0 | jq -r .[0].address)" ] && echo "same address"
try() { ip netns exec $1 ping -q -c1 -W1 $2 >/dev/null 2>&1; echo "$1 -> $2: $?"; }
try c1 10.0.0.12
try c1 10.0.0.1
try c1 10.0.0.5
try host 10.0.0.11
try host 10.0.0.1
try up 10.0.0.12
try up 10.0.0.5
ip -n up addr add 2001:db8::1/64 dev sw nodad
try c1 2001:db8::1
try up 2001:db8::12
try c1 2001:db8::12
ip netns exec c1 arping -c1 -w1 -I ipv1 10.0.0.1 | tail -1
ip -n c1 -s link show ipv1 | tail -4 | awk '{print ($1>0)}' | tail -1
ip -n c1 addr add 10.0.0.12/24 dev ipv1; echo rc $?
ip -n c1 addr add 10.0.0.15/24 dev ipv1; echo rc $?
try up 10.0.0.15
ip -n c1 addr del 10.0.0.15/24 dev ipv1
ip -n up neigh flush dev sw; try up 10.0.0.15
ip -n c1 link set ipv1 address 02:00:00:00:00:01; echo rc $?
ip -n c1 link set ipv1 mtu 1600; echo rc $?
ip -n c1 link set ipv1 mtu 1400; ip -n c1 -br link show ipv1 | wc -l; cat /dev/null
ip -n host link set p0 mtu 1300; ip -n c1 link show ipv1 | grep -o 'mtu [0-9]*'; ip -n host link set p0 mtu 1500; ip -n c1 link show ipv1 | grep -o 'mtu [0-9]*'
ip -n host link set p0 down; ip -n c1 -br link show ipv1 | awk '{print $2}'; ip -n host link set p0 up; sleep 1.2; ip -n c1 -br link show ipv1 | awk '{print $2}'
ip -n c1 link set ipv1 type ipvlan private; ip -n c1 -d link show ipv1 | grep -o 'ipvlan *mode.*addrgen'; try c1 10.0.0.12
ip -n c1 link set ipv1 type ipvlan vepa; ip -n c1 -d link show ipv1 | grep -o 'ipvlan *mode.*addrgen'; try c1 10.0.0.12
ip -n c1 link set ipv1 type ipvlan bridge; ip -n c1 -d link show ipv1 | grep -o 'ipvlan *mode.*addrgen'
ip -n host link add x1 link p0 type ipvlan mode l9; echo rc $?
ip -n host link add x1 link p0 type ipvlan foo; echo rc $?
ip -n host link add x1 type ipvlan; echo rc $?
ip -n host link add x1 link lo type ipvlan; echo rc $?
ip -n host link add x1 link p0 type macvlan; echo rc $?
ip -n host link set p0 master nosuch; echo rc $?
ip -n host link add x1 link p0 type ipvlan mode l2 vepa; echo rc $?
ip -n host link add br0 type bridge; ip -n host link set p0 master br0; echo rc $?
ip -n c1 link add y1 link ipv1 type ipvlan mode l2; echo rc $?
ip -n c1 link add link ipv1 name v9 type vlan id 9; echo rc $?
ip -n host link add m1 type veth peer name m2; ip -n host link add mv link m1 type macvlan; ip -n host link add iv link m1 type ipvlan; echo rc $?
ip -n c1 link del ipv1; try c2 10.0.0.1; ip -n host link del p0; ip -n c2 link show ipv2; echo rc $?
