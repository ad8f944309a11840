# Ports of a kernel's datapath that are tunnels, which ovs-dpctl makes devices for.
@ovs-dpctl add-dp dp0
ovs-dpctl add-if dp0 vx0,type=vxlan
ovs-dpctl add-if dp0 gn0,type=geneve
ovs-dpctl add-if dp0 gr0,type=gre
ovs-dpctl add-if dp0 vx1,type=vxlan,remote_ip=flow
ovs-dpctl show dp0
ip -br link | sed 's/ .*//;s/@.*//' | sort
ovs-dpctl set-if dp0 vx0,remote_ip=10.9.9.9
ovs-dpctl del-if dp0 vx0
ovs-dpctl del-if dp0 vxlan_sys_4789
ovs-dpctl del-if dp0 genev_sys_6081
ip -br link | sed 's/ .*//;s/@.*//' | sort
ovs-dpctl del-dp dp0
