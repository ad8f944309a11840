#!/bin/sh
set -v
# dash style: traps, functions, set -eu, arithmetic, case, here-documents
set -eu
PREFIX=lab$$
STAGE=0
trap 'rc=$?; echo "stage $STAGE, rc $rc"; teardown; exit $rc' EXIT
trap 'echo interrupted; exit 130' INT TERM
teardown() {
  for n in $(ip netns list | cut -d' ' -f1); do
    case "$n" in "$PREFIX"-*) ip netns delete "$n" && echo "deleted ${n#"$PREFIX"-}" ;; esac
  done
}
next() { STAGE=$((STAGE + 1)); echo "== $STAGE: $1"; }
next "make hosts"
i=1
while [ "$i" -le 3 ]; do
  ip netns add "$PREFIX-h$i"
  i=$((i+1))
done
ip netns list | cut -d' ' -f1 | sed "s/^$PREFIX/LAB/" | sort
next "make cables"
cat > /tmp/cables.$$ <<EOT
h1 h2 10.0.12.1/30 10.0.12.2/30
h2 h3 10.0.23.1/30 10.0.23.2/30
# a comment

EOT
grep -v '^#' /tmp/cables.$$ | while read -r a b x y; do
  [ -n "${a:-}" ] || continue
  ip link add "to-$b" netns "$PREFIX-$a" type veth peer name "to-$a" netns "$PREFIX-$b"
  ip -n "$PREFIX-$a" addr add "$x" dev "to-$b"
  ip -n "$PREFIX-$b" addr add "$y" dev "to-$a"
  ip -n "$PREFIX-$a" link set "to-$b" up
  ip -n "$PREFIX-$b" link set "to-$a" up
done
rm -f /tmp/cables.$$
next "routes"
ip -n $PREFIX-h1 route add 10.0.23.0/30 via 10.0.12.2
ip -n $PREFIX-h3 route add 10.0.12.0/30 via 10.0.23.1
ip netns exec $PREFIX-h2 sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/ip_forward'
next "reach"
if ip netns exec $PREFIX-h1 ping -c 1 -w 2 10.0.23.2 >/dev/null 2>&1; then echo reached; else echo lost; fi
ip netns exec $PREFIX-h1 ping -c 1 -w 1 10.0.99.1 >/dev/null 2>&1 && echo odd || echo "as expected $?"
out=$(ip -n $PREFIX-h1 -o -4 addr show | wc -l); echo "addresses: $out"
test -e /sys/class/net/lo && echo lo
[ -d /proc/sys/net/ipv4/conf/lo ] && echo conf
printf '%s\n' "${UNSET:-default}" "${PREFIX:+set}"
eval "X_$STAGE=here"; eval "echo \$X_$STAGE"
set -- one "two three" four
echo $# "$2"; shift; echo "$*"
echo "a b c" | { read -r p q; echo "$q"; }
next "fail on purpose"
ip -n $PREFIX-h1 link set nosuch up
echo "never printed"
