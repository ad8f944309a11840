# ovs-dpctl on the datapaths of the kernel, without a switch daemon; flows are listed by a hash with a secret, and how many masks a packet is
# held against depends on when the kernel last put the most used ones first, which it does every four seconds
@echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
ovs-dpctl show
ovs-dpctl dump-dps
ovs-dpctl show dp0
ovs-dpctl add-dp dp0
ovs-dpctl add-dp dp0
ovs-dpctl add-dp bogus@dpx
ovs-dpctl dump-dps
@for n in 1 2 3; do ip link add v$n address 02:00:00:00:01:0$n type veth peer name p$n address 02:00:00:00:02:0$n; ip netns add h$n; ip netns exec h$n sh -c "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"; ip link set p$n netns h$n; ip -n h$n addr add 10.0.0.$n/24 dev p$n; ip -n h$n link set p$n up; ip -n h$n neigh add 10.0.0.$((3 - n)) lladdr 02:00:00:00:02:0$((3 - n)) dev p$n 2>/dev/null; done
ovs-dpctl add-dp dp1 v3
ovs-dpctl show
ovs-dpctl add-if dp0 v1
ovs-dpctl add-if dp0 v1
ovs-dpctl add-if dp0 v3
ovs-dpctl add-if dp0 nothere
ovs-dpctl add-if dp0 lo
ovs-dpctl add-if dp0 v2,port_no=4
ovs-dpctl add-if dp0 int0,type=internal int9,type=internal,port_no=9
ovs-dpctl add-if dp0 int9b,type=internal,port_no=9
ovs-dpctl add-if dp0 int0,type=internal
ovs-dpctl add-if dp0 v1,type=internal
ovs-dpctl add-if dp0 x0,type=bogus
ovs-dpctl add-if dp0 ,type=internal
ovs-dpctl add-if dp0 int5,type=internal,colour=red
ovs-dpctl show dp0
ovs-dpctl -s show dp0
ovs-dpctl show dp0 dp7 dp1
ovs-dpctl set-if dp0 v1
ovs-dpctl set-if dp0 v1,type=internal
ovs-dpctl set-if dp0 v2,port_no=4
ovs-dpctl set-if dp0 v2,port_no=5
ovs-dpctl set-if dp0 v2,colour=blue
ovs-dpctl set-if dp0 nothere
ovs-dpctl del-if dp0 int5
ovs-dpctl del-if dp0 77
ovs-dpctl del-if dp0 nothere
ovs-dpctl del-if dp0 0
ovs-dpctl del-if dp0 9
ovs-dpctl show dp0
ovs-dpctl cache-get-size
ovs-dpctl cache-get-size dp0
ovs-dpctl cache-set-size dp0 masks-cache 100
ovs-dpctl cache-set-size dp0 other 100
ovs-dpctl cache-set-size dp0 masks-cache 0
ovs-dpctl dump-flows
ovs-dpctl dump-flows dp0
ovs-dpctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4(proto=1)" 4
ovs-dpctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" 4
ovs-dpctl add-flow dp0 "in_port(4),eth(),eth_type(0x0800),ipv4(frag=no)" 1
ovs-dpctl add-flow dp0 "in_port(4),eth(),eth_type(0x0800),ipv4(frag=no)" 1
ovs-dpctl add-flow dp0 "in_port(1),eth(),eth_type(0x0806),arp()" 4
ovs-dpctl add-flow dp0 "in_port(v2),eth(),eth_type(0x0806)" v1
ovs-dpctl --names add-flow dp0 "in_port(v2),eth(),eth_type(0x0806)" v1
ovs-dpctl add-flow dp0 "in_port(1)" 77
ovs-dpctl add-flow dp0 "in_port(1),bogus(3)" 4
ovs-dpctl add-flow dp0 "in_port(1),eth(),eth_type(0x86dd),ipv6()" "bogus"
ovs-dpctl dump-flows dp0 | sort
ip netns exec h1 ping -c 3 -i 0.2 -n 10.0.0.2
ovs-dpctl dump-flows dp0 | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl -m dump-flows dp0 | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl --names dump-flows dp0 | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl dump-flows dp0 filter=icmp | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl dump-flows dp0 filter=in_port=1 | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl dump-flows dp0 type=ovs | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl dump-flows dp0 type=offloaded
ovs-dpctl dump-flows dp0 type=bogus
ovs-dpctl dump-flows dp0 dp1 dp2 dp3 dp4 >/tmp/dumped; echo $?; sed 's/used:[0-9.]*s/used:U/' /tmp/dumped | sort
ovs-dpctl add-flow dp0 "ufid:12345678-1234-1234-1234-123456789abc,in_port(1),eth(src=02:00:00:00:00:00/ff:00:00:00:00:00),eth_type(0x86dd),ipv6(proto=58),icmpv6(type=135)" "push_vlan(vid=5,pcp=0),4,pop_vlan,set(eth(src=02:00:00:00:00:99,dst=02:00:00:00:00:98)),1"
ovs-dpctl get-flow dp0 ufid:12345678-1234-1234-1234-123456789abc
ovs-dpctl -m get-flow dp0 ufid:12345678-1234-1234-1234-123456789abc
ovs-dpctl get-flow dp0 ufid:12345678-1234-1234-1234-123456789abd
ovs-dpctl get-flow dp0 "in_port(1)"
ovs-dpctl mod-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4(proto=1)" drop
ovs-dpctl -s mod-flow dp0 "in_port(4),eth(),eth_type(0x0800),ipv4(frag=no)" 1,4 | sed 's/used:[0-9.]*s/used:U/'
ovs-dpctl --clear -s mod-flow dp0 "in_port(4),eth(),eth_type(0x0800),ipv4(frag=no)" 1 | sed 's/used:[0-9.]*s/used:U/'
ovs-dpctl mod-flow dp0 "in_port(9),eth(),eth_type(0x0800),ipv4(proto=17)" 1
ovs-dpctl --may-create mod-flow dp0 "in_port(9),eth(),eth_type(0x0800),ipv4(proto=17)" 1
ovs-dpctl dump-flows dp0 | sed 's/used:[0-9.]*s/used:U/' | sort
ip netns exec h1 ping -c 1 -W 1 -n 10.0.0.2
ovs-dpctl -s del-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" | sed 's/used:[0-9.]*s/used:U/'
ovs-dpctl del-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4(proto=1)"
ovs-dpctl del-flow dp0 ufid:12345678-1234-1234-1234-123456789abc
@printf 'add in_port(1),eth(),eth_type(0x8100),vlan(vid=7,pcp=0),encap(eth_type(0x0806)) pop_vlan,4\nmodify in_port(4),eth(),eth_type(0x0806) drop\n# nothing\ndelete in_port(1),eth(),eth_type(0x0806)\n' >/tmp/flows; printf 'in_port(1),eth(),eth_type(0x88cc) 1\nbogus\n' >/tmp/flows2
ovs-dpctl add-flows dp0 /tmp/flows
ovs-dpctl add-flows dp0 /tmp/flows2
ovs-dpctl add-flows dp0 /tmp/nothere
ovs-dpctl dump-flows dp0 | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl del-flows dp0 /tmp/flows
ovs-dpctl del-flows dp0
ovs-dpctl dump-flows dp0
ovs-dpctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4(src=10.0.0.0/255.255.255.0,proto=6,frag=no),tcp(dst=80/0xfff0),tcp_flags(syn)" "sample(sample=50.0%,actions(4)),hash(hash_l4(0)),recirc(0x5),trunc(100),4"
ovs-dpctl add-flow dp0 "recirc_id(0x5),dp_hash(0x3/0xf),skb_priority(7),skb_mark(0x8/0xff),in_port(1),eth(),eth_type(0x0800),ipv4(frag=first)" "set(skb_mark(5)),set(skb_priority(3)),set(ipv4(ttl=3)),4"
ovs-dpctl add-flow dp0 "recirc_id(0x6),ct_state(+trk+est),ct_mark(0x1/0x1),in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" "ct(commit,mark=0x1/0x1,nat(src=10.0.0.9)),4"
ovs-dpctl add-flow dp0 "in_port(1),eth(),eth_type(0x8847),mpls(label=100,tc=0,ttl=64,bos=1)" "pop_mpls(eth_type=0x800),4"
ovs-dpctl add-flow dp0 "in_port(1),eth(),eth_type(0x0800),ipv4(proto=17,frag=no),udp(src=53)" "set(udp(src=54,dst=9)),clone(4,1),check_pkt_len(size=200,gt(4),le(1))"
ovs-dpctl dump-flows dp0 | sort
ovs-dpctl -m dump-flows dp0 | sort
ovs-dpctl del-flows dp0
ovs-dpctl del-dp dp7
ovs-dpctl del-dp dp1
ovs-dpctl show dp0 | sed 's/\(masks: hit\|hit.pkt\):[0-9.]*/\1:N/g'
ovs-dpctl bogus
ovs-dpctl
ovs-dpctl del-dp
ovs-dpctl --read-only del-dp dp0
ovs-dpctl parse-actions 1,2
ovs-dpctl normalize-actions "in_port(1),eth(),eth_type(0x0800),ipv4()" "1,set(ipv4(ttl=3)),2"
ovs-dpctl del-dp dp0
ovs-dpctl dump-dps
