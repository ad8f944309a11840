#!/bin/bash
set -v
# isolating without a firewall: blackholes, rules, static ARP, source checks
ip netns add inside; ip netns add outside; ip netns add gw
ip link add g-in netns gw type veth peer name eth0 netns inside
ip link add g-out netns gw type veth peer name eth0 netns outside
ip -n inside addr add 10.10.0.2/24 dev eth0; ip -n outside addr add 203.0.113.2/24 dev eth0
ip -n gw addr add 10.10.0.1/24 dev g-in; ip -n gw addr add 203.0.113.1/24 dev g-out
for p in inside:eth0 outside:eth0 gw:g-in gw:g-out; do ip -n ${p%:*} link set ${p#*:} up; done
ip -n inside route add default via 10.10.0.1; ip -n outside route add default via 203.0.113.1
ip netns exec gw sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'
t() { local r; ip netns exec $1 ping -c1 -W1 -q $2 > /tmp/o 2>&1; r=$?; echo "$1 $2: $r $(grep -Eo '[0-9]+ received.*' /tmp/o | cut -d, -f1-2 | sed 's/, [0-9]*% .*//')"; }
t inside 203.0.113.2; t outside 10.10.0.2
ip -n gw route add blackhole 203.0.113.2/32; t inside 203.0.113.2; ip -n gw route del blackhole 203.0.113.2
ip -n gw route add prohibit 203.0.113.2/32 metric 5; t inside 203.0.113.2; ip netns exec inside ping -c1 -W1 203.0.113.2 | sed -n 2p; ip -n gw route del prohibit 203.0.113.2/32
ip -n gw rule add iif g-in to 203.0.113.0/24 unreachable; ip netns exec inside ping -c1 -W1 203.0.113.2 | sed -n 2p; ip -n gw rule; ip -n gw rule del iif g-in
ip -n gw route add throw 203.0.113.2; t inside 203.0.113.2; ip -n gw route; ip -n gw route del throw 203.0.113.2
ip netns exec gw sysctl -w net.ipv4.conf.g-in.forwarding=0; t inside 203.0.113.2; t outside 10.10.0.2; ip netns exec gw sysctl -w net.ipv4.conf.g-in.forwarding=1
ip netns exec gw sysctl net.ipv4.conf.all.forwarding net.ipv4.conf.default.forwarding net.ipv4.conf.g-out.forwarding
ip -n inside link set eth0 arp off; ip -n inside link show eth0 | grep -o NOARP; t inside 10.10.0.1; ip -n inside link set eth0 arp on
t inside 10.10.0.1
ip -n inside link set eth0 multicast off; ip -n inside link show eth0 | head -1 | grep -c MULTICAST; ip -n inside link set eth0 multicast on promisc on allmulticast on; ip -n inside link show eth0 | grep -o '<.*>'
ip -n inside -d link show eth0 | grep -o 'promiscuity [0-9]'; ip -n inside link set eth0 promisc off allmulticast off
ip -n inside route add 198.51.100.0/24 dev eth0 scope link; ip -n inside route get 198.51.100.7; t inside 198.51.100.7; ip -n inside neigh show 198.51.100.7 | awk '{print $NF}'
ip -n inside addr add 10.10.0.50/24 dev eth0; ip -n inside route replace default via 10.10.0.1 src 10.10.0.50; ip -n inside route get 203.0.113.2 | head -1; ip netns exec outside timeout 2 tcpdump -nlc1 -i eth0 icmp 2>/dev/null > /tmp/cap & sleep 0.3; ip netns exec inside ping -c1 -W1 203.0.113.2 >/dev/null; wait; cut -d' ' -f3-6 /tmp/cap
ip -n inside addr del 10.10.0.50/24 dev eth0; ip -n inside route
ip -n inside route add default via 10.10.0.1 metric 100; ip -n inside route add default via 10.10.0.99 metric 200; ip -n inside route show default; ip -n inside route del default metric 200; ip -n inside route del default via 10.10.0.99; echo rc $?
ip -n gw route get 10.10.0.2 from 203.0.113.2 iif g-out; ip -n gw route get 10.10.0.2 from 9.9.9.9 iif g-out; echo rc $?
ip netns exec gw sysctl -qw net.ipv4.conf.all.rp_filter=1; ip -n gw route get 10.10.0.2 from 10.10.0.77 iif g-out; echo rc $?
ip -n gw -s route show cache | wc -l; ip -n gw route show table local dev g-in; ip -n gw route show type broadcast | wc -l; ip -n gw route list proto kernel | wc -l; ip -n gw route show scope link | wc -l; ip -n gw route show via 1.1.1.1; ip -n gw route show exact 10.10.0.0/24
ip netns exec inside ping -c 2 -i 0.2 -W 1 -t 1 203.0.113.2 | sed 's/time=.*//' | sed -n 2p
ip netns exec gw nstat -az | awk '$1 ~ /^(IpForwDatagrams|IpInHdrErrors|IpOutNoRoutes|IpInAddrErrors)$/ {print $1, ($2>0)}'
ip netns exec inside ss -H -l -n | wc -l; ip -n inside maddr show eth0 | grep -c inet; ip -n inside -0 addr show eth0 | wc -l; ip -n inside -f inet6 addr show dev eth0 scope link | wc -l
ip -n inside addr change 10.10.0.2/24 dev eth0 preferred_lft 0 valid_lft 100; ip -n inside -4 addr show eth0 | grep -o deprecated; ip -n inside addr replace 10.10.0.2/24 dev eth0; ip -n inside addr add 10.10.0.2/24 dev eth0; echo rc $?; ip -n inside addr add 10.10.0.3 dev eth0; ip -n inside addr add 10.10.0.4/24 dev eth0 scope host metric 50; ip -n inside -4 -o addr show eth0 | sed 's/ *\\.*//'; ip -n inside addr add 10.10.0.5 peer 10.10.0.6/32 dev eth0; ip -n inside -4 addr show eth0 | grep peer; ip -n inside addr add 10.10.7.1/24 brd + dev eth0; ip -n inside addr show dev eth0 to 10.10.7.0/24
