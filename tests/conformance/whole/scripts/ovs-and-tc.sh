#!/bin/bash
set -v
ovs-vsctl add-br br0; for i in 1 2 3; do ip link add t$i type veth peer name u$i; ip link set t$i up; ip link set u$i up; done
tc qdisc add dev t2 root netem delay 5ms
ovs-vsctl add-port br0 t1 -- add-port br0 t2; sleep 0.3
tc qdisc show dev t1; tc qdisc show dev t2
tc qdisc add dev t1 root netem delay 5ms
ovs-vsctl add-port br0 t3; sleep 0.3; tc qdisc show dev t1
ovs-vsctl set port t1 qos=@q -- --id=@q create qos type=linux-noop >/dev/null; sleep 0.3; tc qdisc show dev t1
ovs-vsctl clear port t1 qos; sleep 0.3; tc qdisc show dev t1
ovs-vsctl set port t1 qos=@q -- --id=@q create qos type=linux-netem other_config:latency=2000 >/dev/null; sleep 0.3; tc qdisc show dev t1
ovs-vsctl clear port t1 qos; sleep 0.3; tc qdisc show dev t1
