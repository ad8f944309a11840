#!/bin/bash
set -v
# SPDX-License-Identifier: GPL-2.0
# In the manner of kernel network tests

readonly BASE="ns-$(mktemp -u XXXXXX)"
readonly SRC="${BASE}-src" DST="${BASE}-dst"
ksft_skip=4
PASS=0 FAIL=0
ret=0

log_test()
{
	local rc=$1
	local expected=$2
	local msg="$3"

	if [ ${rc} -eq ${expected} ]; then
		printf "TEST: %-60s  [ OK ]\n" "${msg}"
		PASS=$((PASS + 1))
	else
		ret=1
		FAIL=$((FAIL+1))
		printf "TEST: %-60s  [FAIL]\n" "${msg}"
	fi
}

run_cmd()
{
	local cmd="$*"
	local out
	out=$(eval $cmd 2>&1)
	local rc=$?
	if [ "$VERBOSE" = "1" ] && [ -n "$out" ]; then
		echo "    $out"
	fi
	return $rc
}

cleanup()
{
	for n in ${SRC} ${DST}; do
		ip netns del $n 2> /dev/null
	done
	echo cleanup
}

check_gen_prog()
{
	local prog_name=$1; shift

	if ! command -v $prog_name >/dev/null 2>&1; then
		echo "SKIP: Could not run test without $prog_name tool"
		exit $ksft_skip
	fi
}

busywait()
{
	local timeout=$1; shift
	local start_time="$(date -u +%s%3N)"
	while true
	do
		local out
		out=$("$@")
		local ret=$?
		if ((!ret)); then
			echo -n "$out"
			return 0
		fi
		local current_time="$(date -u +%s%3N)"
		if ((current_time - start_time > timeout)); then
			echo -n "$out"
			return 1
		fi
	done
}

has_addr()
{
	ip -n $1 -j addr show dev $2 | jq -e '.[].addr_info[] | select(.local == "'$3'")' > /dev/null
}

dad_done()
{
	! ip -n $1 -6 addr show dev $2 tentative | grep -q tentative
}

trap cleanup EXIT
check_gen_prog ip
check_gen_prog jq
set -u
VERBOSE=${VERBOSE:-0}
for n in ${SRC} ${DST}; do
	ip netns add $n || exit $ksft_skip
	ip -netns $n link set lo up
	ip netns exec $n sysctl -qw net.ipv6.conf.all.accept_dad=1
	ip netns exec $n sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
done
ip link add veth0 netns $SRC type veth peer name veth0 netns $DST
ip -n $SRC addr add 192.0.2.1/24 dev veth0
ip -n $SRC addr add 2001:db8:1::1/64 dev veth0
ip -n $DST addr add 192.0.2.2/24 dev veth0
ip -n $DST addr add 2001:db8:1::2/64 dev veth0
ip -n $SRC link set dev veth0 up
ip -n $DST link set dev veth0 up
busywait 5000 dad_done $SRC veth0
log_test $? 0 "DAD of source"
busywait 5000 dad_done $DST veth0
log_test $? 0 "DAD of destination"
busywait 1000 has_addr $SRC veth0 192.0.2.1; log_test $? 0 "address is there"
busywait 300 has_addr $SRC veth0 192.0.2.77; log_test $? 1 "address is not there"
run_cmd ip netns exec $SRC ping -c 1 -W 2 -I veth0 192.0.2.2; log_test $? 0 "ping by device"
run_cmd ip netns exec $SRC ping -c 1 -W 2 -I 192.0.2.1 192.0.2.2; log_test $? 0 "ping by address"
run_cmd ip netns exec $SRC ping6 -c 1 -W 2 2001:db8:1::2; log_test $? 0 "ping6"
run_cmd ip netns exec $SRC ping -6 -c 1 -w 2 -I veth0 ff02::1; log_test $? 0 "ping all nodes"
run_cmd ip netns exec $SRC ping -c 1 -w 1 192.0.2.99; log_test $? 1 "ping nobody"
VERBOSE=1
run_cmd ip -n $SRC route get 198.51.100.1; log_test $? 2 "no route"
run_cmd ip -n $SRC route add 198.51.100.0/24 via 203.0.113.1; log_test $? 2 "gateway not reachable"
run_cmd ip -n $SRC route add 198.51.100.0/24 nexthop via 192.0.2.2 dev veth0 nexthop via 192.0.2.3 dev veth0; log_test $? 0 "multipath"
run_cmd ip -n $SRC route show 198.51.100.0/24
run_cmd ip -n $SRC link add dummy9 type nosuchkind; log_test $? 2 "unknown kind"
run_cmd "ip -n $SRC -6 route show | grep -v fe80 | sed 's/[ ]*\$//'"
printf "\nTests passed: %3d\n" ${PASS}
printf "Tests failed: %3d\n"   ${FAIL}
exit $ret
