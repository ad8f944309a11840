# VLAN modes, native VLANs, trunks and priority tags, as NORMAL has them.
start
for p in 1 2 3; do ovs-vsctl add-port br0 p$p -- set interface p$p type=dummy ofport_request=$p; done
ovs-ofctl add-flow br0 actions=NORMAL
tr() { for v in '' ',dl_vlan=0' ',dl_vlan=10,dl_vlan_pcp=4'; do echo "$*: $v: $(ovs-appctl ofproto/trace br0 in_port=1,dl_src=50:54:00:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff$v | tail -1) "; done; }
v() { ovs-vsctl $*; tr $*; }
for pt in always if-nonzero true; do
v set port p3 other_config:priority-tags=$pt
v set port p3 tag=10
v clear port p3 tag
v set port p3 vlan_mode=native-tagged tag=10
v set port p3 vlan_mode=native-untagged tag=10
v clear port p3 vlan_mode tag
done
for pt in always if-nonzero never; do
v set port p3 other_config:priority-tags=$pt -- set port p1 tag=0
v set port p1 tag=10
v set port p3 tag=10
v clear port p1 tag -- clear port p3 tag
done
for mode in native-tagged native-untagged trunk; do
for tag in '[]' 0 10; do
for trunks in '[]' 10 0,20; do
v set port p3 vlan_mode=$mode tag=$tag trunks=$trunks
done
done
v set port p3 tag=10 trunks='[]' cvlans=20 -- set port p1 vlan_mode=native-untagged tag=20 trunks=20,30
done
v set port p3 vlan_mode=dot1q-tunnel tag=10
v set port p1 vlan_mode=dot1q-tunnel tag=10
v set port p1 vlan_mode=dot1q-tunnel tag=0
v set port p1 vlan_mode=dot1q-tunnel tag=10 cvlans=0,10
stop > /dev/null
