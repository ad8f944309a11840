# Where clients of the database and of switches connect to, in all ways to say it, and what is said when nobody is there; tools on a
# file that a server has open; backups that are cut off.
ip link set lo up
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server --detach --no-chdir --pidfile --log-file --remote=punix:$OVS_RUNDIR/db.sock --remote=ptcp:6640:127.0.0.1 conf.db 2>/dev/null
ovs-vsctl --no-wait init
V="ovs-vsctl --no-wait"
for d in tcp: tcp:127.0.0.1 tcp:127.0.0.1: tcp::6640 tcp:localhost tcp:localhost:6640 tcp:nosuch.invalid:1 tcp:[::1]:6640 tcp:[::1] tcp:::1 tcp:127.0.0.1:99999 tcp:127.0.0.1:0 tcp:127.0.0.1:x tcp:1.2.3 foo:bar unix:/nosuch "unix:a b" ssl: tcp:127.0.0.1:6640:7 tcp:192.0.2.1:6640 ssl:192.0.2.1:6640 bar; do
  t $V --db="$d" list-br
  t ovsdb-client list-dbs "$d"
  t ovs-ofctl show "$d"
done
t $V -- add-br br0 br0 -- add-port br1 p3 nosuchcol=p1
t $V -- add-port br1 p3 nosuchcol=p1
t $V -- add-bond br1 b p3 p4 nosuchcol=p1
t $V -- add-br br5 -- add-port br5 p3 _uuid=p1
echo foo > b.db
for f in b.db nosuch.db conf.db $PWD/conf.db ../run/conf.db; do
  for text in '["everything",]' '["Open_vSwitch"]' '["Open_vSwitch",{"op":"comment","comment":"x"}]'; do
    t ovsdb-tool query $f "$text"
    t ovsdb-tool transact $f "$text"
  done
  t ovsdb-tool compact $f
  t ovsdb-tool compact $f new.db
  t ovsdb-tool convert $f /usr/share/openvswitch/vswitch.ovsschema
  t ovsdb-tool db-version $f
done
t ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
ls -a | grep lock
t ovs-appctl -t ovsdb-server ovsdb-server/remove-db Open_vSwitch
t ovsdb-tool compact conf.db
t ovs-appctl -t ovsdb-server ovsdb-server/add-db conf.db
t ovsdb-tool compact conf.db
ovsdb-client backup > saved
for n in 1 40 500; do head -c -$n saved > cut; t ovsdb-client restore < cut; done
head -c 60 saved > cut; t ovsdb-client restore < cut
(cat saved; echo foo) > cut; t ovsdb-client restore < cut
t ovsdb-client restore < saved
ovs-appctl -t ovsdb-server exit
wait_until '[ ! -e ovsdb-server.pid ]'
t ovsdb-tool compact conf.db
t ovsdb-tool query conf.db '["Open_vSwitch"]'
