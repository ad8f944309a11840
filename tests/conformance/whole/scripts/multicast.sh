#!/bin/bash
set -v
ip link add br0 type bridge mcast_snooping 1 mcast_querier 1
ip link set br0 up
for i in 1 2 3; do ip netns add m$i; ip link add p$i type veth peer name eth0 netns m$i; ip link set p$i master br0 up; ip -n m$i addr add 10.6.0.$i/24 dev eth0; ip -n m$i link set eth0 up; done
ip -n m2 addr add 239.1.2.3/32 dev eth0 autojoin
sleep 1
bridge mdb show | grep 239 | sed 's/temp.*/temp/'
bridge -d mdb show dev br0 | grep 239.1.2.3 | awk '{print $1,$2,$3,$4,$5,$6,$7}'
bridge mdb add dev br0 port p3 grp 239.9.9.9 permanent
bridge mdb show | grep 239.9.9.9
bridge mdb add dev br0 port p3 grp 239.9.9.9 permanent; echo rc $?
bridge mdb del dev br0 port p3 grp 239.9.9.9
bridge mdb add dev br0 port p1 grp 10.0.0.1; echo rc $?
ip -n m2 maddr show dev eth0 | grep -E 'inet ' 
ip netns exec m2 cat /proc/net/igmp | grep -c 030201EF
ip netns exec m1 ping -c 1 -W 1 -t 1 239.1.2.3; echo rc $?
ip netns exec m2 sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec m1 ping -c 1 -W 1 -t 1 -I eth0 239.1.2.3 | sed 's/time=.*//' | head -2
ip netns exec m1 ping -c1 -W1 224.0.0.1 | sed 's/time=.*//' | head -2
cat /sys/class/net/br0/bridge/multicast_snooping /sys/class/net/br0/bridge/multicast_querier
ip -d link show br0 | grep -o 'mcast_[a-z_]* [0-9]*' | head -6
bridge link set dev p1 mcast_router 2; bridge -d link show dev p1 | grep -o 'mcast_router [0-9]'
bridge link set dev p1 mcast_flood off learning off guard on; bridge -d link show dev p1 | grep -o 'guard [a-z]*\|learning [a-z]*\|mcast_flood [a-z]*'
bridge link set dev p1 isolated on; bridge link set dev p2 isolated on
ip netns exec m1 ping -c1 -W1 -q 10.6.0.2 | grep -o '. received'
ip netns exec m1 ping -c1 -W1 -q 10.6.0.3 | grep -o '. received'
bridge link set dev p1 isolated off learning on
ip link set p2 type bridge_slave isolated off; bridge -d link show dev p2 | grep -o 'isolated [a-z]*'
bridge link set dev p3 cost 200 priority 8; bridge link show dev p3 | grep -o 'priority.*' 
bridge link set dev p3 state 0; ip netns exec m1 ping -c1 -W1 -q 10.6.0.3 | grep -o '. received'
bridge link set dev p3 state forwarding; ip netns exec m1 ping -c1 -W1 -q 10.6.0.3 | grep -o '. received'
bridge fdb add 02:aa:bb:cc:dd:ee dev p1 master static; bridge fdb show dev p1 | grep 02:aa
bridge fdb add 02:aa:bb:cc:dd:ef dev p1; bridge fdb show dev p1 | grep ef
bridge fdb add 02:aa:bb:cc:dd:f0 dev p1 master temp; bridge fdb show dev p1 | grep f0
bridge fdb del 02:aa:bb:cc:dd:ee dev p1 master; bridge fdb del 02:aa:bb:cc:dd:ee dev p1 master; echo rc $?
bridge fdb replace 02:aa:bb:cc:dd:f0 dev p2 master static; bridge fdb show br br0 | grep f0
bridge fdb flush dev br0; echo rc $?
bridge fdb show br nosuch; echo rc $?
bridge link show dev nosuch; echo rc $?
bridge -s fdb show dev p2 | grep f0 | sed 's/used.*static/X static/'
bridge -o link | wc -l; bridge -V | cut -d, -f1
