# Options of tunnels that are wrong, or not of their type.
start
add() { t ovs-vsctl --timeout=5 add-port br0 t1 -- set Interface t1 "$@"; ovs-vsctl get Interface t1 ofport error options; ovs-appctl dpif/show | grep t1; ovs-vsctl --if-exists del-port t1; }
for type in gre vxlan geneve ip6gre erspan gtpu; do
  add type=$type options:nonsense=1
  add type=$type options:remote_ip=1.1.1.1 options:nonsense=1 options:dst_port=77 options:csum=true options:seq=true options:exts=gbp options:payload_type=ip
  add type=$type options:remote_ip=x options:local_ip=224.0.0.1 options:tos=300 options:key=y options:ttl=z options:foo=bar
  add type=$type options:remote_ip=flow options:packet_type=x options:tos=3 options:zzz=1
  add type=$type options:remote_ip=::1 options:local_ip=1.2.3.4 options:aaa=1
done
add type=vxlan options:remote_ip=1.1.1.1 options:exts=gbp,x,gpe
stop
