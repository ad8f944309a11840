#!/bin/bash
set -v
# IPv6: static, forwarding, RA off, neighbours
set -u
mk() { ip netns add $1; ip netns exec $1 sysctl -qw net.ipv6.conf.all.accept_ra=0 net.ipv6.conf.default.accept_ra=0; ip -n $1 link set lo up; }
for n in h1 r h2; do mk $n; done
ip link add eth0 netns h1 type veth peer name eth0 netns r
ip link add eth0 netns h2 type veth peer name eth1 netns r
ip -n h1 -6 addr add 2001:db8:1::10/64 dev eth0 nodad
ip -n h2 -6 addr add 2001:db8:2::10/64 dev eth0 nodad
ip -n r addr add 2001:db8:1::1/64 dev eth0 nodad
ip -n r addr add 2001:db8:2::1/64 dev eth1 nodad
for x in h1:eth0 h2:eth0 r:eth0 r:eth1; do ip -n ${x%:*} link set ${x#*:} up; done
ip -n h1 -6 route add default via 2001:db8:1::1
ip -n h2 -6 route add default via 2001:db8:2::1 dev eth0 metric 100
sleep 2
ip netns exec h1 ping6 -c 1 -W 1 2001:db8:2::10; echo "rc $?"
ip netns exec r sysctl net.ipv6.conf.all.forwarding=1
ip netns exec h1 ping -6 -c 2 -i 0.3 2001:db8:2::10 | sed 's/time=.*//' | head -3
ip netns exec h1 traceroute6 -n -q 1 2001:db8:2::10 | sed 's/[0-9.]* ms//'
ip netns exec h1 traceroute -6 -n -I -q 1 2001:db8:2::10 | sed 's/[0-9.]* ms//' | head -1
ip netns exec h1 tracepath -6 -n 2001:db8:2::10 | sed 's/ *[0-9.]*ms//' | tail -2
ip -n h1 -6 route | grep -v '^fe80'
ip -n h1 -6 neigh show dev eth0 | grep -v fe80 | awk '{print $1,$3}'
ip -n r -6 addr show dev eth0 scope global | grep inet6
ip -n h1 -6 route get 2001:db8:2::10 | sed 's/ metric.*//'
ip -n h1 -6 route add 2001:db8:3::/64 via fe80::1; echo "rc $?"
ip -n h1 -6 route add 2001:db8:3::/64 via fe80::1 dev eth0; echo "rc $?"
ip -n h1 -6 route add unreachable 2001:db8:4::/64
ip netns exec h1 ping -6 -c1 -W1 2001:db8:4::1; echo "rc $?"
ip netns exec h1 ping -6 -c1 -W1 2001:db8:5::1; echo "rc $?"
ip -n h1 -6 route add 2001:db8:6::/64 nexthop via 2001:db8:1::1 weight 2 nexthop via 2001:db8:1::2
ip -n h1 -6 route show 2001:db8:6::/64
ip -n h1 -6 route del 2001:db8:6::/64
ip -n h1 -j -6 route | jq -r '.[] | select(.gateway) | [.dst,.gateway] | join(" via ")'
ip -n h1 -6 neigh add 2001:db8:1::99 lladdr 02:00:00:00:00:99 dev eth0 nud permanent
ip -n h1 -6 neigh show nud permanent
ip -n h1 neigh del 2001:db8:1::99 dev eth0
LL=$(ip -n r -6 -o addr show dev eth0 scope link | awk '{sub("/.*","",$4); print $4}')
ip netns exec h1 ping -c1 -W1 -q "$LL%eth0" | grep -o '1 received'
ip netns exec h1 ping -c1 -W1 $LL; echo "rc $?"
ip -n h1 addr add 2001:db8:1::10/64 dev eth0; echo "rc $?"
ip -n h1 addr del 2001:db8:1::77/64 dev eth0; echo "rc $?"
ip netns exec h1 cat /proc/net/if_inet6 | awk '{print $3,$4,$6}' | sort
ip -n h1 -6 maddr show dev eth0 | grep -c ff02
ip -n h1 -6 route flush root 2001:db8:3::/48
ip netns exec h1 sysctl -w net.ipv6.conf.eth0.disable_ipv6=1
ip -n h1 -6 addr show dev eth0
ip -n h1 addr add 2001:db8:9::1/64 dev eth0; echo "rc $?"
