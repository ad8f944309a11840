#!/bin/bash
set -v

ip link add va type veth peer name vb; ip link set va up; ip link set vb up
q() { tc qdisc show dev va; }
tc qdisc add dev va root netem delay 100ms; q
tc qdisc add dev va root netem delay 10ms; echo rc $?
tc qdisc change dev va root netem delay 100ms 10ms; q
tc qdisc change dev va root netem delay 100ms 10ms 25%; q
tc qdisc replace dev va root netem loss 10%; q
tc qdisc replace dev va root netem loss 0.3% 25%; q
tc qdisc replace dev va root netem loss random 5%; q
tc qdisc change dev va root netem duplicate 1%; q
tc qdisc change dev va root netem corrupt 0.1%; q
tc qdisc change dev va root netem delay 10ms reorder 25% 50%; q
tc qdisc change dev va root netem delay 10ms reorder 25% gap 5; q
tc qdisc change dev va root netem rate 1mbit; q
tc qdisc change dev va root netem rate 5kbit 20 100 5; q
tc qdisc change dev va root netem delay 1500us loss 12.5% duplicate 2% limit 50 rate 10mbit; q
tc -j qdisc show dev va
tc -j -p qdisc show dev va
tc -d qdisc show dev va
tc qdisc show
tc qdisc
tc qdisc del dev va root; echo rc $?; q
tc qdisc del dev va root; echo rc $?
tc qdisc del dev va root netem; echo rc $?
tc qdisc change dev va root netem delay 1ms; echo rc $?
tc qdisc add dev va root handle 1: netem delay 1ms; q
tc qdisc add dev va root handle 2: netem delay 1ms; echo rc $?
tc qdisc replace dev va root handle 2: netem delay 2ms; echo rc $?; q
tc qdisc change dev va handle 2: root netem delay 3ms; echo rc $?; q
tc qdisc change dev va handle 3: root netem delay 3ms; echo rc $?
tc qdisc change dev va root handle 2: tbf rate 1mbit burst 10k latency 50ms; echo rc $?
tc qdisc replace dev va root tbf rate 1mbit burst 10k latency 50ms; echo rc $?; q
tc qdisc change dev va root tbf rate 2mbit burst 32kbit limit 3000; echo rc $?; q
tc -j qdisc show dev va
tc qdisc del dev va root
tc qdisc add dev va root tbf rate 256kbit buffer 1600 limit 3000; q
tc qdisc del dev va root
tc qdisc add dev va root pfifo limit 10; q
tc qdisc replace dev va root bfifo limit 10000; q
tc qdisc replace dev va root pfifo; q
tc qdisc replace dev va root pfifo_fast; q
tc qdisc replace dev va root fq_codel; q
tc qdisc del dev va root
tc qdisc add dev va root netem delay 0; q
tc qdisc del dev va root
tc qdisc add dev va root netem; q; tc qdisc del dev va root
tc qdisc add dev nosuch root netem delay 1ms; echo rc $?
tc qdisc add root netem delay 1ms; echo rc $?
tc qdisc add dev va netem delay 1ms; echo rc $?
tc qdisc add dev va root foo; echo rc $?
tc qdisc add dev va root foo bar; echo rc $?
tc qdisc add dev va root netem foo; echo rc $?
tc qdisc add dev va root netem delay; echo rc $?
tc qdisc add dev va root netem delay foo; echo rc $?
tc qdisc add dev va root netem loss 101%; echo rc $?
tc qdisc add dev va root netem loss abc; echo rc $?
tc qdisc add dev va root netem rate x; echo rc $?
tc qdisc add dev va root netem reorder 5%; echo rc $?
tc qdisc add dev va root netem gap 5; echo rc $?
tc qdisc add dev va root netem limit x; echo rc $?
tc qdisc add dev va root handle zz: netem; echo rc $?
tc qdisc add dev va root root netem; echo rc $?
tc qdisc add dev va parent 1:1 netem delay 1ms; echo rc $?
tc qdisc add dev va root tbf rate 1mbit; echo rc $?
tc qdisc add dev va root tbf; echo rc $?
tc qdisc add dev va root tbf burst 10k latency 5ms; echo rc $?
tc qdisc add dev va root tbf rate 1mbit burst 10k latency 5ms limit 10; echo rc $?
tc qdisc add dev va root pfifo limit x; echo rc $?
tc qdisc add dev va root pfifo foo; echo rc $?
tc qdisc add dev va root; echo rc $?
tc qdisc add; echo rc $?
tc qdisc foo; echo rc $?
tc qdisc add dev va root netem help; echo rc $?
tc qdisc help; echo rc $?
tc qdisc add dev lo root netem delay 100ms; tc qdisc show dev lo; ping -c 2 127.0.0.1 | awk -F= '/time=/{print ($4+0 >= 200)}'
tc qdisc del dev lo root
ip link set va down; tc qdisc add dev va root netem delay 5ms; q; ip link set va up; q; ip -br link show va; ip link show va | head -1
