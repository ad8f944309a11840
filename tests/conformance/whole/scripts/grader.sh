#!/bin/bash
# an automatic grader, as teachers write it
set -o errexit -o nounset -o pipefail
SCORE=0 TOTAL=0; declare -a NOTES
check() { local desc=$1; shift; (( ++TOTAL )); if "$@" >/dev/null 2>&1; then (( ++SCORE )); printf '[%s] %s\n' PASS "$desc"; else printf '[%s] %s\n' FAIL "$desc"; NOTES+=("$desc"); fi; }
ns() { ip netns exec "$@"; }
ip netns add s1; ip netns add s2
ip link add e0 netns s1 type veth peer name e0 netns s2
ip -n s1 addr add 10.1.0.1/24 dev e0; ip -n s2 addr add 10.1.0.2/24 dev e0; ip -n s1 link set e0 up; ip -n s2 link set e0 up
has_ip() { ip -n "$1" -4 -o addr show dev "$2" | grep -qw "$3"; }
is_up() { [[ $(ip -n "$1" -j link show "$2" | jq -r '.[0].operstate') == UP ]]; }
mtu_is() { (( $(ns "$1" cat "/sys/class/net/$2/mtu") == $3 )); }
check "s1 has its address" has_ip s1 e0 10.1.0.1/24
check "s2 has its address" has_ip s2 e0 10.1.0.2/24
check "link is up" is_up s1 e0
check "mtu 9000" mtu_is s1 e0 9000
check "forwarding on" test "$(ns s1 sysctl -n net.ipv4.ip_forward)" -eq 1
check "ping" ns s1 ping -c1 -W1 10.1.0.2
check "default route" ns s1 bash -c 'ip route show default | grep -q .'
check "no such device" ip -n s1 link show dev nosuch
echo "$SCORE/$TOTAL"; printf -- '- %s\n' "${NOTES[@]}"; pct=$(( SCORE * 100 / TOTAL )); case 1 in $((pct>=90))) g=A;; $((pct>=50))) g=C;; *) g=F;; esac; echo "grade $g ($pct%)"
exec 4>report.txt; echo "report" >&4; for n in "${NOTES[@]}"; do echo "$n" >&4; done; exec 4>&-; wc -l < report.txt; sort report.txt | head -2
ns s1 ip -s -s neigh | sed -E 's/used [0-9/]+/used X/; s/lladdr [0-9a-f:]+/lladdr M/; s/probes [0-9]+/probes N/'
(set +e; ns s1 ping -c1 -W1 10.9.9.9; echo "rc $?"); ns s1 ip route add default via 10.1.0.2; ns s1 ip -o route get 1.1.1.1 | awk '{print $3,$5}'
diff <(ns s1 ip -4 route | sort) - <<< $'10.1.0.0/24 dev e0 proto kernel scope link src 10.1.0.1 \ndefault via 10.1.0.2 dev e0 ' && echo routes match
while read -r line; do set -- $line; [[ ${1:-} == \#* || -z ${1:-} ]] && continue; echo "rule: $*"; done <<'R'
# c
allow 10.0.0.0/8

deny all
R
until ns s1 ping -c1 -W1 10.1.0.2 &>/dev/null; do sleep 1; done; echo reached
retry() { local n=$1 d=$2; shift 2; local i; for ((i=1; i<=n; i++)); do "$@" && return 0; echo "try $i failed"; sleep "$d"; done; return 1; }
retry 2 0.1 false || echo "gave up"; retry 3 0.1 true && echo fine
menu=(one two three); for i in "${!menu[@]}"; do printf '%d) %s\n' $((i+1)) "${menu[i]}"; done; PS3='? '; select c in "${menu[@]}"; do echo "got $c"; break; done <<< 2 2>/dev/null
spin='-\|/'; for i in {0..3}; do printf '\r%s' "${spin:i:1}"; done; printf '\rdone\n'
[[ "$(type -t check)" == function ]] && declare -f has_ip | head -1; compgen -A function | sort | head -3; unset -f has_ip; type has_ip 2>/dev/null || echo gone
jq -n --arg s "$SCORE" --argjson t "$TOTAL" '{score: ($s|tonumber), total: $t, pct: (($s|tonumber) * 100 / $t | floor)}'
ns s1 ip -j addr show e0 | jq -r '.[] | .ifname as $n | .addr_info[] | select(.family=="inet") | "\($n)\t\(.local)/\(.prefixlen)"'
ns s1 ip -j route | jq -r '.[] | [.dst, (.gateway // "-"), .dev] | @tsv' | column -t
ns s1 ip -j -s link | jq '[.[] | {(.ifname): .stats64.rx.errors}] | add' -c; ns s1 ip -j link | jq 'map(select(.flags | index("UP"))) | length'; ns s1 ip -j link | jq -r '.[] | select(.link_type=="ether") | .address' | grep -cE '^([0-9a-f]{2}:){5}[0-9a-f]{2}$'; ip -j netns | jq -r 'map(.name) | sort | join(" ")'; ns s1 ip -j neigh | jq -r '.[] | .state[0]' | sort -u | wc -l; ns s1 bridge -j link | jq length; ns s1 ss -tulnH | wc -l; ns s1 ip -j rule | jq -r '.[] | "\(.priority) \(.table)"'; jq -r 'to_entries[] | "\(.key)=\(.value)"' <<< '{"a":1,"b":"x"}'; jq '.a.b[1:] | map(.+1) | add' <<< '{"a":{"b":[1,2,3]}}'; jq -r '.[] | if . > 2 then "big" elif . == 2 then "two" else "small" end' <<< '[1,2,3]'; jq 'with_entries(select(.value > 1))' -c <<< '{"a":1,"b":2}'; jq 'any(.[]; . > 2), all(.[]; . > 0), (map(tostring) | join("+"))' -c <<< '[1,2,3]'; jq -e 'has("q")' <<< '{}' || echo "rc $?"; jq -r '.s | test("^a.c$"), ascii_upcase, length, split("b")[1]' <<< '{"s":"abc"}'; jq -s 'map(.x) | max' <<< '{"x":1} {"x":5}'; jq 'group_by(.t) | map({t: .[0].t, n: length})' -c <<< '[{"t":1},{"t":2},{"t":1}]'; jq -r '.. | .ip? // empty' <<< '{"a":{"ip":"1.1.1.1"},"b":[{"ip":"2.2.2.2"}]}'; jq 'del(.a) + {c:3}' -c <<< '{"a":1,"b":2}'; jq -r --slurpfile f <(echo '[1]') '$f[0][0]' <<< 1; jq '.[] as [$a,$b] | {($a): $b}' -c <<< '[["k",1]]'; jq 'reduce .[] as $i (0; .+$i), [limit(2; .[])], first, last, (sort_by(-.)|.[0]), unique, flatten, (index(2)), (.[1:2])' -c <<< '[1,2,3]'; jq -rn '"\(1;2)"' 2>/dev/null || echo bad;
