#!/bin/bash
set -v
ip netns add r; ip netns add a; ip netns add b
ip link add ra netns r type veth peer name eth0 netns a
ip link add rb netns r type veth peer name eth0 netns b
ip -n r addr add 10.1.0.1/24 dev ra; ip -n a addr add 10.1.0.2/24 dev eth0
ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
for n in r a b; do ip -n $n link set lo up; done
ip -n r link set ra up; ip -n r link set rb up; ip -n a link set eth0 up; ip -n b link set eth0 up
ip -n a addr add 10.100.0.1/32 dev lo; ip -n b addr add 10.100.0.1/32 dev lo
ip -n r nexthop add id 1 via 10.1.0.2 dev ra
ip -n r nexthop add id 2 via 10.2.0.2 dev rb
ip -n r nexthop add id 10 group 1/2
ip -n r nexthop add id 11 group 1,3/2,7
ip -n r nexthop add id 20 blackhole
ip -n r nexthop
ip -n r nexthop show id 11
ip -n r nexthop get id 1
ip -n r -j nexthop | jq -c '.[]'
ip -n r route add 10.100.0.0/24 nhid 10
ip -n r route show 10.100.0.0/24
ip -n r route add 10.101.0.0/24 nhid 20; ip -n r route show 10.101.0.0/24
ip netns exec r ping -c1 -W1 -q 10.100.0.1 | grep -o '1 received'
ip netns exec r sysctl -w net.ipv4.fib_multipath_hash_policy=1
for p in 1 2 3 4 5 6 7 8; do ip -n r route get 10.100.0.1 ipproto udp sport 100$p dport 53 | grep -o 'dev r[ab]'; done | sort -u
ip -n r nexthop del id 1
ip -n r route show 10.100.0.0/24
ip -n r nexthop show id 10
ip -n r nexthop add id 2 via 10.2.0.2 dev rb; echo rc $?
ip -n r nexthop replace id 2 via 10.2.0.3 dev rb; ip -n r nexthop show id 2
ip -n r nexthop add id 3 via 99.9.9.9 dev rb; echo rc $?
ip -n r nexthop add id 3 via 99.9.9.9 dev rb onlink; echo rc $?
ip -n r nexthop del id 77; echo rc $?
ip -n r route add 10.102.0.0/24 nhid 77; echo rc $?
ip -n r route add 10.103.0.0/24 proto static nexthop via 10.2.0.2 dev rb weight 5 nexthop dev rb weight 1
ip -n r route show proto static
ip -n r route show dev rb
ip -n r -d route show 10.103.0.0/24
ip -n r -o route show 10.103.0.0/24
ip -n r route replace 10.103.0.0/24 via 10.2.0.9 metric 5 mtu lock 1300 advmss 1200
ip -n r route show 10.103.0.0/24
ip -n r link set rb down
ip -n r nexthop
ip -n r route
ip -n r nexthop flush
ip -n r nexthop list
