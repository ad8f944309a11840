# Settings with limits or forms of their own; packets that a controller sends out; groups and tables by version.
start
add_ports br0 1 2
for d in 12 0x12 0x0000000000000012 0X12 123456789abcdef 123456789abcdef0 0000000000000000 0x123456789abcdef01 zz 0123456789abcdef0; do ovs-vsctl set bridge br0 other_config:datapath-id=$d; echo "$d `ovs-vsctl get bridge br0 datapath_id`"; done
for d in 1 9 10 11 1000000 1000001 -5 x ''; do ovs-vsctl set bridge br0 other_config:mac-table-size=$d;  echo "$d `ovs-appctl fdb/stats-show br0 | grep max`"; done
for d in 1 14 15 16 65534 65535 65536 65537 -5 x ''; do ovs-vsctl set bridge br0 other_config:mac-aging-time=$d; done
for n in 1 2 3 5; do ovs-vsctl set open . other_config:n-revalidator-threads=$n; sleep 0.2; ovs-appctl upcall/show | sed 's/.*: (keys.*/keys/;s/[0-9]*ms/ms/'; done
for m in 68 67 10 1500 9000 65535 65536 70000; do ovs-vsctl set interface p1 mtu_request=$m; sleep 0.1; echo "$m `ovs-vsctl get interface p1 mtu`"; done
for v in 11 12; do O="ovs-ofctl -O OpenFlow$v"
echo $v
for m in evict continue noevict controller evict continue vacancy:1,2; do t $O mod-table br0 0 $m; $O dump-tables br0 | sed -n 's/config/&/p' | head -1; done
t $O packet-out br0 in_port=1,reg0=2,packet=50540000000a5054000000091234,actions=output:reg0[]
done
for v in 10 11 12 13 14 15; do t ovs-ofctl -O OpenFlow$v dump-group-features br0; done
c() { ovs-ofctl dump-ports br0 | grep -v rx | tr '\n' ' '; echo; }
t ovs-ofctl packet-out br0 'in_port=1 packet=50540000000a5054000000091234 actions=2'; c
t ovs-ofctl packet-out br0 'packet=50540000000a5054000000091234 actions=normal'; c
t ovs-ofctl packet-out br0 'in_port=1,packet=50540000000a5054000000091234 actions=normal'; c
t ovs-ofctl packet-out br0 'in_port=local,packet=50540000000a5054000000091234 actions=normal'; c
t ovs-ofctl packet-out br0 'in_port=77,packet=50540000000a5054000000091234 actions=normal'; c
t ovs-ofctl packet-out br0 'in_port=77,packet=50540000000a5054000000091234 actions=flood'; c
t ovs-ofctl packet-out br0 none flood 50540000000a5054000000091234; c
t ovs-ofctl packet-out br0 controller all,1 50540000000a5054000000091234; c
t ovs-ofctl packet-out br0 1 in_port,1,all 50540000000a5054000000091234; c
t ovs-ofctl packet-out br0 2 all,1 50540000000a5054000000091234; c
t ovs-ofctl -O OpenFlow11 packet-out br0 none flood 50540000000a5054000000091234; c
t ovs-ofctl -O OpenFlow15 packet-out br0 none flood 50540000000a5054000000091234; c
t ovs-ofctl -O OpenFlow15 packet-out br0 in_port=1,reg0=2,packet=50540000000a5054000000091234,actions=output:reg0[]; c
t ovs-ofctl -O OpenFlow14 packet-out br0 in_port=1,reg0=2,packet=50540000000a5054000000091234,actions=output:reg0[]; c
stop
