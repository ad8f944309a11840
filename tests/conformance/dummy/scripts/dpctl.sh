# Datapaths, ports and flows by hand (dpctl/*), and what tells of them.
start
ovs-appctl vlog/set dpif:off dpif_netdev:off odp_util:off
add_ports br0 1 2
t ovs-appctl dpctl/add-dp dummy@br7
t ovs-appctl dpctl/add-dp dummy@br7
t ovs-appctl dpctl/add-dp br8
t ovs-appctl dpctl/add-dp nix@br8
t ovs-appctl dpctl/dump-dps
t ovs-appctl dpctl/show dummy@br7
t ovs-appctl dpctl/add-if dummy@br7 vif1.0,type=dummy,port_no=5
t ovs-appctl dpctl/add-if dummy@br7 vif1.0,type=dummy,port_no=5
t ovs-appctl dpctl/add-if dummy@br7 vif2,type=dummy,port_no=5
t ovs-appctl dpctl/add-if dummy@br7 vif3
t ovs-appctl dpctl/add-if dummy@br7 ,
t ovs-appctl dpctl/add-if dummy@br7 vif5,type=internal
t ovs-appctl dpctl/add-if dummy@br7 vif6,type=dummy,a=b,a=c
t ovs-appctl dpctl/add-if dummy@br9 vif6,type=dummy
t ovs-appctl dpctl/add-if dummy@br7
t ovs-appctl dpctl/show
t ovs-appctl dpctl/show -s dummy@br7
t ovs-appctl dpctl/show dummy@br9
t ovs-appctl dpctl/set-if dummy@br7 vif1.0,port_no=5
t ovs-appctl dpctl/set-if dummy@br7 vif1.0,type=system
t ovs-appctl dpctl/set-if dummy@br7 vif1.0,port_no=6
t ovs-appctl dpctl/set-if dummy@br7 vif9,port_no=6
t ovs-appctl dpctl/set-if dummy@br7 vif1.0,ifindex=7
t ovs-appctl dpctl/show dummy@br7
t ovs-appctl dpctl/set-if dummy@br7 vif1.0,ifindex=
t ovs-appctl dpctl/show dummy@br7
t ovs-appctl dpctl/del-if dummy@br7 vif1.0
t ovs-appctl dpctl/del-if dummy@br7 vif1.0
t ovs-appctl dpctl/del-if dummy@br7 77
t ovs-appctl dpctl/del-if dummy@br7 br7
t ovs-appctl dpctl/del-if dummy@br7 0
t ovs-appctl dpctl/show dummy@br7
t ovs-appctl dpctl/dump-flows
t ovs-appctl dpctl/dump-flows dummy@br7
f() { t ovs-appctl dpctl/"$@"; }
D=dummy@br7
f add-flow $D "in_port(1),eth(),eth_type(0x800),ipv4()" 2
f add-flow $D "in_port(1),eth(),eth_type(0x800),ipv4()" 3
f add-flow $D "in_port(1),eth(),eth_type(0x800),ipv4(src=1.2.3.4/255.255.0.0)" 3
f add-flow $D "eth(),eth_type(0x800),ipv4()" 3
f add-flow $D "in_port(1),eth(),eth_type(0x800)" 3
f add-flow $D "in_port(2),eth_type(0x1234)" 3
f add-flow $D "in_port(3),foo()" 3
f add-flow $D "in_port(4),eth(foo=1)" 3
f add-flow $D "in_port(4),eth(),eth_type(0x806),arp()" foo
f add-flow $D "in_port(br7),eth(),eth_type(0x806),arp(sip=1.2.3.4,op=1)" vif5
f add-flow $D "in_port(br7),eth(),eth_type(0x806),arp(sip=1.2.3.4,op=1)" 1,2,push_vlan\(vid=1,pcp=2\),3
f add-flow $D "ufid:9bff0ad6-3ac7-4e5e-8a3a-59f1e0b85f0e in_port(5),eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),eth_type(0x86dd),ipv6(src=::1,dst=::2,proto=6,frag=no),tcp(src=1,dst=2/0xff)" drop
f add-flow $D "ufid:9bff0ad6 in_port(5),eth(),eth_type(0x86dd),ipv6()" drop
f add-flow $D "in_port(6),eth(),eth_type(0x8100),vlan(vid=3,pcp=0),encap(eth_type(0x0800),ipv4(proto=17),udp(src=5))" 9
f add-flow $D "recirc_id(1),in_port(7),eth(),eth_type(0x0800),ipv4(proto=17,frag=later)" 9
f add-flow $D "skb_priority(0),skb_mark(0x5/0xf),ct_state(+new-est),ct_zone(5),ct_mark(0x7/0xff),ct_label(0x1/0x3),recirc_id(0),dp_hash(0),in_port(8),eth(),eth_type(0x8847),mpls(label=3,tc=1,ttl=4,bos=1)" 9
ovs-appctl dpctl/dump-flows $D | sort
f get-flow $D ufid:9bff0ad6-3ac7-4e5e-8a3a-59f1e0b85f0e
f get-flow -m $D ufid:9bff0ad6-3ac7-4e5e-8a3a-59f1e0b85f0e
f get-flow $D ufid:9bff0ad6-3ac7-4e5e-8a3a-59f1e0b85f0f
f get-flow $D ufid:9b
f get-flow $D x
f get-flow nix@x ufid:9bff0ad6-3ac7-4e5e-8a3a-59f1e0b85f0e
f mod-flow $D "in_port(1),eth(),eth_type(0x800),ipv4()" 4
f mod-flow $D "in_port(1),eth(),eth_type(0x800),ipv4(proto=9)" 4
f mod-flow -s $D "in_port(1),eth(),eth_type(0x800),ipv4()" 5
f mod-flow --may-create $D "in_port(9),eth(),eth_type(0x800),ipv4(proto=9)" 4
f mod-flow --clear $D "in_port(9),eth(),eth_type(0x800),ipv4(proto=9)" 6
f mod-flow $D "in_port(9),eth(),eth_type(0x800),ipv4(proto=9)" 6 7 8
f del-flow $D "in_port(1),eth(),eth_type(0x800),ipv4()"
f del-flow $D "in_port(1),eth(),eth_type(0x800),ipv4()"
f del-flow -s $D "ufid:9bff0ad6-3ac7-4e5e-8a3a-59f1e0b85f0e in_port(5),eth(src=00:00:00:00:00:01,dst=00:00:00:00:00:02),eth_type(0x86dd),ipv6(src=::1,dst=::2,proto=6,frag=no),tcp(src=1,dst=2/0xff)"
f del-flow $D "in_port(6),eth(),eth_type(0x8100),vlan(vid=3,pcp=0),encap(eth_type(0x0800),ipv4(proto=17),udp(src=5))"
f del-flow $D foo
f dump-flows $D type=ovs filter=in_port=8
f del-flows $D
f dump-flows $D
cat > fl.txt <<'X'
# comment
in_port(1),eth(),eth_type(0x800),ipv4() 2
add in_port(2),eth(),eth_type(0x800),ipv4() 2,3

modify in_port(1),eth(),eth_type(0x800),ipv4() 7
add in_port(3),eth(),eth_type(0x800),ipv4()
delete in_port(2),eth(),eth_type(0x800),ipv4()
delete in_port(2),eth(),eth_type(0x800),ipv4() 3
foo in_port(4),eth(),eth_type(0x800),ipv4() 2,3
in_port(5),eth(),eth_type(0x800),ipv4() zonk
X
f add-flows $D fl.txt
ovs-appctl dpctl/dump-flows $D | sort
cat > fm.txt <<'X'
in_port(1),eth(),eth_type(0x800),ipv4() 9
in_port(6),eth(),eth_type(0x800),ipv4() 9
X
f mod-flows $D fm.txt
ovs-appctl dpctl/dump-flows $D | sort
cat > fd.txt <<'X'
in_port(1),eth(),eth_type(0x800),ipv4()
in_port(6),eth(),eth_type(0x800),ipv4()
X
f del-flows $D fd.txt
f del-flows $D nix.txt
f add-flows $D nix.txt
ovs-appctl dpctl/dump-flows $D | sort
f del-dp dummy@br7
f del-dp dummy@br7
f dump-dps
stop
