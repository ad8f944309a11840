# A switch whose database is reached by TCP and by SSL, also while that is not there.
certificates

ip link set lo up
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
db() { ovsdb-server --detach --no-chdir --pidfile --log-file --remote=punix:$OVS_RUNDIR/db.sock --remote=ptcp:6640:127.0.0.1 --remote=pssl:6641:127.0.0.1 --remote=db:Open_vSwitch,Open_vSwitch,manager_options --private-key=server-key.pem --certificate=server-cert.pem --ca-cert=lab-ca.pem conf.db 2>/dev/null; }
sw() { ovs-vswitchd --enable-dummy --disable-system --disable-system-route --detach --no-chdir --pidfile --log-file "$@" 2>/dev/null; }
log() { sed 's/^[^|]*|[0-9]*|//' ovs-vswitchd.log | grep '^reconnect\|stream_ssl'; rm ovs-vswitchd.log; }
end() { ovs-appctl -t ovs-vswitchd exit; wait_until '[ ! -e ovs-vswitchd.pid ]'; }
db
ovs-vsctl --no-wait init
sw tcp:127.0.0.1:6640
t ovs-vsctl add-br br0 -- set bridge br0 datapath-type=dummy
t ovs-vsctl list-br
end; log
sw ssl:127.0.0.1:6641 -p client-key.pem -c client-cert.pem -C lab-ca.pem
t ovs-vsctl add-br br1 -- set bridge br1 datapath-type=dummy
t ovs-appctl ofproto/list
end; log
sw --no-chdir ssl:127.0.0.1:6641 -p client-key.pem -c client-cert.pem -C other-ca.pem &
sleep 2.5
kill $!
kill $(cat ovs-vswitchd.pid 2>/dev/null) 2>/dev/null
sleep 0.3
sed 's/^[^|]*|[0-9]*|//' ovs-vswitchd.log | grep '^reconnect\|stream_ssl' | head -6; rm ovs-vswitchd.log
ovs-vsctl --no-wait set-manager ptcp:6645:127.0.0.1
sleep 0.2
sw tcp:127.0.0.1:6645
t ovs-vsctl add-br br2 -- set bridge br2 datapath-type=dummy
ovs-appctl -t ovsdb-server exit; wait_until '[ ! -e ovsdb-server.pid ]'
sleep 0.5
db
sleep 2
t ovs-vsctl add-br br3 -- set bridge br3 datapath-type=dummy
t ovs-appctl ofproto/list | sort
end
sed 's/^[^|]*|[0-9]*|//' ovs-vswitchd.log | grep '^reconnect' | grep -v 'Connection reset\|closed by peer\|Broken pipe'
ovs-appctl -t ovsdb-server exit; wait_until '[ ! -e ovsdb-server.pid ]'
