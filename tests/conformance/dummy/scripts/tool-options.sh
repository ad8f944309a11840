# Options of programs, and what is wrong with them.
start
for c in ovs-appctl ovs-dpctl ovs-vsctl ovs-ofctl; do
t $c --nix=5
t $c --nix
t $c -Z
t $c --ver
t $c --ti
t $c --timeout=x show
t $c --timeout x show
t $c -t
t $c
t $c --version=3
t $c --verbose=nix show
t $c -vfoo:bar show
t $c -vvconn:bar show
t $c -vANY:console:bar show
t $c -vPATTERN:nix:%m show
t $c -vFACILITY:nix show
[ $c = ovs-dpctl ] || t $c -vFACILITY:daemon show
t $c -vsyslog:console:dbg show
t $c -verr:warn show
t $c "-voff vconn" show
t $c "-vconsole:off,vconn" show
t $c --syslog-method=nix show
[ $c = ovs-dpctl ] || t $c --syslog-method=udp:nix show
[ $c = ovs-dpctl ] || t $c --syslog-method=null show
done
t ovs-appctl -t nix version
t ovs-appctl --target=./nix version
t ovs-appctl --targ=ovsdb-server version
t ovs-appctl -T 0 version
t ovs-appctl -T x version
t ovs-appctl -hV
t ovs-appctl -T 5 --targ ovsdb-server version
t ovs-appctl nix
t ovs-appctl version 1
t ovs-appctl version --nix
t ovs-appctl -- version
t ovs-appctl -V
t ovs-ofctl -vwarn parse-flow nw_dst=1.2.3.4,actions=1
t ovs-ofctl -vofp_match:console:off parse-flow nw_dst=1.2.3.4,actions=1
t ovs-ofctl -vvconn:off parse-flow nw_dst=1.2.3.4,actions=1
t ovs-ofctl "-voff" parse-flow nw_dst=1.2.3.4,actions=65281
stop
