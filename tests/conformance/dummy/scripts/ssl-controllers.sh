# SSL between a switch and its controllers, with keys that the database names; managers of the database server by SSL, and what
# is said when keys come late, do not fit, or the other side speaks no SSL.
certificates


ip link set lo up
start_server_ssl() {
  ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
  ovsdb-server --detach --no-chdir --pidfile --log-file --remote=punix:$OVS_RUNDIR/db.sock --remote=db:Open_vSwitch,Open_vSwitch,manager_options --private-key=db:Open_vSwitch,SSL,private_key --certificate=db:Open_vSwitch,SSL,certificate --bootstrap-ca-cert=db:Open_vSwitch,SSL,ca_cert conf.db 2>/dev/null
  ovs-vsctl --no-wait init
}
lines() { sed 's/^[^|]*|[0-9]*|//; s/127.0.0.1:[0-9]\{5\}/127.0.0.1:PORT/; s/unix#[0-9]*/unix#N/' $1.log | grep -E 'stream_ssl|rconn\||reconnect\||jsonrpc\||connmgr' | grep -v '^jsonrpc.*receive error\|flow_mods\|waiting\|Broken pipe\|connecting' | sed 's/connection dropped (Protocol/connection failed (Protocol/' > seen.$1; tail -n +$(($(cat shown.$1) + 1)) seen.$1; wc -l < seen.$1 > shown.$1; }
echo 0 > shown.ovs-vswitchd; echo 0 > shown.ovsdb-server
start_server_ssl
start_switch
ovs-vsctl -- add-br br0 -- set bridge br0 datapath-type=dummy fail-mode=secure other-config:datapath-id=fedcba9876543210 other-config:hwaddr=aa:55:aa:55:00:00 other-config:disable-in-band=true
lines ovs-vswitchd | sort
lines ovsdb-server
t ovs-vsctl get-ssl
# without keys
ovs-vsctl set-controller br0 ssl:127.0.0.1:6653
wait_until 'grep -q "6653: connection failed" ovs-vswitchd.log'
lines ovs-vswitchd | head -8 | sort
ovs-vsctl del-controller br0
: > shown.ovs-vswitchd; lines ovs-vswitchd > /dev/null
t ovs-vsctl set-ssl $PWD/server-key.pem $PWD/server-cert.pem $PWD/lab-ca.pem
t ovs-vsctl get-ssl
t ovs-testcontroller pssl:6654:127.0.0.1 -p client-key.pem --detach --no-chdir --pidfile=one.pid --unixctl=$PWD/one.ctl
kill $(cat one.pid)
wait_until '[ ! -e one.pid ]'
ovs-testcontroller pssl:6653:127.0.0.1 -p client-key.pem -c client-cert.pem -C lab-ca.pem --detach --no-chdir --pidfile --unixctl=$PWD/tc.ctl 2>/dev/null
ovs-vsctl set-controller br0 ssl:127.0.0.1:6653
wait_until 'ovs-vsctl get controller br0 is_connected | grep -q true'
t ovs-vsctl --columns=target,is_connected,role list controller br0
lines ovs-vswitchd | sort
ovs-vsctl del-controller br0
sleep 0.2
lines ovs-vswitchd | sort
# a controller that speaks no SSL
ovs-testcontroller ptcp:6655:127.0.0.1 --detach --no-chdir --pidfile=two.pid --unixctl=$PWD/two.ctl 2>/dev/null
ovs-vsctl set-controller br0 ssl:127.0.0.1:6655
wait_until 'grep -q "6655: connection .*(Protocol" ovs-vswitchd.log'
lines ovs-vswitchd | head -5 | sort
ovs-vsctl del-controller br0
sleep 0.2; lines ovs-vswitchd > /dev/null
kill $(cat two.pid)
# one of another authority
ovs-testcontroller pssl:6656:127.0.0.1 -p stranger-key.pem -c stranger-cert.pem -C lab-ca.pem --detach --no-chdir --pidfile=three.pid --unixctl=$PWD/three.ctl 2>/dev/null
ovs-vsctl set-controller br0 ssl:127.0.0.1:6656
wait_until 'grep -q "6656: connection .*(Protocol" ovs-vswitchd.log'
lines ovs-vswitchd | head -4 | sort
ovs-vsctl del-controller br0
sleep 0.2; lines ovs-vswitchd > /dev/null
kill $(cat three.pid)
# the switch waits
ovs-vsctl set-controller br0 pssl:6657:127.0.0.1
sleep 0.3
OURS="-p client-key.pem -c client-cert.pem -C lab-ca.pem"
t ovs-ofctl -O OpenFlow13 show ssl:127.0.0.1:6657 $OURS
t ovs-ofctl add-flow ssl:127.0.0.1:6657 priority=7,actions=drop $OURS
t ovs-ofctl --no-stats dump-flows ssl:127.0.0.1:6657 $OURS
t ovs-ofctl dump-flows tcp:127.0.0.1:6657 2>&1 | sed 's/Broken pipe/Connection reset by peer/'
t ovs-ofctl dump-flows ssl:127.0.0.1:6657 -p stranger-key.pem -c stranger-cert.pem -C lab-ca.pem 2>&1 | grep -v 'SSL_read\|SSL_write' | sed 's/(.*)/(REASON)/'
sleep 0.2
lines ovs-vswitchd | grep -v connmgr
ovs-vsctl del-controller br0
# managers
t ovs-vsctl set-manager pssl:6640:127.0.0.1
sleep 0.5
t ovsdb-client list-dbs ssl:127.0.0.1:6640 $OURS
t ovs-vsctl --db=ssl:127.0.0.1:6640 $OURS get-manager
t ovs-vsctl --db=ssl:127.0.0.1:6640 $OURS del-ssl
sleep 0.2
t ovsdb-client list-dbs ssl:127.0.0.1:6640 $OURS
t ovs-vsctl -- --bootstrap set-ssl $PWD/server-key.pem $PWD/server-cert.pem $PWD/new-ca.pem
t ovs-vsctl get-ssl
sleep 0.3
lines ovsdb-server
lines ovs-vswitchd | sort
ovs-vsctl set-controller br0 ssl:127.0.0.1:6653
wait_until '[ $(grep -c "6653: connection .*(Protocol error" ovs-vswitchd.log) -ge 1 ]'
lines ovs-vswitchd | sort
ls new-ca.pem
kill $(cat ovs-testcontroller.pid)
stop | grep -v 'vconn\|rconn\|stream_ssl\|connmgr\|reconnect\|jsonrpc'
