# What the switch answers and tells, byte by byte, in each version. Durations of ports are chance, and how often a wrong length is
# logged; of long messages the beginning is looked at.
start
add_ports br0 1 2 3
ovs-appctl time/stop
for v in 0 2 3 5; do
o=0$((v+1))
ovs-ofctl -O OpenFlow1$v -mmmm monitor br0 65534 --detach --no-chdir --pidfile 2>ofctl.log
ovs-ofctl -O OpenFlow1$v add-flow br0 table=3,priority=9,idle_timeout=5,hard_timeout=9,send_flow_rem,cookie=7,in_port=1,tcp,tp_dst=9,actions=2
ovs-ofctl -O OpenFlow1$v add-flow br0 'table=1,udp6,ipv6_src=fe80::1,actions=mod_dl_src:00:00:00:00:00:01,set_queue:3,1,local,controller'
[ $v -lt 3 ] || ovs-ofctl -O OpenFlow1$v add-meter br0 meter=3,kbps,burst,stats,bands=type=drop,rate=5,burst_size=7
[ $v -lt 1 ] || ovs-ofctl -O OpenFlow1$v add-group br0 group_id=5,type=select,bucket=weight:3,output:1,bucket=weight:2,set_field:1.1.1.1-\>ip_src,output:2
[ $v -lt 5 ] || ovs-ofctl -O OpenFlow1$v add-group br0 'group_id=6,type=select,selection_method=hash,fields(ip_src=255.255.0.0,eth_dst),bucket=weight:3,output:1,bucket=weight:2,output:2'
send() { for hex; do ovs-appctl -t ovs-ofctl ofctl/send $hex; ovs-appctl -t ovs-ofctl ofctl/barrier; done; }
send ${o}050008000000b2 ${o}070008000000b1
if [ $v = 0 ]; then
send 01120014000000010003000000000000 0110000c0000000100000000 0110000c0000000100030000 01100014000000010004000000000001 
send 0110003800000001000100000000000000382 01100038000000010001000000000fffff00000000000000000000000000000000000000000000000000000000000000000000000000000000ff00ffff
send 0104001000000001000023200000001c 01040010000000010000232000000012
else
M=000000000001000400000000
for t in 0000 0003 0006 0007 0008 000a 000b 000c 000d 000e; do send ${o}120010000000e1${t}000000000000; done
for t in 0009 000a 000d; do send ${o}120018000000e1${t}000000000000ffffffff00000000;send ${o}120018000000e1${t}0000000000000000000100000000; done
send ${o}120018000000e10005000000000000ffffffffffffffff  ${o}120018000000e10006000000000000ffffffff00000000
if [ $v -ge 2 ]; then
send ${o}120038000000e10001000000000000ff000000ffffffffffffffff00000000000000000000000000000000000000000001000400000000
send ${o}120038000000e10002000000000000ff000000ffffffffffffffff00000000000000000000000000000000000000000001000400000000
fi
fi
ovs-ofctl -O OpenFlow1$v mod-port br0 2 no-flood
ovs-ofctl -O OpenFlow1$v add-flow br0 in_port=1,actions=controller
ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:05,dst=50:54:00:00:00:07),eth_type(0x0800),ipv4(src=192.168.0.1,dst=192.168.0.2,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=9),tcp_flags(0x010)"
sleep 0.2
ovs-appctl revalidator/purge
ovs-ofctl -O OpenFlow1$v del-flows br0
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-appctl -t ovs-ofctl exit;wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/;s/xid=[0-9]*/xid/' ofctl.log | grep "^0000\|^send\|^OFP" | grep -v "^000[1-9a-f]\|^00000[3-9a-f]..  \|^0000[1-9a-f]...  \|^      \|ditto"
ovs-ofctl -O OpenFlow13 del-groups br0; ovs-ofctl -O OpenFlow13 del-meters br0
done
stop | grep -v "^ofp_"
