# Tunnels in the order in which they are listed, and the ports of the datapath that they share.
start
for p in 5000 700 10000 80 9; do ovs-vsctl add-port br0 v$p -- set interface v$p type=vxlan options:remote_ip=1.1.1.1 options:key=flow options:dst_port=$p; done
for p in 5000 700 80 9; do ovs-vsctl add-port br0 w$p -- set interface w$p type=vxlan options:remote_ip=flow options:key=flow options:dst_port=$p; done
t ovs-appctl ofproto/list-tunnels
for i in 1 2 3 4 5 6; do ovs-vsctl add-port br0 g$i -- set interface g$i type=gre options:remote_ip=1.1.1.$i options:key=$i -- add-port br0 x$i -- set interface x$i type=geneve options:remote_ip=fc00::$i options:local_ip=fc00::9:$i options:key=0x12345678$i; done
for i in 1 2 3; do ovs-vsctl add-port br0 f$i -- set interface f$i type=vxlan options:remote_ip=flow options:local_ip=flow options:key=$i; done
ovs-vsctl add-port br0 l -- set interface l type=gre options:remote_ip=9.9.9.9 options:packet_type=legacy_l3 -- add-port br0 a -- set interface a type=gre options:remote_ip=9.9.9.8 options:packet_type=ptap
t ovs-appctl ofproto/list-tunnels
for k in erspan ip6erspan gtpu; do ovs-vsctl add-port br0 t$k -- set interface t$k type=$k options:remote_ip=flow options:key=flow; done
t ovs-appctl dpctl/show
stop
