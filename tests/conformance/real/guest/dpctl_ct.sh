# ovs-dpctl and connections that the kernel tracks, without a switch daemon; user-mode-linux is made without zones. Connections are
# forgotten after 30 s, so a guest that is slower than that differs.
@echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
ovs-dpctl dump-conntrack
ovs-dpctl add-dp dp0
@for n in 1 2; do ip link add v$n address 02:00:00:00:01:0$n type veth peer name p$n address 02:00:00:00:02:0$n; ip netns add h$n; ip netns exec h$n sh -c "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6"; ip link set p$n netns h$n; ip -n h$n addr add 10.0.0.$n/24 dev p$n; ip -n h$n link set p$n up; ip -n h$n neigh add 10.0.0.$((3 - n)) lladdr 02:00:00:00:02:0$((3 - n)) dev p$n; done
ovs-dpctl add-if dp0 v1 v2
ovs-dpctl dump-conntrack
ovs-dpctl dump-conntrack dp0
ovs-dpctl dump-conntrack dp0 zone=5
ovs-dpctl dump-conntrack dp7
ovs-dpctl ct-stats-show
ovs-dpctl ct-stats-show dp0 zone=5 verbose
ovs-dpctl ct-bkts
ovs-dpctl ct-get-limits
ovs-dpctl ct-set-limits default=200 zone=5,limit=10 zone=6,limit=3
ovs-dpctl ct-get-limits
ovs-dpctl ct-get-limits dp0 zone=5,7
ovs-dpctl add-flow dp0 "recirc_id(0),in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" "ct(commit,mark=0x7,label=0x123456789abcdef0),2"
ovs-dpctl add-flow dp0 "recirc_id(0),in_port(2),eth(),eth_type(0x0800),ipv4(frag=no)" "ct,1"
ip netns exec h1 ping -e 77 -c 2 -i 0.2 -n 10.0.0.2
ovs-dpctl dump-conntrack
ovs-dpctl dump-conntrack dp0 | sed 's/id=[0-9]*/id=I/g'
ovs-dpctl -m dump-conntrack | sed 's/timeout=[0-9]*/timeout=T/;s/id=[0-9]*/id=I/g'
ovs-dpctl -s dump-conntrack | sed 's/timeout=[0-9]*/timeout=T/;s/id=[0-9]*/id=I/g'
ovs-dpctl -s dump-conntrack dp0 zone=5 | sed 's/timeout=[0-9]*/timeout=T/;s/id=[0-9]*/id=I/g'
ovs-dpctl dump-conntrack dp0 zone=6
ovs-dpctl dump-conntrack zone=abc
@ip netns exec h1 sysctl -qw net.ipv4.ip_local_port_range='4000 4000'; ip netns exec h1 bash -c 'echo hi > /dev/udp/10.0.0.2/9'
ovs-dpctl dump-conntrack | sed 's/id=[0-9]*/id=I/g' | sort
ovs-dpctl -m dump-conntrack | sed 's/timeout=[0-9]*/timeout=T/;s/id=[0-9]*/id=I/g' | sort
ovs-dpctl ct-stats-show
ovs-dpctl ct-stats-show zone=5
ovs-dpctl ct-stats-show verbose
ovs-dpctl ct-stats-show zone=5 verbose
ovs-dpctl ct-bkts
ovs-dpctl ct-bkts gt=1
ovs-dpctl ct-get-limits
ovs-dpctl flush-conntrack dp0 zone=5 'ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=17,ct_tp_src=4000,ct_tp_dst=9'
ovs-dpctl dump-conntrack | sed 's/id=[0-9]*/id=I/g' | sort
ovs-dpctl flush-conntrack dp0 'ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=17,ct_tp_src=4000,ct_tp_dst=9'
ovs-dpctl dump-conntrack | sed 's/id=[0-9]*/id=I/g' | sort
ovs-dpctl flush-conntrack zone=7
ovs-dpctl flush-conntrack 'ct_nw_src=10.0.0.1,ct_nw_proto=6'
ovs-dpctl flush-conntrack 'bogus'
ovs-dpctl flush-conntrack zone=5
ovs-dpctl dump-conntrack | sed 's/id=[0-9]*/id=I/g' | sort
ovs-dpctl flush-conntrack
ovs-dpctl ct-del-limits zone=5
ovs-dpctl ct-get-limits
ovs-dpctl ct-get-maxconns
ovs-dpctl ct-set-maxconns 100
ovs-dpctl ct-get-nconns
ovs-dpctl ct-get-tcp-seq-chk
ovs-dpctl ct-enable-tcp-seq-chk
ovs-dpctl ct-disable-tcp-seq-chk
ovs-dpctl ipf-get-status
ovs-dpctl ipf-set-enabled v4
ovs-dpctl ipf-set-disabled v6
ovs-dpctl ipf-set-min-frag v4 500
ovs-dpctl ipf-set-max-nfrags 500
ovs-dpctl del-dp dp0
