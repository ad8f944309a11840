#!/bin/bash
set -v
# learn OpenFlow by hand
ovs-vsctl add-br s1 -- set bridge s1 fail-mode=secure
ovs-vsctl set bridge s1 protocols=OpenFlow10,OpenFlow13
for h in h1 h2 h3; do
  ip netns add $h
  ip link add s1-$h type veth peer name eth0 netns $h
  ip link set s1-$h up
  n=${h#h}
  ip -n $h link set eth0 address 00:00:00:00:00:0$n
  ip -n $h addr add 10.0.0.$n/8 dev eth0
  ip -n $h link set eth0 up
  ovs-vsctl add-port s1 s1-$h -- set Interface s1-$h ofport_request=$n
done
ovs-vsctl get-fail-mode s1
ovs-ofctl dump-flows s1
ip netns exec h1 ping -c1 -W1 10.0.0.2 | tail -2
ovs-ofctl add-flow s1 "in_port=1,actions=output:2"
ovs-ofctl add-flow s1 in_port=2,actions=output:1
ip netns exec h1 ping -c2 -i 0.2 10.0.0.2 | grep -c from
ovs-ofctl dump-flows s1 | sed -e 's/duration=[0-9.]*s/duration=X/' -e 's/n_[a-z]*=[0-9]*/N/g' -e 's/, idle_age=[0-9]*//'
ovs-ofctl del-flows s1
ovs-ofctl -O OpenFlow13 add-flow s1 "table=0,priority=10,arp,actions=flood"
ovs-ofctl -O OpenFlow13 add-flow s1 "table=0,priority=20,ip,nw_dst=10.0.0.3,actions=set_field:10.0.0.2->ip_dst,set_field:00:00:00:00:00:02->eth_dst,output:2"
ovs-ofctl -O OpenFlow13 add-flow s1 "table=0,priority=20,ip,nw_src=10.0.0.2,actions=mod_nw_src:10.0.0.3,output:1"
ovs-ofctl -O OpenFlow13 add-flow s1 "table=0,priority=0,actions=goto_table:1"
ovs-ofctl -O OpenFlow13 add-flow s1 "table=1,icmp,actions=drop"
ip netns exec h1 ping -c1 -W1 10.0.0.3 | sed -n 2p | sed 's/time=.*//'
ovs-ofctl -O OpenFlow13 dump-flows s1 table=0 --no-stats
ovs-ofctl -O OpenFlow13 --no-names dump-flows s1 --no-stats
ovs-ofctl dump-flows s1 'ip,nw_dst=10.0.0.3' --no-stats
ovs-ofctl --strict del-flows s1 'priority=20,ip,nw_src=10.0.0.2'
ovs-ofctl -O OpenFlow13 dump-aggregate s1 | sed 's/packet_count.*flow/flow/'
cat <<FLOWS | ovs-ofctl -O OpenFlow13 replace-flows s1 -
# a comment
table=0,priority=100,dl_type=0x0806,actions=NORMAL
table=0,priority=90,ip,actions=resubmit(,5)
table=5,priority=1,actions=load:0x7->NXM_NX_REG0[],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_SRC[],NORMAL
FLOWS
ovs-ofctl -O OpenFlow13 dump-flows s1 --no-stats
ip netns exec h1 ping -c1 -W1 10.0.0.2 -q | grep -o '[0-9]* received'
ovs-appctl ofproto/trace s1 in_port=1,icmp,nw_src=10.0.0.1,nw_dst=10.0.0.2,dl_src=00:00:00:00:00:01,dl_dst=00:00:00:00:00:02
ovs-ofctl add-flow s1 "in_port=1,actions=outputt:2"; echo rc $?

ovs-ofctl add-flow nosuch "actions=drop"; echo rc $?
ovs-ofctl dump-ports s1 1 | sed 's/[0-9][0-9]*/N/g'
ovs-ofctl dump-tables s1 | head -3 | sed 's/=[0-9]*/=N/g'
ovs-ofctl -O OpenFlow13 add-group s1 group_id=1,type=select,bucket=output:1,bucket=output:2
ovs-ofctl -O OpenFlow13 dump-groups s1
ovs-ofctl -O OpenFlow13 add-meter s1 meter=1,kbps,band=type=drop,rate=1000
ovs-ofctl -O OpenFlow13 dump-meters s1
ovs-ofctl mod-port s1 1 down
ip -br link show s1-h1 | awk '{print $2}'
ovs-dpctl show | sed 's/[0-9][0-9]*/N/g'
ovs-appctl dpctl/dump-flows | wc -l | awk '{print ($1>=0)}'
ovs-appctl bridge/dump-flows s1 | grep -v duration | head -2
