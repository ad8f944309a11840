// The bash script that kills runs and cleans up after them, in namespaces of its own in which others have devices, namespaces and an
// Open vSwitch, which must be as they were afterwards.

import { WAITING } from "../../real-kernel.ts";

/** Each with a row for the columns that are nobody's count or state. */
const TABLES = [
  "Open_vSwitch _uuid bridges external_ids other_config manager_options",
  "Bridge _uuid name ports datapath_type fail_mode controller external_ids other_config mirrors protocols",
  "Port _uuid name interfaces tag trunks vlan_mode qos external_ids",
  "Interface _uuid name type ofport options external_ids",
  "Controller _uuid target",
  "QoS _uuid type queues other_config",
  "Queue _uuid other_config",
  "Mirror _uuid name select_src_port",
];

/**
 * Arguments: what runs (kernel, switch, ...), node, main.js, and the words of the run; LIMIT has the seconds after which a run that was
 * not killed is, CALLS the system calls that are counted. Standard input: "CALL NUMBER [NUMBER]" (of a call of the first cleanup that is killed, too), "time SECONDS", "calibrate SECONDS" or "journal PERMILLE" a line (of the words in
 * the journal, after "journal 1000", which is a whole run), which are answered by "CALL NUMBER EXIT same", or what differs; calibrate tells all calls first.
 */
