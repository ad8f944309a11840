# Addresses that other bridges have learned through patch ports go with the port that they were learned on.
start
ovs-appctl time/stop
add_ports br0 1
ovs-ofctl add-flow br0 actions=normal
br() { ovs-vsctl add-br $1 -- set bridge $1 datapath-type=dummy fail-mode=secure; ovs-ofctl add-flow $1 actions=normal; }
br br1; br br2
pp() { ovs-vsctl add-port $1 $2 -- set interface $2 type=patch options:peer=$4 -- add-port $3 $4 -- set interface $4 type=patch options:peer=$2; }
pp br0 a br1 b; pp br1 c br2 d
ovs-vsctl add-port br2 z -- set interface z type=dummy ofport_request=9 -- add-port br0 p5 -- set interface p5 type=dummy
r() { ovs-appctl netdev-dummy/receive $1 "in_port(1),eth(src=50:54:00:00:00:0$2,dst=50:54:00:00:00:0$3),eth_type(0x8100),vlan(vid=$4,pcp=0),encap(eth_type(0x1234))"; }
d() { for b in br0 br1 br2; do ovs-appctl fdb/show $b 2>/dev/null | sort; done; }
all() { r p1 1 9 5; r z 2 9 5; r z 3 9 6; r p5 4 9 5; ovs-appctl revalidator/wait; ovs-appctl revalidator/purge; }
all; ovs-appctl revalidator/wait; d
ovs-vsctl del-port p5; ovs-appctl revalidator/wait; d
ovs-vsctl set port p1 tag=5; ovs-appctl revalidator/wait; d
ovs-vsctl clear port p1 tag; all; ovs-appctl revalidator/wait; d
ovs-vsctl set port d trunks=5,6; ovs-appctl revalidator/wait; d
ovs-appctl fdb/add br2 z 5 50:54:00:00:00:01
ovs-vsctl del-port p1; ovs-appctl revalidator/wait; d
add_ports br0 1
all
ovs-vsctl del-port c; ovs-appctl revalidator/wait; d
all
ovs-vsctl del-br br1; ovs-appctl revalidator/wait; d
ovs-appctl fdb/stats-show br2
stop | grep -v reconnect
