# Whole log of a bond with one port after the other; addresses that are forgotten when a mirror has one port less to take from;
# labels' time in flows without any; registers that bundles and multipaths write when a translation fails.
start
add_ports br0 1 2 3
p=50540000000250540000000108004500001c000000004001f98ec0a80001c0a80002080000000000
t ovs-appctl netdev-dummy/receive p2 50540000000150540000000208004500001c000000004001f98ec0a80002c0a80001080000000000
ovs-ofctl add-flow br0 actions=normal
ovs-appctl netdev-dummy/receive p2 50540000000150540000000208004500001c000000004001f98ec0a80002c0a80001080000000000
sleep 0.3
ovs-appctl fdb/show br0 | cut -c-30
ovs-vsctl -- --id=@m create mirror name=m select-all=true output-vlan=7 -- set bridge br0 mirrors=@m
sleep 0.3
ovs-appctl fdb/show br0 | cut -c-30
ovs-vsctl add-port br0 p4 -- set interface p4 type=dummy
ovs-appctl fdb/show br0 | cut -c-30
ovs-vsctl del-port p3
sleep 0.8
ovs-appctl fdb/show br0 | cut -c-30
ovs-appctl netdev-dummy/receive p2 50540000000150540000000208004500001c000000004001f98ec0a80002c0a80001080000000000
sleep 0.8
ovs-appctl fdb/show br0 | cut -c-30
ovs-vsctl clear bridge br0 mirrors
ovs-vsctl -- --id=@p get port p4 -- --id=@q get port p2 -- --id=@m create mirror name=m select-src-port=@q output-port=@p -- set bridge br0 mirrors=@m
ovs-vsctl del-port p4
sleep 0.8
ovs-appctl fdb/show br0 | cut -c-30
ovs-vsctl add-port br0 p5 -- set interface p5 type=dummy ofport_request=5
ovs-vsctl -- --id=@p get port p5 -- --id=@q get port p5 -- --id=@m create mirror name=m select-dst-port=@q output-vlan=9 -- set bridge br0 mirrors=@m
ovs-appctl fdb/add br0 p1 0 50:54:00:00:00:09
ovs-vsctl del-port p5
sleep 0.8
ovs-appctl fdb/show br0 | cut -c-30
ovs-ofctl del-flows br0
ovs-ofctl add-flow br0 'in_port=1,actions=bundle_load(eth_src,0,hrw,ofport,reg1,members:1,2),multipath(eth_src,50,modulo_n,1,0,reg2[3..8]),resubmit(,0)'
ovs-appctl ofproto/trace br0 in_port=1 | grep Mega
ovs-ofctl -O OpenFlow13 add-flow br0 'mpls,in_port=2,actions=dec_mpls_ttl,3'
ovs-appctl ofproto/trace br0 in_port=2,mpls,mpls_ttl=1 | sed 's/recirc_id=[0-9]*,//g'
ovs-appctl ofproto/trace br0 in_port=2,mpls,mpls_ttl=0 | sed 's/recirc_id=[0-9]*,//g'
ovs-ofctl -O OpenFlow13 add-flow br0 'packet_type=(1,0x8847),actions=dec_mpls_ttl,3'
ovs-appctl ofproto/trace br0 'in_port=2,packet_type=(1,0x8847),mpls_ttl=6'
stop
