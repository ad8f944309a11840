# SSL between ovsdb-server and its clients: keys, certificates and authorities that fit and that do not, and what is said of that.
certificates

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
