# In-band control of dummies, whose next hops nobody can find.
start
add_ports br0 1
ovs-appctl time/stop
ovs-vsctl --no-wait set-controller br0 tcp:10.1.2.4:1 tcp:10.1.2.3:77
ovs-appctl time/warp 3000 500
ovs-appctl bridge/dump-flows br0 | sed 's/duration=[^,]*/d/; s/n_packets.*priority/priority/' | sort
ovs-appctl time/warp 20000 500
ovs-appctl bridge/dump-flows br0 | sed 's/duration=[^,]*/d/; s/n_packets.*priority/priority/' | sort
ovs-vsctl --no-wait set bridge br0 other_config:in-band-queue=3
ovs-appctl time/warp 1000 500
ovs-appctl bridge/dump-flows br0 | sed 's/duration=[^,]*/d/; s/n_packets.*priority/priority/' | sort
ovs-vsctl --no-wait set bridge br0 other_config:disable-in-band=true
ovs-appctl time/warp 1000 500
ovs-appctl bridge/dump-flows br0 | sed 's/duration=[^,]*/d/; s/n_packets.*priority/priority/' | sort
ovs-vsctl --no-wait remove bridge br0 other_config disable-in-band
ovs-vsctl --no-wait set bridge br0 fail_mode=standalone
ovs-appctl time/warp 20000 500
ovs-appctl bridge/dump-flows br0 | sed 's/duration=[^,]*/d/; s/n_packets.*priority/priority/' | sort
ovs-appctl -t ovs-vswitchd exit; ovs-appctl -t ovsdb-server exit; sleep 0.5; grep 'rconn\|stream_\|in_band\|fail_open' ovs-vswitchd.log | sed 's/^[^|]*|[0-9]*|//' | sed "s/[0-9]* seconds/N seconds/" | sort | uniq -c | sed "s/ *[0-9]* in_band/N in_band/"
