# Flows that learn makes, refreshes and lets go, as traces, lists and monitors tell of them; groups without their buckets.
start
add_ports br0 1 2 3
ovs-appctl time/stop
cat > f.txt <<'X'
table=0 tcp actions=learn(table=1,hard_timeout=60,idle_timeout=10,fin_idle_timeout=5,fin_hard_timeout=20,priority=7,cookie=0x77,send_flow_rem,eth_type=0x800,nw_proto=6,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],NXM_OF_TCP_SRC[]=NXM_OF_TCP_DST[],NXM_OF_TCP_DST[]=NXM_OF_TCP_SRC[],output:NXM_OF_IN_PORT[]),resubmit(,1),2
table=0 arp actions=learn(table=2,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],load:NXM_OF_IN_PORT[]->NXM_NX_REG0[0..15],load:0x12->NXM_OF_VLAN_TCI[0..11],delete_learned,limit=2,result_dst=reg1[0]),resubmit(,3)
table=3 reg1=0 actions=controller
table=3 reg1=1 actions=3
X
t ovs-ofctl add-flows br0 f.txt
ovs-ofctl monitor br0 65534 --detach --no-chdir --pidfile 2> mon.log
P="eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=1000,dst=80)"
ovs-appctl netdev-dummy/receive p1 "in_port(1),$P,tcp_flags(0x002)"
ovs-appctl time/warp 1000
ovs-ofctl --no-stats dump-flows br0 table=1
ovs-ofctl dump-flows br0 table=1
ovs-appctl netdev-dummy/receive p1 "in_port(1),$P,tcp_flags(0x011)"
ovs-appctl time/warp 1000
ovs-ofctl dump-flows br0 table=1
ovs-appctl netdev-dummy/receive p2 "in_port(2),eth(src=50:54:00:00:00:02,dst=50:54:00:00:00:01),eth_type(0x0800),ipv4(src=10.0.0.2,dst=10.0.0.1,proto=6,tos=0,ttl=64,frag=no),tcp(src=80,dst=1000),tcp_flags(0x011)"
ovs-appctl time/warp 2000 500
ovs-ofctl dump-flows br0 | sort
for i in 1 2 3; do ovs-appctl netdev-dummy/receive p$i "in_port($i),eth(src=50:54:00:00:00:0$i,dst=ff:ff:ff:ff:ff:ff),eth_type(0x0806),arp(sip=10.0.0.$i,tip=10.0.0.9,op=1,sha=50:54:00:00:00:0$i,tha=00:00:00:00:00:00)"; ovs-appctl time/warp 500; done
ovs-ofctl dump-flows br0 | sed 's/n_bytes/n/' | sort
t ovs-ofctl --strict del-flows br0 arp
ovs-appctl time/warp 1000 > /dev/null
ovs-ofctl --no-stats dump-flows br0
ovs-appctl time/warp 30000 1000 > /dev/null
ovs-ofctl dump-flows br0
ovs-appctl -t ovs-ofctl exit
cat mon.log
t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=1.1.1.1,nw_dst=2.2.2.2,tp_src=5,tp_dst=6 -generate
ovs-ofctl --no-stats dump-flows br0 table=1
ovs-ofctl del-flows br0
O="ovs-ofctl -O OpenFlow15"
$O add-group br0 'group_id=5,type=indirect,bucket=actions=1'
t $O insert-buckets br0 'group_id=5,command_bucket_id=last,bucket=bucket_id=7,actions=1'
t $O dump-groups br0 | sort
t $O remove-buckets br0 'group_id=5,command_bucket_id=first'
t $O remove-buckets br0 'group_id=5,command_bucket_id=first'
t $O dump-groups br0 | sort
$O add-group br0 'group_id=6,type=ff,bucket=watch_port:1,actions=1'
t $O insert-buckets br0 'group_id=6,command_bucket_id=last,bucket=bucket_id=7,actions=1'
t $O dump-groups br0 | sort
while read f; do
ovs-ofctl -O OpenFlow13 add-flow br0 "$f"
t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=1.1.1.1,nw_dst=2.2.2.2,tp_src=5,tp_dst=6 -generate
t ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_src=1.1.1.1,nw_dst=2.2.2.2,tp_src=5,tp_dst=6
ovs-ofctl del-flows br0
done <<'X'
actions=learn(table=1,idle_timeout=3,eth_type=0x800,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[])
actions=learn(table=1,priority=5,output:NXM_OF_IN_PORT[])
actions=learn(table=1,priority=32768,load:1->reg0[3..5],load:NXM_OF_IP_SRC[]->reg5)
actions=learn(table=1,hard_timeout=3,cookie=7,delete_learned,eth_type=0x800,ip_src=1.2.3.4)
actions=learn(table=0,fin_hard_timeout=3,send_flow_rem)
actions=learn(table=1,limit=1,result_dst=reg0[0],priority=0,fin_idle_timeout=3,eth_type=0x800,nw_proto=6,tcp_dst=80),learn(table=1,limit=1,result_dst=reg0[1],priority=0,eth_type=0x800,nw_proto=6,tcp_dst=81,load:NXM_OF_IN_PORT[]->NXM_OF_IN_PORT[])
X
stop
