#!/bin/bash
set -v
# VRF red and blue with the same addresses
setup_vrf() {
  local ns=$1 vrf=$2 tid=$3
  ip -n $ns link add dev $vrf type vrf table $tid
  ip -n $ns link set dev $vrf up
  ip -n $ns route add unreachable default metric 4278198272 vrf $vrf
}
ip netns add pe; ip netns add c1; ip netns add c2
ip -n pe link set lo up
setup_vrf pe vrf-red 1001
setup_vrf pe vrf-blue 1002
for i in 1 2; do
  ip link add eth0 netns c$i type veth peer name c$i netns pe
  ip -n c$i addr add 10.0.0.2/24 dev eth0
  ip -n c$i link set eth0 up
  ip -n c$i route add default via 10.0.0.1
done
ip -n pe link set c1 master vrf-red up
ip -n pe link set c2 vrf vrf-blue
ip -n pe link set c2 up
ip -n pe addr add 10.0.0.1/24 dev c1
ip -n pe addr add 10.0.0.1/24 dev c2
ip -n pe -br link show type vrf | awk '{print $1, $2}'
ip -n pe vrf show
ip -n pe vrf
ip -n pe link show vrf vrf-red | grep -c c1
ip -n pe route show vrf vrf-red
ip -n pe route show table 1002
ip -n pe rule
ip -n pe route list vrf vrf-blue
ip netns exec pe ping -c 1 -W 1 -I vrf-red 10.0.0.2 | sed -n '2s/time=.*//p'
ip netns exec pe ping -c 1 -W 1 10.0.0.2; echo "rc $?"
ip -n pe vrf exec vrf-red ping -c 1 -W 1 10.0.0.2 >/dev/null; echo "vrf exec $?"
ip netns exec pe ip vrf exec vrf-blue ip vrf identify; echo "rc $?"
ip -n pe route get 10.0.0.2 vrf vrf-red
ip -n pe route get vrf vrf-blue 10.0.0.2
ip netns exec c1 ping -c1 -W1 10.0.0.1 -q | grep transmitted | cut -d, -f1-3
ip netns exec c1 ping -c1 -W1 172.16.0.1; echo "rc $?"
ip -n pe neigh show vrf vrf-red | awk '{print $1,$3,$NF}'
ip -n pe -4 addr show vrf vrf-blue | grep inet
ip -n pe -d link show vrf-red | grep -o 'vrf table [0-9]*'
ip -n pe -j -d link show type vrf | jq -c '.[] | [.ifname, .linkinfo.info_data.table]'
ip netns exec pe sysctl net.ipv4.tcp_l3mdev_accept net.ipv4.udp_l3mdev_accept net.ipv4.raw_l3mdev_accept
ip -n pe link add bad type vrf; echo "rc $?"
ip -n pe link set c1 nomaster
ip -n pe route show vrf vrf-red
ip -n pe link del vrf-red
ip -n pe rule
ip -n pe vrf show nosuch; echo "rc $?"
ip -n pe route show vrf nosuch; echo "rc $?"
