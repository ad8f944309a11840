# Threads of a datapath that poll ports of the type dummy-pmd: who polls what, what they count, whose flows are whose.
start_server
start_switch --dummy-numa="0,0,0,0,1,1"
ovs-vsctl -- add-br br0 -- set bridge br0 datapath-type=dummy other-config:hwaddr=aa:55:aa:55:00:00 fail-mode=secure -- add-port br0 q1 -- set Interface q1 type=dummy-pmd options:n_rxq=2
ovs-vsctl add-port br0 p1 -- set Interface p1 type=dummy
a() { t ovs-appctl dpif-netdev/"$@"; }
t ovs-appctl odp-execute/action-impl-show
t ovs-appctl odp-execute/action-impl-set scalar
t ovs-appctl odp-execute/action-impl-set autovalidator
t ovs-appctl odp-execute/action-impl-set nix
a pmd-rxq-show
ovs-vsctl add-port br0 q2 -- set Interface q2 type=dummy-pmd options:n_rxq=3 options:numa_id=1
a pmd-rxq-show
ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x33
a pmd-rxq-show
a pmd-rxq-show -pmd 4
ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x3
a pmd-rxq-show
ovs-vsctl set Open_vSwitch . other_config:pmd-rxq-assign=group
a pmd-rxq-show
ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=0x1
ovs-vsctl del-port q2
ovs-ofctl add-flow br0 action=normal
P="in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)"
for i in 1 2 3; do ovs-appctl netdev-dummy/receive q1 "$P"; sleep 0.1; done
ovs-appctl netdev-dummy/receive p1 "$P"
sleep 0.3
# whose flows come first is chance
ovs-appctl dpctl/dump-flows | sed 's/bytes.*//' | sort
ovs-appctl dpctl/dump-flows pmd=0 | sed 's/bytes.*//'
ovs-appctl dpctl/dump-flows pmd=-1 | sed 's/bytes.*//'
ovs-appctl dpctl/dump-flows dummy@ovs-dummy pmd=5 | sed 's/bytes.*//'
n() { ovs-appctl dpif-netdev/"$@" 2>&1 | sed '/cycles/d'; }
n pmd-stats-show
n pmd-stats-show -pmd 0
ovs-vsctl set Open_vSwitch . other_config:emc-insert-inv-prob=1
for i in 1 2 3; do ovs-appctl netdev-dummy/receive p1 "$P"; done
n pmd-stats-show
n pmd-stats-clear
n pmd-stats-show
a subtable-lookup-prio-get
a subtable-lookup-prio-set nix 5
a subtable-lookup-prio-set generic 500
a subtable-lookup-prio-set autovalidator 7
a subtable-lookup-prio-get
a miniflow-parser-set study
a miniflow-parser-set -pmd 0 scalar
for word in "-pmd 9 scalar" "-pmd x scalar" "study 300" "study 0" "scalar 300" -pmd autovalidator; do a miniflow-parser-set $word; done
a miniflow-parser-get
a pmd-perf-log-set on -b 5 -us 9
a pmd-perf-log-set foo
a dpif-impl-set nix
a pmd-rxq-rebalance nix
a bond-show
m() { ovs-vsctl set Open_vSwitch . "$@"; }
m other_config:pmd-cpu-mask=0x33
ovs-vsctl add-port br0 q2 -- set Interface q2 type=dummy-pmd options:n_rxq=3 options:numa_id=1
m other_config:pmd-rxq-assign=roundrobin
m other_config:pmd-rxq-assign=group
ovs-vsctl set Interface q1 other_config:pmd-rxq-affinity=0:1,1:0
m other_config:pmd-auto-lb=true other_config:pmd-auto-lb-load-threshold=50 other_config:pmd-auto-lb-rebal-interval=5
m other_config:emc-insert-inv-prob=5 other_config:smc-enable=true other_config:tx-flush-interval=10
a pmd-rxq-rebalance
sleep 0.3
# which thread goes first is chance, and so are cycles
grep 'dpif_netdev|INFO' ovs-vswitchd.log | sed 's/^[^|]*|[0-9]*|//;s/cycles [0-9]*)/cycles N)/' | grep -v destroyed
stop
