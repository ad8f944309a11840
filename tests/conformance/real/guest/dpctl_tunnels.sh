# Ports of a kernel's datapath that are tunnels, which ovs-dpctl makes devices for, and that are not.
@echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
@ovs-dpctl add-dp dp0
ovs-dpctl add-if dp0 vx0,type=vxlan
ovs-dpctl add-if dp0 gn0,type=geneve,key=5
ovs-dpctl add-if dp0 gr0,type=gre,remote_ip=bogus
ovs-dpctl add-if dp0 vx0,type=vxlan,remote_ip=flow,local_ip=1.2.3.4,colour=red
ovs-dpctl add-if dp0 gn0,type=geneve,remote_ip=10.9.9.9
ovs-dpctl add-if dp0 gr0,type=gre,remote_ip=10.9.9.9,port_no=9
ovs-dpctl add-if dp0 vx2,type=vxlan,remote_ip=flow,dst_port=8472,exts=gbp,port_no=9
ovs-dpctl add-if dp0 vx2,type=vxlan,remote_ip=flow,local_ip=flow,dst_port=8472,ttl=inherit
ovs-dpctl del-if dp0 vxlan_sys_8472
ovs-dpctl add-if dp0 vx2,type=vxlan,remote_ip=flow,dst_port=8472,exts=gbp
ovs-dpctl show dp0
ip link | grep -v link/ | sed 's/^[0-9]*: //' | sort
ip -d link show type vxlan | sed 's/^[0-9]*: //;s/[0-9a-f:]\{17\}/MAC/;s/[0-9a-f:]\{17\}/MAC/'
ip -d link show genev_sys_6081 | sed 's/^[0-9]*: //;s/[0-9a-f:]\{17\}/MAC/;s/[0-9a-f:]\{17\}/MAC/'
ip -d link show gre_sys | sed 's/^[0-9]*: //;s/[0-9a-f:]\{17\}/MAC/;s/[0-9a-f:]\{17\}/MAC/'
ovs-dpctl set-if dp0 vx0,remote_ip=10.9.9.9
ovs-dpctl set-if dp0 vxlan_sys_4789,remote_ip=10.9.9.9
ovs-dpctl set-if dp0 vxlan_sys_4789,type=vxlan
ovs-dpctl set-if dp0 vxlan_sys_4789,dst_port=99
ovs-dpctl del-if dp0 vx0
ovs-dpctl del-if dp0 vxlan_sys_8472
ip -br link | sed 's/ .*//;s/@.*//' | sort
@ip link add vxlan_sys_4790 type vxlan id 7 dstport 4790 remote 10.1.1.1; ip link add genev_sys_6082 type dummy
ovs-dpctl add-if dp0 vx3,type=vxlan,remote_ip=flow,dst_port=4790
ovs-dpctl add-if dp0 gn3,type=geneve,remote_ip=flow,dst_port=6082
ip -d link show vxlan_sys_4790 | sed 's/^[0-9]*: //;s/[0-9a-f:]\{17\}/MAC/;s/[0-9a-f:]\{17\}/MAC/'
ovs-dpctl add-if dp0 vxlan_sys_4790
ovs-dpctl add-if dp0 ls0,type=lisp,remote_ip=flow
ovs-dpctl add-if dp0 st0,type=stt,remote_ip=flow
ovs-dpctl add-if dp0 gt0,type=gtpu,remote_ip=flow
ovs-dpctl add-if dp0 pa0,type=patch
ovs-dpctl add-if dp0 pa0,type=patch,peer=pa1
ovs-dpctl add-if dp0 du0,type=dummy
ovs-dpctl add-if dp0 ta0,type=tap
ovs-dpctl add-if dp0 ta1,type=tap,colour=red,port_no=12
ovs-dpctl add-if dp0 ta1,type=tap,port_no=9
ovs-dpctl add-if dp0 gn0,type=tap gre_sys,type=tap
ovs-dpctl add-if dp0 lo,type=tap
ovs-dpctl add-if dp0 a-name-that-is-far-too-long,type=tap
@ip tuntap add ta2 mode tap
ovs-dpctl add-if dp0 ta2,type=tap
ovs-dpctl show dp0
ovs-dpctl -s show dp0 | sed 's/\(masks: hit\|hit.pkt\):[0-9.]*/\1:N/g'
ovs-dpctl del-if dp0 vxlan_sys_4790
ovs-dpctl del-if dp0 genev_sys_6081
ip -br link | sed 's/ .*//;s/@.*//' | sort
ovs-dpctl del-dp dp0
ip -br link | sed 's/ .*//;s/@.*//' | sort
@ip link add v1 address 02:00:00:00:01:01 type veth peer name p1 address 02:00:00:00:02:01; ip netns add h1; ip netns exec h1 sh -c "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"; ip link set p1 netns h1; ip -n h1 addr add 10.0.0.1/24 dev p1; ip -n h1 link set p1 up; ip -n h1 neigh add 10.0.0.2 lladdr 02:00:00:00:02:02 dev p1
@ip link add u1 address 02:00:00:00:03:01 type veth peer name u2 address 02:00:00:00:03:02; ip netns add far; ip netns exec far sh -c "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"; ip link set u2 netns far; ip addr add 192.0.2.1/24 dev u1; ip link set u1 up; ip -n far addr add 192.0.2.2/24 dev u2; ip -n far link set u2 up
@ip -n far link add vx type vxlan id 7 dstport 4789 remote 192.0.2.1; ip -n far link set vx address 02:00:00:00:02:02; ip -n far addr add 10.0.0.2/24 dev vx; ip -n far link set vx up; ip -n far neigh add 10.0.0.1 lladdr 02:00:00:00:02:01 dev vx
@ip link del vxlan_sys_4789
ovs-dpctl add-dp dp1 v1 vx0,type=vxlan,remote_ip=flow
ovs-dpctl add-flow dp1 "tunnel(tun_id=0x8,src=192.0.2.2,dst=192.0.2.1,ttl=64,flags(-df-csum+key)),in_port(2),eth(),eth_type(0x0800),ipv4(frag=no)" 1
ovs-dpctl add-flow dp1 "tunnel(tun_id=0x9,dst=192.0.2.1,ttl=64/0,flags(key)),in_port(2),eth(),eth_type(0x0800),ipv4(frag=no)" 1
ovs-dpctl add-flow dp1 "tunnel(tun_id=0xa,ttl=3/0,flags(key)),in_port(2),eth(),eth_type(0x0800),ipv4(frag=no)" 1
ovs-dpctl add-flow dp1 "tunnel(tun_id=0xb/0xff,src=1.2.3.0/255.255.255.0,dst=1.1.1.1,tos=0x3,ttl=3,flags(+key+csum)),in_port(2),eth(),eth_type(0x0806)" 1
ovs-dpctl add-flow dp1 "tunnel(tun_id=0xc,ipv6_src=::1,ipv6_dst=fe80::1,ttl=3,flags(df|key)),in_port(2),eth(),eth_type(0x0806)" "set(tunnel(tun_id=0x7,dst=192.0.2.2,ttl=9,flags(df|key))),1"
ovs-dpctl add-flow dp1 "tunnel(tun_id=0xc,src=1.1.1.1,dst=2.2.2.2,ttl=3,vxlan(gbp(id=5,flags=0x8)),flags(key)),in_port(2),eth(),eth_type(0x0806)" "set(tunnel(tun_id=0x7,dst=192.0.2.2,ttl=4,vxlan(gbp(id=5,flags=0x8)),flags(df|key))),1"
ovs-dpctl add-flow dp1 "tunnel(tun_id=0xd,src=1.1.1.1,dst=2.2.2.2,ttl=3,geneve({class=0x1,type=0x2,len=4,0xa/0xf}),flags(key)),in_port(2),eth(),eth_type(0x0806)" "set(tunnel(tun_id=0x7,dst=192.0.2.2,ttl=4,geneve({class=0x1,type=0x2,len=4,0xa}),flags(df|key))),1"
ovs-dpctl add-flow dp1 "in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" "set(tunnel(tun_id=0x7,dst=192.0.2.2,ttl=64,flags(df|key))),2"
ovs-dpctl add-flow dp1 "tunnel(tun_id=0x7,src=192.0.2.2,dst=192.0.2.1,ttl=0/0,flags(+key)),in_port(2),eth(),eth_type(0x0800),ipv4(frag=no)" 1
ip netns exec h1 ping -c 2 -i 0.2 -n 10.0.0.2
ovs-dpctl dump-flows dp1 | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl -m dump-flows dp1 | sed 's/used:[0-9.]*s/used:U/' | sort
ovs-dpctl del-if dp1 2
ovs-dpctl show dp1 | sed 's/\(masks: hit\|hit.pkt\):[0-9.]*/\1:N/g'
ovs-dpctl del-dp dp1
