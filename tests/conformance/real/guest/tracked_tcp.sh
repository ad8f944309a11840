# Tracked TCP connections of the kernel's datapath: what is told of both ends' windows, and which segments belong to them. Segments are made
# by hand; the last digit of what is left of a connection's time is a matter of pace.
@echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
@ovs-start
@ovs-vsctl add-br br0; for n in 1 2; do ip link add v$n type veth peer name p$n; ip link set v$n up; ip link set p$n up; ovs-vsctl add-port br0 p$n -- set interface p$n ofport_request=$n; done
@ovs-ofctl del-flows br0; ovs-dpctl add-dp dp0 v1 v2
ovs-dpctl add-flow dp0 "recirc_id(0),in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" "ct(commit),recirc(1)"
ovs-dpctl add-flow dp0 "recirc_id(0x1),in_port(1),ct_state(-inv),eth(),eth_type(0x0800),ipv4(frag=no)" 2
ovs-dpctl add-flow dp0 "recirc_id(0x1),in_port(1),ct_state(+inv),eth(),eth_type(0x0800),ipv4(frag=no)" drop
ovs-dpctl add-flow dp0 "recirc_id(0),in_port(2),eth(),eth_type(0x0800),ipv4(frag=no)" "ct,recirc(1)"
ovs-dpctl add-flow dp0 "recirc_id(0x1),in_port(2),ct_state(-inv),eth(),eth_type(0x0800),ipv4(frag=no)" 1
ovs-dpctl add-flow dp0 "recirc_id(0x1),in_port(2),ct_state(+inv),eth(),eth_type(0x0800),ipv4(frag=no)" drop
ovs-dpctl add-flow dp0 "recirc_id(0x2),in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)" ""
ovs-dpctl mod-flow dp0 "recirc_id(0x1),in_port(1),ct_state(-inv),eth(),eth_type(0x0800),ipv4(frag=no)" drop
ovs-dpctl dump-flows dp0 | sort
ovs-dpctl parse-actions drop
# a handshake with window scales and selective acknowledgements
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500003400014000400626c10a0000010a00000203e800500000006400000000800203e84c910000020405b40402030307010101,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# its answer
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500003400014000400626c10a0000020a000001005003e80000138800000065801207d036100000020405b40402030306010101,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# its end
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203e800500000006500001389501001f481b80000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# data that nobody has acknowledged
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500003200014000400626c30a0000010a00000203e800500000006500001389501801f49abf000061616161616161616161,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# the acknowledgement
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e8000013890000006f5010001e83840000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# far outside the window: an open connection is liberal
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500003200014000400626c30a0000010a00000203e8005005f5e0ff00001389501801f4b42f000061616161616161616161,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# a reset that is not at the right place
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203e8005000015f9000000000500403e8342d0000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# no window
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e8000013890000006f5010000083a20000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# a window again
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e8000013890000006f5010001e83840000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# one end closes
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e8000013890000006f5011001e83830000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# the other acknowledges
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203e800500000006f0000138a501001f481ad0000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# and closes
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203e800500000006f0000138a501101f481ac0000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# the last acknowledgement
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e80000138a000000705010001e83820000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# the same ports anew, with one scale only
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002c00014000400626c90a0000010a00000203e800500089544000000000600203e828ef000003030301,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# without the other
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e8000aae6000895441501203e8907b0000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# data outside the window before it is open
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002d00014000400626c80a0000010a00000203e800500098967f000aae61501803e82a5f00006161616161,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# acknowledged what was never sent
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203e8005000895441000dbba1501003e883390000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# a reset at the right place
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e8000aae6100895441501403e890780000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1000 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# refused: a reset without a number
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203e900500000000100000000500203e893be0000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1001 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# refused: a reset without a number, its answer
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003e90000000000000002501403e893ab0000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1001 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# in the middle of a connection
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002b00014000400626ca0a0000010a00000203ea005000000fa000001f40501003e8a26b0000616161,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1002 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# in the middle, back
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002b00014000400626ca0a0000020a000001005003ea00001f4000000fa3501003e8a2680000616161,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1002 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# in the middle, on
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203ea005000000fa300001f43501003e864ca0000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1002 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# a scale larger than there is
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500003000014000400626c50a0000010a00000203eb00500000000100000000700203e85eab000003030f0402010101,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1003 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# flags that mean nothing
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203ec00500000000100000000500303e893ba0000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1004 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# flags that mean nothing to a new one
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203ed00500000000100000001502903e893920000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1005 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# a reset of none
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203ee00500000000100000000500403e893b70000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1006 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# a finish of none
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203ef00500000000100000001501103e893a80000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1007 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# opened from both sides
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000202000000000108004500002800014000400626cd0a0000010a00000203f000500000000100000000500203e893b70000,actions=output:1"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1008 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
# opened from both sides: the other
@ovs-ofctl packet-out br0 "in_port=local,packet=02000000000102000000000208004500002800014000400626cd0a0000020a000001005003f00000000100000000500203e893b70000,actions=output:2"
ovs-dpctl -m -s dump-conntrack dp0 | grep sport=1008 | sed "s/id=[0-9]*/id=I/g;s/timeout=\([0-9]*\)[0-9],/timeout=\1T,/"
ovs-dpctl dump-flows dp0 | sed 's/used:[0-9.]*s/used:U/' | sort
@ovs-dpctl del-dp dp0
