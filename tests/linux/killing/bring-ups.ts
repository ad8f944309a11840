// What the runs do that are killed: they make, change and take away things of all sorts, of their own and of others. A kernel or
// machine that does not have one of them refuses it, and the run goes on.

/** Devices, addresses, routes, rules, neighbours, bridges, settings. */
const KERNEL = `
for n in 1 2 3; do
  ip netns add ns$n
  ip link add v$n type veth peer name eth0 netns ns$n
  ip -n ns$n addr add 10.0.0.$n/24 dev eth0
  ip -n ns$n link set eth0 up
done
ip link add br0 type bridge vlan_filtering 1
for n in 1 2 3; do ip link set v$n master br0 up; done
bridge vlan add dev v1 vid 10-12; bridge vlan add dev br0 vid 10 self
ip link add link br0 name br0.10 type vlan id 10
ip link add type veth
ip tuntap add mode tap
ip link add p0 type veth peer name p1
ip link set p1 netns ns1
ip link add foreign type bridge
ip link set p0 master foreign up
ip addr add 10.7.0.2/24 dev foreign
ip addr del 10.7.1.1/24 dev foreign
ip route replace 10.70.0.0/16 via 10.7.0.9
ip route del 10.71.0.0/16
ip rule add from 10.7.0.9 table 70; ip rule del from 10.7.0.1
ip neigh add 10.7.0.9 lladdr 02:00:00:00:00:09 dev foreign; ip neigh del 10.7.0.8 dev foreign
bridge fdb add 02:00:00:00:00:aa dev fv0 master static; bridge fdb del 02:00:00:00:00:bb dev fv0 master
ip link set foreign mtu 1400 alias hello
ip link set foreign type bridge ageing_time 1000 forward_delay 400
bridge link set dev fv0 cost 77 learning off
bridge mdb del dev foreign port fv0 grp 239.1.1.1
bridge mdb add dev foreign port fv0 grp 239.1.1.2 permanent
ethtool -K fv0 tso off >/dev/null
ip link set fv4 netns ns2; ip -n ns2 link set fv4 name moved up
ip link set ft nomaster
ip tuntap del dev ft mode tap
ip link del fv2
sysctl -qw net.ipv4.ip_forward=1
ip link set br0 up
arp -s 10.7.0.7 02:00:00:00:00:07; brctl addbr br1; brctl addif br1 v1
ip netns exec ns1 sysctl -qw net.ipv4.ip_forward=1
ip netns del ns3
`;

/** A database and a switch daemon: bridges of its own and of others, flows, groups, meters, ports. */
const SWITCH = `
ip netns attach inside $(cat /run/inside.pid); ip -n inside link add mine type veth peer name mine1
ip netns del alive
ip link add po0 type veth peer name po1; ip link add po2 type veth peer name po3
ip link set po0 up; ip link set po2 up
ovs-vsctl add-br mine -- set bridge mine datapath_type=netdev -- add-port mine po0 -- add-port mine pi -- set interface pi type=internal
ip link set mine up; ip addr add 10.30.0.1/24 dev mine; ip link set pi netns inside
ovs-ofctl add-flow mine table=1,ip,actions=drop
ovs-vsctl add-port foreign-ovs po2 tag=3 -- set bridge foreign-ovs external_ids:who=mine
ovs-ofctl add-flow foreign-ovs table=7,arp,actions=normal
ovs-ofctl --bundle add-flow foreign-ovs table=8,tcp,tp_dst=80,actions=resubmit\\(,9\\)
ovs-ofctl del-flows foreign-ovs table=1
ovs-ofctl -O OpenFlow13 mod-group foreign-ovs group_id=1,type=all,bucket=output:2
ovs-ofctl -O OpenFlow13 add-group foreign-ovs group_id=2,type=indirect,bucket=output:3
ovs-ofctl -O OpenFlow13 add-meter foreign-ovs meter=2,kbps,band=type=drop,rate=9
ovs-ofctl -O OpenFlow13 del-meter foreign-ovs meter=1
ovs-ofctl mod-port foreign-ovs fo0 no-flood
ovs-ofctl -O OpenFlow14 mod-table foreign-ovs 3 evict
ovs-vsctl del-port foreign-ovs fo2
ovs-vsctl set-controller foreign-ovs tcp:127.0.0.1:6699 -- set-fail-mode foreign-ovs secure
ovs-vsctl set port fp1 tag=9 qos=@q -- --id=@q create qos type=linux-htb queues:1=@r -- --id=@r create queue dscp=9 >/dev/null
ovs-vsctl --id=@p get port fo0 -- --id=@m create mirror name=m1 select_src_port=@p -- set bridge foreign-ovs mirrors=@m >/dev/null
ovs-appctl dpctl/add-dp netdev@mine; ovs-appctl dpctl/add-if netdev@mine po3
ovs-appctl dpctl/del-if netdev@others fo3; ovs-appctl dpctl/add-if netdev@others po1
ovs-vsctl del-br doomed
ovs-vsctl --no-wait set open . external_ids:x=y other_config:z=1
`;

