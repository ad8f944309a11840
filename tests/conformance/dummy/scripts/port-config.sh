# What the settings of a port that OpenFlow may change do to packets.
start
add_ports br0 1 2 3
ovs-ofctl add-flow br0 in_port=1,actions=NORMAL
ovs-ofctl add-flow br0 in_port=2,actions=1,3
ovs-ofctl add-flow br0 in_port=3,actions=FLOOD
for c in down up no-forward forward no-flood flood no-receive receive; do
t ovs-ofctl mod-port br0 p1 $c
t ovs-ofctl mod-port br0 p3 $c
sleep 0.1
for p in 1 2 3; do ovs-appctl ofproto/trace br0 in_port=$p,dl_src=50:54:00:00:00:0$p,dl_dst=ff:ff:ff:ff:ff:ff; ovs-appctl netdev-dummy/receive p$p 50540000000a505400000009080045000028000000004006f97cc0a80001c0a8000200000000000000000000000050020000abcd0000; done
ovs-ofctl dump-ports br0
done
stop > /dev/null
