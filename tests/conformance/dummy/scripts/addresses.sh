# Addresses of dummies in every form, a control socket that is not there, a bridge with a name that is none.
start
for a in foo 1.1.1 1.1.1.1 1.1.1.1/ 1.1.1.1/x 1.1.1.1/33 1.1.1.1/-1 1.1.1.1/255.255.0.0 1.1.1.1/255.0.255.0 1.1.1.1/24x "1.1.1.1/24 " 1.1.1.1x/24 1.1.1.1/0 ::1/64; do t ovs-appctl netdev-dummy/ip4addr br0 "$a"; done
for a in foo ::1 ::1/ ::1/x ::1/129 ::1/-1 ::1/ffff:: ::1/64x 1.1.1.1/24 ::g/64; do t ovs-appctl netdev-dummy/ip6addr br0 "$a"; done
t ovs-appctl netdev-dummy/ip4addr nosuch 1.1.1.1/24
t ovs-appctl ovs/route/show
t ovs-appctl -t $PWD/nosuch.ctl version
ovs-vsctl --no-wait add-br a/b
sleep 0.2
t ovs-vsctl --columns=name,datapath_id list bridge a/b
stop
