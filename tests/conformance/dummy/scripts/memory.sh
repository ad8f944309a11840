# memory/show of both daemons: rows, ports, rules, weak references and clients.
m() { ovs-appctl memory/show; ovs-appctl -t ovsdb-server memory/show; }
m
ovs-vsctl add-br br0 -- set bridge br0 datapath_type=dummy
m
for i in 1 2 3; do ovs-vsctl add-port br0 p$i -- set int p$i type=dummy; done
m
ovs-vsctl --id=@p get port p1 -- --id=@m create mirror name=m output_port=@p select_dst_port=@p -- set bridge br0 mirrors=@m
m
ovs-ofctl add-flow br0 "ip,actions=drop"
m
