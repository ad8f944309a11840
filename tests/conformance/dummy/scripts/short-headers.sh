# Frames whose tags and service headers are cut short, and what takes a whole link-layer header off: flows and counters.
start
add_ports br0 1 2 3
flows() {
  ovs-ofctl -O OpenFlow13 add-flow br0 "actions=$1"
  for frame in 8100eb32 88a8eb32 8100 8100eb3281000005 8100eb328100 894f 894f0000000000000000 8100000a894f \
    894f000601030000000a0000000000000000000000000000000011 894f0fc60203000001ff00000000000000000000000000000000 \
    0008aaaa03000000f13b; do
    ovs-appctl netdev-dummy/receive p1 505400000005ffffffffffff$frame
    ovs-appctl dpctl/dump-flows "$2" | sed 's/used:[^,]*/used/;s/ufid:[-0-9a-fUID]*,//' | grep -v main
    ovs-appctl revalidator/purge
  done
}
for limit in 1 2; do
  ovs-vsctl set Open_vSwitch . other_config:vlan-limit=$limit
  flows NORMAL -m
  flows resubmit:1,2
  flows 'clone(decap(),encap(ethernet),3),2'
done
ovs-ofctl dump-ports br0 | sed 's/duration.*//'
stop
