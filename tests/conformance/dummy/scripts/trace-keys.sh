# Keys of datapath flows without all that they should have, as packets.
start
add_ports br0 1 2
ovs-appctl time/stop
ovs-ofctl add-flow br0 in_port=1,actions=controller
ovs-vsctl set interface p1 options:tx_pcap=p1.pcap
ovs-ofctl monitor br0 65534 --detach --no-chdir --pidfile 2>ofctl.log
for k in 'in_port(1),eth()' 'in_port(1),eth(src=00:00:00:00:00:01)' 'in_port(1),packet_type(ns=1,id=0x800),ipv4(src=1.2.3.4)' 'in_port(1),eth_type(0x800),ipv4()' 'in_port(1),eth(),eth_type(0x8100),vlan(vid=5,pcp=1),encap(eth_type(0x0800),ipv4(src=1.2.3.4))' 'in_port(1),eth(),eth_type(0x8100),vlan(vid=5,pcp=1),encap()'; do
t ovs-appctl ofproto/trace "$k"
t ovs-appctl netdev-dummy/receive p1 "$k"
sleep 0.05
done
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-appctl -t ovs-ofctl exit;wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/' ofctl.log
for x in 3599 3600 3601 0 1 -1 5x; do t ovs-appctl tnl/neigh/aging $x; t ovs-appctl tnl/arp/aging $x; done
t ovs-appctl tnl/neigh/aging
stop
