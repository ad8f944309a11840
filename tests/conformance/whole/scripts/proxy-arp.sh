#!/bin/bash
set -v
ip netns add a; ip netns add r; ip netns add b
ip link add ra netns r type veth peer name eth0 netns a
ip link add rb netns r type veth peer name eth0 netns b
for n in a b; do ip -n $n link set eth0 up; done; ip -n r link set ra up; ip -n r link set rb up
ip -n a addr add 10.0.0.1/16 dev eth0; ip -n b addr add 10.0.1.1/16 dev eth0
ip -n r addr add 10.0.0.254/24 dev ra; ip -n r addr add 10.0.1.254/24 dev rb
ip netns exec r sysctl -w net.ipv4.ip_forward=1
ip netns exec a ping -c1 -W1 -q 10.0.1.1 | grep received
ip netns exec r sh -c 'for i in ra rb; do echo 1 > /proc/sys/net/ipv4/conf/$i/proxy_arp; done'
sleep 3
ip netns exec a ping -c1 -W2 -q 10.0.1.1 | grep -o '. received'
ip netns exec a arping -c1 -I eth0 10.0.1.1 | grep -c reply
ip netns exec a ip neigh show 10.0.1.1 | awk '{print $1,$3,$4}'
ip -n r neigh add proxy 10.0.9.9 dev ra
ip -n r neigh show proxy
ip netns exec a arping -c1 -w2 -I eth0 10.0.9.9 | tail -1
ip netns exec b sysctl -qw net.ipv4.conf.all.arp_ignore=1
ip -n b addr add 192.168.7.1/32 dev lo; ip -n b link set lo up
ip netns exec r arping -c1 -w1 -I rb 192.168.7.1 | tail -2
ip netns exec b sysctl -qw net.ipv4.conf.all.arp_ignore=0
ip netns exec r arping -c1 -w1 -I rb 192.168.7.1 | grep -c 'Unicast reply'
ip netns exec r arping -D -c1 -w1 -I rb 10.0.1.1 | sed 's/ \[.*//'; echo rc ${PIPESTATUS[0]}
ip netns exec r arping -D -c1 -w1 -I rb 10.0.1.77; echo rc $?
ip netns exec a arping -c1 -f -I eth0 -s 10.0.0.1 10.0.0.254 | grep -c Unicast
ip netns exec a arping -b -c 2 -I eth0 10.0.0.254 | tail -2
ip netns exec a arping -I nosuch 10.0.0.254; echo rc $?
ip netns exec a arping -c 1 1.2.3; echo rc $?
ip -n a neigh add 10.0.0.77 lladdr 02:00:00:00:00:77 dev eth0 nud stale
ip -n a neigh change 10.0.0.77 lladdr 02:00:00:00:00:78 dev eth0 nud permanent
ip -n a neigh replace 10.0.0.77 lladdr 02:00:00:00:00:79 dev eth0
ip -n a neigh get 10.0.0.77 dev eth0
ip -n a neigh del 10.0.0.77 dev eth0; ip -n a neigh del 10.0.0.77 dev eth0; echo rc $?
ip -n a -s neigh show dev eth0 | grep -c ref
ip -n a neigh flush dev eth0; ip -n a neigh show nud all dev eth0 | grep -v -e ff02 -e 224 | wc -l
ip -n a ntable show name arp_cache dev eth0 | head -2
