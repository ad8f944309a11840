# Dummies tied to files and to each other.
start
ovs-vsctl add-port br0 p1 -- set Interface p1 type=dummy ofport_request=1 options:tx_pcap=p1-tx.pcap options:rxq_pcap=p1-rx.pcap
ovs-vsctl add-port br0 p2 -- set Interface p2 type=dummy ofport_request=2 options:pcap=p2.pcap options:ifindex=77
t ovs-ofctl add-flow br0 actions=normal
icmp='eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
t ovs-appctl netdev-dummy/receive p1 "in_port(1),$icmp"
t ovs-appctl netdev-dummy/receive p2 "in_port(2),$icmp" --len 60
for file in p1-tx p1-rx p2; do
  echo "$file"
  tcpdump -nnt -r $file.pcap 2>/dev/null
done
wc -c p1-tx.pcap p1-rx.pcap p2.pcap
t ovs-vsctl get Interface p2 ifindex
t ovs-vsctl get Interface p1 ifindex
t ovs-appctl dpif/show
t ovs-vsctl set Interface p1 options:pcap=both.pcap
t ovs-vsctl add-br br1 -- set bridge br1 datapath_type=dummy fail-mode=secure
t ovs-vsctl add-port br1 q3 -- set Interface q3 type=dummy ofport_request=3 options:pstream=punix:$OVS_RUNDIR/q3.sock
t ovs-appctl netdev-dummy/conn-state q3
t ovs-vsctl add-port br0 p3 -- set Interface p3 type=dummy ofport_request=3 options:stream=unix:$OVS_RUNDIR/q3.sock
wait_until 'ovs-appctl netdev-dummy/conn-state p3 | grep -q " connected"'
t ovs-appctl netdev-dummy/conn-state p3
t ovs-appctl netdev-dummy/conn-state
t ovs-ofctl add-flow br1 actions=in_port
t ovs-appctl netdev-dummy/receive p1 "in_port(1),$icmp"
sleep 0.7
t ovs-appctl revalidator/wait
t ovs-ofctl dump-ports br1 3
t ovs-ofctl dump-ports br0 3
t ovs-vsctl del-port q3
wait_until 'ovs-appctl netdev-dummy/conn-state p3 | grep -q disconnected'
t ovs-appctl netdev-dummy/conn-state p3
t ovs-vsctl add-port br1 q4 -- set Interface q4 type=dummy-pmd options:n_rxq=2
t ovs-appctl dpif/show
t ovs-vsctl get Interface q4 statistics
stop
