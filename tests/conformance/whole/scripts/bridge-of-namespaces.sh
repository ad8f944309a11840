#!/usr/bin/env bash
set -v
# namespaces on a linux bridge
BRIDGE=v-net-0
declare -A HOSTS=( [red]=192.168.15.1 [blue]=192.168.15.2 [gray]=192.168.15.3 )
ip link add $BRIDGE type bridge
ip link set dev $BRIDGE up
for ns in $(printf '%s\n' "${!HOSTS[@]}" | sort); do
  ip netns add "$ns"
  ip link add "veth-$ns" type veth peer name "veth-$ns-br"
  ip link set "veth-$ns" netns "$ns"
  ip link set "veth-$ns-br" master "$BRIDGE"
  ip -n "$ns" addr add "${HOSTS[$ns]}/24" dev "veth-$ns"
  ip -n "$ns" link set "veth-$ns" up
  ip link set "veth-$ns-br" up
done
ip addr add 192.168.15.5/24 dev $BRIDGE
bridge link show | sed -e 's/^[0-9]*: //' | cut -d' ' -f1
ping -c 1 -W 1 192.168.15.1 | tail -n 3 | head -1
for a in "${HOSTS[@]}"; do ip netns exec blue ping -q -c 1 -W 2 "$a" >/dev/null && echo "$a ok" || echo "$a FAIL"; done | sort
ip netns exec blue ip route add 192.168.1.0/24 via 192.168.15.5
ip netns exec blue ip route add default via 192.168.15.5
ip netns exec blue ip r
ip netns exec blue ping -c 1 -W 1 192.168.1.3; echo "rc $?"
ip netns exec blue ping -c1 8.8.8.8 ; echo "rc $?"
cat /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv4/ip_forward
sysctl net.ipv4.ip_forward
brctl show $BRIDGE | column -t
brctl showstp $BRIDGE | grep -E 'bridge id|forward delay|ageing' | wc -l
ip -o link show type bridge | wc -l
ip -br addr show dev $BRIDGE | tr -s ' '
ip -j link show master $BRIDGE | jq -r '.[].ifname' | sort
ip -j -d link show $BRIDGE | jq '.[0].linkinfo.info_data.stp_state'
cat /sys/class/net/$BRIDGE/bridge/stp_state
ls /sys/class/net/$BRIDGE/brif | sort | xargs
brctl showmacs $BRIDGE | awk 'NR>1{print $3}' | sort | uniq -c
