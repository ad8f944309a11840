# Names of ports that are shown: quoted unless they are letters and digits, and asked for after what they are shown in.
start
for p in sw-a p_1 9x a.b "in port" abc p1 _x 1p x:y A9; do ovs-vsctl add-port br0 "$p" -- set interface "$p" type=dummy; done
ovs-ofctl add-flow br0 "in_port=sw-a,actions=output:p_1,output:9x,output:a.b,output:abc,output:p1,output:_x,output:1p,output:x:y,output:A9"
ovs-ofctl --names dump-flows br0 --no-stats
ovs-ofctl --names dump-ports br0 sw-a
ovs-ofctl dump-ports br0 sw-a
ovs-ofctl --names dump-ports br0
ovs-ofctl --no-names dump-ports br0 1
ovs-ofctl --names dump-ports-desc br0 p1
ovs-ofctl --names queue-stats br0 p1
ovs-ofctl --names queue-get-config br0 p1
ovs-ofctl --names -O OpenFlow13 dump-group-stats br0
ovs-ofctl --names -O OpenFlow13 dump-groups br0
ovs-ofctl --names dump-aggregate br0
ovs-ofctl --names dump-tables br0 | head -2
ovs-ofctl --names show br0 | head -3
ovs-ofctl --names mod-port br0 p1 down
ovs-appctl ofproto/trace br0 in_port=sw-a --names
ovs-appctl bridge/dump-flows br0
