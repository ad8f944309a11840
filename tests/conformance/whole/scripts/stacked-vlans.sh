#!/bin/bash
set -v
ip netns add cust1; ip netns add cust2
ip link add p1 type veth peer name eth0 netns cust1
ip link add p2 type veth peer name eth0 netns cust2
ip link add br0 type bridge vlan_filtering 1 vlan_protocol 802.1ad
ip link set br0 up
for i in 1 2; do
ip link set p$i master br0 up
bridge vlan add dev p$i vid 200 pvid untagged
bridge vlan del dev p$i vid 1
ip -n cust$i link set eth0 up
ip -n cust$i link add link eth0 name eth0.7 type vlan id 7
ip -n cust$i addr add 10.7.0.$i/24 dev eth0.7
ip -n cust$i link set eth0.7 up
done
ip -d link show br0 | grep -o 'vlan_protocol [^ ]*'
ip netns exec cust1 ping -c 2 -i 0.2 -q 10.7.0.2 | grep -o '[0-9] received'
ip netns exec cust2 timeout 3 tcpdump -entl -i eth0 -c 2 icmp 2>/dev/null | sed -E 's/([0-9a-f]{2}:){5}[0-9a-f]{2}/MAC/g; s/id [0-9]+/id X/' &
sleep .7
ip netns exec cust1 ping -c 1 -W 1 -q 10.7.0.2 >/dev/null
wait
ip -n cust1 link add link eth0.7 name eth0.7.8 type vlan proto 802.1Q id 8
ip -n cust1 -d link show eth0.7.8 | grep -o 'vlan protocol 802.1Q id [0-9]*'
ip -n cust1 link add link eth0 name s100 type vlan proto 802.1ad id 100 reorder_hdr off
ip -n cust1 -d link show s100 | grep -o 'vlan protocol.*<[A-Z_]*>' ; echo rc $?
ip -n cust1 link set eth0.7 type vlan egress-qos-map 0:3 1:5 ingress-qos-map 3:1
ip -n cust1 -d link show eth0.7 | sed -n '3,$p' | grep -o 'vlan protocol.*' | sed 's/addrgen.*//'
ip netns exec cust1 cat /proc/net/vlan/config
ip netns exec cust1 grep -E 'VID|EGRESS|INGRESS' /proc/net/vlan/eth0.7
ip -n cust1 link add link eth0 name dup type vlan id 7; echo rc $?
ip -n cust1 link add link eth0 name big type vlan id 4095; echo rc $?
ip -n cust1 link add link eth0 name big type vlan id 4096; echo rc $?
ip -n cust1 link add link nosuch name x type vlan id 2; echo rc $?
ip -n cust1 link add name x type vlan id 2; echo rc $?
ip -n cust1 link set eth0 down; ip -n cust1 -br link show eth0.7 | awk '{print $1,$2}'
ip -n cust1 link set eth0.7 up; echo rc $?
ip -n cust1 link set eth0 up; ip -n cust1 link set eth0.7 up; ip -n cust1 -br link show eth0.7 | awk '{print $1,$2}'
ip -n cust1 link del eth0; ip -n cust1 -br link show lo
