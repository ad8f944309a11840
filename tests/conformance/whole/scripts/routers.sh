#!/bin/sh
set -v
# three routers in a row, POSIX shell
N="r1 r2 r3"
for n in $N h1 h2; do
  ip netns add $n
  ip netns exec $n ip link set dev lo up
done
link() { # ns1 if1 addr1 ns2 if2 addr2
  ip link add name $2 netns $1 type veth peer name $5 netns $4
  ip -n $1 addr add $3 dev $2
  ip -n $4 addr add $6 dev $5
  ip -n $1 link set $2 up
  ip -n $4 link set $5 up
}
link h1 eth0 10.1.0.2/24 r1 eth0 10.1.0.1/24
link r1 eth1 10.12.0.1/30 r2 eth0 10.12.0.2/30
link r2 eth1 10.23.0.1/30 r3 eth0 10.23.0.2/30
link r3 eth1 10.3.0.1/24 h2 eth0 10.3.0.2/24
for n in $N; do
  ip netns exec $n sysctl -w net.ipv4.ip_forward=1
  ip netns exec $n sh -c 'echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter'
done
ip -n h1 route add default via 10.1.0.1
ip -n h2 route add default via 10.3.0.1
ip netns exec h1 ping -c 1 -W 1 10.3.0.2
echo "exit $?"
ip -n r1 route add 10.3.0.0/24 via 10.12.0.2
ip -n r1 route add 10.23.0.0/30 via 10.12.0.2
ip -n r2 route add 10.1.0.0/24 via 10.12.0.1
ip -n r2 route add 10.3.0.0/24 via 10.23.0.2
ip -n r3 route add 10.1.0.0/24 via 10.23.0.1
ip -n r3 route add 10.12.0.0/30 via 10.23.0.1
ip netns exec h1 ping -c 3 -i 0.2 -q 10.3.0.2
ip netns exec h1 traceroute -n -q 1 10.3.0.2
ip netns exec h1 traceroute -n -I -q 1 10.3.0.2
ip netns exec h1 tracepath -n 10.3.0.2
ip netns exec h1 ping -c 1 -t 2 10.3.0.2
ip netns exec h1 ping -c 1 -R 10.3.0.2
ip -n r2 route
ip -n r2 route get 10.3.0.2 from 10.1.0.2 iif eth0
ip -n r2 link set eth1 mtu 1400
ip -n r3 link set eth0 mtu 1400
ip netns exec h1 ping -c 2 -M do -s 1450 10.3.0.2
ip netns exec h1 ip route get 10.3.0.2
ip -n h1 route flush cache
ip netns exec h1 tracepath -n -m 6 10.3.0.2
ip netns exec r2 cat /proc/net/snmp | grep '^Ip:' | awk 'NR==2{print ($3>0)}'
ip netns exec r2 nstat -az IpForwDatagrams | tail -1 | awk '{print $1}'
ip netns exec r2 ip -s -s link show eth0 | sed -n 3p
ip -n r2 route replace blackhole 10.3.0.0/24
ip netns exec h1 ping -c 1 -W 1 10.3.0.2; echo "exit $?"
ip -n r2 route replace unreachable 10.3.0.0/24
ip netns exec h1 ping -c 1 -W 1 10.3.0.2; echo "exit $?"
ip -n r2 route replace prohibit 10.3.0.0/24
ip netns exec h1 ping -c 1 -W 1 10.3.0.2; echo "exit $?"
ip -n r2 route del 10.3.0.0/24
ip -n r2 route del 10.3.0.0/24
for n in $N h1 h2; do ip netns del $n; done
