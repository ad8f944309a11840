# ovsdb-server: databases and remotes that come and go, its control socket, its options.
ovs-appctl -t ovsdb-server list-commands | grep -v 'cluster/'
ovs-appctl -t ovsdb-server memory/show
ovs-appctl -t ovsdb-server version
ovs-appctl -t ovsdb-server ovsdb-server/list-dbs
ovs-appctl -t ovsdb-server ovsdb-server/list-remotes | sed "s,$PWD,PWD,"
ovs-appctl -t ovsdb-server ovsdb-server/add-db
ovs-appctl -t ovsdb-server ovsdb-server/add-db nowhere
ovs-appctl -t ovsdb-server ovsdb-server/add-db conf.db
ovs-appctl -t ovsdb-server ovsdb-server/add-db schema
echo '{"name":"second","version":"0.0.1","tables":{"t":{"columns":{"targets":{"type":{"key":"string","min":0,"max":"unlimited"}}}}}}' > schema2
ovsdb-tool create second.db schema2
ovsdb-tool create again.db schema2
ovs-appctl -t ovsdb-server ovsdb-server/add-db second.db
ovs-appctl -t ovsdb-server ovsdb-server/add-db second.db
ovs-appctl -t ovsdb-server ovsdb-server/list-dbs
ovsdb-client list-dbs
ovsdb-client get-schema
ovsdb-client list-tables second
ovsdb-client dump _Server Database name model connected leader
ovs-appctl -t ovsdb-server ovsdb-server/add-remote
ovs-appctl -t ovsdb-server ovsdb-server/add-remote punix:other.sock
ovs-appctl -t ovsdb-server ovsdb-server/add-remote punix:other.sock
ovs-appctl -t ovsdb-server ovsdb-server/add-remote bogus
ovs-appctl -t ovsdb-server ovsdb-server/add-remote bogus:x
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:fruit
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:fruit,Root
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:nothing,Root,targets
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:fruit,Nothing,targets
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:fruit,Root,nothing
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:fruit,Root,number
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:fruit,Root,targets
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:fruit,Root,managers
ovs-appctl -t ovsdb-server ovsdb-server/add-remote db:second,t,targets
ovs-appctl -t ovsdb-server ovsdb-server/list-remotes | sed "s,$PWD,PWD,"
ovsdb-client list-dbs unix:other.sock
ovsdb-client transact '["fruit",{"op":"insert","table":"Manager","row":{"target":"punix:'$PWD'/m.sock"},"uuid-name":"m"},{"op":"insert","table":"Manager","row":{"target":"punix:'$PWD'/ro.sock","read_only":true},"uuid-name":"n"},{"op":"insert","table":"Root","row":{"targets":"punix:'$PWD'/t.sock","managers":["set",[["named-uuid","m"],["named-uuid","n"]]]}}]'
sleep 0.1
ovsdb-client list-dbs unix:m.sock
ovsdb-client list-dbs unix:t.sock
ovsdb-client list-dbs unix:ro.sock
ovsdb-client transact unix:m.sock '["fruit",{"op":"insert","table":"Basket","row":{"name":"m"}}]'
ovsdb-client transact unix:ro.sock '["fruit",{"op":"insert","table":"Basket","row":{"name":"n"}}]'
ovsdb-client transact unix:ro.sock '["fruit",{"op":"select","table":"Basket","where":[],"columns":["name"]}]'
ovsdb-client transact unix:ro.sock '["fruit",{"op":"commit","durable":true}]'
ovsdb-client transact unix:ro.sock '["fruit",{"op":"comment","comment":"x"}]'
ovsdb-client transact '["fruit",{"op":"update","table":"Root","where":[],"row":{"targets":["set",[]],"managers":["set",[]]}}]'
sleep 0.1
ovsdb-client list-dbs unix:m.sock
ovsdb-client list-dbs unix:t.sock
ovs-appctl -t ovsdb-server ovsdb-server/remove-remote punix:other.sock
ovs-appctl -t ovsdb-server ovsdb-server/remove-remote punix:nothing.sock
ovs-appctl -t ovsdb-server ovsdb-server/remove-remote db:fruit,Root,targets
ovs-appctl -t ovsdb-server ovsdb-server/list-remotes | sed "s,$PWD,PWD,"
ovsdb-client list-dbs unix:other.sock
ovs-appctl -t ovsdb-server ovsdb-server/remove-db
ovs-appctl -t ovsdb-server ovsdb-server/remove-db nothing
ovs-appctl -t ovsdb-server ovsdb-server/remove-db _Server
ovs-appctl -t ovsdb-server ovsdb-server/remove-db second
ovs-appctl -t ovsdb-server ovsdb-server/list-dbs
ovs-appctl -t ovsdb-server ovsdb-server/list-remotes | sed "s,$PWD,PWD,"
ovs-appctl -t ovsdb-server ovsdb-server/compact
ovs-appctl -t ovsdb-server ovsdb-server/compact fruit
ovs-appctl -t ovsdb-server ovsdb-server/compact nothing
ovs-appctl -t ovsdb-server ovsdb-server/compact _Server
ovsdb-tool show-log conf.db
ovs-appctl -t ovsdb-server ovsdb-server/memory-trim-on-compaction
ovs-appctl -t ovsdb-server ovsdb-server/memory-trim-on-compaction on
ovs-appctl -t ovsdb-server ovsdb-server/memory-trim-on-compaction off
ovs-appctl -t ovsdb-server ovsdb-server/memory-trim-on-compaction maybe
ovs-appctl -t ovsdb-server ovsdb-server/reconnect
ovs-appctl -t ovsdb-server ovsdb-server/get-db-storage-status fruit
ovs-appctl -t ovsdb-server ovsdb-server/get-db-storage-status nothing
ovs-appctl -t ovsdb-server ovsdb-server/get-db-storage-status
ovs-appctl -t ovsdb-server ovsdb-server/perf-counters-clear
ovs-appctl -t ovsdb-server ovsdb-server/disable-monitor-cond
ovs-appctl -t ovsdb-server ovsdb-server/sync-status
ovs-appctl -t ovsdb-server ovsdb-server/get-active-ovsdb-server
ovs-appctl -t ovsdb-server ovsdb-server/connect-active-ovsdb-server
ovs-appctl -t ovsdb-server ovsdb-server/disconnect-active-ovsdb-server
ovs-appctl -t ovsdb-server ovsdb-server/set-active-ovsdb-server
ovs-appctl -t ovsdb-server ovsdb-server/set-active-ovsdb-server unix:nowhere.sock
ovs-appctl -t ovsdb-server ovsdb-server/get-active-ovsdb-server
ovs-appctl -t ovsdb-server ovsdb-server/set-active-ovsdb-server-probe-interval x
ovs-appctl -t ovsdb-server ovsdb-server/set-active-ovsdb-server-probe-interval 5000
ovs-appctl -t ovsdb-server ovsdb-server/set-active-ovsdb-server-probe-interval 1x
ovs-appctl -t ovsdb-server ovsdb-server/set-sync-exclude-tables x
ovs-appctl -t ovsdb-server ovsdb-server/set-sync-exclude-tables fruit:Basket,fruit:
ovs-appctl -t ovsdb-server ovsdb-server/set-sync-exclude-tables fruit:Basket,second:t,fruit:Fruit
ovs-appctl -t ovsdb-server ovsdb-server/get-sync-exclude-tables
ovs-appctl -t ovsdb-server ovsdb-server/set-sync-exclude-tables fruit:Basket
ovs-appctl -t ovsdb-server ovsdb-server/get-sync-exclude-tables
ovs-appctl -t ovsdb-server ovsdb-server/connect-active-ovsdb-server
sleep 0.1
ovs-appctl -t ovsdb-server ovsdb-server/sync-status
ovsdb-client transact '["fruit",{"op":"insert","table":"Basket","row":{"name":"b"}}]'
ovs-appctl -t ovsdb-server ovsdb-server/disconnect-active-ovsdb-server
ovs-appctl -t ovsdb-server ovsdb-server/sync-status
ovsdb-client transact '["fruit",{"op":"insert","table":"Basket","row":{"name":"b"}}]'
ovs-appctl -t ovsdb-server ovsdb-server/tlog-list
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set fruit:Basket on
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set fruit:Nothing on
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set nothing:Basket on
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set fruit on
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set fruit:Fruit maybe
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set fruit: on
ovs-appctl -t ovsdb-server ovsdb-server/tlog-list
ovs-appctl -t ovsdb-server ovsdb-server/tlog-set fruit:Root off
ovs-appctl -t ovsdb-server ovsdb-server/tlog-list
ovs-appctl -t ovsdb-server coverage/read-counter nothing
ovs-appctl -t ovsdb-server vlog/list | head -3
ovs-appctl -t ovsdb-server vlog/set ovsdb_server:file:dbg
ovs-appctl -t ovsdb-server vlog/set nonsense
ovs-appctl -t ovsdb-server vlog/list | sort | grep ovsdb
ovsdb-server --nonsense
ovsdb-server --version
ovsdb-server nowhere.db
ovsdb-server schema
ovsdb-server --unixctl=run.ctl --run=true second.db again.db
ovsdb-server --run='exit 3' second.db
ovsdb-server --run='true' second.db
ovsdb-server --run='echo hello; kill -9 $$' second.db
ovsdb-server --remote=db:nothing,t,targets --run=true second.db
ovsdb-server --remote=db:second,nothing,targets --run=true second.db
ovsdb-server --remote=db:second,t,nothing --run=true second.db
ovsdb-server --remote=db:second,t --run=true second.db
ovsdb-server --remote=punix:run.sock --unixctl=run.ctl --run='ovsdb-client list-dbs unix:run.sock' second.db
ovsdb-server --remote=punix:run.sock --unixctl=run.ctl --run='ovs-appctl -t $PWD/run.ctl ovsdb-server/list-dbs' second.db again2.db
ovsdb-server --detach --no-chdir --pidfile=x.pid --unixctl=x.ctl --remote=punix:x.sock second.db
ovsdb-server --detach --no-chdir --pidfile=x.pid --unixctl=x.ctl --remote=punix:x.sock again.db
ovs-appctl -t $PWD/x.ctl exit
sleep 0.1
ls x.pid x.ctl x.sock
cp second.db third.db
echo garbage >> third.db
ovsdb-server -vconsole:off --remote=punix:x.sock --unixctl=x.ctl --run='ovsdb-client list-dbs unix:x.sock' third.db
ovsdb-tool transact second.db '["second",{"op":"insert","table":"t","row":{"targets":["set",["a","b"]]}}]'
head -c -5 second.db > fourth.db
ovsdb-tool show-log fourth.db
ovsdb-server -vconsole:off --remote=punix:x.sock --unixctl=x.ctl --run='ovsdb-client dump unix:x.sock second t targets' fourth.db
ovsdb-tool show-log fourth.db
