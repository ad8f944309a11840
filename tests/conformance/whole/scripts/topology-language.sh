#!/bin/bash
set -v
# reads a small topology language, builds it, checks it, tears it down
read -r -d '' TOPO <<'T'
# node NAME [router]
node pc1
node pc2
node r1 router
node sw1 switch
link pc1:eth0 sw1:p1
link pc2:eth0 r1:eth1
link sw1:p2 r1:eth0
addr pc1:eth0 10.0.1.10/24
addr pc2:eth0 10.0.2.10/24
addr r1:eth0 10.0.1.1/24
addr r1:eth1 10.0.2.1/24
route pc1 default 10.0.1.1
route pc2 default 10.0.2.1
T
declare -A KIND
err() { printf 'error: line %d: %s\n' "$1" "$2" >&2; }
build() {
	local n=0 verb a b c
	while IFS=$' \t' read -r verb a b c; do
		((n++))
		[[ -z $verb || $verb == \#* ]] && continue
		case $verb in
		node)
			ip netns add "$a" || { err $n "node $a"; continue; }
			KIND[$a]=${b:-host}
			ip -n "$a" link set lo up
			[[ ${KIND[$a]} == router ]] && ip netns exec "$a" sysctl -q -w net.ipv4.ip_forward=1
			[[ ${KIND[$a]} == switch ]] && ip -n "$a" link add br0 type bridge && ip -n "$a" link set br0 up
			;;
		link)
			ip link add "${a#*:}" netns "${a%:*}" type veth peer name "${b#*:}" netns "${b%:*}" || err $n "link"
			for e in "$a" "$b"; do
				ip -n "${e%:*}" link set "${e#*:}" up
				[[ ${KIND[${e%:*}]} = switch ]] && ip -n "${e%:*}" link set "${e#*:}" master br0
			done ;;
		addr) ip -n "${a%:*}" addr add "$b" dev "${a#*:}" ;;
		route) ip -n "$a" route add "$b" via "$c" ;;
		*) err $n "unknown word $verb" ;;
		esac
	done <<< "$1"
}
build "$TOPO"
sleep 1.5
build $'bogus x\nnode pc1'
for k in "${!KIND[@]}"; do echo "$k ${KIND[$k]}"; done | sort | column -t
ip netns exec pc1 ping -c 1 -W 2 10.0.2.10 | sed -n '2p' | sed 's/time=.*//'
matrix() { printf '%8s' '' ; printf '%8s' "$@"; echo; for s; do printf '%8s' "$s"; for d; do [[ $s == "$d" ]] && { printf '%8s' -; continue; }; t=$(ip -n $d -4 -j addr show scope global | jq -r '[.[].addr_info[].local][0]'); ip netns exec $s ping -c1 -W1 $t &>/dev/null && printf '%8s' ok || printf '%8s' FAIL; done; echo; done; }
matrix pc1 pc2 r1
ip -n sw1 -j link show master br0 | jq -r '.[] | "\(.ifname) \(.operstate)"'
ip netns exec sw1 bridge -j fdb show | jq -r '[.[] | select(.state == null and .master == "br0")] | length'
ip -all netns exec ip -4 -br addr show scope global 2>&1 | sed '/^$/d'
ip netns exec r1 ip -s -j link | jq -r '.[] | select(.ifname|startswith("eth")) | [.ifname, (.stats64.rx.packets > 0)] | @tsv'
alias ll='ls -l'; shopt -s expand_aliases
{ read -r first; read -r second; } < <(ip -o -n r1 -4 addr show | awk '{print $2":"$4}'); echo "$first $second"
readarray -t addrs < <(ip -n r1 -4 -o addr show | awk '{print $4}'); printf '<%s>' "${addrs[@]}"; echo
for ((i = 0, j = ${#addrs[@]} - 1; i < j; i++, j--)); do t=${addrs[i]}; addrs[i]=${addrs[j]}; addrs[j]=$t; done; echo "${addrs[*]}"
coord() { local -A seen=(); local x; for x in "$@"; do [[ ${seen[$x]+_} ]] && continue; seen[$x]=1; echo -n "$x "; done; echo; }; coord a b a c b
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; pushd "$tmp" >/dev/null; touch a.conf b.conf; for f in *.conf; do echo "${f%.conf}"; done; ls | wc -l; popd >/dev/null
cat > "$tmp/check.sh" <<-'S'
	#!/bin/sh
	ip netns exec "$1" ping -c 1 -W 1 "$2" > /dev/null && echo "up $2" || echo "down $2"
S
chmod +x "$tmp/check.sh"; "$tmp/check.sh" pc1 10.0.2.10; sh "$tmp/check.sh" pc1 10.0.9.9; bash -c "$tmp/check.sh pc2 10.0.1.10"
printf '%s\0' 10.0.1.1 10.0.2.10 | xargs -0 -n1 "$tmp/check.sh" pc1
echo "10.0.1.1 10.0.2.1" | xargs -n1 -P2 "$tmp/check.sh" pc1 | sort
for n in $(ip netns list | awk '{print $1}'); do ip netns del $n & done; wait; ip netns list | wc -l
