# Interfaces whose configuration changes: numbers that are asked for, options that are wrong, types, patch ports and their peers.
# (The original takes the error of a patch port without a peer back in every other reconfiguration: it is left out.)
start
settle() { sleep 0.03; }
g() { settle; ovs-vsctl get interface $1 error ofport status link_state | sed 's/^"No usable peer .*"$/[]/' | tr '\n' ' '; echo; }
t ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb
g pa
t ovs-vsctl set interface pa options:peer=pa
g pa
t ovs-vsctl set interface pa options:peer=px
g pa
t ovs-vsctl remove interface pa options peer
g pa
t ovs-vsctl set interface pa options:peer=px
g pa
t ovs-vsctl set interface pa options:junk=px
g pa
t ovs-vsctl add-port br0 pn -- set interface pn type=patch
g pn
t ovs-vsctl add-port br0 px -- set interface px type=patch options:peer=pa
g px
t ovs-vsctl add-br br1 -- set bridge br1 datapath_type=dummy other-config:hwaddr=aa:55:aa:55:00:77
t ovs-vsctl add-port br1 py -- set interface py type=patch options:peer=px
g py
t ovs-vsctl set interface px options:peer=py
g py
g px
t ovs-vsctl del-port py
g px
t ovs-vsctl add-port br0 v1 -- set interface v1 type=vxlan options:remote_ip=1.2.3.4
g v1
t ovs-vsctl set interface v1 options:remote_ip=nonsense
g v1
t ovs-vsctl set interface v1 options:remote_ip=1.2.3.5
g v1
t ovs-vsctl clear interface v1 options
g v1
t ovs-vsctl set interface v1 options:remote_ip=1.2.3.4
g v1
t ovs-vsctl set interface v1 options:key=abc
g v1
t ovs-vsctl set interface v1 options:key=7
g v1
t ovs-vsctl add-port br0 v2 -- set interface v2 type=vxlan options:remote_ip=1.2.3.4 options:key=7
g v2
t ovs-vsctl set interface v2 options:key=8
g v2
t ovs-vsctl set interface v2 options:key=7
g v2
g v1
t ovs-vsctl set interface v1 type=patch options:peer=zz
g v1
for type in nothing dummy internal system '""' 'gre options:remote_ip=flow'; do
  t ovs-vsctl set interface v1 type=$type
  g v1
done
for p in 3 1 2; do ovs-vsctl add-port br0 p$p -- set interface p$p type=dummy; done
m() { for p in p1 p2 p3 br0; do ovs-vsctl get interface $p ofport | tr '\n' ' '; done; echo; }
m
t ovs-vsctl set interface p1 ofport_request=37; m
t ovs-vsctl set interface p2 ofport_request=37; m
t ovs-vsctl set interface p2 ofport_request=1; m
t ovs-vsctl set interface p3 ofport_request=37 -- clear interface p1 ofport_request; m
t ovs-vsctl set interface p2 ofport_request=2 -- set interface p1 ofport_request=9 -- set interface p3 ofport_request=1; m
t ovs-vsctl set interface p2 ofport_request=1 -- set interface p1 ofport_request=2 -- set interface p3 ofport_request=9; m
t ovs-vsctl set interface br0 ofport_request=5; m
t ovs-vsctl clear interface p1 ofport_request; m
t ovs-vsctl set interface p3 ofport_request=65279; m
t ovs-vsctl del-port p2 -- add-port br0 p2 -- set interface p2 type=dummy; m
t ovs-vsctl del-port p2 -- add-port br0 p2 -- set interface p2 type=dummy ofport_request=40; m
t ovs-ofctl show br0 | grep -v 'px\|v[12]'
t ovs-appctl dpif/show
stop > /dev/null
