# Packets without a link-layer header: ports that take no frames or both, GRE and VXLAN-GPE of layer 3, encap and decap of MPLS;
# ERSPAN, GTP-U and GRE over IPv6.
start
add_ports br0 1
ovs-vsctl set bridge br0 fail-mode=standalone
ovs-vsctl add-port br0 p0 -- set Interface p0 type=dummy ofport_request=10 options:tx_pcap=p0.pcap
ovs-vsctl add-br int-br -- set bridge int-br datapath_type=dummy other-config:hwaddr=aa:55:aa:55:00:66 fail-mode=secure
ovs-vsctl add-port int-br v8 -- set Interface v8 type=dummy ofport_request=8
ovs-vsctl add-port int-br v9 -- set Interface v9 type=dummy ofport_request=9 options:tx_pcap=v9.pcap
tunnel() {
  port=$1
  type=$2
  shift 2
  for option; do set -- "$@" "options:$option"; shift; done
  ovs-vsctl add-port int-br t$port -- set Interface t$port type=$type ofport_request=$port "$@"
}
tunnel 1 gre remote_ip=1.1.2.92 packet_type=legacy_l3
tunnel 2 gre remote_ip=1.1.2.92
tunnel 3 gre remote_ip=1.1.2.93 packet_type=ptap key=3
tunnel 4 vxlan remote_ip=1.1.2.92 packet_type=legacy_l3 exts=gpe dst_port=4790 key=4
tunnel 5 vxlan remote_ip=1.1.2.92 packet_type=ptap exts=gpe dst_port=4790 key=5
tunnel 11 erspan remote_ip=1.1.2.92 key=1 erspan_ver=1 erspan_idx=0x3
tunnel 12 erspan remote_ip=1.1.2.92 key=2 erspan_ver=2 erspan_dir=1 erspan_hwid=0x14
tunnel 13 erspan remote_ip=flow key=flow erspan_ver=flow
tunnel 14 ip6erspan remote_ip=2001:cafe::92 key=4 erspan_ver=1 erspan_idx=flow
tunnel 15 ip6gre remote_ip=2001:cafe::92 key=5 csum=true
tunnel 16 gtpu remote_ip=1.1.2.92 key=flow
t ovs-appctl dpif/show
ovs-appctl ofproto/list-tunnels | sort
ovs-appctl netdev-dummy/ip4addr br0 1.1.2.88/24
ovs-appctl netdev-dummy/ip6addr br0 2001:cafe::88/64
ovs-appctl ovs/route/add 1.1.2.92/24 br0
ovs-appctl ovs/route/add 2001:cafe::92/64 br0
for ip in 1.1.2.92 1.1.2.93 2001:cafe::92; do ovs-appctl tnl/arp/set br0 $ip f8:bc:12:44:34:b8; done
O="-O OpenFlow13"
for actions in 1 4 16 5,11,12,14,15; do
  ovs-ofctl $O add-flow int-br in_port=9,actions=$actions
  t ovs-appctl ofproto/trace int-br in_port=9,ip,nw_ttl=64
done
ovs-ofctl $O add-flow int-br 'in_port=9,actions=decap(),3,5,9,2'
t ovs-appctl ofproto/trace int-br in_port=9,ipv6
t ovs-appctl ofproto/trace int-br in_port=9,vlan_tci=0x1005
ovs-ofctl $O add-flow int-br 'in_port=3,actions=normal'
ovs-ofctl $O add-flow int-br 'in_port=1,actions=encap(nsh(md_type=1)),encap(ethernet),9'
IP='packet_type=(1,0x800),nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_proto=17,nw_ttl=64'
for p in 1 3; do t ovs-appctl ofproto/trace int-br "in_port=$p,$IP"; done
for actions in 'encap(mpls),set_mpls_label:2,encap(mpls),set_mpls_label:3,encap(ethernet),set_field:00:00:00:00:00:77->eth_dst,8' \
  'encap(mpls_mc),3' 'decap(),decap(packet_type(ns=0,type=0)),8' 'push_mpls:0x8847,decap(),decap(packet_type(ns=0,type=0)),8'; do
  t ovs-ofctl $O add-flow int-br "in_port=9,actions=$actions"
  t ovs-appctl ofproto/trace int-br in_port=9,tcp,nw_tos=64,nw_ttl=20
  t ovs-appctl ofproto/trace int-br in_port=9,dl_type=0x8847,mpls_label=5,mpls_bos=1
done
for actions in 'set_field:1.1.2.92->tun_dst,set_field:5->tun_id,set_field:2->tun_erspan_ver,set_field:1->tun_erspan_dir,set_field:0x17->tun_erspan_hwid,13' \
  'set_field:0x77->tun_erspan_idx,14' 'set_field:9->tun_id,set_field:0x32->tun_gtpu_flags,set_field:254->tun_gtpu_msgtype,16'; do
  t ovs-ofctl add-flow int-br "in_port=9,actions=$actions"
  t ovs-appctl ofproto/trace int-br in_port=9,tcp,nw_ttl=64
done
ovs-appctl time/stop
ovs-ofctl $O del-flows int-br
cat > flows.txt <<'X'
in_port=1,actions=9
in_port=3,actions=encap(ethernet),8
in_port=4,actions=9
in_port=8,ip,actions=encap(mpls),set_mpls_label:7,encap(ethernet),set_field:00:00:00:00:00:77->eth_dst,9
in_port=8,mpls,actions=decap(),decap(packet_type(ns=0,type=0)),goto_table:1
table=1,ip,actions=9
in_port=9,actions=1
in_port=11,actions=9
in_port=15,actions=9
in_port=16,actions=9
X
ovs-ofctl $O add-flows int-br flows.txt
ovs-ofctl add-flow br0 priority=1,action=normal
r() { ovs-appctl netdev-dummy/receive "$@"; }
ICMP='eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=1,tos=0,ttl=64,frag=no),icmp(type=8,code=0)'
r v8 "in_port(8),$ICMP"
r v8 5054000000075054000000058847000071405054000000075054000000050800450000140000000040000000c0a80001c0a80002
r v9 "in_port(9),$ICMP"
r p0 aa55aa550000f8bc124434b608004500004479460000402ffa8f0101025c01010258000008004500002c794600004001c5881e0000011e00000208003f3c00010002101112131415161718191a1b1c1d1e1f
r p0 aa55aa550000f8bc124434b608004500004879460000402ffa8a0101025d0101025820000800000000034500002c794600004001c5881e0000011e00000208003f3c00010002101112131415161718191a1b1c1d1e1f
r p0 aa55aa550000f8bc124434b6080045000050794600004011faa10101025c01010258c85312b6003c00000c000001000004004500002c794600004001c5881e0000011e00000208003f3c00010002101112131415161718191a1b1c1d1e1f
r p0 aa55aa550000f8bc124434b608004500005e79460000402ffa750101025c01010258100088be000000011000000100000003fe71d883724fbeb6f4e1494a08004500002c794600004001c5881e0000011e00000208003f3c00010002101112131415161718191a1b1c1d1e1f
r p0 aa55aa550000f8bc124434b6080045000050794600004011faa10101025c01010258c8530868003c000030ff002c000000094500002c794600004001c5881e0000011e00000208003f3c00010002101112131415161718191a1b1c1d1e1f
ovs-appctl dpctl/dump-flows | sort
ovs-ofctl dump-ports int-br | sed 's/duration=[0-9.]*s//' | sort
for file in p0 v9; do tcpdump -ntexxr $file.pcap; done
# the daemon finds out that a packet still waited, of which the embedded one keeps no count
stop
