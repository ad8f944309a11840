# A relay database: another server's, before that is there, while it is, and after it has gone.
ip link set lo up
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
b() { t ovs-appctl -t $PWD/b.ctl ovsdb-server/"$@"; }
q() { t ovsdb-client "$@"; }
t ovsdb-server relay:foo
t ovsdb-server relay:
ovsdb-server --detach --no-chdir --pidfile=b.pid --log-file=$PWD/b.log --unixctl=$PWD/b.ctl --remote=punix:$PWD/b.sock relay:Open_vSwitch:unix:$PWD/a.sock 2>/dev/null
sleep 0.2
q list-dbs unix:b.sock
b list-dbs
q get-schema-version unix:b.sock Open_vSwitch
q transact unix:b.sock '["Open_vSwitch"]'
q dump unix:b.sock _Server Database name model connected leader index cid
b get-db-storage-status Open_vSwitch
b add-db relay:foo
ovsdb-server --detach --no-chdir --pidfile=a.pid --log-file=a.log --unixctl=$PWD/a.ctl --remote=punix:$PWD/a.sock conf.db 2>/dev/null
ovs-vsctl --db=unix:a.sock --no-wait init
sleep 2
q dump unix:b.sock _Server Database name model connected leader index cid
q get-schema-version unix:b.sock Open_vSwitch
x() { t ovsdb-client transact unix:b.sock "[\"Open_vSwitch\",$1]" | sed 's,First row.*",...",'; }
x '{"op":"insert","table":"Bridge","row":{"name":5}}'
x '{"op":"select","table":"Bridge","where":[],"columns":["name"]}'
x '{"op":"nosuch"}'
x '{"op":"insert","table":"Bridge","row":{"name":"br0"},"uuid-name":"b"},{"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[["bridges","insert",["set",[["named-uuid","b"]]]]]}'
x '{"op":"select","table":"Bridge","where":[],"columns":["name"]}'
x '{"op":"wait","table":"Bridge","timeout":0,"where":[],"columns":["name"],"until":"==","rows":[]}'
x '{"op":"wait","table":"Bridge","timeout":0,"where":[],"columns":["name"],"until":"==","rows":[{"name":"br0"}]}'
x '{"op":"insert","table":"Bridge","row":{"name":"br0"},"uuid-name":"b"},{"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[["bridges","insert",["set",[["named-uuid","b"]]]]]}'
x '{"op":"assert","lock":"x"}'
x '{"op":"abort"}'
x '{"op":"comment","comment":"c"}'
q dump unix:a.sock Open_vSwitch Bridge name
q dump unix:b.sock Open_vSwitch Bridge name
ovs-vsctl --db=unix:a.sock --no-wait add-br br1
sleep 0.2
q dump unix:b.sock Open_vSwitch Bridge name
t timeout 3 ovs-vsctl --db=unix:b.sock --no-leader-only --no-wait add-br br2
t timeout 3 ovs-vsctl --db=unix:b.sock --no-leader-only --no-wait list-br
q dump unix:a.sock Open_vSwitch Bridge name
b compact Open_vSwitch
b sync-status
ovs-appctl -t $PWD/a.ctl exit
sleep 0.2
q dump unix:b.sock _Server Database name model connected leader index cid
q dump unix:b.sock Open_vSwitch Bridge name
(sleep 0.5; ovsdb-server --detach --no-chdir --pidfile=a.pid --log-file=a.log --unixctl=$PWD/a.ctl --remote=punix:$PWD/a.sock conf.db 2>/dev/null) &
x '{"op":"insert","table":"Bridge","row":{"name":"br3"},"uuid-name":"b"},{"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[["bridges","insert",["set",[["named-uuid","b"]]]]]}'
wait
q dump unix:b.sock Open_vSwitch Bridge name
b remove-db Open_vSwitch
b list-dbs
q list-dbs unix:b.sock
b add-db relay:Open_vSwitch:unix:$PWD/a.sock
sleep 0.3
q dump unix:b.sock Open_vSwitch Bridge name
ovs-appctl -t $PWD/b.ctl exit
ovs-appctl -t $PWD/a.ctl exit
wait_until '[ ! -e a.pid ] && [ ! -e b.pid ]'
sed 's/^[^|]*|[0-9]*|//' b.log | grep -v 'Broken pipe\|reset by peer\|memory\|closed by peer\|disconnecting'
