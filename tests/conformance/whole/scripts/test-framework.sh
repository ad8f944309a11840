#!/bin/bash
set -v; exec 2>&1
# a tiny test framework with defer stack, retries and a summary table
set -o pipefail
declare -a DEFER=() RESULTS=()
declare -i fails=0 oks=0
defer() { DEFER=("$(printf '%q ' "$@")" "${DEFER[@]}"); }
run_deferred() { local d; for d in "${DEFER[@]}"; do eval "$d"; done; DEFER=(); }
check_err() { local rc=$1 msg=${2:-}; if (( rc )); then [[ $RET -eq 0 ]] && { RET=$rc; retmsg=$msg; }; fi; return 0; }
check_fail() { local rc=$1; (( rc == 0 )) && { RET=1; retmsg=$2; }; return 0; }
log_result() { if [[ $RET -eq 0 ]]; then (( ++oks )); RESULTS+=("$1|OK|"); else (( ++fails )); RESULTS+=("$1|FAIL|$retmsg"); fi; }
slowwait() { local timeout_ms=$1; shift; loopy_wait "sleep 0.1" "$timeout_ms" "$@"; }
loopy_wait() { local sleep_cmd=$1 timeout_ms=$2; shift 2; local start=$(date -u +%s%3N) out ret; while true; do out=$("$@"); ret=$?; if ((!ret)); then echo -n "$out"; return 0; fi; local now=$(date -u +%s%3N); if ((now - start > timeout_ms)); then echo -n "$out"; return 1; fi; $sleep_cmd; done; }
setup_ns() { local name; for name in "$@"; do local -g "$name=$name-$(mktemp -u XXXXXX)"; local -n ref=$name; ip netns add "$ref" || return 4; ip -n "$ref" link set lo up; defer ip netns del "$ref"; done; }
not() { "$@"; [[ $? != 0 ]]; }
get_field() { jq -r ".[0].$2" <<< "$1"; }
until_counter_is() { local expr=$1; shift; local cur; cur=$("$@"); echo $((cur)); ((cur $expr)); }
rx() { ip -n "$1" -j -s link show dev "$2" | jq '.[0].stats64.rx.packets'; }
wait_for_dev_state() { local st; st=$(ip -n "$1" -j link show dev "$2" | jq -r '.[].operstate'); [[ $st == "$3" ]]; }
t_ping() { RET=0; ip netns exec "$h1" ping -q -c1 -w1 10.0.0.2 &>/dev/null; check_err $? "ping failed"; log_result "ping"; }
t_down() { RET=0; ip -n "$h2" link set eth0 down; slowwait 2000 wait_for_dev_state "$h1" eth0 LOWERLAYERDOWN; check_err $? "no DOWN"; ip netns exec "$h1" ping -q -c1 -w1 10.0.0.2 &>/dev/null; check_fail $? "ping should have failed"; ip -n "$h2" link set eth0 up; slowwait 3000 wait_for_dev_state "$h1" eth0 UP; check_err $? "no UP"; log_result "carrier"; }
t_counter() { RET=0; local before=$(rx "$h2" eth0); ip netns exec "$h1" ping -q -c3 -i 0.1 10.0.0.2 >/dev/null; slowwait 1000 until_counter_is ">= $((before + 3))" rx "$h2" eth0 >/dev/null; check_err $? "counter"; log_result "counter"; }
t_bad() { RET=0; not ip -n "$h1" route add 1.2.3.0/24 via 9.9.9.9 2>/dev/null; check_err $? "route was accepted"; false; check_err $? "on purpose"; log_result "bad"; }
setup_ns h1 h2 || exit
echo "${h1%-*} ${h2%-*} ${#DEFER[@]}"
ip link add eth0 netns $h1 type veth peer name eth0 netns $h2
for i in 1 2; do declare -n n=h$i; ip -n $n addr add 10.0.0.$i/24 dev eth0; ip -n $n link set eth0 up; done
for t in t_ping t_down t_counter t_bad; do $t; done
printf '%s\n' "${RESULTS[@]}" | column -t -s '|'
echo "ok $oks fail $fails"
out=$(ip -n $h1 -j link show eth0); get_field "$out" ifname; get_field "$out" 'flags|join(",")' 
caller() { local i; for ((i=0;i<${#FUNCNAME[@]};i++)); do echo "$i ${FUNCNAME[i]}"; done; }; caller
exec 3>&1; val=$( { echo to-3 >&3; echo captured; } ); echo "[$val]"; exec 3>&-
mapfile -d '' -t arr < <(printf 'a\0b c\0'); echo "${#arr[@]}:${arr[1]}"
while IFS='|' read -r name status msg; do case $status in OK) ;; *) echo "! $name ($msg)";; esac; done < <(printf '%s\n' "${RESULTS[@]}")
wait -n 2>/dev/null; echo "wait -n $?"; (sleep 0.1; exit 3) & wait -n; echo "wait -n $?"
a=(x y z); unset 'a[1]'; echo "${!a[@]} ${a[@]} ${#a[@]}"; a+=(w); echo "${a[-1]}"; [[ -v a[0] ]] && echo set; [[ -v a[1] ]] || echo unset
s="path/to/file.tar.gz"; echo "${s##*/} ${s%%.*} ${s/to/TO} ${s^^} ${s:5:2} ${#s} ${s//\//_}"
printf -v line '%*s' 10 ''; echo "[${line// /-}]"; echo "${BASH_SOURCE[0]##*/} $LINENO ${BASH_VERSINFO[0]}"
declare -i x=5+3; x+=2; echo $x; declare -r RO=1; (RO=2) 2>&1 | sed 's/.*RO/RO/'; declare -u up=abc; echo $up; declare -x EXP=1; env | grep ^EXP
set -- "$@" one two; echo $#; shift 1; echo $1; [[ abc == a* && abc =~ ^a(b)c$ ]] && echo ${BASH_REMATCH[1]}
set +v
trap 'run_deferred; echo "exit $?"; ip netns list | wc -l' EXIT
exit $fails
