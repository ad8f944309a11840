# Role-based access control: what clients with and without a certificate may change by remotes with a role.
certificates

ip link set lo up
cat > rbac.ovsschema <<'EOF'
{"name":"R","version":"1.0.0","tables":{
"Root":{"isRoot":true,"columns":{"connections":{"type":{"key":{"type":"uuid","refTable":"Connection"},"min":0,"max":"unlimited"}}}},
"Connection":{"columns":{"target":{"type":"string"},"role":{"type":"string"},"read_only":{"type":"boolean"},"is_connected":{"type":"boolean"},"status":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}},"max_backoff":{"type":{"key":"integer","min":0,"max":1}},"inactivity_probe":{"type":{"key":"integer","min":0,"max":1}}}},
"RBAC_Role":{"isRoot":true,"columns":{"name":{"type":"string"},"permissions":{"type":{"key":"string","value":{"type":"uuid","refTable":"RBAC_Permission","refType":"weak"},"min":0,"max":"unlimited"}}}},
"RBAC_Permission":{"isRoot":true,"columns":{"table":{"type":"string"},"authorization":{"type":{"key":"string","min":0,"max":"unlimited"}},"insert_delete":{"type":"boolean"},"update":{"type":{"key":"string","min":0,"max":"unlimited"}}}},
"Chassis":{"isRoot":true,"columns":{"name":{"type":"string"},"ip":{"type":"string"},"tags":{"type":{"key":"string","value":"string","min":0,"max":"unlimited"}},"n":{"type":"integer"}}},
"Free":{"isRoot":true,"columns":{"a":{"type":"string"}}},
"Closed":{"isRoot":true,"columns":{"a":{"type":"string"}}}}}
EOF
ovsdb-tool create r.db rbac.ovsschema
ovsdb-server --detach --no-chdir --pidfile --log-file --remote=punix:$OVS_RUNDIR/db.sock --remote=db:R,Root,connections --private-key=server-key.pem --certificate=server-cert.pem --ca-cert=lab-ca.pem r.db 2>/dev/null
ovsdb-client transact '["R",{"op":"insert","table":"Connection","row":{"target":"pssl:6640:127.0.0.1","role":"chassis"},"uuid-name":"c"},{"op":"insert","table":"Connection","row":{"target":"ptcp:6641:127.0.0.1","role":"chassis"},"uuid-name":"d"},{"op":"insert","table":"Connection","row":{"target":"ptcp:6642:127.0.0.1","role":"nosuch"},"uuid-name":"e"},{"op":"insert","table":"Connection","row":{"target":"ptcp:6643:127.0.0.1","role":""},"uuid-name":"f"},{"op":"insert","table":"Root","row":{"connections":["set",[["named-uuid","c"],["named-uuid","d"],["named-uuid","e"],["named-uuid","f"]]]}},{"op":"insert","table":"RBAC_Permission","row":{"table":"Chassis","authorization":["set",["name","tags:owner"]],"insert_delete":true,"update":["set",["ip","tags:color"]]},"uuid-name":"p"},{"op":"insert","table":"RBAC_Permission","row":{"table":"Free","authorization":"","insert_delete":false,"update":"a"},"uuid-name":"q"},{"op":"insert","table":"RBAC_Role","row":{"name":"chassis","permissions":["map",[["Chassis",["named-uuid","p"]],["Free",["named-uuid","q"]]]]}},{"op":"insert","table":"Free","row":{"a":"x"}},{"op":"insert","table":"Chassis","row":{"name":"other"}},{"op":"insert","table":"Chassis","row":{"name":"mine","tags":["map",[["owner","client"]]]}}]' > /dev/null
sleep 0.3
C="ssl:127.0.0.1:6640 -p client-key.pem -c client-cert.pem -C lab-ca.pem"
x() { echo "--- $1"; ovsdb-client transact $C "[\"R\",$1]"; }
x '{"op":"insert","table":"Chassis","row":{"name":"client"}}'
x '{"op":"insert","table":"Chassis","row":{"name":"other"}}'
x '{"op":"insert","table":"Chassis","row":{"tags":["map",[["owner","client"]]]}}'
x '{"op":"insert","table":"Free","row":{"a":"y"}}'
x '{"op":"insert","table":"Closed","row":{"a":"y"}}'
x '{"op":"insert","table":"RBAC_Role","row":{"name":"y"}}'
x '{"op":"update","table":"Free","where":[],"row":{"a":"y"}}'
x '{"op":"update","table":"Closed","where":[],"row":{"a":"y"}}'
x '{"op":"update","table":"Chassis","where":[],"row":{"ip":"y"}}'
x '{"op":"update","table":"Chassis","where":[["name","==","client"]],"row":{"ip":"y"}}'
x '{"op":"update","table":"Chassis","where":[["name","==","client"]],"row":{"n":1}}'
x '{"op":"update","table":"Chassis","where":[["name","==","client"]],"row":{"ip":"z","n":1}}'
x '{"op":"update","table":"Chassis","where":[["name","==","none"]],"row":{"n":1}}'
x '{"op":"update","table":"Chassis","where":[["name","==","none"]],"row":{"ip":"u"}}'
x '{"op":"update","table":"Chassis","where":[["name","==","mine"]],"row":{"tags":["map",[["color","red"]]]}}'
x '{"op":"mutate","table":"Chassis","where":[["name","==","mine"]],"mutations":[["tags","insert",["map",[["color","red"]]]]]}'
x '{"op":"mutate","table":"Chassis","where":[["name","==","mine"]],"mutations":[["tags","insert",["map",[["size","red"]]]]]}'
x '{"op":"mutate","table":"Chassis","where":[["name","==","mine"]],"mutations":[["tags","delete",["set",["color"]]]]}'
x '{"op":"mutate","table":"Chassis","where":[["name","==","mine"]],"mutations":[["tags","delete",["set",["color","x"]]]]}'
x '{"op":"mutate","table":"Chassis","where":[["name","==","mine"]],"mutations":[["n","+=",1]]}'
x '{"op":"mutate","table":"Chassis","where":[["name","==","none"]],"mutations":[["n","+=",1]]}'
x '{"op":"mutate","table":"Chassis","where":[["name","==","none"]],"mutations":[]}'
x '{"op":"mutate","table":"Closed","where":[],"mutations":[]}'
x '{"op":"mutate","table":"Free","where":[],"mutations":[]}'
x '{"op":"delete","table":"Chassis","where":[["name","==","mine"]]}'
x '{"op":"delete","table":"Chassis","where":[["name","==","other"]]}'
x '{"op":"delete","table":"Chassis","where":[["name","==","none"]]}'
x '{"op":"delete","table":"Chassis","where":[]}'
x '{"op":"delete","table":"Free","where":[]}'
x '{"op":"delete","table":"Closed","where":[]}'
x '{"op":"select","table":"Closed","where":[]}'
x '{"op":"insert","table":"Chassis","row":{"name":"client"}},{"op":"insert","table":"Closed","row":{"a":"y"}}'
C=tcp:127.0.0.1:6641
x '{"op":"insert","table":"Chassis","row":{"name":"client"}}'
x '{"op":"insert","table":"Free","row":{"a":"y"}}'
x '{"op":"update","table":"Free","where":[],"row":{"a":"y"}}'
x '{"op":"mutate","table":"Free","where":[],"mutations":[]}'
x '{"op":"delete","table":"Free","where":[]}'
C=tcp:127.0.0.1:6642
x '{"op":"insert","table":"Chassis","row":{"name":"client"}}'
C=tcp:127.0.0.1:6643
x '{"op":"insert","table":"Chassis","row":{"name":"client"}}'
ovsdb-client transact unix:db.sock '["R",{"op":"update","table":"Connection","where":[["target","==","ptcp:6642:127.0.0.1"]],"row":{"role":""}}]'
sleep 0.3
C=tcp:127.0.0.1:6642
x '{"op":"insert","table":"Chassis","row":{"name":"client"}}'
ovs-appctl -t ovsdb-server exit
wait_until '[ ! -e ovsdb-server.pid ]'
