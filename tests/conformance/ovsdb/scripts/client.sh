# ovsdb-client: every command, with wrong words too.
ovsdb-client
ovsdb-client nonsense
ovsdb-client --nonsense
ovsdb-client --version
ovsdb-client list-dbs
ovsdb-client list-dbs unix:db.sock
ovsdb-client list-dbs unix:nowhere
ovsdb-client list-dbs tcp:127.0.0.1:1
ovsdb-client list-dbs bogus:x
ovsdb-client list-dbs a b c
ovsdb-client get-schema
ovsdb-client get-schema fruit
ovsdb-client --pretty get-schema fruit
ovsdb-client get-schema unix:db.sock fruit
ovsdb-client get-schema nothing
ovsdb-client get-schema-version fruit
ovsdb-client get-schema-version
ovsdb-client get-schema-cksum fruit
ovsdb-client get-schema-cksum _Server
ovsdb-client list-tables fruit
ovsdb-client -f csv list-tables fruit
ovsdb-client list-tables _Server
ovsdb-client list-columns fruit
ovsdb-client list-columns fruit Basket
ovsdb-client list-columns fruit nothing
ovsdb-client list-columns _Server Database
ovsdb-client -f json list-columns fruit Fruit
ovsdb-client --no-headings list-columns fruit Fruit
ovsdb-client transact '["fruit",{"op":"insert","table":"Basket","row":{"name":"a","size":5,"price":1.5,"tags":["set",["x","y"]],"labels":["map",[["k",1],["l",2]]],"kind":"round"}},{"op":"insert","table":"Root","row":{"number":7}}]'
ovsdb-client --pretty transact '["fruit",{"op":"select","table":"Basket","where":[],"columns":["name","size","price","tags","labels","kind"]}]'
ovsdb-client transact unix:db.sock '["fruit"]'
ovsdb-client transact '["fruit",{"op":"insert","table":"Basket","row":{"name":"a"}}]'
ovsdb-client transact '["fruit",{"op":"insert","table":"Basket","row":{"name":"b","size":101}}]'
ovsdb-client transact '["fruit",{"op":"insert","table":"Nothing","row":{}}]'
ovsdb-client transact '["nothing",{"op":"comment","comment":"x"}]'
ovsdb-client transact '[]'
ovsdb-client transact '{}'
ovsdb-client transact '[1]'
ovsdb-client transact 'x'
ovsdb-client transact ''
ovsdb-client transact
ovsdb-client transact a b c
ovsdb-client query '["fruit",{"op":"insert","table":"Basket","row":{"name":"q"}},{"op":"select","table":"Basket","where":[],"columns":["name"],"sort":["name"]}]'
ovsdb-client query '["fruit",{"op":"insert","table":"Nothing","row":{}}]'
ovsdb-client query '["fruit"]'
ovsdb-client query '["fruit",{"op":"abort"}]'
ovsdb-client transact '["fruit",{"op":"insert","table":"Fruit","row":{"name":"apple"},"uuid-name":"f"},{"op":"insert","table":"Basket","row":{"name":"full","fruits":["named-uuid","f"],"best":["named-uuid","f"]}}]'
ovsdb-client dump fruit Basket name size
ovsdb-client dump fruit Basket name size tags labels kind price
ovsdb-client -f csv dump fruit Basket name labels
ovsdb-client -f list dump fruit Basket name labels
ovsdb-client -f html dump fruit Fruit name ripe
ovsdb-client -f json dump fruit Fruit name ripe
ovsdb-client -f table --max-column-width=3 dump fruit Basket name labels
ovsdb-client -d json dump fruit Basket name tags labels
ovsdb-client --bare dump fruit Basket name tags labels
ovsdb-client dump fruit Nothing
ovsdb-client dump fruit Basket nothing
ovsdb-client dump nothing
ovsdb-client dump fruit
ovsdb-client dump fruit Root
ovsdb-client dump fruit Manager
ovsdb-client --timeout=x list-dbs
ovsdb-client --timeout=0 list-dbs
ovsdb-client -t 5 list-dbs
ovsdb-client --format=nonsense list-dbs
ovsdb-client --data=nonsense list-dbs
ovsdb-client -t 1 monitor fruit
ovsdb-client -t 1 monitor fruit Nothing
ovsdb-client -t 1 monitor fruit Basket nothing
ovsdb-client -t 1 monitor fruit Basket name name
ovsdb-client -t 1 monitor fruit Basket name,size size
ovsdb-client -t 1 monitor fruit ALL name
ovsdb-client -t 1 monitor nothing Basket
ovsdb-client -t 1 monitor-cond fruit x Basket
ovsdb-client -t 1 monitor-cond fruit '[["nothing","==",1]]' Basket
ovsdb-client -t 1 monitor-cond fruit '[]' ALL
ovsdb-client --pidfile --detach --no-chdir monitor fruit Basket > one 2>&1
ovsdb-client --pidfile=two.pid --detach --no-chdir -f csv monitor fruit Basket 'name,!initial' 'size,!modify' > two 2>&1
ovsdb-client --pidfile=three.pid --detach --no-chdir -f csv monitor fruit ALL > three 2>&1
ovsdb-client --pidfile=four.pid --detach --no-chdir -d json monitor-cond fruit '[["size",">",3]]' Basket name,size,tags > four 2>&1
ovsdb-client --pidfile=five.pid --detach --no-chdir -f list monitor-cond-since fruit '[true]' Basket name labels > five 2>&1
ovsdb-client --pidfile=six.pid --detach --no-chdir -d json monitor fruit Basket name,best,fruits > six 2>&1
ovs-appctl -t ovsdb-client list-commands | grep -v 'vlog\|coverage'
ovs-appctl -t ovsdb-client version
ovs-appctl -t ovsdb-client ovsdb-client/block
ovs-appctl -t ovsdb-client ovsdb-client/block
ovs-appctl -t ovsdb-client ovsdb-client/unblock
ovs-appctl -t ovsdb-client ovsdb-client/unblock
ovs-appctl -t ovsdb-client nonsense
ovsdb-client transact '["fruit",{"op":"insert","table":"Basket","row":{"name":"new","size":4,"labels":["map",[["a",1]]]}}]'
ovsdb-client transact '["fruit",{"op":"mutate","table":"Basket","where":[["name","==","new"]],"mutations":[["tags","insert",["set",["x","y"]]],["labels","insert",["map",[["b",2],["c",3]]]]]}]'
ovsdb-client transact '["fruit",{"op":"mutate","table":"Basket","where":[["name","==","new"]],"mutations":[["tags","delete","x"],["labels","delete",["set",["b"]]],["size","-=",2]]}]'
ovsdb-client transact '["fruit",{"op":"update","table":"Basket","where":[["name","==","a"]],"row":{"size":1,"kind":["set",[]],"price":["set",[]]}}]'
ovs-appctl -t $PWD/ovsdb-client.$(cat four.pid).ctl ovsdb-client/cond_change Basket '[["size","<",3]]'
sleep 0.2
ovsdb-client transact '["fruit",{"op":"delete","table":"Basket","where":[["name","==","new"]]}]'
ovsdb-client transact '["fruit",{"op":"update","table":"Basket","where":[["name","==","full"]],"row":{"fruits":["set",[]]}}]'
sleep 0.2
cat ovsdb-client.pid | wc -l
ovs-appctl -t ovsdb-client exit
for i in two three four five six; do ovs-appctl -t $PWD/ovsdb-client.$(cat $i.pid).ctl exit; done
sleep 0.2
ls *.pid *.ctl | grep -c client
cat one
cat two
cat three
cat four
cat five
cat six
ovsdb-client backup fruit > saved
ovsdb-tool show-log saved
ovsdb-tool schema-version saved
ovsdb-tool db-version saved
ovsdb-client transact '["fruit",{"op":"delete","table":"Basket","where":[]},{"op":"delete","table":"Root","where":[]}]'
ovsdb-client restore fruit < saved
ovsdb-client dump fruit Basket name size tags labels
ovsdb-client restore fruit < /dev/null
echo garbage | ovsdb-client restore fruit
sed 's/"1.0.0"/"1.0.1"/' schema > schema2
ovsdb-client needs-conversion schema
ovsdb-client needs-conversion schema2
ovsdb-client needs-conversion nowhere
ovsdb-client needs-conversion
ovsdb-client convert schema2
ovsdb-client get-schema-version fruit
ovsdb-client restore fruit < saved
ovsdb-client --force restore fruit < saved
ovsdb-client convert nowhere
echo '{"name":"other","version":"1.0.0","tables":{}}' > other
sed 's/"size"/"number"/;s/"1.0.0"/"2.0.0"/' schema > schema3
ovsdb-client convert schema3
ovsdb-client dump fruit Basket name number tags
sed 's/"max":3/"max":1/;s/"1.0.0"/"3.0.0"/' schema > schema4
ovsdb-client convert schema4
ovsdb-client wait fruit added
ovsdb-client wait fruit connected
ovsdb-client wait nothing removed
ovsdb-client wait fruit nonsense
ovsdb-client wait fruit
ovsdb-client --pidfile=lock.pid --detach --no-chdir lock mine > lock 2>&1
ovsdb-client --pidfile=steal.pid --detach --no-chdir lock mine > waits 2>&1
ovsdb-client --pidfile=thief.pid --detach --no-chdir steal mine > steals 2>&1
sleep 0.2
ovs-appctl -t $PWD/ovsdb-client.$(cat thief.pid).ctl list-commands | grep -v 'vlog\|coverage'
kill $(cat thief.pid)
sleep 0.2
kill $(cat lock.pid) $(cat steal.pid)
sleep 0.2
cat lock
cat waits
cat steals
