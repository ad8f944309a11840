#!/bin/bash
set -v
# two uplinks, source routing
set -u
die() { echo "$*" >&2; exit 1; }
ns() { ip netns exec "$@"; }
ip netns add gw; ip netns add isp1; ip netns add isp2; ip netns add lan
mk() { ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" || die "cannot link $1 $3"; }
mk lan eth0 gw lan0
mk gw up1 isp1 eth0
mk gw up2 isp2 eth0
for n in gw isp1 isp2 lan; do ns $n ip link set lo up; done
while read -r n d a; do
  ip -n $n a add $a dev $d
  ip -n $n l set $d up
done <<TABLE
lan eth0 192.168.1.10/24
lan eth0 192.168.1.20/24
gw lan0 192.168.1.1/24
gw up1 203.0.113.2/30
gw up2 198.51.100.2/30
isp1 eth0 203.0.113.1/30
isp2 eth0 198.51.100.1/30
TABLE
for n in isp1 isp2; do ip -n $n addr add 8.8.8.8/32 dev lo; ip -n $n route add 192.168.1.0/24 via $(ip -n gw -4 -o addr show dev up${n#isp} | awk '{split($4,a,"/"); print a[1]}'); done
ns gw sysctl -qw net.ipv4.ip_forward=1
ns gw sysctl -qw net.ipv4.conf.all.rp_filter=2
mkdir -p /etc/iproute2 2>/dev/null
grep -q isp_a /etc/iproute2/rt_tables || echo "no names"
ip -n lan route add default via 192.168.1.1
ip -n gw route add default via 203.0.113.1 dev up1 table 100
ip -n gw route add default via 198.51.100.1 dev up2 table 200
ip -n gw rule add from 192.168.1.10/32 table 100
ip -n gw rule add from 192.168.1.20 lookup 200 pref 1000
ip -n gw rule add fwmark 0x1 table 200 priority 500
ip -n gw rule add iif lan0 to 9.9.9.9 lookup 100 prio 600
ip -n gw rule add oif up2 table 200
ip -n gw rule add ipproto udp dport 53 table 200
ip -n gw rule add not from 192.168.1.0/24 table main pref 50
ip -n gw rule add tos 0x10 table 200 pref 51
ip -n gw rule
ip -n gw rule list table 200
ip -n gw -j rule show | jq -r '.[] | [.priority, .src, .table] | @tsv'
ip -n gw route show table 100
ip -n gw route show table all | grep -v -E 'broadcast|local|fe80|ff00' 
ip -n gw route get 8.8.8.8 from 192.168.1.10 iif lan0
ip -n gw route get 8.8.8.8 from 192.168.1.20 iif lan0
ip -n gw route get 8.8.8.8 mark 0x1
ip -n gw route get 8.8.8.8
ns lan ping -c 1 -I 192.168.1.10 8.8.8.8 | grep -c 'bytes from'
ns lan ping -c 1 -I 192.168.1.20 8.8.8.8 | grep -c 'bytes from'
ns isp1 cat /proc/net/dev | awk '/eth0/{print ($2>0)}'
for i in 1 2; do ns isp$i nstat -z IcmpInEchos | awk '/Echos/{print $2}'; done
ip -n gw rule del from 192.168.1.10
ip -n gw rule del pref 1000
ip -n gw rule del from 1.2.3.4 || echo "rc=$?"
ip -n gw rule add from 192.168.1.0/24 blackhole pref 10
ns lan ping -c 1 -W 1 8.8.8.8; echo rc=$?
ip -n gw rule del pref 10
ip -n gw rule add from 192.168.1.0/24 prohibit pref 10
ns lan ping -c 1 -W 1 8.8.8.8; echo rc=$?
ip -n gw rule flush
ip -n gw rule
ip -n gw -6 rule
ip -n gw route flush table 100
ip -n gw route show table 100
ip -n gw route show table 7; echo rc=$?
ip -n gw rule add from all lookup nosuchtable; echo rc=$?
