# Ports that go down, and those that cannot.
start
add_ports br0 1
ovs-vsctl add-br br1 -- set bridge br1 datapath_type=dummy
ovs-vsctl add-port br0 x -- set interface x type=patch options:peer=y ofport_request=5 -- add-port br0 q -- set interface q type=patch options:peer=nix ofport_request=6 -- add-port br1 y -- set interface y type=patch options:peer=x -- add-port br0 v -- set interface v type=vxlan options:remote_ip=1.2.3.4 ofport_request=7
for p in x q v p1 br0; do
t ovs-ofctl mod-port br0 $p down
ovs-ofctl dump-ports-desc br0 | grep -v addr
t ovs-ofctl mod-port br0 $p no-flood
t ovs-ofctl mod-port br0 $p up
t ovs-ofctl -O OpenFlow14 mod-port br0 $p down
ovs-vsctl --columns=admin_state,link_state list interface $p
ovs-ofctl dump-ports-desc br0 | grep -v addr
done
t ovs-ofctl -O OpenFlow15 mod-port br0 x up
ovs-ofctl dump-ports-desc br0 | grep -v addr
ovs-vsctl set interface q options:peer=zz
ovs-vsctl set interface x external_ids:a=b
ovs-ofctl dump-ports-desc br0 | grep -v addr
for p in LOCAL local 65534 0xfffe 1 0x1 ANY NONE 4294967294 "" 99; do t ovs-ofctl mod-port br0 "$p" no-flood; t ovs-ofctl -O OpenFlow13 mod-port br0 "$p" no-flood;  done
stop
