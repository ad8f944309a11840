# Bundles one of whose messages is refused when it is added.
start
add_ports br0 1 2
for v in OpenFlow13 OpenFlow14 OpenFlow15; do
for f in 'priority=1,actions=1;priority=100,dp_hash=0/1,actions=2' 'priority=100,dp_hash=0/1,actions=2;priority=2,actions=1' 'priority=1,actions=1;priority=100,dp_hash=0/1,actions=2;priority=3,actions=1' 'priority=4,actions=1;priority=3,tun_metadata2=1,actions=2' 'priority=4,actions=1;table=254,actions=2' 'priority=5,actions=1;priority=6,actions=set_field:0xabcdef->tun_metadata2,2' 'priority=5,actions=1;priority=6,actions=group:77' 'priority=5,actions=1;priority=7,actions=meter:77' 'priority=5,actions=1;priority=7,ip,actions=ct(table=0)'; do
echo "== $v $f"
ovs-ofctl del-flows br0
echo "$f" | tr ';' '\n' > f.txt
ovs-ofctl -O $v --bundle add-flows br0 f.txt 2>&1 | sed 's/(xid=0x[0-9a-f]*)/(xid)/'
ovs-ofctl -O $v --bundle replace-flows br0 f.txt 2>&1 | sed 's/(xid=0x[0-9a-f]*)/(xid)/'
ovs-ofctl --no-stats dump-flows br0
done
done
# of options that have no names here the log of the embedded daemon does not tell
stop | grep -v INVALID_TLV_FIELD
