# A controller that makes a bridge learn, in each of its ways, and what the bridge and it say to each other.
start
add_ports br0 1 2 3
t ovs-testcontroller
t ovs-testcontroller foo:bar
t ovs-testcontroller --max-idle=0 punix:x
t ovs-testcontroller -Q foo punix:x
t ovs-testcontroller -O OpenFlow99 punix:x
t ovs-testcontroller --with-flows nosuch punix:x
t ovs-testcontroller --nosuch
t ovs-testcontroller --version
p() { ovs-appctl netdev-dummy/receive p$1 "in_port($1),eth(src=50:54:00:00:00:0$1,dst=50:54:00:00:00:0$2),eth_type(0x0800),ipv4(src=10.0.0.$1,dst=10.0.0.$2,proto=${3:-6},tos=4,ttl=64,frag=no),tcp(src=1000,dst=80),tcp_flags(0x002)"; sleep 0.1; }
echo "in_port=3,dl_vlan=7,actions=1" > wf.txt
run() {
echo "=== $*"
ovs-vsctl set bridge br0 protocols=$1
shift
: > ovs-vswitchd.log; ovs-appctl vlog/reopen
ovs-testcontroller --detach --no-chdir --pidfile "$@" punix:$OVS_RUNDIR/tc.sock 2>tc.err
ovs-vsctl set-controller br0 unix:$OVS_RUNDIR/tc.sock
wait_until "ovs-vsctl get controller br0 is_connected | grep -q true"

ovs-ofctl -O $V --no-stats dump-flows br0
p 1 2; p 2 1; p 1 2; p 2 1; p 1 1; p 3 3
ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:01,dst=01:80:c2:00:00:02),eth_type(0x1234)"
ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x86dd),ipv6(src=fe80::1,dst=fe80::2,label=0,proto=58,tclass=0,hlimit=255,frag=no),icmpv6(type=128,code=0)"
ovs-appctl netdev-dummy/receive p1 "in_port(1),eth(src=50:54:00:00:00:01,dst=50:54:00:00:00:02),eth_type(0x8100),vlan(vid=9,pcp=3),encap(eth_type(0x0806),arp(sip=10.0.0.2,tip=10.0.0.1,op=1,sha=50:54:00:00:00:02,tha=00:00:00:00:00:00))"
sleep 0.2
ovs-ofctl -O $V --no-stats dump-flows br0
grep 'vconn' ovs-vswitchd.log | grep tc.sock | grep -v OFPT_ECHO | sed 's/^.*vconn|DBG|//; s/xid=0x[0-9a-f]*/xid/; s/unix#[0-9]*/unix#/'
kill $(cat ovs-testcontroller.pid)
wait_until '[ ! -e ovs-testcontroller.pid ]'
ls *.sock
cat tc.err | grep -v 'rconn\|INFO'
ovs-vsctl del-controller br0
sleep 0.2
ovs-ofctl -O $V del-flows br0
ovs-appctl dpctl/del-flows
}
V=OpenFlow10 run OpenFlow10
V=OpenFlow13 run OpenFlow13
V=OpenFlow15 run OpenFlow10,OpenFlow11,OpenFlow12,OpenFlow13,OpenFlow14,OpenFlow15
V=OpenFlow10 run OpenFlow10 -H
V=OpenFlow13 run OpenFlow13 -N --max-idle=permanent
V=OpenFlow10 run OpenFlow10 -w
V=OpenFlow13 run OpenFlow13 --wildcards=0x2000EC
V=OpenFlow10 run OpenFlow10 -q 3 -Q p1:5 -N
V=OpenFlow13 run OpenFlow13 --mute
V=OpenFlow10 run OpenFlow10 --with-flows wf.txt
V=OpenFlow14 run OpenFlow10,OpenFlow14 -O OpenFlow14 -n
stop | grep -v 'vconn\|rconn\|^dpif'
