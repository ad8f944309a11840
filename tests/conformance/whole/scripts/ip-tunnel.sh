# Tunnels as they were made before `ip link add`: two sites, a GRE tunnel with a key between them, and what is refused.
set -u
for site in left right; do
  ip netns add $site
done
ip link add eth0 netns left type veth peer name eth0 netns right
ip -n left address add 10.0.0.1/24 dev eth0
ip -n right address add 10.0.0.2/24 dev eth0
for site in left right; do ip -n $site link set eth0 up; done

ip -n left tunnel add site mode gre remote 10.0.0.2 local 10.0.0.1 ttl 255 key 42
ip -n right tunnel add site mode gre remote 10.0.0.1 local 10.0.0.2 ttl 255 key 0.0.0.42 csum seq
ip -n right tunnel del site
ip -n right tunnel add name site mode gre/ip remote 10.0.0.1 local 10.0.0.2 ttl 255 key 0.0.0.42 dev eth0
ip -n left address add 172.16.0.1/30 dev site
ip -n right address add 172.16.0.2/30 dev site
for site in left right; do ip -n $site link set site up; done
ip netns exec left ping -c 2 172.16.0.2 | sed '/^rtt/d; s/time.*//'
for site in left right; do
  ip -n $site tunnel show
  ip -n $site link show site | sed 's/^[0-9]*: //'
done

cd /
tunnel() {
  echo "$ ip tunnel $*"
  ip -n left tunnel "$@"
  echo "rc $?"
}
tunnel add site mode gre remote 10.0.0.9 local 10.0.0.1
tunnel add other mode gre remote 10.0.0.2 local 10.0.0.1 ttl 64 key 42
tunnel add gre7 remote 10.0.0.3 tos inherit iseq okey 7
tunnel add mode gre remote 10.0.0.4 nopmtudisc tos 0x10
tunnel add gre8 remote 224.0.0.9 local 10.0.0.1 ttl 3
tunnel add gre9 remote 224.0.0.9 ttl 3
tunnel add gre9 ttl 3 nopmtudisc
tunnel add gre9 dev eth7
tunnel add gre9 key x
tunnel add nothing remote 10.0.0.5
tunnel add ipip9 key 5
tunnel add gre9 remote 10.0.0
tunnel add gre9 remote 10.0.0.0.1
tunnel add gre9 mode gre ttl 256
tunnel add gre9 gre10
tunnel add a-name-of-a-tunnel mode gre
tunnel add gre9 mode
tunnel show gre7
tunnel del gre0
tunnel del eth0
tunnel del nothing
tunnel del gre7
tunnel del gre7
tunnel frobnicate
tunnel show
