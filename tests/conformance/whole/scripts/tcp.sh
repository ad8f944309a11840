#!/bin/bash
set -v
# connections between two hosts: what is on the wire, and what the tools tell
ip netns add red; ip netns add blue
ip link add eth0 netns red type veth peer name eth0 netns blue
for n in red blue; do ip -n $n link set lo up; ip -n $n link set eth0 up; ip netns exec $n sysctl -qw net.ipv6.conf.eth0.accept_dad=0; done
ip -n red addr add 10.0.0.1/24 dev eth0; ip -n blue addr add 10.0.0.2/24 dev eth0
ip -n red addr add fd00::1/64 dev eth0 nodad; ip -n blue addr add fd00::2/64 dev eth0 nodad
for n in red blue; do ip netns exec $n ethtool -K eth0 tso off gso off gro off >/dev/null; done
ip netns exec red ping -qc1 10.0.0.2 >/dev/null; ip netns exec red ping -qc1 fd00::2 > /dev/null
mask() { sed -E 's/^[0-9:.]+ //; s/(10\.0\.0\.1|fd00::1|127\.0\.0\.1|::1)\.[3-6][0-9]{4}\b/\1.PORT/g; s/val [0-9]+ ecr [1-9][0-9]*/val V ecr E/; s/val [0-9]+ ecr 0/val V ecr 0/; s/(Flags \[S\.?\], seq) [0-9]+/\1 N/; s/ack [0-9]{4,}/ack N/; s/(Flags \[R\.?\], seq) [0-9]{4,}/\1 N/; s/, flowlabel 0x[0-9a-f]+//'; }
watch() { ip netns exec ${2:-red} timeout 30 tcpdump --immediate-mode -ln -c $1 -i ${3:-eth0} tcp > cap 2>/dev/null & tcpdump=$!; sleep 1.5; }
seen() { wait $tcpdump; mask < cap; }
# one side speaks and closes
watch 9
ip netns exec blue nc -l 5000 > got & sleep 1
(sleep 1; echo hello; sleep 1) | ip netns exec red nc -N 10.0.0.2 5000
seen; cat got
# nobody listens
watch 2; ip netns exec red nc -v 10.0.0.2 81; echo $?; seen
watch 2; ip netns exec red nc -v fd00::2 81; echo $?; seen
# IPv6, and a socket for both
watch 9
ip netns exec blue nc -6 -l 5001 > got & sleep 1
(sleep 1; echo six; sleep 1) | ip netns exec red nc -N fd00::2 5001
seen; cat got
# a dialogue: acknowledgements ride on answers, or wait for them
watch 13
ip netns exec blue bash -c '(sleep 4; echo one; sleep 3; echo two; sleep 3) | nc -N -l 5002 > got' & sleep 1
(sleep 4; echo uno; sleep 3; echo due; sleep 1) | ip netns exec red nc -N 10.0.0.2 5002
wait %2 2>/dev/null; seen; cat got
# segments of full size
watch 12 red
ip netns exec blue nc -l 5003 > got & sleep 1
(sleep 1; dd if=/dev/zero bs=5000 count=1 2>/dev/null; sleep 1) | ip netns exec red nc -N 10.0.0.2 5003
seen; wc -c < got
# what the tools show while it is open
ip netns exec blue nc -l 5004 > got & sleep 1
ip netns exec blue ss -ltn; ip netns exec blue netstat -ltn
(sleep 12) | ip netns exec red nc -p 4000 -N 10.0.0.2 5004 & sleep 1
ip netns exec red ss -tn; ip netns exec blue ss -ltan | grep -v TIME-WAIT; ip netns exec red netstat -tn | grep -v TIME_WAIT | sed 's/ *$//'
ip netns exec red ss -tnm | sed '1d; s/,tb[0-9]*//'; ip netns exec red ss -tni | sed -E '1d; s/rto:.*mss:/mss:/; s/ send .* delivered/ delivered/; s/minrtt:[0-9.]+ //'
ip netns exec blue ss -tnio | sed -E '1d; s/rto:.*mss:/mss:/; s/ send .* delivered/ delivered/; s/minrtt:[0-9.]+ //'
ip netns exec red grep :0FA0 /proc/net/tcp | cut -c6-91; ip netns exec blue grep :138C /proc/net/tcp | cut -c6-91
sleep 14; ip netns exec red ss -tan sport = :4000; ip netns exec blue ss -tan | grep -v TIME-WAIT
ip netns exec red ss -tano sport = :4000 | grep -o 'timer:(timewait,[45]'
# it cannot be had twice, but for connections that have ended
ip netns exec red nc -v -p 4000 10.0.0.2 5004; echo $?
ip netns exec red nc -s 10.0.0.77 10.0.0.2 5004; echo $?
ip netns exec blue nc -l 10.0.0.99 5004; echo $?
# no answer, no neighbour, no route
ip netns exec red ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev eth0
watch 3; ip netns exec red nc -v -w 6 10.0.0.8 80; echo $?; seen
ip netns exec red nc -v 10.0.0.9 80; echo $?
ip netns exec red nc -v 192.0.2.1 80; echo $?
ip -n red route add unreachable 192.0.2.1; ip -n red route add prohibit 192.0.2.2; ip -n red route add blackhole 192.0.2.3
for d in 1 2 3; do ip netns exec red nc -v 192.0.2.$d 80; done
ip netns exec red nc -zv 10.0.0.2 5000-5003; echo $?
# on the host itself
watch 9 red lo
ip netns exec red nc -l 127.0.0.1 5005 > got & sleep 1
(sleep 1; echo self; sleep 1) | ip netns exec red nc -N 127.0.0.1 5005
seen; cat got
# counters, once what was left has ended
sleep 65
ip netns exec red nstat -asz | awk '$1 ~ /^Tcp(ActiveOpens|PassiveOpens|AttemptFails|EstabResets|OutRsts)$|^TcpExt(TW|ListenDrops)$/ {print $1, $2}'
ip netns exec blue nstat -asz | awk '$1 ~ /^Tcp(ActiveOpens|PassiveOpens|AttemptFails|EstabResets|OutRsts)$|^TcpExt(TW|ListenDrops)$/ {print $1, $2}'
# by bash alone
ip netns exec blue nc -N -l 5006 <<< answer > got & sleep 1
ip netns exec red bash -c 'exec 3<>/dev/tcp/10.0.0.2/5006; echo question >&3; cat <&3'; wait %?5006 2>/dev/null; cat got
ip netns exec red bash -c '(: < /dev/tcp/10.0.0.2/99) 2>&1; echo $?'
# options and settings
ip netns exec red sysctl -qw net.ipv4.tcp_timestamps=0 net.ipv4.tcp_sack=0 net.ipv4.tcp_window_scaling=0
watch 8; ip netns exec blue nc -l 5007 > got & sleep 1; (sleep 1; echo plain; sleep 1) | ip netns exec red nc -N 10.0.0.2 5007; seen
ip netns exec red sysctl -qw net.ipv4.tcp_timestamps=1 net.ipv4.tcp_sack=1 net.ipv4.tcp_window_scaling=1
ip -n red link set eth0 mtu 900; watch 3; ip netns exec red nc -zv 10.0.0.2 5008; ip netns exec blue nc -l 5008 > got & sleep 1; ip netns exec red nc -zv 10.0.0.2 5008; seen
ip -n red link set eth0 mtu 1500; ip -n red route change 10.0.0.0/24 dev eth0 src 10.0.0.1 advmss 1000 initcwnd 4
watch 2; ip netns exec blue nc -l 5009 > got & sleep 1; ip netns exec red nc -zv 10.0.0.2 5009; seen
