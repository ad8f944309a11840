# Meters that are refused, in each version.
start
add_ports br0 1 2 3
ovs-appctl time/stop
f() { t ovs-ofctl "$@"; }
while read -r what; do for v in 13 14 15; do f -O OpenFlow$v $what; done; done <<'L'
add-meter br0 meter=1,kbps,band=type=drop,rate=100
add-meter br0 meter=1,kbps,band=type=drop,rate=100
add-meter br0 meter=2,pktps,burst,stats,bands=type=drop,rate=1,burst_size=1
add-meter br0 meter=3,kbps,pktps,band=type=drop,rate=1
add-meter br0 meter=4,band=type=drop,rate=1
add-meter br0 meter=5,kbps,bands=type=dscp_remark,rate=1,prec_level=1
add-meter br0 meter=5,kbps,bands=type=dscp_remark,rate=1
add-meter br0 meter=6,kbps,bands=type=drop,rate=1,type=drop,rate=2
add-meter br0 meter=6,kbps,bands=type=drop,rate=1,prec_level=2
add-meter br0 meter=7,kbps
add-meter br0 meter=7,kbps,bands=
add-meter br0 meter=7,kbps,band=type=drop
add-meter br0 meter=7,kbps,band=rate=5
add-meter br0 meter=7,kbps,band=type=foo,rate=5
add-meter br0 meter=7,kbps,band=type=drop,rate=5,burst_size=5
add-meter br0 meter=7,kbps,burst,band=type=drop,rate=0
add-meter br0 kbps,band=type=drop,rate=5
add-meter br0 meter=0,kbps,band=type=drop,rate=5
add-meter br0 meter=all,kbps,band=type=drop,rate=5
add-meter br0 meter=controller,pktps,band=type=drop,rate=5
add-meter br0 meter=slowpath,pktps,band=type=drop,rate=5
add-meter br0 meter=0xffff0001,pktps,band=type=drop,rate=5
add-meter br0 meter=262144,pktps,band=type=drop,rate=5
add-meter br0 meter=foo,pktps,band=type=drop,rate=5
add-meter br0 meter=9,pktps,band=type=drop,rate=5000000000
add-meter br0 meter=9,foo,band=type=drop,rate=5
add-meter br0 meter=9,pktps=1,band=type=drop,rate=5
mod-meter br0 meter=9,pktps,band=type=drop,rate=5
mod-meter br0 meter=1,pktps,burst,band=type=drop,rate=5,burst_size=9
mod-meter br0 meter=controller,pktps,band=type=drop,rate=6
dump-meters br0
dump-meter br0 meter=1
dump-meter br0 1
dump-meter br0 meter=99
dump-meter br0 meter=all
dump-meter br0 meter=controller
dump-meter br0 meter=foo
dump-meter br0 meter=1,kbps
meter-stats br0
meter-stats br0 meter=1
meter-stats br0 meter=99
meter-features br0
add-flow br0 in_port=1,actions=meter:1,2
add-flow br0 in_port=2,actions=meter:99,2
add-flow br0 in_port=2,actions=meter:controller,2
add-flow br0 in_port=2,actions=meter:0,2
add-flow br0 in_port=2,actions=2,meter:1
del-meter br0 meter=99
del-meter br0 meter=1
dump-flows br0
del-meter br0
del-meters br0
del-meter br0 meter=all
dump-meters br0
L
for v in 10 11 12; do f -O OpenFlow$v dump-meters br0; f -O OpenFlow$v meter-features br0; f -O OpenFlow$v add-meter br0 meter=1,kbps,band=type=drop,rate=1; done
stop | sed "s/unix#[0-9]*/unix/"
