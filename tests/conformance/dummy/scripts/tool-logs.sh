# What tools log, as -v says, into files too, and the logs of monitors in the background.
start
for v in foo vconn:foo vconn:dbg vconn:file:dbg PATTERN:console:%m PATTERN:foo:%m FACILITY:daemon FACILITY:foo dbg,info : any ANY:ANY:off foo:dbg syslog:off PATTERN:console PATTERN PATTERN: off console:off:warn a:b:c:d -dbg "vconn dbg" "ofctl stream_ssl" console:file:dbg FACILITY; do
  t ovs-ofctl -v"$v" --version
  t ovsdb-client -v"$v" --version
done
d() { sed 's/^[-0-9T:.Z]*|[0-9]*|//; s/(xid=[^)]*)/(xid)/; s/duration=[0-9.]*s/duration=TIME/' | grep -v '^hmap\|^poll_loop'; }
t ovs-ofctl -vvconn:dbg dump-flows br0 2>&1 | d
t ovs-ofctl -v dump-flows br0 2>&1 | d
t ovs-ofctl -O OpenFlow13 -vconsole:vconn:dbg -vPATTERN:console:%c:%p:%m show br0 2>&1 | d
t ovs-ofctl -vvconn:info dump-flows br0 2>&1 | d
t ovs-ofctl -voff add-flow br0 nw_src=10.0.0.1,actions=drop
t ovs-ofctl -vofp_match:console:warn add-flow br0 nw_src=10.0.0.1,actions=drop
t ovs-ofctl add-flow br0 nw_src=10.0.0.1,actions=drop 2>&1 | d
t ovs-ofctl --log-file=$PWD/o.log -vvconn:file:dbg -vconsole:off dump-flows br0 2>&1 | d
d < o.log
t ovs-ofctl --log-file -vconsole:off dump-flows br0 2>&1 | d
d < ovs-ofctl.log
t timeout 2 ovs-vsctl --dry-run add-br br9 2>&1 | d
t ovs-vsctl -t 1 --dry-run add-br br9 2>&1 | grep -v 'Alarm clock' | d
t ovs-vsctl --dry-run list-br
t ovs-vsctl --no-wait --dry-run add-br br9
t ovs-ofctl --monitor dump-ports-desc br0 2>&1 | d
t ovsdb-client --monitor list-dbs
ovs-ofctl --detach --pidfile=$PWD/m.pid monitor br0 2>/dev/null
ovsdb-client --detach --pidfile=$PWD/c.pid monitor Open_vSwitch Bridge name >/dev/null 2>&1
ovs-testcontroller --detach --pidfile=$PWD/t.pid punix:$PWD/tc.sock 2>/dev/null
for x in ovs-ofctl.$(cat m.pid) ovsdb-client.$(cat c.pid) ovs-testcontroller.$(cat t.pid); do
  a() { t ovs-appctl -t $PWD/$x.ctl "$@" 2>&1 | sed "s/$x/TOOL/"; }
  a list-commands
  a vlog/list
  a vlog/set foo
  a vlog/set vconn:dbg
  a vlog/list | grep vconn
  a vlog/list-pattern
  a vlog/set PATTERN:file:%m
  a vlog/disable-rate-limit nosuch
  a vlog/disable-rate-limit stream
  a vlog/enable-rate-limit
  a coverage/show
  a coverage/read-counter nosuch
  a coverage/read-counter
  a version
done
for p in m c t; do kill $(cat $p.pid); done
wait_until '[ ! -e m.pid ] && [ ! -e c.pid ] && [ ! -e t.pid ]'
stop | grep -v 'vconn\|rconn'
