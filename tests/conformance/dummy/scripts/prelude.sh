# What every script here begins with: both daemons in a folder of their own, with dummies and without the kernel's datapath, and
# a bridge. Functions in the manner of test suites.
mkdir -p run
cd run
export OVS_RUNDIR=$PWD OVS_LOGDIR=$PWD OVS_DBDIR=$PWD OVS_SYSCONFDIR=$PWD
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

start_server() {
  ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
  ovsdb-server --detach --no-chdir --pidfile --log-file --remote=punix:$OVS_RUNDIR/db.sock conf.db 2>/dev/null
  ovs-vsctl --no-wait init
}

start_switch() {
  ovs-vswitchd --enable-dummy --disable-system --disable-system-route --detach --no-chdir --pidfile --log-file \
    -vvconn -vofproto_dpif -vunixctl "$@" 2>/dev/null
}

# br0, and what else is said
start() {
  start_server
  start_switch
  ovs-vsctl -- add-br br0 -- set bridge br0 datapath-type=dummy \
    other-config:datapath-id=fedcba9876543210 other-config:hwaddr=aa:55:aa:55:00:00 \
    protocols=[OpenFlow10,OpenFlow11,OpenFlow12,OpenFlow13,OpenFlow14,OpenFlow15] fail-mode=secure -- "$@"
}

# dummy ports of a bridge with these numbers: add_ports br0 1 2
add_ports() {
  bridge=$1
  shift
  for port; do
    ovs-vsctl add-port $bridge p$port -- set Interface p$port type=dummy ofport_request=$port
  done
}

wait_until() {
  tries=0
  until eval "$1"; do
    tries=$((tries + 1))
    [ $tries -lt 50 ] || { echo "waited for $1"; return 1; }
    sleep 0.1
  done
}

stop() {
  ovs-appctl -t ovs-vswitchd exit
  ovs-appctl -t ovsdb-server exit
  wait_until '[ ! -e ovs-vswitchd.pid ] && [ ! -e ovsdb-server.pid ]'
  # what a slow machine makes the daemons complain of is left out, which of their threads a signal comes to, and which flows of the
  # datapath a thread still holds when its bridge goes, and how the connection of a client ended that did not wait for its answer
  grep -E '\|(WARN|ERR|EMER)\|' ovs-vswitchd.log ovsdb-server.log | sed 's/^[^|]*|[0-9]*|//' |
    grep -v 'recirc_id [0-9]* left allocated\|^ovs_rcu\|^timeval\|^poll_loop\|^fatal_signal\|^jsonrpc.*Broken pipe\|jsonrpc.*Connection reset\|^reconnect|WARN|unix#[0-9]*: connection dropped (\(Connection reset by peer\|Broken pipe\))'
}

# run a command, show it and its exit status
t() {
  echo "\$ $*"
  "$@"
  status=$?
  [ $status = 0 ] || echo "status $status"
}
