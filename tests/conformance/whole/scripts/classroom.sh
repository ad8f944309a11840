#!/bin/bash
set -v
# lecturer's helpers: numbered questions, colours, tee, watch output
RED='\033[0;31m'; GREEN=$(tput setaf 2 2>/dev/null || true); NC=$'\e[0m'
q() { local n=$1; shift; echo -e "${RED}Q$n${NC} $*" | sed 's/\x1b\[[0-9;]*m//g'; }
run() { echo "+ $*"; "$@" 2>&1 | sed 's/^/    /'; return ${PIPESTATUS[0]}; }
LOG=/tmp/lab.log; : > $LOG
exec > >(tee -a $LOG) 2>&1
q 1 "Create the topology"
run ip netns add h1
run ip netns add h2
run ip netns add sw
run ip link add h1-eth0 type veth peer name s-eth1
run ip link add h2-eth0 type veth peer name s-eth2
for i in 1 2; do run ip link set h$i-eth0 netns h$i; run ip link set s-eth$i netns sw; done
q 2 "Switch"
run ip netns exec sw brctl addbr sw
for i in 1 2; do run ip netns exec sw brctl addif sw s-eth$i; run ip netns exec sw ip link set s-eth$i up; done
run ip netns exec sw ip link set sw up
for i in 1 2; do run ip netns exec h$i ifconfig h$i-eth0 10.0.0.$i netmask 255.255.255.0 up; run ip netns exec h$i ifconfig lo up; done
q 3 "Addresses"
ip netns exec h1 ifconfig h1-eth0 | grep -E 'inet |MTU|mtu' | sed 's/  */ /g'
ip netns exec h1 ifconfig -a -s | awk '{print $1,$2}'
ip netns exec h1 netstat -rn
ip netns exec h1 netstat -i | awk '{print $1,$2}'
q 4 "Reach"
run ip netns exec h1 ping -c 3 -i 0.2 -q 10.0.0.2 | sed 's/time [0-9]*ms/time X/; s/= [0-9./]* ms/= X ms/'
run ip netns exec h1 arp -d 10.0.0.2
ip netns exec h1 arp -n
run ip netns exec h1 arp -s 10.0.0.2 02:00:00:00:00:22
ip netns exec h1 arp -n
run ip netns exec h1 ping -c1 -W1 10.0.0.2
run ip netns exec h1 ip neigh flush all
run ip netns exec h1 ip neigh
ip netns exec h1 ping -c 1 -b 10.0.0.255 -W 1; echo "rc $?"
ip netns exec h2 sysctl -w net.ipv4.icmp_echo_ignore_broadcasts=0
ip netns exec h1 ping -c 1 -b 10.0.0.255 -W 1 2>&1 | sed 's/time=.*//' | head -3
ip netns exec h1 ping -f -c 20 -q 10.0.0.2 | grep transmitted | cut -d, -f1-3
ip netns exec h1 ping -c 1 -s 3000 10.0.0.2 | head -2 | sed 's/time=.*//'
ip netns exec h1 ping -c 2 -D -i 0.2 -O 10.0.0.77 | sed 's/^\[[0-9.]*\]/[T]/'
ip netns exec h1 ping -A -c 3 -q 10.0.0.2 | grep -o '3 received'
ip netns exec h1 ping -n -v -c 1 10.0.0.2 | sed 's/time=.*//' | sed -n 2p
ip netns exec h1 ping -Q 0x10 -c 1 -q 10.0.0.2 | head -1
ip netns exec h1 ping -4 -c1 -q 10.0.0.2 | head -1; ip netns exec h1 ping -6 -c1 10.0.0.2; echo "rc $?"
q 5 "MAC table"
ip netns exec sw brctl showmacs sw | awk '{print NF}' | sort -u
run ip netns exec sw bridge fdb show br sw state permanent | grep -c .
ip netns exec sw brctl setageing sw 5
sleep 6
ip netns exec sw bridge fdb show br sw dynamic | wc -l
route add default gw 10.0.0.1; echo rc $?
ip netns exec h1 route add -net 172.16.0.0/16 gw 10.0.0.2
ip netns exec h1 route add -net 172.17.0.0 netmask 255.255.0.0 dev h1-eth0
ip netns exec h1 route add -host 9.9.9.9 gw 10.0.0.2 metric 7
ip netns exec h1 route add default gw 10.0.0.2 h1-eth0
ip netns exec h1 route -n
ip netns exec h1 route del -net 172.16.0.0 netmask 255.255.0.0
ip netns exec h1 route del default
ip netns exec h1 ip route
ip netns exec h1 ifconfig h1-eth0:1 10.0.1.1/24; ip netns exec h1 ip -4 -br addr show h1-eth0
ip netns exec h1 ifconfig h1-eth0 mtu 1200 hw ether 02:00:00:00:00:11; ip netns exec h1 cat /sys/class/net/h1-eth0/mtu
ip netns exec h1 ifconfig h1-eth0 down; ip netns exec h1 ifconfig nosuch; echo rc $?
grep -c '^Q' $LOG
