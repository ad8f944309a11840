# How a controller starts, and what it says when it cannot listen or connect; users that there are and are not.
ip link set lo up
c() { t timeout 1 "$@" 2>&1 | sed 's/^[-0-9T:.Z]*|//; s/listening on port [0-9]*/listening on port PORT/'; }
c ovs-testcontroller unix:$PWD/nosuch
c ovs-testcontroller tcp:127.0.0.1:9
c ovs-testcontroller punix:$PWD/x unix:$PWD/nosuch
c ovs-testcontroller ptcp:6699:127.0.0.1
c ovs-testcontroller tcp:192.0.2.1:9
c ovs-testcontroller ssl:127.0.0.1:9
c ovs-testcontroller pssl:6653
c ovs-testcontroller pssl:0 tcp:x
c ovs-testcontroller punix:/nosuch/x
c ovs-testcontroller foo:bar
for u in nosuch root:nosuch nosuch:root :nosuch; do
  t ovs-testcontroller --user=$u ptcp:6699
  t ovs-ofctl --user=$u dump-flows br0
  t ovsdb-client --user=$u list-dbs
  t ovs-vswitchd --user=$u
  t ovsdb-server --user=$u conf.db
done
t ovs-ofctl --user=root dump-flows br0
t ovsdb-client --user=root:root list-dbs 2>&1 | sed 's/"unix.*"/DB/'
t ovs-vsctl --user=root show
t ovs-vsctl --monitor show
for o in --nosuch=5 --nosuch --s=5 --s --n=1=2 -Z; do
  t ovs-ofctl $o show br0
  t ovs-vsctl $o show
  t ovsdb-client $o list-dbs
  t ovsdb-tool $o db-name
done
