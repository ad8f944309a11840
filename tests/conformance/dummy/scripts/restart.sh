# Daemons that end, and start again; the database survives.
start add-port br0 p1 -- set Interface p1 type=dummy ofport_request=7
t ovs-vsctl get Interface p1 type
t ovs-ofctl add-flow br0 actions=drop
t ovs-appctl -t ovs-vswitchd exit
wait_until '[ ! -e ovs-vswitchd.pid ]'
t ovs-appctl dpif/show
t ovs-vsctl --no-wait set Interface p1 ofport_request=8
start_switch
t ovs-appctl dpif/show
t ovs-ofctl dump-flows br0
kill $(cat ovs-vswitchd.pid)
wait_until '[ ! -e ovs-vswitchd.pid ]'
start_switch
t ovs-vsctl get Interface p1 ofport
kill $(cat ovsdb-server.pid)
wait_until '[ ! -e ovsdb-server.pid ]'
t ovs-vsctl get Interface p1 type
t ovs-appctl dpif/show
ovsdb-server --detach --no-chdir --pidfile --log-file --remote=punix:$OVS_RUNDIR/db.sock conf.db 2>/dev/null
t ovs-vsctl --timeout=10 add-port br0 p2 -- set Interface p2 type=dummy
t ovs-appctl dpif/show
t ovsdb-tool db-name conf.db
t ovsdb-client list-dbs unix:db.sock
ls
stop
