# FTP and TFTP as the daemon's connection tracker reads them: connections that others have announced.
start
add_ports br0 1 2
ovs-appctl time/stop
cat > flows.txt <<'X'
table=0,tcp,tp_dst=21,actions=ct(alg=ftp,commit,zone=9,table=1,exec(set_field:7->ct_mark))
table=0,udp,tp_dst=69,actions=ct(alg=tftp,commit,zone=9,table=1)
table=0,priority=10,ip,actions=ct(commit,zone=9,table=1)
table=1,ct_state=+trk+rel+new,ct_mark=7,actions=1,2
table=1,ct_state=+trk+rel+est,ct_nw_dst=10.1.1.2,actions=1
table=1,ct_state=+trk+rel,actions=2,1
table=1,ct_state=+inv,actions=drop
table=1,priority=10,ct_state=+trk+est,actions=2
table=1,priority=9,actions=1
X
t ovs-ofctl add-flows br0 flows.txt
r() { ovs-appctl netdev-dummy/receive "$@"; }
st() { echo; ovs-appctl dpctl/dump-conntrack -m -s | sort; }
r p1 1e2ce92a669e3a6dd2099cab080045000028794600004006eb850a0101010a0101020fa0001500000064000000005002ffff89c50000
r p2 1e2ce92a669e3a6dd2099cab080045000028794600004006eb850a0101020a01010100150fa0000001f4000000655012ffff87c00000
r p1 1e2ce92a669e3a6dd2099cab080045000028794600004006eb850a0101010a0101020fa0001500000065000001f55010ffff87c10000
st
r p1 1e2ce92a669e3a6dd2099cab08004500003d794600004006eb700a0101010a0101020fa0001500000065000001f55018ffff67a10000504f52542031302c312c312c312c31372c39320d0a
st
r p2 1e2ce92a669e3a6dd2099cab080045000028794600004006eb850a0101020a0101010014115c00000384000000005002ffff84ea0000
st
r p1 1e2ce92a669e3a6dd2099cab080045000028794600004006eb850a0101010a010102115c00140000012c000003855012ffff83ad0000
st
r p2 1e2ce92a669e3a6dd2099cab080045000054794600004006eb590a0101020a01010100150fa0000001f50000007a5018ffffa1a1000032323720456e746572696e672050617373697665204d6f6465202831302c312c312c322c32302c31292e0d0a
r p1 1e2ce92a669e3a6dd2099cab080045000028794600004006eb850a0101010a0101021388140100000384000000005002ffff6ed10000
st
r p1 1e2ce92a669e3a6dd2099cab08004500003d794600004006eb700a0101010a0101020fa000150000007a000002215018ffff5e600000504f52542031302c312c312c392c31372c39330d0a
st
r p1 1e2ce92a669e3a6dd2099cab080045000035794600004006eb780a0101010a0101020fa000150000007a000002215018ffff28310000504f52542031302c312c310d0a
st
r p1 1e2ce92a669e3a6dd2099cab080045000029794600004011eb790a0101010a01010217700045001535e3000166696c65006f6374657400
st
r p2 1e2ce92a669e3a6dd2099cab080045000024794600004011eb7e0a0101020a0101011b5817700010de3a0003000164617461
st
ovs-appctl dpctl/dump-flows | sed "s/recirc_id(0x[0-9a-f]*)/R/;s/recirc(0x[0-9a-f]*)/R/" | sort
ovs-ofctl dump-ports br0 | sed 's/duration=[0-9.]*s//'
t ovs-appctl dpctl/ct-stats-show
t ovs-appctl dpctl/ct-stats-show -m
# of control connections that are not taken for FTP, which the embedded tracker marks as invalid without a word, and of a packet
# that still waited, of which the embedded daemon keeps no count
stop | grep -v "Invalid FTP control packet format"
