# Addresses and ports that the tracker translates, where others have them already too: its table and what ports send.
start
ovs-appctl time/stop
add_ports br0 1 2
for i in 1 2; do ovs-vsctl set interface p$i options:tx_pcap=p$i-tx.pcap; done
u() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$1,dst=50:54:00:00:00:0$((3-$1))),eth_type(0x0800),ipv4(src=$2,dst=$3,proto=17,tos=0,ttl=64,frag=no),udp(src=$4,dst=$5)"; }
tc() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$1,dst=50:54:00:00:00:0$((3-$1))),eth_type(0x0800),ipv4(src=$2,dst=$3,proto=6,tos=0,ttl=64,frag=no),tcp(src=$4,dst=$5),tcp_flags($6)"; }
u6() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$1,dst=50:54:00:00:00:0$((3-$1))),eth_type(0x86dd),ipv6(src=$2,dst=$3,label=0,proto=17,tclass=0,hlimit=64,frag=no),udp(src=$4,dst=$5)"; }
ic() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$1,dst=50:54:00:00:00:0$((3-$1))),eth_type(0x0800),ipv4(src=$2,dst=$3,proto=1,tos=0,ttl=64,frag=no),icmp(type=$4,code=0)"; }
show() { ovs-appctl dpctl/dump-conntrack $1 | sort; sleep 0.1; for i in 1 2; do ovs-ofctl parse-pcap p$i-tx.pcap | sed "s/^/p$i /; s/vlan_tci=0x0000,dl_src=.*dl_dst=[^,]*,//"; done; ovs-appctl dpctl/flush-conntrack; }
n=0
go() {
  echo "== $*"
  ovs-ofctl del-flows br0
  rm -f p1-tx.pcap p2-tx.pcap
  n=$((n + 1))
  ovs-vsctl set bridge br0 external_ids:n=$n
  printf 'in_port=1,ip,actions=ct(commit,zone=1,nat(%s)),2\nin_port=1,ipv6,actions=ct(commit,zone=1,nat(%s)),2\nin_port=2,ct_state=-trk,ip,actions=ct(table=0,zone=1,nat)\nin_port=2,ct_state=-trk,ipv6,actions=ct(table=0,zone=1,nat)\nin_port=2,ct_state=+trk+est,actions=1\nin_port=2,ct_state=+trk+inv,actions=drop\n' "$1" "$2" | ovs-ofctl add-flows br0 -
  ovs-appctl revalidator/wait
}
go src=10.1.1.240 src=fc00::240
u 1 10.1.1.1 10.1.1.2 1 2
u 2 10.1.1.2 10.1.1.240 2 1
u 1 10.1.1.3 10.1.1.2 1 2
u 2 10.1.1.2 10.1.1.240 2 1024
u6 1 fc00::1 fc00::2 5 6
u6 2 fc00::2 fc00::240 6 5
ic 1 10.1.1.1 10.1.1.2 8
ic 2 10.1.1.2 10.1.1.240 0
show -m
show > /dev/null
go src=10.1.1.240 src=fc00::240
for i in 1 3 4 5; do u 1 10.1.1.$i 10.1.1.2 2000 53; u6 1 fc00::$i fc00::2 65535 53; u 1 10.1.1.$i 10.1.1.2 511 53; u 1 10.1.1.$i 10.1.1.2 1023 53;  ic 1 10.1.1.$i 10.1.1.2 8; done
show
go dst=10.1.1.5 dst=fc00::5
for i in 6 7 8; do u 1 10.1.1.1 10.1.1.$i 2000 53; u6 1 fc00::1 fc00::$i 65535 53; u 1 10.1.1.1 10.1.1.$i 511 53; done
show
go dst=10.1.1.5:80 dst=[fc00::5]:80
for i in 6 7 8; do u 1 10.1.1.1 10.1.1.$i 2000 53; tc 1 10.1.1.1 10.1.1.$i 600 53 0x002; done
show
go src=10.1.1.5:80 src=[fc00::5]:80
for i in 6 7 8; do u 1 10.1.1.$i 10.1.1.9 2000 53; tc 1 10.1.1.1 10.1.1.$i 600 53 0x002; done
show
# Marks, labels and zones, and more shapes of translation.
go dst=10.1.1.5:80 dst=[fc00::5]:80
tc 1 10.1.1.1 10.1.1.2 1000 8080 0x002
tc 2 10.1.1.5 10.1.1.1 80 1000 0x012
tc 1 10.1.1.1 10.1.1.2 1000 8080 0x010
tc 1 10.1.1.1 10.1.1.2 1000 8080 0x011
u6 1 fc00::1 fc00::2 5 6
u6 2 fc00::5 fc00::1 80 5
show -s
go src src
u 1 10.1.1.1 10.1.1.2 1 2
u 2 10.1.1.2 10.1.1.1 2 1
show
go src=0.0.0.0 src
u 1 10.1.1.1 10.1.1.2 1 2
show
go src=10.1.1.9,random dst
u 1 10.1.1.1 10.1.1.2 2000 2
show
# labels and marks, zones
ovs-ofctl del-flows br0
printf 'in_port=1,ip,actions=ct(commit,zone=7,exec(load:0x11->NXM_NX_CT_MARK[],set_field:0x1234567890/0xffffffffff->ct_label)),ct(table=1,zone=7)\ntable=1,ct_mark=0x11,ct_label=0x1234567890,actions=2\nin_port=2,ip,actions=ct(commit,force,zone=7),1\n' | ovs-ofctl add-flows br0 -
ovs-appctl revalidator/wait
u 1 10.1.1.1 10.1.1.2 1 2
u 1 10.1.1.1 10.1.1.2 1 2
show -m
u 1 10.1.1.1 10.1.1.2 1 2
u 2 10.1.1.2 10.1.1.1 2 1
ovs-appctl dpctl/ct-stats-show
ovs-appctl dpctl/ct-bkts 
t ovs-appctl dpctl/dump-conntrack zone=7
t ovs-appctl dpctl/dump-conntrack zone=8
t ovs-appctl dpctl/flush-conntrack zone=7 'ct_nw_src=10.1.1.1,ct_nw_proto=17,ct_tp_src=1'
t ovs-appctl dpctl/flush-conntrack 'ct_nw_src=10.1.1.2'
show
ovs-appctl time/warp 100000 1000 >/dev/null
show
stop
