# The error of a patch port without a peer, which comes and goes with reconfigurations until connectivity changes.
start
add_ports br0 1
e() { sleep 0.3; echo $1 $(ovs-vsctl get interface pa error | sed 's/No usa.*/NO/'); }
ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb
e a
for i in 1 2 3; do ovs-vsctl set port p1 external_ids:a=$i; e p$i; done
for i in 1 2 ; do ovs-vsctl add-port br0 q$i -- set interface q$i type=dummy; e a$i; done
for i in 1 2 ; do ovs-vsctl del-port br0 q$i; e d$i; done
for i in 1 2 ; do ovs-vsctl add-br b$i -- set bridge b$i datapath_type=dummy; e b$i; done
for i in 1 2 ; do ovs-vsctl del-br b$i ; e db$i; done
for i in 1 2 ; do ovs-vsctl add-port br0 pc$i -- set interface pc$i type=patch options:peer=pd; e c$i; done
for i in 1 2 ; do ovs-vsctl del-port br0 pc$i; e dc$i; done
for i in 1 2 ; do ovs-vsctl add-port br0 i$i -- set interface i$i type=internal; e ai$i; done
for i in 1 2 ; do ovs-vsctl del-port br0 i$i; e di$i; done
for i in 1 2 ; do ovs-vsctl set interface p1 mtu_request=14$i; e mtu$i; done
for i in 1 2 ; do ovs-vsctl set interface p1 ofport_request=14$i; e ofp$i; done
for i in 1 2 ; do ovs-vsctl set interface pa options:peer=pp$i; e peer$i; done
stop
