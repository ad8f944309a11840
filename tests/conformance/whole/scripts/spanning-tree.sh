#!/bin/bash
set -v
# classroom: learning bridge, loops, spanning tree
for b in br1 br2 br3; do brctl addbr $b; brctl setfd $b 2; brctl sethello $b 1; ifconfig $b up; done
con() { ip link add $1 type veth peer name $2; ifconfig $1 up; ifconfig $2 up; brctl addif ${3} $1; brctl addif ${4} $2; }
brctl stp br1 on; brctl stp br2 on; brctl stp br3 yes
ip link set br1 address 02:00:00:00:00:01
ip link set br2 address 02:00:00:00:00:02
ip link set br3 address 02:00:00:00:00:03
con l12 l21 br1 br2
con l23 l32 br2 br3
con l31 l13 br3 br1
brctl setbridgeprio br1 4096
brctl setpathcost br2 l23 50
brctl setportprio br2 l21 16
sleep 8
brctl show | awk '{print $1,$2,$3,$4}'
brctl showstp br1 | grep -E 'designated root|root port|path cost' | head -4
for b in br1 br2 br3; do echo "== $b"; brctl showstp $b | grep -E '^ port id|state' ; brctl showstp $b | grep -E '^l[0-9]' ; done
bridge link | sed -E 's/^[0-9]+: //' | awk '{print $1, $10,$11,$12,$13,$14,$15}' | sort
cat /sys/class/net/br2/bridge/root_id /sys/class/net/br2/bridge/bridge_id
cat /sys/class/net/br2/bridge/root_path_cost
cat /sys/class/net/l23/brport/state
cat /sys/class/net/l32/brport/path_cost
ifconfig l12 down
sleep 7
echo "after the cut"
bridge link | sed -E 's/^[0-9]+: //' | grep -o '^[^ ]*\|state [a-z]*' | paste - - | sort
brctl delif br1 l13
brctl delif br1 l13; echo rc $?
brctl addif br1 nosuch; echo rc $?
brctl addif nosuch l13; echo rc $?
brctl addbr br1; echo rc $?
brctl delbr br1; echo rc $?
ifconfig br1 down
brctl delbr br1; echo rc $?
brctl setageing br2 10; cat /sys/class/net/br2/bridge/ageing_time
brctl hairpin br2 l21 on; cat /sys/class/net/l21/brport/hairpin_mode
brctl foo; echo rc $?
brctl addif; echo rc $?
brctl --version
