# Queueing and policing of the kernel's devices by Open vSwitch: what the switch tells of it, what OpenFlow does, what tc shows.
@ovs-start
@for n in 1 2; do ip netns add h$n; ip link add v$n address 02:00:00:00:01:0$n type veth peer name eth0 address 02:00:00:00:02:0$n netns h$n; ip -n h$n addr add 10.0.0.$n/24 dev eth0; ip -n h$n link set eth0 up; ip -n h$n neigh add 10.0.0.$((3 - n)) lladdr 02:00:00:00:02:0$((3 - n)) dev eth0; ip link set v$n up; ip netns exec h$n sysctl -q net.ipv6.conf.all.disable_ipv6=1; sysctl -q net.ipv6.conf.v$n.disable_ipv6=1; done
ovs-vsctl add-br ovs0 -- set bridge ovs0 other-config:hwaddr=02:00:00:00:00:05 -- add-port ovs0 v1 -- set interface v1 ofport_request=1
ovs-vsctl add-port ovs0 v2 -- set interface v2 ofport_request=2
ovs-appctl qos/show-types v1 | sort
ovs-appctl qos/show-types ovs0 | sort
ovs-appctl qos/show-types nix
ovs-appctl qos/show v1
ovs-appctl qos/show nix
ovs-ofctl queue-stats ovs0
ovs-ofctl queue-get-config ovs0
ovs-ofctl -O OpenFlow13 queue-get-config ovs0 1 0
ovs-vsctl -- set port v2 qos=@q -- --id=@q create qos type=linux-htb other-config:max-rate=1000000 queues:0=@a queues:5=@b queues:61440=@a -- --id=@a create queue other-config:min-rate=100000 other-config:max-rate=500000 -- --id=@b create queue other-config:min-rate=200000 other-config:priority=3 other-config:burst=100000 >/dev/null
ovs-appctl qos/show v2
tc qdisc show dev v2
tc -s qdisc show dev v2
tc -d qdisc show dev v2
tc class show dev v2
tc -s class show dev v2
tc -d class show dev v2
ip link show v2
ovs-ofctl queue-get-config ovs0; : again 2
ovs-ofctl -O OpenFlow13 queue-get-config ovs0 2
ovs-ofctl -O OpenFlow13 queue-get-config ovs0 2 7
ovs-ofctl queue-stats ovs0; : again 2
ovs-ofctl -O OpenFlow13 queue-stats ovs0 2 5 | sed 's/duration=[0-9.]*/duration=TIME/'
ovs-ofctl queue-stats ovs0 2 6
ovs-ofctl add-flow ovs0 in_port=1,actions=set_queue:5,output:2
ip netns exec h1 ping -c 2 -q 10.0.0.2 | sed 's/time.*//'
ovs-ofctl -O OpenFlow13 queue-stats ovs0 2 | sed 's/duration=[0-9.]*/duration=TIME/'
ovs-appctl qos/show v2; : again 2
ovs-ofctl add-flow ovs0 in_port=1,actions=enqueue:2:0
ip netns exec h1 ping -c 2 -q -s 1000 10.0.0.2 | sed 's/time.*//'
ovs-ofctl queue-stats ovs0 2
tc -s class show dev v2 | grep -v tokens
ovs-ofctl add-flow ovs0 in_port=1,actions=normal
ip netns exec h1 ping -c 4 -i 0.3 -q -s 1400 10.0.0.2 | sed 's/time.*//'
tc class show dev v2 | grep '1:1 '
ovs-vsctl set queue $(ovs-vsctl get port v2 qos | xargs -I{} ovs-vsctl get qos {} queues:5) other-config:min-rate=300000
ovs-appctl qos/show v2 | grep -A5 'Queue 5'
ovs-vsctl remove qos $(ovs-vsctl get port v2 qos) queues 5
ovs-appctl qos/show v2 | grep -c rate
tc class show dev v2; : again 2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=linux-hfsc
ovs-appctl qos/show v2; : again 3
tc qdisc show dev v2; : again 2
tc class show dev v2; : again 3
tc -s class show dev v2; : again 2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=linux-sfq; ovs-appctl qos/show v2; tc qdisc show dev v2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=linux-codel; ovs-appctl qos/show v2; tc qdisc show dev v2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=linux-fq_codel; ovs-appctl qos/show v2; tc qdisc show dev v2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=linux-netem; ovs-appctl qos/show v2; tc qdisc show dev v2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=linux-noop; ovs-appctl qos/show v2; tc qdisc show dev v2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=egress-policer; ovs-appctl qos/show v2; tc qdisc show dev v2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=nonsense; ovs-appctl qos/show v2; tc qdisc show dev v2
ovs-vsctl set qos $(ovs-vsctl get port v2 qos) type=linux-netem other-config:latency=5000 other-config:limit=50 other-config:loss=1
ovs-appctl qos/show v2; : again 4
tc qdisc show dev v2; : again 3
ovs-vsctl clear port v2 qos
ovs-appctl qos/show v2; : again 5
tc qdisc show dev v2; : again 4
ovs-vsctl set interface v1 ingress_policing_rate=1000 ingress_policing_burst=100
tc qdisc show dev v1
tc filter show dev v1 ingress | sed 's/police 0x[0-9a-f]*/police N/'
ip netns exec h1 ping -c 30 -i 0.01 -q -s 1400 10.0.0.2 | sed 's/time.*//'
tc -s qdisc show dev v1 ingress
tc -s filter show dev v1 ingress | sed 's/police 0x[0-9a-f]*/police N/;s/[0-9]* sec/N sec/g'
ovs-vsctl set interface v1 ingress_policing_kpkts_rate=2; tail -1 /var/log/openvswitch/ovs-vswitchd.log | cut -d"|" -f3-; tc -s -d filter show dev v1 ingress; tc qdisc show dev v1
tc filter show dev v1 ingress | sed 's/police 0x[0-9a-f]*/police N/'; : again 2
ovs-vsctl set interface v1 ingress_policing_rate=0 ingress_policing_burst=0
tc filter show dev v1 ingress | sed 's/police 0x[0-9a-f]*/police N/'; : again 3
ovs-vsctl set interface v1 ingress_policing_kpkts_rate=0
tc qdisc show dev v1; : again 2
ovs-vsctl set interface v1 ingress_policing_rate=50
ovs-vsctl get interface v1 ingress_policing_burst
tc filter show dev v1 ingress | sed 's/police 0x[0-9a-f]*/police N/'; : again 4
ovs-vsctl del-port v1
tc qdisc show dev v1; : again 3
ovs-vsctl del-br ovs0
