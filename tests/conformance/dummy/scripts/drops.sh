# What is counted of packets that go nowhere, and why.
start
add_ports br0 1 2
P="in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)"
O="ovs-ofctl -O OpenFlow13"
# packets through these flows, and a counter
drops() {
  counter=$1
  shift
  printf '%s\n' "$@" | $O add-flows br0 -
  ovs-appctl revalidator/wait
  for i in 1 2 3; do ovs-appctl netdev-dummy/receive p1 "$P"; done
  ovs-appctl revalidator/wait
  echo "$counter $(ovs-appctl coverage/read-counter $counter)"
  $O del-flows br0
  ovs-appctl revalidator/wait
}
many() { for i in $(seq $1); do echo "in_port=$i,actions=resubmit:$((i + 1)),resubmit:$((i + 1)),local"; done; }
drops drop_action_of_pipeline 'actions=drop'
drops drop_action_recursion_too_deep 'actions=resubmit:1,resubmit:2,output:3'
drops drop_action_too_many_resubmit "$(many 64)" 'in_port=65,actions=local'
t ovs-appctl time/stop
$O add-meter br0 'meter=1 pktps burst stats bands=type=drop rate=1 burst_size=1'
drops datapath_drop_meter 'actions=meter:1,2'
drops drop_action_too_many_mpls_labels 'actions=push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,push_mpls:0x8847,2'
ovs-ofctl packet-out br0 "in_port=1 packet=50540000000750540000000508004500001c00000000400100000a0000010a00000208000000ffffffff actions=drop"
t ovs-appctl coverage/read-counter drop_action_of_pipeline
t ovs-appctl coverage/read-counter nosuch
stop
