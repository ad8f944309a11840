#!/bin/bash
set -v
# one bridge that filters, access ports and a trunk
set -euo pipefail
BR=br0
cleanup() { ip link del $BR 2>/dev/null || :; for i in 1 2 3 4; do ip netns del h$i 2>/dev/null || :; done; }
trap cleanup EXIT
ip link add name $BR type bridge vlan_filtering 1 vlan_default_pvid 0
ip link set $BR up
i=0
for vid in 10 10 20 20; do
  ((++i))
  ip netns add h$i
  ip link add p$i type veth peer name eth0 netns h$i
  ip link set p$i master $BR up
  ip -n h$i link set eth0 up
  ip -n h$i addr add 10.0.0.$i/24 dev eth0
  bridge vlan add dev p$i vid $vid pvid untagged
done
bridge vlan show
bridge -c=never vlan
bridge -j vlan show | jq -c '.[] | {ifname, v: [.vlans[].vlan]}'
bridge -compressvlans vlan show
t() { if ip netns exec h$1 ping -c1 -W1 -q 10.0.0.$2 >/dev/null; then echo "h$1 -> h$2 yes"; else echo "h$1 -> h$2 no"; fi; }
t 1 2; t 1 3; t 3 4; t 2 4
bridge vlan add dev $BR vid 10 self
bridge vlan add dev $BR vid 20 self
ip link add link $BR name $BR.10 type vlan id 10
ip link add link $BR name $BR.20 type vlan id 20
ip addr add 10.0.0.254/24 dev $BR.10
ip link set $BR.10 up
ip link set $BR.20 up
ping -c1 -W1 10.0.0.1 | grep -o '1 received'
bridge vlan show dev $BR
bridge vlan del dev p2 vid 10
t 1 2
bridge vlan add dev p2 vid 10-12
bridge vlan show dev p2
bridge vlan show vid 11
bridge vlan del dev p2 vid 11
bridge -s vlan show dev p1 | head -3 | wc -l
ip -d link show $BR | grep -o 'vlan_filtering [01]'
ip -d link show $BR.10 | grep -o 'vlan protocol.*REORDER_HDR>'
cat /proc/net/vlan/config
cat /sys/class/net/$BR/bridge/vlan_filtering
bridge fdb show dev p1 | grep -v permanent | awk '{$1="MAC"; print}'
bridge fdb show br $BR vlan 10 | awk '{$1="MAC"; print}' | sort
bridge vlan add dev p1 vid 5000 || echo "bad vid: $?"
bridge vlan add dev nosuch vid 5 || echo "no dev: $?"
bridge vlan del dev p1 vid 99 && echo fine || echo "rc $?"
ip link set $BR type bridge vlan_filtering 0; sleep 1
t 1 3