export const HARNESS = `${WAITING}
mount --make-rprivate / && mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys && mkdir /run/openvswitch || exit 90
export OVS_RUNDIR=/run/openvswitch OVS_LOGDIR=/run/openvswitch OVS_DBDIR=/run/openvswitch LC_ALL=C
private=$(mktemp -d); what=$1; node=$2; main=$3; shift 3
has() { command -v "$1" >/dev/null; }
unshare -n sleep 3600 & sleeper=$!; own_netns $sleeper
unshare -n sleep 3601 & other=$!; own_netns $other; echo $other >/run/inside.pid
# Datapaths of the daemon, or of the kernel.
case $what in switch) type=netdev daemon=yes;; datapath) type=system daemon=yes;; *) type=netdev daemon=;; esac
dpctl() { if [ $type = system ]; then /usr/bin/ovs-dpctl "$@"; else ovs-appctl "dpctl/$1" "\${@:2}"; fi; }
if [ $what = switch ]; then ip netns add alive; ip netns exec alive sleep 3602 & disowned=$!; own_netns $disowned; fi
for d in 0 2 4 6; do ip link add fv$d type veth peer name fv$((d + 1)); done
ip link add foreign type bridge; ip link set fv0 master foreign
ip tuntap add dev ft mode tap user 7 && ip link set ft master foreign
ip link set fv2 mtu 1400 up; ip addr add 10.9.0.1/24 dev fv2; ip link set foreign up; ip link set fv0 up; ip link set fv1 up
bridge mdb add dev foreign port fv0 grp 239.1.1.1 permanent
bridge fdb add 02:00:00:00:00:bb dev fv0 master static
ip addr add 10.7.0.1/24 dev foreign; ip addr add 10.7.1.1/24 dev foreign
ip rule add from 10.7.0.1 table 71; ip neigh add 10.7.0.8 lladdr 02:00:00:00:00:08 dev foreign
for n in 70 71; do ip route add 10.$n.0.0/16 via 10.7.0.8; done
if [ "$daemon" ] || [ $what = database ] && has ovsdb-tool; then
  ovsdb-tool create /run/openvswitch/conf.db /usr/share/openvswitch/vswitch.ovsschema
  ovsdb-server /run/openvswitch/conf.db --remote=punix:/run/openvswitch/db.sock --detach --pidfile --log-file=/dev/null 2>/dev/null
  ovs-vsctl --no-wait init
  for d in 0 2; do ip link add fo$d type veth peer name fo$((d + 1)); ip link set fo$d up; done
  wait=--no-wait
  if [ "$daemon" ]; then ovs-vswitchd unix:/run/openvswitch/db.sock --detach --pidfile --log-file=/dev/null 2>/dev/null; wait=; fi
  ovs-vsctl $wait -- add-br foreign-ovs -- set bridge foreign-ovs datapath_type=$type -- add-port foreign-ovs fp1 tag=7 -- set interface fp1 type=internal \\
    -- add-port foreign-ovs fo0 -- add-port foreign-ovs fo2 -- add-br doomed -- set bridge doomed datapath_type=$type
fi
if [ "$daemon" ] && has ovs-vswitchd; then
  for bridge in foreign-ovs doomed; do
    ofctl() { /usr/bin/ovs-ofctl -O OpenFlow14 "$1" $bridge "$2"; }
    ofctl add-meter meter=1,pktps,band=type=drop,rate=5; ofctl add-group group_id=1,type=all,bucket=output:1
    for n in 1 2 3; do ofctl add-flow "table=$n,priority=7,cookie=0x$n,idle_timeout=9000,ip,nw_src=10.0.0.$n,actions=meter:1,group:1,set_field:5->reg$n,resubmit(,5)"; done
  done
  dpctl add-dp $type@others; dpctl add-if $type@others fo3
  ovs-ofctl mod-port doomed doomed no-flood; ovs-ofctl mod-port foreign-ovs fo2 no-flood
fi
if [ $what = datapath ]; then
  ip link add fd0 type veth peer name fd1
  dpctl add-if others vx,type=vxlan,remote_ip=flow,dst_port=4790; dpctl add-if others fi,type=internal,port_no=9
  dpctl add-dp doomed-dp; dpctl add-if doomed-dp fd0,port_no=3; dpctl add-if doomed-dp doomed-i,type=internal
  for dp in others doomed-dp; do for n in 1 2; do dpctl add-flow $dp "in_port($n),eth(),eth_type(0x0800),ipv4(frag=no)" "push_vlan(vid=$n,pcp=0),$((3 - n))"; done; done
fi
sleep 0.3; wait_until "ip -br link show foreign | grep ' UP '"
switch_state() {
  ${TABLES.map((table) => `ovsdb-client --no-headings dump Open_vSwitch ${table} | sort`).join("\n  ")}
  [ -e /run/openvswitch/ovs-vswitchd.pid ] || return
  dpctl dump-dps | sort; dpctl show $type@others | grep port
  if [ $what = datapath ]; then
    # Ports that the daemon makes anew get other numbers.
    dpctl show ovs-system | sed -n 's/^  port [0-9]*://p' | sort; dpctl show doomed-dp | grep port
    for dp in others doomed-dp; do dpctl dump-flows $dp | sed 's/ packets:.*, actions/ actions/' | sort; done
  fi
  for bridge in foreign-ovs doomed; do
    ovs-ofctl -O OpenFlow14 dump-table-desc $bridge | tr '\\n' ' ' | sed 's/  table /\\n&/g' | grep =on
    for list in dump-flows dump-groups dump-meters; do
      ovs-ofctl -O OpenFlow14 $list $bridge | sed -E 's/(duration|n_packets|n_bytes|idle_age)=[^,]*, //g; /^(OFPST|NXST)/d' | sort
    done
    ovs-ofctl show $bridge | grep -E -A1 '^ [ 0-9A-Z]+\\(' | sed -E 's/ addr:.*//'
  done
}
state() {
  # Devices that the daemon makes anew for a bridge that is made anew are not the same ones.
  ip -d -o link | sed -E '/ doomed(-[a-z]+)?: /d; s/ (state|mcast_querier|group_fwd)[^ ]* [^ ]*//g; s/,?(NO-CARRIER|LOWER_UP)//g; s/(timer|hello|gc)[a-z_]* +[0-9.]+//g'
  bridge mdb show | grep permanent; bridge fdb show | grep static; ethtool -k fv0; ethtool -k ft; ip -4 -o addr; ip -4 route; ip rule; ip neigh show nud permanent
  stat -c '%n %A %i' /run/* /run/netns/* 2>/dev/null; sed -E 's/^[0-9]+ [0-9]+ //; s/ shared:[0-9]+/ shared/' /proc/self/mountinfo
  for pid in $sleeper $other $disowned; do readlink /proc/$pid/ns/net; nsenter --net=/proc/$pid/ns/net ip -br link | sort; done
  cat /proc/sys/net/ipv4/ip_forward
  [ -S /run/openvswitch/db.sock ] && switch_state 2>&1
}
# Without the files that a cleanup's own words go to.
before=$(state)
clean() {
  "$node" "$main" cleanup >$private/told 2>&1; cleaned=$?
  [ $cleaned = 0 ] || cat $private/told
  for try in $(seq 100); do after=$(state); [ "$before" = "$after" ] && break; sleep 0.1; done
}
run() { strace -f -qq "$@"; }
while read -r calls at during; do
  case $calls in
    calibrate)
      [ $what != attach ] || { wait_until "grep plugged $private/told"; sleep 1; pkill -KILL -f "^$node $main"; } &
      strace -f -qq --seccomp-bpf -o $private/trace -e "trace=$CALLS" timeout -s KILL $at "$node" "$main" "$@" >$private/told 2>&1
      ended=$?; grep -oE '^[0-9]+ +[a-z0-9_]+\\(("|AT_FDCWD, "/run/patchcord)?' $private/trace | sed -E 's/^([0-9]+) +/call \\1 /; s/\\(.*patchcord/ journal/; s/\\(.*//';;
    time)
      "$node" "$main" "$@" >/dev/null 2>&1 & pid=$!; sleep $at; kill -9 $pid; wait $pid 2>/dev/null; ended=$?;;
    journal)
      "$node" "$main" "$@" >/dev/null 2>&1 & pid=$!; enough=$((\${total:-1000000} * at / 1000))
      while words=0; for journal in /run/patchcord/$pid-*.jsonl; do [ -e "$journal" ] && mapfile -t words_there <"$journal" && words=\${#words_there[@]}; done
        [ $at = 1000 ] || [ $words -lt $enough ]; do kill -0 $pid 2>/dev/null || break; sleep 0.01; done
      kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null; ended=$?; [ $at = 1000 ] && total=$words;;
    *)
      run -o /dev/null -e "trace=$calls" -e "inject=$calls:signal=SIGKILL:when=$at" timeout -s KILL $LIMIT "$node" "$main" "$@" >/dev/null 2>&1; ended=$?;;
  esac
  # A cleanup may be killed as well; another one goes on.
  [ -z "$during" ] || run -o /dev/null -e trace=sendmsg,write -e "inject=sendmsg,write:signal=SIGKILL:when=$during" "$node" "$main" cleanup >/dev/null 2>&1
  clean
  if [ "$before" = "$after" ] && [ $cleaned = 0 ]; then echo "$calls $at $ended same"
  else echo "$calls $at $ended cleanup $cleaned"; diff <(echo "$before") <(echo "$after") | head -20; before=$after; fi
done
rm -r $private
kill $sleeper $other $disowned
for each in ovs-vswitchd ovsdb-server; do [ -e /run/openvswitch/$each.pid ] && kill "$(cat /run/openvswitch/$each.pid)"; done
exit 0
`;
