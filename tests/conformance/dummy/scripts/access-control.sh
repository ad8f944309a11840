# Role-based access control: what clients with and without a certificate may change by remotes with a role.
cat > server-key.pem <<'EOF'
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIKUAaMzt9eEGtbUKmZW2YB5+RIZ8cYq/eMDZgYIGpt69oAoGCCqGSM49
AwEHoUQDQgAEpj6NVlYV4P7EGyh6KtyT1bLL9t6T57CZFOrAiXk58j0Dpx48hEE7
PlJw03JmyVy/nJby8lsnptVaGGSz5G58Fw==
-----END EC PRIVATE KEY-----
EOF
cat > server-cert.pem <<'EOF'
-----BEGIN CERTIFICATE-----
MIIBTDCB9AIUHF+mDIuZ8WQp49kyTxxn380OqTQwCgYIKoZIzj0EAwIwLDESMBAG
A1UECgwJUGF0Y2hjb3JkMRYwFAYDVQQDDA1sYWIgYXV0aG9yaXR5MCAXDTI2MTEz
MDA2Mzg1NloYDzIxMjYxMTA2MDYzODU2WjAlMRIwEAYDVQQKDAlQYXRjaGNvcmQx
DzANBgNVBAMMBnNlcnZlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKY+jVZW
FeD+xBsoeirck9Wyy/bek+ewmRTqwIl5OfI9A6cePIRBOz5ScNNyZslcv5yW8vJb
J6bVWhhks+RufBcwCgYIKoZIzj0EAwIDRwAwRAIgFbUxrQGQQQ7NZsuMezPVjHhk
4vlDLOlbCC8U8t9PznkCIBc9BR9d5E02q6b/jV+ZnT8zeZ5pedcjBf0FpNxYq+vu
-----END CERTIFICATE-----
EOF
cat > client-key.pem <<'EOF'
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIDZdmnlwbs0EQO6co52TaTFmggofgF18kkpQBW4YsvHwoAoGCCqGSM49
AwEHoUQDQgAEnKaABSpyYLce8HHJTZxj4pc21lNH4ngvROA9SWVqXzvFHVjTi5hW
uWTekaNMlWs26oFBqiWqrUTcswySZKFwXw==
-----END EC PRIVATE KEY-----
EOF
cat > client-cert.pem <<'EOF'
-----BEGIN CERTIFICATE-----
MIIBTDCB9AIUHF+mDIuZ8WQp49kyTxxn380OqTUwCgYIKoZIzj0EAwIwLDESMBAG
A1UECgwJUGF0Y2hjb3JkMRYwFAYDVQQDDA1sYWIgYXV0aG9yaXR5MCAXDTI2MTEz
MDA2Mzg1NloYDzIxMjYxMTA2MDYzODU2WjAlMRIwEAYDVQQKDAlQYXRjaGNvcmQx
DzANBgNVBAMMBmNsaWVudDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJymgAUq
cmC3HvBxyU2cY+KXNtZTR+J4L0TgPUllal87xR1Y04uYVrlk3pGjTJVrNuqBQaol
qq1E3LMMkmShcF8wCgYIKoZIzj0EAwIDRwAwRAIgbPVXJCtFCZsxf8YEyLiBb69A
0bDXrfHM+msxisq2N8UCIG0qsx+qzFJ/nnNeoFE234NX+ok5FrN1HyhcmrhkoQgz
-----END CERTIFICATE-----
EOF
cat > stranger-key.pem <<'EOF'
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIN2CpHtlZQT9wakAJbUifaksscMDLO+P0IMd3fx9qmsOoAoGCCqGSM49
AwEHoUQDQgAEEYMLvUgop3gGhz34wMFbMO5b9ImHQJxxY/+pCHZ10OI1OEwF+K7E
zbsz6QLX/FVmbeNRcsULj2dpvM/QS6Vp6w==
-----END EC PRIVATE KEY-----
EOF
cat > stranger-cert.pem <<'EOF'
-----BEGIN CERTIFICATE-----
MIIBUTCB+AIUQM6DzoN0pyXH0dMxUnN+3Sg3puUwCgYIKoZIzj0EAwIwLjESMBAG
A1UECgwJUGF0Y2hjb3JkMRgwFgYDVQQDDA9vdGhlciBhdXRob3JpdHkwIBcNMjYx
MTMwMDYzODU2WhgPMjEyNjExMDYwNjM4NTZaMCcxEjAQBgNVBAoMCVBhdGNoY29y
ZDERMA8GA1UEAwwIc3RyYW5nZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQR
gwu9SCineAaHPfjAwVsw7lv0iYdAnHFj/6kIdnXQ4jU4TAX4rsTNuzPpAtf8VWZt
41FyxQuPZ2m8z9BLpWnrMAoGCCqGSM49BAMCA0gAMEUCIQCIGpvu48iJBxTmCT6M
sAhJqyo3RkqjM/3u1knTev98mwIgEZPOzB/qm8+CzfGo7m8+0l/btl7wTkKL7Qrp
bI8yRUk=
-----END CERTIFICATE-----
EOF
cat > lab-ca.pem <<'EOF'
-----BEGIN CERTIFICATE-----
MIIBsDCCAVWgAwIBAgIUYkYM61/KtZ7IOnnyGdIOs858mBwwCgYIKoZIzj0EAwIw
LDESMBAGA1UECgwJUGF0Y2hjb3JkMRYwFAYDVQQDDA1sYWIgYXV0aG9yaXR5MCAX
DTI2MTEzMDA2Mzg1NloYDzIxMjYxMTA2MDYzODU2WjAsMRIwEAYDVQQKDAlQYXRj
aGNvcmQxFjAUBgNVBAMMDWxhYiBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATjkTmyN9yaKh1Ev3Jp1DnAvtKlQ6f62BjfB7YKYXFm8lzGJdoA4sHR
EuCZOTlGkSQ1nVYWtsSMSziBFF11+hdXo1MwUTAdBgNVHQ4EFgQUA3yNBab7x/sy
os7cZ0T9Hf6Q2LMwHwYDVR0jBBgwFoAUA3yNBab7x/syos7cZ0T9Hf6Q2LMwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAhSq0KxSaQbWcRq6tminY
GOfSeQRtXcNh8GM5n7Xzx0ICIQCCkundsXZ4vFbVQFj2lyPd9E1BiDjXwTl8zsrm
jX35/Q==
-----END CERTIFICATE-----
EOF
cat > other-ca.pem <<'EOF'
-----BEGIN CERTIFICATE-----
MIIBszCCAVmgAwIBAgIUI0HH/m9NHcom21gBA5tmf7uEE6EwCgYIKoZIzj0EAwIw
LjESMBAGA1UECgwJUGF0Y2hjb3JkMRgwFgYDVQQDDA9vdGhlciBhdXRob3JpdHkw
IBcNMjYxMTMwMDYzODU2WhgPMjEyNjExMDYwNjM4NTZaMC4xEjAQBgNVBAoMCVBh
dGNoY29yZDEYMBYGA1UEAwwPb3RoZXIgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEdgJps+ftyZzcqHAziOJjqTJH32BQy+pA3h3xDv4d0a0FV/EJ
WM6SdemEaj8aeY51CCovu1gxQmfs10FY929EcqNTMFEwHQYDVR0OBBYEFE6C+0pG
IU3Of5l1275urRCaVchMMB8GA1UdIwQYMBaAFE6C+0pGIU3Of5l1275urRCaVchM
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgbrH6xc/RcmH5C1G9
Im/kxOfUfpSCecBtzIH6NtO86EMCIQCpkPcQrXbiZ8E3MwhPY6hbTl5CXpH/75fJ
J4J0qKN5wQ==
-----END CERTIFICATE-----
EOF

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
