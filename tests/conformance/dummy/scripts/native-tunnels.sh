# Tunnels that the switch itself wraps: headers and ways in the datapath's actions, neighbours asked for and learned, packets in.
start
add_ports br0 1
ovs-vsctl set bridge br0 fail-mode=standalone
ovs-vsctl add-port br0 p0 -- set Interface p0 type=dummy ofport_request=10 options:tx_pcap=p0.pcap
ovs-vsctl add-br int-br -- set bridge int-br datapath_type=dummy other-config:hwaddr=aa:55:aa:55:00:66
ovs-vsctl add-port int-br v1 -- set Interface v1 type=dummy ofport_request=9
tunnel() {
  port=$1
  type=$2
  shift 2
  ovs-vsctl add-port int-br t$port -- set Interface t$port type=$type ofport_request=$port "$@"
}
tunnel 2 vxlan options:remote_ip=1.1.2.92 options:key=123
tunnel 3 gre options:remote_ip=1.1.2.92 options:key=456 options:seq=true
tunnel 4 vxlan options:remote_ip=flow options:key=flow options:csum=true options:dst_port=4790
tunnel 5 geneve options:remote_ip=1.1.2.93 options:key=123
tunnel 6 gre options:remote_ip=1.1.2.94 options:key=455 options:csum=true
tunnel 7 vxlan options:remote_ip=2001:cafe::92 options:key=7 options:tos=inherit options:ttl=inherit
tunnel 8 gre options:remote_ip=2001:cafe::93
t ovs-appctl dpif/show
t ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24
t ovs-appctl netdev-dummy/ip6addr br0 2001:cafe::88/64
t ovs-appctl ovs/route/add 1.1.2.92/24 br0
t ovs-appctl ovs/route/add 2001:cafe::92/64 br0
for p in 2 7; do
  ovs-ofctl del-flows int-br
  ovs-ofctl add-flow int-br action=$p
  t ovs-appctl ofproto/trace int-br in_port=9,ip,nw_ttl=64
done
r() { t ovs-appctl netdev-dummy/receive "$@"; }
OUTER='in_port(1),eth(src=f8:bc:12:44:34:b6,dst=aa:55:aa:55:00:00)'
r p0 "$OUTER,eth_type(0x0806),arp(sip=1.1.2.92,tip=1.1.2.88,op=2,sha=f8:bc:12:44:34:b6,tha=00:00:00:00:00:00)"
r p0 "$OUTER,eth_type(0x0806),arp(sip=1.1.2.94,tip=1.1.2.88,op=1,sha=f8:bc:12:44:34:b8,tha=00:00:00:00:00:00)"
r p0 "$OUTER,eth_type(0x86dd),ipv6(src=2001:cafe::92,dst=2001:cafe::88,label=0,proto=58,tclass=0,hlimit=255,frag=no),icmpv6(type=136,code=0),nd(target=2001:cafe::92,tll=f8:bc:12:44:34:b9)"
ovs-appctl tnl/neigh/show | tail -n +3 | sort
for ip in 1.1.2.93 1.1.2.94 2001:cafe::93; do ovs-appctl tnl/arp/set br0 $ip f8:bc:12:44:34:b8; done
for p in 2 3 5 6 7 8; do
  ovs-ofctl del-flows int-br
  ovs-ofctl add-flow int-br action=$p
  ovs-appctl ofproto/trace int-br in_port=9,ip,nw_ttl=64,nw_tos=7 | tail -2
done
ovs-ofctl del-flows int-br
ovs-ofctl add-flow int-br 'action=set_field:1.1.2.92->tun_dst,set_field:0x55->tun_id,4,2,9'
t ovs-appctl ofproto/trace int-br in_port=9,tcp,nw_ttl=64
ovs-ofctl add-flow br0 priority=1,action=normal
IN='in_port(2),eth(src=f8:bc:12:44:34:b6,dst=aa:55:aa:55:00:00),eth_type(0x0800),ipv4(src=1.1.2.92,dst=1.1.2.88'
t ovs-appctl ofproto/trace ovs-dummy "$IN,proto=47,tos=0,ttl=64,frag=no)"
t ovs-appctl ofproto/trace ovs-dummy "$IN,proto=17,tos=0,ttl=64,frag=no),udp(src=51283,dst=4789)"
t ovs-appctl ofproto/trace ovs-dummy "$IN,proto=17,tos=0,ttl=64,frag=no),udp(src=51283,dst=4792)"
ovs-appctl time/stop
ovs-ofctl del-flows int-br
ovs-ofctl add-flow int-br action=9
INNER=fe71d883724fbeb6f4e1494a080045000054ba200000400184861e0000011e00000200004227e75400030af3195500000000f265010000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637
r p0 aa55aa550000f8bc124434b608004500007079464000402fba630101025c0101025820006558000001c8$INNER
r p0 aa55aa550000f8bc124434b6080045000086794640004011ba630101025c01010258c85312b5007200000800000000007b00$INNER
ovs-ofctl add-flow int-br in_port=9,action=3,5,7
r v1 'in_port(9),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
ovs-appctl dpctl/dump-flows | sort
ovs-appctl dpctl/dump-flows -m | grep -v 'tunnel(' | sed 's/ufid:[0-9a-f-]*/ufid/' | sort
ovs-ofctl dump-ports br0 | sed 's/duration=[0-9.]*s//'
ovs-ofctl dump-ports int-br | sed 's/duration=[0-9.]*s//'
t ovs-appctl dpif/set-dp-features br0 tnl_push_pop false
t ovs-appctl ofproto/trace int-br in_port=9,ip,nw_ttl=64
# of a packet that is dropped, as the embedded daemon does too, without a word
stop | grep -v "ip packet has invalid checksum"
