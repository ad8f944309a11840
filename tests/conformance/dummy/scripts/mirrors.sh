# Mirrors of ports and VLANs with patch ports, tags, truncation, the tracker and each other.
start
ovs-appctl time/stop
add_ports br0 1 2 3 4 5
ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy fail-mode=secure
ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb ofport_request=10 -- add-port br1 pb -- set interface pb type=patch options:peer=pa ofport_request=20 
add_ports br1 21
ovs-vsctl add-port br1 q1 -- set interface q1 type=dummy ofport_request=22
ovs-vsctl add-port br1 q2 -- set interface q2 type=dummy ofport_request=23
ovs-ofctl add-flow br0 actions=normal
ovs-ofctl add-flow br1 actions=normal
m() { ovs-vsctl -- set bridge $1 mirrors=@m -- --id=@p1 get port p1 -- --id=@p2 get port p2 -- --id=@p3 get port p3 -- --id=@p4 get port p4 -- --id=@q2 get port q2 -- --id=@pb get port pb -- --id=@pa get port pa -- --id=@m create mirror name=m $2 >/dev/null; }
tr() { ovs-appctl ofproto/trace br0 in_port=$1,dl_src=50:54:00:00:00:0$1,dl_dst=50:54:00:00:00:0$2$3 | grep -v "^$\|^Flow\|---\|^Mega\|^Final"; }
all() { echo "== $*"; m "$@"; tr 1 2; tr 1 2 ,dl_vlan=5,dl_type=0x1234; tr 2 1 ,dl_vlan=7,dl_vlan_pcp=3; tr 3 1; tr 10 1;  ovs-appctl ofproto/trace br1 in_port=21,dl_vlan=5 | tail -1; }
all br0 "select_all=true output_port=@p3"
all br0 "select_all=true output_vlan=12"
all br0 "select_all=true output_vlan=12 output_port=@p3"
all br0 "select_src_port=@p1 output_port=@p3"
all br0 "select_dst_port=@p2 output_port=@p3"
all br0 "select_src_port=@p1 select_dst_port=@p1 output_port=@p3 select_vlan=5"
all br0 "select_vlan=5,7 output_port=@p3"
all br0 "select_all=true select_vlan=0 output_vlan=12"
all br0 "select_all=true output_port=@p3 snaplen=100"
all br0 "select_all=true output_port=@p3 snaplen=10"
all br0 "select_all=true output_port=@pa"
all br0 "select_src_port=@pa output_port=@p3"
all br0 "select_all=true"
all br1 "select_all=true output_port=@q2"
all br1 "select_dst_port=@pb output_vlan=9"
ovs-vsctl clear bridge br1 mirrors
ovs-vsctl set port p2 tag=5 -- set port p3 vlan_mode=native-untagged tag=7 -- set port p4 trunks=5,12
all br0 "select_all=true output_vlan=12"
all br0 "select_vlan=5 output_port=@p4"
all br0 "select_dst_port=@p2,@p3 output_port=@p4"
# several mirrors
ovs-vsctl -- --id=@p1 get port p1 -- --id=@p3 get port p3 -- --id=@p4 get port p4 -- --id=@a create mirror name=a select_all=true output_port=@p3 -- --id=@b create mirror name=b select_src_port=@p1 output_port=@p4 -- set bridge br0 mirrors=@a,@b > /dev/null
for i in 1 2 3; do ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x1234)"; done
ovs-appctl revalidator/purge
sleep 0.1
ovs-vsctl --columns=name,statistics list mirror | sort
ovs-ofctl dump-ports br0 | grep tx
ovs-ofctl del-flows br0
printf 'in_port=1,actions=2,3\nin_port=2,actions=mod_vlan_vid:5,1\nin_port=5,actions=clone(mod_vlan_vid:6,1),2\n' | ovs-ofctl add-flows br0 -
m br0 "select_all=true output_port=@p4"
tr 1 2; tr 2 1; tr 5 1
m br0 "select_vlan=5 output_port=@p4"
tr 1 2; tr 2 1; tr 5 1; tr 2 1 ,dl_vlan=5
ovs-ofctl del-flows br0
printf 'in_port=1,ip,actions=ct(table=1)\ntable=1,actions=dec_ttl,2\nin_port=2,actions=resubmit(3,0)\nin_port=3,actions=1\n' | ovs-ofctl add-flows br0 -
m br0 "select_all=true output_port=@p4"
tr 1 2 ,ip,nw_ttl=64; tr 2 1
ovs-vsctl del-port p4
tr 2 1
stop
