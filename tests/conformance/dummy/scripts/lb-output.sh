# A bond whose member the datapath itself chooses: what its hashes have carried moves to another member.
start_server
start_switch
ovs-vsctl -- add-br br0 -- set bridge br0 datapath_type=dummy other-config:hwaddr=aa:55:aa:55:00:00 fail-mode=secure -- \
  add-br br1 -- set bridge br1 datapath_type=dummy other-config:hwaddr=aa:66:aa:66:00:00 fail-mode=secure
ovs-vsctl add-port br0 p7 -- set Interface p7 type=dummy ofport_request=7
ovs-vsctl add-bond br0 bond0 p1 p2 bond_mode=balance-tcp lacp=active other-config:lacp-time=fast other-config:lb-output-action=true other-config:bond-rebalance-interval=1000 -- \
  set Interface p1 type=dummy ofport_request=1 options:pstream=punix:$OVS_RUNDIR/p1.sock -- set Interface p2 type=dummy ofport_request=2 options:pstream=punix:$OVS_RUNDIR/p2.sock
ovs-vsctl add-bond br1 bond1 p3 p4 bond_mode=balance-tcp lacp=active other-config:lacp-time=fast -- \
  set Interface p3 type=dummy ofport_request=3 options:stream=unix:$OVS_RUNDIR/p1.sock -- set Interface p4 type=dummy ofport_request=4 options:stream=unix:$OVS_RUNDIR/p2.sock
wait_until 'ovs-appctl lacp/show bond0 | grep -q negotiated'
ovs-ofctl add-flow br0 action=normal
ovs-ofctl add-flow br1 action=drop
wait_until 'ovs-appctl bond/show bond0 | grep -q "may_enable: true"'
ovs-appctl time/stop
ovs-appctl time/warp 5000 100 >/dev/null
ovs-appctl bond/show bond0 | grep -c enabled
for i in $(seq 1 12); do for n in $(seq 1 $((i * 6))); do ovs-appctl netdev-dummy/receive p7 "in_port(3),eth(src=50:54:00:00:00:05,dst=50:54:00:00:01:00),eth_type(0x0800),ipv4(src=10.0.0.1,dst=10.0.0.$i,proto=6,tos=0,ttl=64,frag=no),tcp(src=8,dst=$i),tcp_flags(ack)" --len 1400; done; done
ovs-appctl dpctl/dump-flows | grep -c lb_output
ovs-appctl bond/show bond0 | grep -c 'kB load'
for n in 1 2 3 4 5 6 7 8; do ovs-appctl time/warp 500 100 >/dev/null; ovs-appctl bond/show bond0 | grep -o "hash.*load" | sort -V | tr "\n" ";"; echo; done

stop
