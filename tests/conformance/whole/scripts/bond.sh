#!/bin/bash
set -v
# active-backup bond between two namespaces, failover
function fail { echo "FAIL: $1"; exit 1; }
ip netns add a || fail netns
ip netns add b
for i in 0 1; do ip link add eth$i netns a type veth peer name eth$i netns b; done
for n in a b; do
  ip -n $n link add bond0 type bond mode active-backup miimon 100
  for i in 0 1; do
    ip -n $n link set eth$i down
    ip -n $n link set eth$i master bond0
  done
  ip -n $n link set bond0 up
done
ip -n a addr add 192.168.50.1/24 dev bond0
ip -n b addr add 192.168.50.2/24 dev bond0
sleep 1
ip netns exec a cat /proc/net/bonding/bond0 | grep -v -i -e "hw addr" -e Driver
ip netns exec a ping -c 2 -i 0.3 -q 192.168.50.2 | sed -n 4p | sed 's/, time.*//'
ip -n a -d link show bond0 | grep -o 'bond mode [a-z-]* miimon [0-9]*'
ip -n a -j -d link show bond0 | jq -r '.[0].linkinfo.info_data | .mode, .miimon, .active_slave'
ip -n a -d link show eth0 | grep -o 'bond_slave state [A-Z]* mii_status [A-Z]*'
ip netns exec a cat /sys/class/net/bond0/bonding/active_slave
ip netns exec a cat /sys/class/net/bond0/bonding/mode
ip netns exec a cat /sys/class/net/bond0/bonding/slaves
echo "--- failover"
ip -n b link set eth0 down
sleep 0.5
ip netns exec a grep -E 'Active|MII' /proc/net/bonding/bond0
ip netns exec a ping -c 1 -W 1 192.168.50.2 > /dev/null && echo alive || echo dead
ip -n b link set eth0 up
sleep 0.5
ip netns exec a grep 'Currently Active' /proc/net/bonding/bond0
ip netns exec a ip link set bond0 type bond active_slave eth0
ip netns exec a grep 'Currently Active' /proc/net/bonding/bond0
ip netns exec a ip link set dev bond0 type bond primary eth1
ip netns exec a grep 'Primary Slave' /proc/net/bonding/bond0
ip -n a link set bond0 type bond mode balance-rr; echo "rc $?"
ip -n a link set eth1 nomaster
ip -n a -br link show master bond0 | awk '{print $1,$2}'
ip -n a link set eth1 up
ip -n a link set eth1 master bond0; echo "rc $?"
ip -n a link add bond1 type bond mode 4 lacp_rate fast xmit_hash_policy layer3+4
ip -n a -d link show bond1 | grep -o 'mode 802.3ad\|lacp_rate fast\|xmit_hash_policy layer3+4'
ip -n a link add bond2 type bond mode nosuch; echo "rc $?"
ip netns exec a ls /proc/net/bonding
ip netns exec a cat /sys/class/net/bonding_masters
ip -n a link del bond1
ip netns del a; ip netns del b
