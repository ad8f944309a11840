# Bridges in a ring of patch ports with spanning trees: costs, ports' numbers, changes of topology, ports that go.
start
ovs-appctl time/stop
ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy other-config:hwaddr=aa:66:aa:66:00:00 fail-mode=secure -- add-br br2 -- set bridge br2 datapath-type=dummy other-config:hwaddr=aa:77:aa:77:00:00 fail-mode=secure
pp() { ovs-vsctl add-port $1 $2 -- set interface $2 type=patch options:peer=$4 ofport_request=$5 -- add-port $3 $4 -- set interface $4 type=patch options:peer=$2 ofport_request=$5; }
pp br0 a1 br1 a2 1
pp br1 b1 br2 b2 2
pp br2 c1 br0 c2 3
add_ports br0 7; add_ports br1 8; add_ports br2 9
for b in br0 br1 br2; do ovs-ofctl add-flow $b actions=normal; done
ovs-vsctl set bridge br0 other_config:stp-priority=100 -- set bridge br1 other_config:stp-priority=0x200 other_config:stp-hello-time=3 -- set bridge br2 other_config:stp-forward-delay=8 other_config:stp-max-age=10
for b in br0 br1 br2; do ovs-vsctl set bridge $b stp_enable=true; done
ovs-appctl stp/show
ovs-appctl time/warp 3000 500 >/dev/null
ovs-appctl stp/show
for n in 1 2 3 4; do ovs-appctl time/warp 10000 500 >/dev/null; for b in br0 br1 br2; do t ovs-appctl stp/show $b; ovs-ofctl show $b | sed "s,addr.*,,"; done; done
ovs-vsctl --columns=name,statistics list port a1 a2 b1 b2 c1 c2 p7 | sed 's/=[0-9]*/=N/g'
ovs-appctl netdev-dummy/receive p7 'in_port(7),eth(src=50:54:00:00:00:01,dst=ff:ff:ff:ff:ff:ff),eth_type(0x0806),arp(sip=10.0.0.1,tip=10.0.0.2,op=1,sha=50:54:00:00:00:01,tha=00:00:00:00:00:00)'
ovs-appctl time/warp 100 >/dev/null
for b in br0 br1 br2; do ovs-appctl fdb/show $b | sed 's/[0-9]*$//'; done # ages: a second is over, or not yet
t ovs-appctl ofproto/trace br0 in_port=7,dl_src=50:54:00:00:00:07,dl_dst=ff:ff:ff:ff:ff:ff
t ovs-vsctl set port c2 other_config:stp-path-cost=200 other_config:stp-port-priority=0x20
ovs-appctl time/warp 40000 500 >/dev/null
t ovs-appctl stp/show br2
t ovs-vsctl set port c2 other_config:stp-port-num=9
t ovs-appctl stp/show br2
ovs-vsctl set port b2 other_config:stp-port-num=9
t ovs-appctl stp/show br2
ovs-vsctl set port p9 other_config:stp-port-num=7 -- set port b2 other_config:stp-port-num=6

ovs-appctl time/warp 40000 500 >/dev/null
for b in br0 br1 br2; do t ovs-appctl stp/show $b; done
t ovs-appctl stp/tcn
t ovs-appctl stp/tcn br2
t ovs-appctl stp/tcn br9
ovs-appctl time/warp 3000 500 >/dev/null
for b in br0 br1 br2; do ovs-appctl fdb/show $b | sed 's/[0-9]*$//'; done
ovs-vsctl set port a1 other_config:stp-enable=false
ovs-appctl time/warp 40000 500 >/dev/null
for b in br0 br1 br2; do t ovs-appctl stp/show $b; done
ovs-vsctl del-port b1
ovs-appctl time/warp 40000 500 >/dev/null
for b in br0 br1 br2; do t ovs-appctl stp/show $b; done
ovs-vsctl set port a1 other_config:stp-port-num=1 -- set port c2 other_config:stp-port-num=1 -- remove port a1 other_config stp-enable
ovs-appctl time/warp 3000 500 >/dev/null
t ovs-appctl stp/show br0
ovs-vsctl set bridge br0 other_config:stp-system-id=00:00:00:00:00:07
ovs-appctl time/warp 3000 500 >/dev/null
t ovs-appctl stp/show br0
ovs-vsctl set bridge br0 stp_enable=false
t ovs-appctl stp/show
stop | sort -u
