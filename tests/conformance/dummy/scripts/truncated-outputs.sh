# Truncated outputs: changes before them, and ports that cannot be.
start
add_ports br0 1 2 3
ovs-vsctl add-port br0 t1 -- set interface t1 type=vxlan options:remote_ip=flow ofport_request=8
ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy -- add-port br0 pa -- set interface pa type=patch options:peer=pb ofport_request=9 -- add-port br1 pb -- set interface pb type=patch options:peer=pa
tr() { ovs-appctl ofproto/trace br0 in_port=1,tcp,nw_ttl=5 | tail -n +4; }
for a in 'push_vlan:0x88a8,output(port=2,max_len=64),3' 'clone(push_vlan:0x88a8,output(port=2,max_len=64)),3' 'dec_ttl,output(port=2,max_len=64),output(port=3,max_len=70)' 'output(port=9,max_len=64),3' 'output(port=77,max_len=64),3' 'mod_nw_ttl:9,output(port=8,max_len=64),3' 'output(port=1,max_len=64),3' 'dec_ttl,output(port=in_port,max_len=64),3' 'output(port=LOCAL,max_len=64)' 'push_vlan:0x8100,2,set_vlan_vid:7,output(port=3,max_len=64),2' 'set_field:1.1.1.1->tun_dst,output(port=8,max_len=90),2' 'dec_ttl,output(port=9,max_len=64),3' ; do
ovs-ofctl del-flows br0
ovs-ofctl -O OpenFlow13 add-flow br0 "in_port=1,ip,actions=$a"
echo "== $a"; tr; done
ovs-ofctl mod-port br0 2 no-forward
ovs-ofctl del-flows br0
ovs-ofctl -O OpenFlow13 add-flow br0 "in_port=1,ip,actions=dec_ttl,output(port=2,max_len=100),3"
tr
for p in NORMAL FLOOD ALL CONTROLLER NONE TABLE IN_PORT local 4294967295; do t ovs-ofctl -O OpenFlow13 add-flow br0 "in_port=1,ip,actions=output(port=$p,max_len=64),2"; tr; done
stop
