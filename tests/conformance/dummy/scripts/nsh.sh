# Headers that packets get and lose as a whole: encap, decap, NSH (RFC 8300).
start
add_ports br0 1 2 3 4
ovs-appctl vlog/set dpif:off dpif_netdev:off odp_util:off ofproto_dpif_xlate:off
ovs-appctl time/stop
cat > flows.txt <<'X'
table=0,in_port=1,ip,actions=encap(nsh(md_type=1)),set_field:0x1234->nsh_spi,set_field:0x11223344->nsh_c1,encap(ethernet),set_field:11:22:33:44:55:66->dl_dst,2
table=0,in_port=2,dl_type=0x894f,nsh_spi=0x1234,nsh_c1=0x11223344,actions=dec_nsh_ttl,decap(),decap(),goto_table:1
table=1,packet_type=(0,0),actions=set_field:aa:bb:cc:dd:ee:ff->dl_dst,3
table=0,in_port=3,ip,actions=encap(nsh(md_type=2,tlv(0x1000,10,0x12345678),tlv(0x2000,20,0xfedcba9876543210))),set_field:0x1234->nsh_spi,encap(ethernet),set_field:11:22:33:44:55:66->dl_dst,4
table=0,in_port=4,dl_type=0x894f,actions=decap(),decap(),goto_table:2
table=2,packet_type=(0,0),ip,actions=dec_ttl,2
table=0,in_port=1,arp,actions=decap(),4
table=0,in_port=1,ipv6,actions=decap(),encap(ethernet),set_field:aa:55:00:00:00:01->dl_src,4
table=0,in_port=2,arp,actions=encap(nsh(md_type=1)),4
X
t ovs-ofctl -O OpenFlow13 add-flows br0 flows.txt
ovs-ofctl -O OpenFlow13 dump-flows br0 | sed 's/duration=[0-9.]*s/D/' | sort
t ovs-appctl ofproto/trace br0 'in_port=1,icmp,dl_src=00:00:00:00:11:11,dl_dst=00:00:00:00:22:22,nw_dst=1.1.1.1,nw_src=2.2.2.2,nw_ttl=64'
t ovs-appctl ofproto/trace br0 'in_port=2,dl_type=0x894f,nsh_ttl=63,nsh_mdtype=1,nsh_np=3,nsh_spi=0x1234,nsh_si=255,nsh_c1=0x11223344'
t ovs-appctl ofproto/trace br0 'in_port=3,tcp'
t ovs-appctl ofproto/trace br0 'in_port=4,dl_type=0x894f,nsh_mdtype=2,nsh_np=3,nsh_spi=0x1234,nsh_ttl=63,nsh_si=255'
t ovs-appctl ofproto/trace br0 'in_port=4,dl_type=0x894f,nsh_mdtype=2,nsh_np=7,nsh_spi=0x1234,nsh_ttl=63,nsh_si=255'
t ovs-appctl ofproto/trace br0 'in_port=1,arp'
t ovs-appctl ofproto/trace br0 'in_port=2,arp'
t ovs-appctl ofproto/trace br0 'in_port=1,ipv6'
r() { t ovs-appctl netdev-dummy/receive "$@"; }
r p1 1e2ce92a669e3a6dd2099cab0800450000548a53400040014f9c0a0a0a0a0a0a0a1e08001c6a0a8e000246bf0e4e00000000e4df0f0000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637
r p2 112233445566000000000000894f0fc60103001234ff112233440000000000000000000000001e2ce92a669e3a6dd2099cab0800450000548a53400040014f9c0a0a0a0a0a0a0a1e08001c6a0a8e000246bf0e4e00000000e4df0f0000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637
r p3 1e2ce92a669e3a6dd2099cab0800450000548a53400040014f9c0a0a0a0a0a0a0a1e08001c6a0a8e000246bf0e4e00000000e4df0f0000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637
ovs-appctl dpctl/dump-flows | sort
ovs-ofctl dump-ports br0 | sed 's/duration=[0-9.]*s/D/'
# taken off one after the other
ovs-ofctl del-flows br0
ovs-ofctl -O OpenFlow13 add-flow br0 'dl_type=0x894f,actions=decap(),decap(),2'
ovs-ofctl -O OpenFlow13 add-flow br0 'in_port=2,dl_type=0x894f,priority=40000,actions=decap(),decap(),set_field:00:00:00:00:00:09->eth_src,1'
for np in 1 2 3 4 7; do for p in 1 2; do ovs-appctl ofproto/trace br0 "in_port=$p,dl_src=50:54:00:00:00:05,dl_dst=50:54:00:00:00:07,dl_type=0x894f,nsh_mdtype=1,nsh_np=$np,nsh_spi=0x1234,nsh_si=255,nsh_ttl=63" | sed 's,recirc(0x[0-9a-f]*),recirc(N),'; done; done
stop