/** Bridges and tunnels of a switch daemon on the kernel's datapath, and datapaths of the kernel that no daemon looks after. */
const DATAPATH = `
ip link add po0 type veth peer name po1; ip link add po2 type veth peer name po3
ip link set po0 up; ip link set po2 up
ovs-vsctl add-br mine -- add-port mine po0 -- add-port mine pi -- set interface pi type=internal
ovs-vsctl add-port mine tunnel0 -- set interface tunnel0 type=vxlan options:remote_ip=10.7.0.9 options:key=5 -- add-port mine tunnel1 -- set interface tunnel1 type=geneve options:remote_ip=10.7.0.9
ip link set mine up; ip addr add 10.30.0.1/24 dev mine; ip netns add inside; ip link set pi netns inside
ovs-ofctl add-flow mine table=1,ip,actions=drop
ovs-vsctl add-port foreign-ovs po2 tag=3 -- set bridge foreign-ovs external_ids:who=mine
ovs-vsctl del-port foreign-ovs fo2
ovs-ofctl del-flows foreign-ovs table=1
ovs-dpctl add-dp own-dp; ovs-dpctl add-if own-dp po3 own-i,type=internal; ovs-dpctl add-flow own-dp "in_port(1),eth(),eth_type(0x0806),arp()" 2
ovs-dpctl add-if others po1 own-j,type=internal
ovs-dpctl add-flow others "in_port(1),eth(),eth_type(0x0806),arp()" 2
ovs-dpctl mod-flow others "in_port(2),eth(),eth_type(0x0800),ipv4(frag=no)" drop
ovs-dpctl del-flow others "in_port(1),eth(),eth_type(0x0800),ipv4(frag=no)"
ovs-dpctl del-if others fi; ovs-dpctl del-if others fo3
ovs-dpctl del-dp doomed-dp
ovs-vsctl del-br doomed
`;

/** A database without a daemon, so that nothing is waited for. */
const DATABASE = `
ip link add p0 type veth peer name p1
ovs-vsctl --no-wait add-br mine -- add-port mine p0
ovs-vsctl --no-wait add-port foreign-ovs p1 -- set bridge foreign-ovs external_ids:who=mine fail_mode=secure
ovs-vsctl --no-wait del-port foreign-ovs fo2 -- set-controller foreign-ovs tcp:10.0.0.1
ovs-vsctl --no-wait set port foreign-ovs qos=@q -- --id=@q create qos type=linux-htb queues:1=@r -- --id=@r create queue dscp=9
ovs-vsctl --no-wait del-br doomed
`;

/** The lab of `patchcord attach`, whose TAP goes with the process. */
const LAB = `
ip tuntap add dev tap0 mode tap; ip link set tap0 up; ip addr add 10.9.0.2/24 dev tap0
`;

export interface BringUp {
  /** The command's words before the script. */
  readonly words: readonly string[];
  readonly script: string;
}

export const BRING_UPS = {
  kernel: { words: ["run", "--system", "linux"], script: KERNEL },
  switch: { words: ["run", "--system", "linux"], script: SWITCH },
  datapath: { words: ["run", "--system", "linux"], script: DATAPATH },
  database: { words: ["run", "--system", "linux"], script: DATABASE },
  attach: { words: ["attach", "--host", "patch0", "--lab"], script: LAB },
} as const satisfies Readonly<Record<string, BringUp>>;

export type BringUpName = keyof typeof BRING_UPS;
