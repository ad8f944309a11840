# Auto Attach: LLDP frames of ports, servers that are heard of, services that become trunks.
start
# by steps, each with a moment for the thread that sends
warp() { for i in $(seq $1); do ovs-appctl time/warp $2 >/dev/null; done; }
a() { t ovs-appctl autoattach/"$@"; }
add() { ovs-vsctl add-port br0 $1 -- set Interface $1 type=dummy ofport_request=$2 options:tx_pcap=$1.pcap; }
add p1 1
add p2 2
ovs-appctl time/stop
a status
a statistics br0
a show-isid
ovs-vsctl set interface p1 lldp:enable=true
a status
a statistics
a show-isid br0
t ovs-appctl autoattach/status a b
warp 29 1000
a statistics
warp 2 1000
a statistics
warp 31 1000
ovs-pcap p1.pcap
ovs-vsctl -- set bridge br0 auto_attach=@a -- --id=@a create AutoAttach system_name=name1 system_description='"a switch"' mappings:100=10 >/dev/null
ovs-vsctl add-aa-mapping br0 200 20
ovs-vsctl get-aa-mapping br0
warp 2 1000
a show-isid
ovs-vsctl get port p1 trunks vlan_mode
warp 31 1000
ovs-pcap p1.pcap | tail -1
ovs-vsctl set interface p2 lldp:enable=true
warp 2 1000
a show-isid
ovs-vsctl get port p2 trunks
# a server: it takes one service and refuses the other
LLDP=0180c200000e101111111111 ; LLDP=${LLDP}88cc0207041011111111110405057031323306020078
SYSTEM=fe3200040d0b$(printf "%064d" 0)08000000101111111111e1230102
ISID=fe2e00040d0c$(printf '%064d' 0)200a000064301400 ; ISID=${ISID}00c8
r() { ovs-appctl netdev-dummy/receive $1 $2; }
r p1 ${LLDP}0e0400040004${SYSTEM}0000
a status
r p1 ${LLDP}0c036162630e0400040004${SYSTEM}${ISID}fe0500120f01020000
r p1 ${LLDP}0c036162630e0400040004${SYSTEM}${ISID}fe0500120f01020000
a statistics
# what is wrong with these is told
r p1 ${LLDP}0000
r p1 ${LLDP}0e03000400
r p1 ${LLDP}0e02000400
r p1 ${LLDP}0e
r p1 ${LLDP}0001aa
r p1 ${LLDP}1601aa
r p1 ${LLDP}fe0600040d0b0000
r p1 ${LLDP}fe0600040d0c0000
r p1 ${LLDP}fe2700040d0c$(printf '%064d' 0)0000000000
r p1 ${LLDP}
r p1 0180c200000e10111111111188cc0602007802070410111111111104050570313233
r p1 0180c200000e10111111111188cc0207091011111111110000
r p2 0180c200000e10111111111288cc0205070102030404040731320602007800001234
a status
a statistics
a show-isid
t ovs-appctl ofproto/trace br0 in_port=1,dl_dst=01:80:c2:00:00:0e,dl_type=0x88cc
t ovs-appctl ofproto/trace br0 in_port=local,dl_dst=01:80:c2:00:00:0e,dl_type=0x88cc
ovs-vsctl del-aa-mapping br0 100 10
warp 2 1000
a show-isid
ovs-vsctl get port p1 trunks vlan_mode
ovs-vsctl clear bridge br0 auto_attach
warp 31 1000
ovs-pcap p1.pcap | tail -1
a show-isid
ovs-vsctl set interface p1 lldp:enable=false
a status
ovs-vsctl del-port p1
a status
# numbers in memory
grep -E 'ovs_lldp|\|lldp\|' ovs-vswitchd.log | sed 's/^[^|]*|[0-9]*|//;s/aux=0x[0-9a-f]*/aux/'
echo "=== neighbours that are too old, or go"
ovs-appctl time/stop
ovs-vsctl add-port br0 old -- set interface old type=dummy lldp:enable=true
n() { ovs-appctl netdev-dummy/receive old 0180c200000e5054000000$1; ovs-appctl autoattach/statistics | sed -n '/: old/,$p'; }
n 0588cc02070450540000000504020561060200010000
warp 10 20000
n 0688cc02070450540000000604020562060200780000
n 0688cc02070450540000000604020562060200000000
n 0788cc0207045054
stop
