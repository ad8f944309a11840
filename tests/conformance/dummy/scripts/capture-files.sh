# Files that dummies write to begin anew where they were removed or emptied, as soon as anything is configured.
start
ovs-appctl time/stop
add_ports br0 1 2
ovs-ofctl add-flow br0 actions=normal
ovs-vsctl set interface p1 options:tx_pcap=a.pcap -- set interface p2 options:pcap=b.pcap
r() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$1,dst=50:54:00:00:00:0$2),eth_type(0x123$3)"; sleep 0.1; for f in a b; do echo "$f `wc -c < $f.pcap`"; ovs-ofctl parse-pcap $f.pcap | sed 's/.*dl_type/dl_type/'; done; }
r 1 2 1
r 2 1 2
rm a.pcap
ovs-vsctl set interface p1 options:tx_pcap=a.pcap
r 1 2 3
r 2 1 4
rm a.pcap b.pcap
ovs-vsctl set bridge br0 external_ids:x=y
r 2 1 5
rm a.pcap
r 2 1 6 2>&1
ovs-vsctl --no-wait set bridge br0 external_ids:x=z; sleep 0.1
r 2 1 7
stop
