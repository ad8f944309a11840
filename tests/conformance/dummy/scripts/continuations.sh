# Packets that wait for their controller and are sent back, and what packet-ins tell. (With an action set the real daemon ends.)
start
ovs-appctl time/stop
add_ports br0 1 2 3 4
O="ovs-ofctl -O OpenFlow13"
r() { ovs-appctl netdev-dummy/receive "$@"; }
TCP='eth(src=10:20:30:40:50:60,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=10),tcp_flags(0x010)'
end() {
  ovs-appctl -t ovs-ofctl ofctl/barrier
  ovs-appctl -t ovs-ofctl exit
  wait_until '[ ! -e ovs-ofctl.pid ]'
  cat ofctl.log
}
try() {
  echo "=== $1"
  shift
  $O del-flows br0
  printf '%s\n' "$@" >f.txt
  t $O add-flows br0 f.txt
  ovs-ofctl -O OpenFlow$version -P nxt_packet_in2 monitor br0 resume --detach --no-chdir --pidfile 2>ofctl.log
  r p1 "in_port(1),$TCP"
  for i in 1 2 3; do ovs-appctl time/warp 100 >/dev/null; done
  end
  ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_ttl=64 | sed -n '3,$p'
  ovs-appctl revalidator/purge
  $O dump-flows br0
}
version=10
try resubmit 'cookie=5 in_port=1 actions=resubmit(,1),2' \
  'cookie=9 table=1 actions=load:7->NXM_NX_REG1[],controller(pause,userdata=01.02.03),mod_dl_src:00:00:00:00:00:99,resubmit(,2)' \
  'table=2 reg1=7 actions=output:3'
try stack 'in_port=1 actions=push:NXM_NX_REG0[],push:NXM_OF_ETH_SRC[],set_field:5->reg2,push:NXM_NX_REG2[3..17],controller(pause),pop:NXM_NX_REG3[0..14],pop:NXM_OF_ETH_DST[],2'
version=13
try relative 'table=0 in_port=1 actions=resubmit(,3),4' \
  'table=3 in_port=1 actions=controller(pause),resubmit(2,),controller(reason=no_match),2' 'table=3 in_port=2 actions=3'
try twice 'in_port=1,ip actions=controller(pause),set_field:1->reg1,dec_ttl,controller(pause),push_vlan:0x8100,set_field:4101->vlan_vid,2'
echo "=== a time to live that is over"
$O del-flows br0
$O add-flow br0 ip,nw_ttl=1,actions=dec_ttl,2
for words in 65534 "65534 invalid_ttl"; do
  ovs-ofctl monitor br0 $words --detach --no-chdir --pidfile 2>ofctl.log
  r p1 "in_port(1),eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.2,proto=1,tos=0,ttl=1,frag=no),icmp(type=8,code=0)"
  ovs-appctl time/warp 100 >/dev/null
  end
done
# the daemon finds out that a packet still waited, of which the embedded one keeps no count
stop
