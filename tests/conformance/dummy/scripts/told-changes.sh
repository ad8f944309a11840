# Changes that a controller is told, byte by byte, in each version: flow monitors, ports, requests of others, vacancy.
# bytes of: port status, table status, requestforward, flow monitor in all versions, queue stats, ipfix
start
add_ports br0 1 2 3
ovs-appctl time/stop
for v in 0 1 2 3 4 5; do
o=0$((v+1))
ovs-ofctl -O OpenFlow1$v -mmmm monitor br0 65534 watch: --detach --no-chdir --pidfile 2>ofctl.log
send() { for hex; do ovs-appctl -t ovs-ofctl ofctl/send $hex >/dev/null; ovs-appctl -t ovs-ofctl ofctl/barrier; done; }
[ $v -lt 4 ] || send ${o}1c0068000000a4000000080000003f000100080000003f00020008000000070003000800000007000400080000003f000500080000003f0006000800000007000700080000000700080008000000180009000800000018000a000800000003000b000800000003 ${o}1a0008000000a5
ovs-ofctl -O OpenFlow1$v add-flow br0 table=3,priority=9,idle_timeout=5,hard_timeout=9,cookie=7,in_port=1,tcp,tp_dst=9,actions=2
ovs-ofctl -O OpenFlow1$v mod-flows br0 table=3,in_port=1,actions=3
ovs-ofctl -O OpenFlow1$v mod-port br0 2 no-flood
ovs-ofctl -O OpenFlow1$v mod-port br0 2 down
ovs-ofctl -O OpenFlow1$v mod-port br0 2 up
ovs-ofctl -O OpenFlow1$v mod-port br0 2 flood
ovs-vsctl add-port br0 t$v -- set interface t$v type=dummy ofport_request=5$v
ovs-vsctl del-port t$v
if [ $v -ge 3 ]; then
ovs-ofctl -O OpenFlow1$v add-meter br0 meter=3,kbps,burst,stats,bands=type=drop,rate=5,burst_size=7
ovs-ofctl -O OpenFlow1$v mod-meter br0 meter=3,kbps,burst,stats,bands=type=drop,rate=6,burst_size=7
ovs-ofctl -O OpenFlow1$v del-meter br0 meter=3
fi
[ $v -lt 1 ] || ovs-ofctl -O OpenFlow1$v add-group br0 group_id=5,type=select,bucket=weight:3,output:1,bucket=weight:2,set_field:1.1.1.1-\>ip_src,output:2
[ $v -lt 1 ] || ovs-ofctl -O OpenFlow1$v mod-group br0 group_id=5,type=ff,bucket=bucket_id:7,watch_port:3,output:1
printf "group add group_id=9,type=all,bucket=1\nflow in_port=2,actions=3\ngroup add group_id=10,type=all,bucket=1\ngroup modify group_id=9,type=all,bucket=2\n" >b.txt; [ $v -lt 4 ] || ovs-ofctl -O OpenFlow1$v bundle br0 b.txt; [ $v -lt 4 ] || ovs-ofctl -O OpenFlow15 insert-buckets br0 group_id=9,command_bucket_id=first,bucket=bucket_id:7,output:1; [ $v -lt 4 ] || ovs-ofctl -O OpenFlow15 remove-buckets br0 group_id=9,command_bucket_id=7;  ovs-ofctl -O OpenFlow15 --may-create mod-group br0 group_id=11,type=all,bucket=1; ovs-ofctl -O OpenFlow15 --may-create mod-group br0 group_id=11,type=all,bucket=2
[ $v -lt 5 ] || ovs-ofctl -O OpenFlow1$v insert-buckets br0 group_id=5,command_bucket_id=last,bucket=bucket_id:7,watch_port:3,output:1
printf "group add group_id=9,type=all,bucket=1\nflow in_port=2,actions=3\ngroup add group_id=10,type=all,bucket=1\ngroup modify group_id=9,type=all,bucket=2\n" >b.txt; [ $v -lt 4 ] || ovs-ofctl -O OpenFlow1$v bundle br0 b.txt; [ $v -lt 4 ] || ovs-ofctl -O OpenFlow15 insert-buckets br0 group_id=9,command_bucket_id=first,bucket=bucket_id:7,output:1; [ $v -lt 4 ] || ovs-ofctl -O OpenFlow15 remove-buckets br0 group_id=9,command_bucket_id=7;  ovs-ofctl -O OpenFlow15 --may-create mod-group br0 group_id=11,type=all,bucket=1; ovs-ofctl -O OpenFlow15 --may-create mod-group br0 group_id=11,type=all,bucket=2
[ $v -lt 1 ] || ovs-ofctl -O OpenFlow1$v del-groups br0
if [ $v -ge 4 ]; then
ovs-vsctl -- --id=@t create Flow_Table flow-limit=10 name=one -- set bridge br0 flow_tables:0=@t
ovs-ofctl -O OpenFlow1$v mod-table br0 0 vacancy:20,80
for i in 1 2 3 4 5 6 7 8 9 10; do ovs-ofctl -O OpenFlow1$v add-flow br0 in_port=$i,actions=2; done
ovs-ofctl -O OpenFlow1$v del-flows br0
ovs-ofctl -O OpenFlow1$v mod-table br0 0 novacancy
ovs-vsctl clear bridge br0 flow_tables
fi
ovs-ofctl -O OpenFlow1$v del-flows br0
ovs-appctl -t ovs-ofctl ofctl/barrier
ovs-appctl -t ovs-ofctl exit;wait_until '[ ! -e ovs-ofctl.pid ]'
sed 's/xid=0x[0-9a-f]*/xid/;s/xid=[0-9]*/xid/' ofctl.log
done
stop | sed 's/unix#[0-9]*/unix/'
