# SSL between ovsdb-server and its clients: keys, certificates and authorities that fit and that do not, and what is said of that.
# Two authorities, "lab" and "other"; server and client have certificates of the first, the stranger of the second.
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
log() { sed 's/^[^|]*|[0-9]*|//; s/127.0.0.1:[0-9]*: /127.0.0.1:PORT: /' ovsdb-server.log | grep -v '^vlog\|^jsonrpc\|^ovsdb_server' > seen; tail -n +$((shown + 1)) seen; shown=$(wc -l < seen); }
c() { t ovsdb-client -t 5 list-dbs "$@" 2>&1 | sed 's/^[-0-9T:.Z]*|[0-9]*|//'; sleep 0.1; log; }
shown=0
ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
ovsdb-server --detach --no-chdir --pidfile --log-file --remote=punix:$OVS_RUNDIR/db.sock --remote=pssl:6640:127.0.0.1 --remote=ptcp:6641:127.0.0.1 --private-key=server-key.pem --certificate=server-cert.pem --ca-cert=lab-ca.pem conf.db 2>/dev/null
log
OURS="-p client-key.pem -c client-cert.pem"
S=ssl:127.0.0.1:6640
c $S $OURS -C lab-ca.pem
c $S
c $S -p client-key.pem
c $S -p nosuch -c nosuch2 -C nosuch3
c $S -c nosuch -C nosuch
c $S -p server-cert.pem -c server-key.pem -C server-key.pem
c $S -p client-key.pem -c server-cert.pem -C lab-ca.pem
c $S -c server-cert.pem -p client-key.pem -C lab-ca.pem
c $S -p client-key.pem -C lab-ca.pem
c $S $OURS -C other-ca.pem
# the client hears of it as soon as it reads, or when it writes
c $S -p stranger-key.pem -c stranger-cert.pem -C lab-ca.pem | grep -v 'SSL_read\|SSL_write\|^jsonrpc\|transaction failed'
c $S $OURS -C none
c $S $OURS --bootstrap-ca-cert=learnt.pem
cmp learnt.pem lab-ca.pem
c $S $OURS --bootstrap-ca-cert=learnt.pem
c $S $OURS --bootstrap-ca-cert=nosuchfolder/learnt.pem
c tcp:127.0.0.1:6640
c ssl:127.0.0.1:6641 $OURS -C lab-ca.pem
c ssl:127.0.0.1:9 $OURS -C lab-ca.pem
c $S $OURS -C lab-ca.pem --ssl-protocols=TLSv1.2
c $S $OURS -C lab-ca.pem --ssl-protocols=tlsv1.2,TLSv1.1 --ssl-ciphers=ECDHE-ECDSA-AES128-GCM-SHA256
c $S $OURS -C lab-ca.pem --ssl-protocols=TLSv1.3
c $S $OURS -C lab-ca.pem --ssl-protocols=
c $S $OURS -C lab-ca.pem --ssl-ciphers=bad
c $S $OURS -C nosuch
t ovs-vsctl --no-wait --db=$S $OURS -C lab-ca.pem get-manager
t ovs-vsctl --no-wait --db=$S $OURS -C lab-ca.pem -- --id=@m create Manager 'target="ptcp:6642:127.0.0.1"' -- add Open_vSwitch . manager_options @m
t ovs-vsctl --no-wait --db=$S $OURS -C lab-ca.pem get-manager
t ovs-vsctl --no-wait --db=$S show 2>&1 | sed 's/^[-0-9T:.Z]*|[0-9]*|//'
t ovs-ofctl show $S 2>&1 | sed 's/^[-0-9T:.Z]*|[0-9]*|//'
t ovs-ofctl show $S $OURS -C other-ca.pem 2>&1 | sed 's/^[-0-9T:.Z]*|[0-9]*|//; s/ofctl: connecting to \(.*\) (Protocol/ofctl: \1: failed to connect to socket (Protocol/'
t ovs-ofctl show ssl:127.0.0.1:9 $OURS -C lab-ca.pem
log
ovs-appctl -t ovsdb-server exit
wait_until '[ ! -e ovsdb-server.pid ]'
