#!/bin/bash
set -v
ip link add v0 type veth peer name v1; ip link set v0 address 02:11:22:33:44:55; ip link set v0 up; ip link set v1 up; ip netns add c; ip netns add d
for i in c d; do ip link add i$i link v0 netns $i type ipvlan mode l2; ip -n $i link set i$i up; done
sleep 2
ip -n c -6 addr show ic | grep inet6; ip -n d -6 addr show id | grep inet6; ip netns exec c cat /sys/class/net/ic/dev_id /sys/class/net/ic/addr_assign_type
ip netns exec c ethtool -i ic; ip netns exec c ethtool -k ic; ip netns exec c ethtool ic
ip -n c -s link show ic | tail -4
ip -n c addr add 2001:db8::5/64 dev ic nodad; ip -n d addr add 2001:db8::5/64 dev id nodad; echo rc $?
ip -n c link set ic down; ip -n d addr add 2001:db8::5/64 dev id nodad; echo rc $?; ip -n c link set ic up; echo rc $?
bridge fdb show dev v0; ip link del v0; ip -n c link
