# One server as the backup of another.
cp schema other; ovsdb-tool create backup.db other
ovsdb-server backup.db --detach --no-chdir --pidfile=b.pid --unixctl=b.ctl --remote=punix:b.sock --sync-from=unix:db.sock -vconsole:off
ovsdb-client transact '["fruit",{"op":"insert","table":"Fruit","row":{"name":"apple"},"uuid-name":"f"},{"op":"insert","table":"Basket","row":{"name":"one","size":3,"fruits":["named-uuid","f"],"best":["named-uuid","f"]}},{"op":"insert","table":"Root","row":{"number":1}}]'
sleep 0.3
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovsdb-client dump unix:b.sock fruit Basket name size
ovsdb-client dump unix:b.sock fruit Fruit name ripe
ovsdb-client dump unix:b.sock fruit Root number
ovsdb-client transact unix:b.sock '["fruit",{"op":"insert","table":"Basket","row":{"name":"two"}}]'
ovsdb-client transact unix:b.sock '["fruit",{"op":"select","table":"Basket","where":[],"columns":["name"]}]'
ovsdb-client transact '["fruit",{"op":"mutate","table":"Basket","where":[],"mutations":[["tags","insert","x"],["size","+=",1]]}]'
ovsdb-client transact '["fruit",{"op":"insert","table":"Basket","row":{"name":"two"}}]'
ovsdb-client transact '["fruit",{"op":"delete","table":"Basket","where":[["name","==","one"]]}]'
sleep 0.2
ovsdb-client dump unix:b.sock fruit Basket name size tags
ovsdb-client dump unix:b.sock fruit Fruit name ripe
ovs-appctl -t $PWD/b.ctl ovsdb-server/set-sync-exclude-tables fruit:Fruit
sleep 0.2
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovs-appctl -t $PWD/b.ctl ovsdb-server/get-sync-exclude-tables
ovs-appctl -t $PWD/b.ctl ovsdb-server/disconnect-active-ovsdb-server
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovsdb-client transact unix:b.sock '["fruit",{"op":"insert","table":"Basket","row":{"name":"mine"}}]'
ovsdb-client dump unix:b.sock fruit Basket name size tags
ovs-appctl -t $PWD/b.ctl ovsdb-server/connect-active-ovsdb-server
sleep 0.2
ovsdb-client dump unix:b.sock fruit Basket name size tags
ovs-appctl -t $PWD/b.ctl ovsdb-server/set-active-ovsdb-server unix:b.sock
ovs-appctl -t $PWD/b.ctl ovsdb-server/connect-active-ovsdb-server
sleep 0.2
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovs-appctl -t $PWD/b.ctl ovsdb-server/get-active-ovsdb-server
ovs-appctl -t $PWD/b.ctl exit
echo '{"name":"second","version":"0.0.1","tables":{"t":{"columns":{"a":{"type":"integer"}}}}}' > schema2
ovsdb-tool create second.db schema2
ovsdb-server second.db --detach --no-chdir --pidfile=b.pid --unixctl=b.ctl --remote=punix:b.sock --sync-from=unix:db.sock -vconsole:off
sleep 0.2
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovs-appctl -t $PWD/b.ctl ovsdb-server/list-dbs
ovs-appctl -t $PWD/b.ctl exit
sed 's/"number"/"count"/' schema > different; ovsdb-tool create different.db different
ovsdb-server different.db --detach --no-chdir --pidfile=b.pid --unixctl=b.ctl --remote=punix:b.sock --sync-from=unix:db.sock -vconsole:off
sleep 0.2
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovs-appctl -t $PWD/b.ctl exit
sed 's/"1.0.0"/"1.0.5"/;s/"target":/"extra":{"type":"string"},"target":/' schema > wider; ovsdb-tool create wider.db wider
ovsdb-server wider.db --detach --no-chdir --pidfile=b.pid --unixctl=b.ctl --remote=punix:b.sock --sync-from=unix:db.sock -vconsole:off
sleep 0.2
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovsdb-client dump unix:b.sock fruit Basket name size tags
ovs-appctl -t $PWD/b.ctl exit
ovsdb-server backup.db --detach --no-chdir --pidfile=b.pid --unixctl=b.ctl --remote=punix:b.sock --sync-from=unix:db.sock --active -vconsole:off
ovs-appctl -t $PWD/b.ctl ovsdb-server/sync-status
ovs-appctl -t $PWD/b.ctl ovsdb-server/get-active-ovsdb-server
ovs-appctl -t $PWD/b.ctl exit
ovsdb-server backup.db --pidfile=b.pid --unixctl=b.ctl --sync-from=unix:db.sock --sync-exclude-tables=x --run=true -vconsole:off
ovsdb-server backup.db --pidfile=b.pid --unixctl=b.ctl --sync-exclude-tables=fruit:Root --run=true
ovsdb-server backup.db --pidfile=b.pid --unixctl=b.ctl --active --run=true -vconsole:off
