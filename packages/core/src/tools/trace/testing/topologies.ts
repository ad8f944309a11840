// Networks of every kind of link, with the probes that are asked about on them: what --dry-run tells is held against what happens.

import { host } from "../../why/testing/breakage.ts";

export interface Topology {
  readonly name: string;
  readonly setup: readonly string[];
  /** Arguments of `trace`, in the order in which they are sent: what one teaches a network, the next one meets. */
  readonly probes: readonly string[];
}

const up = (name: string, port: string, ...addresses: string[]): string[] => [
  `ip netns add ${name}`,
  `ip link add ${port} type veth peer name eth0 netns ${name}`,
  ...addresses.map(
    (address) => `ip -n ${name} address add ${address} dev eth0${address.includes(":") ? " nodad" : ""}`,
  ),
  `ip -n ${name} link set lo up`,
  `ip -n ${name} link set eth0 up`,
  `ip link set ${port} up`,
];

const listener = (name: string, options: string, transport = "-u"): string =>
  `ip netns exec ${name} nc ${transport} -l ${options} </dev/null >/dev/null 2>&1 &`;

const CABLE = [
  "ip netns add red",
  "ip netns add blue",
  "ip link add veth1 netns red type veth peer name veth2 netns blue",
  "ip -n red address add 10.0.0.1/24 dev veth1",
  "ip -n blue address add 10.0.0.2/24 dev veth2",
  "ip -n red address add 2001:db8::1/64 dev veth1 nodad",
  "ip -n blue address add 2001:db8::2/64 dev veth2 nodad",
  "ip -n red link set lo up",
  "ip -n red link set veth1 address 02:00:00:00:00:01 up",
  "ip -n blue link set veth2 address 02:00:00:00:00:02 up",
];

const BRIDGE = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  ...["h1", "h2", "h3"].flatMap((name, index) => [
    ...up(name, `p${index + 1}`, `10.1.0.${index + 1}/24`, `2001:db8:1::${index + 1}/64`),
    `ip -n ${name} link set eth0 address 02:00:00:00:01:0${index + 1}`,
    `ip link set p${index + 1} master br0`,
  ]),
  "ip address add 10.1.0.100/24 dev br0",
];

/** Two routers between two hosts, the second link with a smaller MTU. */
const ROUTED = [
  ...["a", "r1", "r2", "b"].map((name) => `ip netns add ${name}`),
  ...[
    ["a", "r1", 1, 1500],
    ["r1", "r2", 2, 1400],
    ["r2", "b", 3, 1500],
  ].flatMap(([left, right, number, mtu]) => [
    `ip link add to-${right} netns ${left} type veth peer name to-${left} netns ${right}`,
    `ip -n ${left} address add 10.${number}.0.1/24 dev to-${right}`,
    `ip -n ${right} address add 10.${number}.0.2/24 dev to-${left}`,
    `ip -n ${left} address add 2001:db8:${number}::1/64 dev to-${right} nodad`,
    `ip -n ${right} address add 2001:db8:${number}::2/64 dev to-${left} nodad`,
    `ip -n ${left} link set to-${right} mtu ${mtu} up`,
    `ip -n ${right} link set to-${left} mtu ${mtu} up`,
  ]),
  ...["a", "r1", "r2", "b"].map((name) => `ip -n ${name} link set lo up`),
  ...["r1", "r2"].flatMap((name) => [
    `ip netns exec ${name} sysctl -qw net.ipv4.ip_forward=1`,
    `ip netns exec ${name} sysctl -qw net.ipv6.conf.all.forwarding=1`,
  ]),
  "ip -n a route add default via 10.1.0.2",
  "ip -n b route add default via 10.3.0.1",
  "ip -n r1 route add 10.3.0.0/24 via 10.2.0.2",
  "ip -n r2 route add 10.1.0.0/24 via 10.2.0.1",
  "ip -n a route add default via 2001:db8:1::2",
  "ip -n b route add default via 2001:db8:3::1",
  "ip -n r1 route add 2001:db8:3::/64 via 2001:db8:2::2",
  "ip -n r2 route add 2001:db8:1::/64 via 2001:db8:2::1",
  "ip -n r1 route add prohibit 10.8.0.0/24",
  "ip -n r1 route add unreachable 10.8.1.0/24",
  "ip -n r1 route add blackhole 10.8.2.0/24",
  "ip -n r1 route add prohibit 2001:db8:8::/64",
  "ip -n r1 route add blackhole 2001:db8:9::/64",
];

const VLANS = [
  ...["sw1", "sw2"].flatMap((name) => [
    `ip link add ${name} type bridge vlan_filtering 1 vlan_default_pvid 0`,
    `ip link set ${name} up`,
  ]),
  "ip link add t1 type veth peer name t2",
  "ip link set t1 master sw1 up",
  "ip link set t2 master sw2 up",
  ...host("h1", "p1", "10.1.0.1/24"),
  ...host("h2", "p2", "10.1.0.2/24"),
  ...host("h3", "p3", "10.1.0.3/24"),
  "ip link set p1 master sw1",
  "ip link set p2 master sw1",
  "ip link set p3 master sw2",
  ...["p1", "p2", "p3"].map((port) => `bridge vlan add vid 10 dev ${port} pvid untagged`),
  "bridge vlan add vid 10 dev t1",
  "bridge vlan add vid 10 dev t2",
  "ip netns add h4",
  "ip link add p4 type veth peer name eth0 netns h4",
  "ip link set p4 master sw2 up",
  "ip -n h4 link set eth0 up",
  "ip -n h4 link add link eth0 name eth0.10 type vlan id 10",
  "ip -n h4 address add 10.1.0.4/24 dev eth0.10",
  "ip -n h4 link set eth0.10 up",
  "bridge vlan add vid 10 dev p4",
  "ip address add 10.1.0.100/24 dev sw1",
  "bridge vlan add vid 10 dev sw1 self pvid untagged",
];

const SWITCH = [
  "ovs-vsctl add-br br0",
  ...["h1", "h2", "h3"].flatMap((name, index) => [
    ...up(name, `p${index + 1}`, `10.1.0.${index + 1}/24`, `2001:db8:1::${index + 1}/64`),
    `ip -n ${name} link set eth0 address 02:00:00:00:02:0${index + 1}`,
    `ovs-vsctl add-port br0 p${index + 1} tag=${index < 2 ? 10 : 20}`,
  ]),
  "ovs-vsctl add-port br0 in0 tag=10 -- set interface in0 type=internal",
  "ip address add 10.1.0.9/24 dev in0",
  "ip link set in0 up",
  "ovs-vsctl add-br br1",
  "ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb",
  "ovs-vsctl add-port br1 pb -- set interface pb type=patch options:peer=pa",
  ...up("h4", "p4", "10.1.0.4/24"),
  "ovs-vsctl add-port br1 p4 tag=10",
];

const TUNNELS = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  ...host("h1", "p1", "192.168.0.1/24"),
  ...host("h2", "p2", "192.168.0.2/24"),
  ...["p1", "p2"].map((port) => `ip link set ${port} master br0`),
  ...[
    ["h1", 1, 2],
    ["h2", 2, 1],
  ].flatMap(([name, own, far]) => [
    `ip -n ${name} link add vx0 type vxlan id 7 remote 192.168.0.${far} local 192.168.0.${own} dstport 4789 dev eth0`,
    `ip -n ${name} link add gv0 type geneve id 8 remote 192.168.0.${far}`,
    `ip -n ${name} link add gt0 type gretap remote 192.168.0.${far} local 192.168.0.${own} key 5`,
    `ip -n ${name} link add gr0 type gre remote 192.168.0.${far} local 192.168.0.${own}`,
    `ip -n ${name} link add vm0 type vxlan id 9 group 239.1.1.1 dstport 8472 dev eth0`,
    ...["vx0", "gv0", "gt0", "gr0", "vm0"].flatMap((device, index) => [
      `ip -n ${name} address add 10.${index + 1}.0.${own}/24 dev ${device}`,
      `ip -n ${name} link set ${device} up`,
    ]),
  ]),
];

/** What the mirror's port has told before is known, so that frames for it leave by it twice; its own are dropped. */
const MIRROR = [
  "ip netns exec h1 ping -c1 10.1.0.2",
  "ovs-vsctl -- --id=@p get port p2 -- --id=@m create mirror name=m0 select_all=true output_port=@p -- set bridge br0 mirrors=@m",
  "ip -n h2 neighbour flush all",
];

const OVS_TUNNEL = [
  "ovs-vsctl add-br br0",
  ...host("h1", "p1", "10.1.0.1/24"),
  "ovs-vsctl add-port br0 p1",
  ...host("far", "pf", "192.168.5.2/24"),
  "ip address add 192.168.5.1/24 dev pf",
  "ip -n far link add vx0 type vxlan id 7 remote 192.168.5.1 local 192.168.5.2 dstport 4789 dev eth0",
  "ip -n far address add 10.1.0.2/24 dev vx0",
  "ip -n far link set vx0 up",
  "ovs-vsctl add-port br0 v7 -- set interface v7 type=vxlan options:remote_ip=192.168.5.2 options:key=7",
];

const MACVLANS = [
  "ip link add par0 type dummy",
  "ip link set par0 up",
  "ip address add 10.4.0.100/24 dev par0",
  ...["m1", "m2"].flatMap((name, index) => [
    `ip netns add ${name}`,
    `ip link add mv${index + 1} link par0 type macvlan mode bridge`,
    `ip link set mv${index + 1} netns ${name}`,
    `ip -n ${name} address add 10.4.0.${index + 1}/24 dev mv${index + 1}`,
    `ip -n ${name} link set mv${index + 1} up`,
  ]),
];

const BONDS = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  ...host("h2", "p2", "10.1.0.2/24"),
  "ip link set p2 master br0",
  "ip netns add h1",
  "ip -n h1 link add bond0 type bond mode active-backup miimon 100",
  ...[0, 1].flatMap((number) => [
    `ip link add q${number} type veth peer name eth${number} netns h1`,
    `ip link set q${number} master br0 up`,
    `ip -n h1 link set eth${number} master bond0`,
  ]),
  "ip -n h1 address add 10.1.0.1/24 dev bond0",
  "ip -n h1 link set bond0 up",
  "sleep 1",
];

const VRFS = [
  "ip netns add r",
  "ip -n r link add red type vrf table 10",
  "ip -n r link set red up",
  "ip -n r link set lo up",
  ...[1, 2].flatMap((number) => [
    ...host(`h${number}`, `p${number}`, `10.${number}.0.1/24`, `10.${number}.0.254`),
    `ip link set p${number} netns r`,
    `ip -n r link set p${number} master red`,
    `ip -n r address add 10.${number}.0.254/24 dev p${number}`,
    `ip -n r link set p${number} up`,
  ]),
  "ip netns exec r sysctl -qw net.ipv4.ip_forward=1",
];

const everyKind = (from: string, to: string): string[] => [
  `--arp ${from} ${to}`,
  `${from} ${to}`,
  `--size 3000 ${from} ${to}`,
  `--udp 9 ${from} ${to}`,
  `--udp 9 --size 3000 ${from} ${to}`,
];

export const topologies: readonly Topology[] = [
  {
    name: "a cable",
    setup: CABLE,
    probes: [
      ...everyKind("red", "10.0.0.2"),
      "red 10.0.0.9",
      "red 10.0.0.1",
      "--udp 9 red 10.0.0.1",
      "red 127.0.0.1",
      "red ::1",
      "red 10.9.0.1",
      "--udp 9 red 10.0.0.255",
      "red 2001:db8::2",
      "red 2001:db8::9",
      "red 2001:db8::1",
      "--size 3000 red 2001:db8::2",
      "--udp 9 red 2001:db8::2",
      "--arp red 10.0.0.9",
      "--arp --from veth1 red 10.9.0.1",
      "--from veth1 red 10.0.0.2",
      "--frame ffffffffffff02000000000188b5 --from veth1 red",
      "--frame 0200000000020200000000018100000a88b50000 --from veth1 red",
      "--frame 020000000009020000000001080045 --from veth1 red",
      "--frame 0200000000020200000000010800450000 --from veth1 red",
    ],
  },
  {
    name: "sockets",
    setup: [
      ...CABLE,
      listener("blue", "1001"),
      listener("blue", "-4 1002"),
      listener("blue", "-6 1003"),
      listener("blue", "10.0.0.2 1004"),
      "sleep 0.1",
    ],
    probes: [1001, 1002, 1003, 1004, 1005].flatMap((port) => [
      `--udp ${port} red 10.0.0.2`,
      `--udp ${port} red 2001:db8::2`,
    ]),
  },
  {
    name: "listeners of TCP",
    setup: [
      ...CABLE,
      listener("blue", "1001", "-k"),
      listener("blue", "1003", "-6k"),
      listener("blue", "10.0.0.2 1004", "-k"),
      "sleep 0.1",
      // Neighbours are known from here on.
      "ip netns exec red ping -c1 10.0.0.2 >/dev/null",
    ],
    probes: [1001, 1003, 1004, 1005].flatMap((port) => [
      `--tcp ${port} red 10.0.0.2`,
      `--tcp ${port} red 2001:db8::2`,
    ]),
  },
  {
    name: "a bridge",
    setup: BRIDGE,
    probes: [
      "h1 10.1.0.2",
      "h1 10.1.0.9",
      "--udp 9 h2 10.1.0.3",
      "--arp h3 10.1.0.1",
      "h1 2001:db8:1::2",
      "h1 2001:db8:1::9",
      "h1 10.1.0.100",
      "host 10.1.0.2",
      "--frame 0200000001020200000001030800 --from eth0 h1",
      "--frame 0180c200000102000000010388b5 --from eth0 h1",
      "--frame 0180c200000e02000000010388cc --from eth0 h1",
      "--frame ffffffffffff01000000010388b5 --from eth0 h1",
      "--frame 02000000ffff02000000010388b5 --from eth0 h1",
      "--frame 01005e7f000102000000010388b5 --from eth0 h1",
      "--frame ffffffffffff02000000010388b5 --from br0 host",
    ],
  },
  {
    name: "routers",
    setup: ROUTED,
    probes: [
      "a 10.3.0.2",
      "a 10.3.0.2",
      "--size 1472 a 10.3.0.2",
      "--udp 9 a 10.3.0.2",
      "--udp 9 --size 3000 b 10.1.0.1",
      "a 10.3.0.9",
      "a 10.7.0.1",
      "a 10.8.0.1",
      "a 10.8.1.1",
      "a 10.8.2.1",
      "a 10.2.0.2",
      "r1 10.3.0.2",
      "a 2001:db8:3::2",
      "--size 1452 a 2001:db8:3::2",
      "--udp 9 a 2001:db8:3::2",
      "a 2001:db8:3::9",
      "a 2001:db8:7::1",
      "a 2001:db8:8::1",
      "a 2001:db8:9::1",
    ],
  },
  {
    name: "VLANs",
    setup: VLANS,
    probes: [
      "h1 10.1.0.2",
      "h1 10.1.0.3",
      "h1 10.1.0.4",
      "h4 10.1.0.3",
      "h1 10.1.0.100",
      "host 10.1.0.4",
      "--udp 9 h4 10.1.0.1",
      "h1 10.1.0.9",
      "--frame ffffffffffff0200000001038100000a88b5 --from eth0 h1",
      "--frame ffffffffffff0200000001038100001488b5 --from eth0 h1",
    ],
  },
  {
    name: "Open vSwitch",
    setup: SWITCH,
    probes: [
      "h1 10.1.0.2",
      "h1 10.1.0.2",
      "h1 10.1.0.3",
      "h1 10.1.0.9",
      "host 10.1.0.2",
      "h1 10.1.0.4",
      "--udp 9 h4 10.1.0.1",
      "--size 3000 h1 10.1.0.4",
      "--arp h1 10.1.0.4",
      "h1 2001:db8:1::2",
      "--frame ffffffffffff02000000020388b5 --from eth0 h1",
    ],
  },
  {
    name: "flows of Open vSwitch",
    setup: [
      ...SWITCH,
      "ovs-ofctl add-flow br0 table=0,priority=10,icmp,actions=goto_table:1",
      "ovs-ofctl add-flow br0 table=1,priority=10,ip,nw_dst=10.1.0.2,actions=NORMAL",
      "ovs-ofctl add-flow br0 priority=9,udp,tp_dst=9,actions=drop",
      "ovs-ofctl add-flow br0 priority=9,udp,tp_dst=10,in_port=p1,actions=output:p2",
    ],
    probes: [
      "h1 10.1.0.2",
      "h2 10.1.0.1",
      "--udp 9 h1 10.1.0.2",
      "--udp 10 h1 10.1.0.2",
      "--udp 11 h1 10.1.0.2",
    ],
  },
  {
    name: "a mirror of Open vSwitch, so that two packets wait for one neighbour",
    setup: [...SWITCH, ...MIRROR],
    probes: ["h1 10.1.0.2", "--udp 9 h1 10.1.0.2", "h2 10.1.0.1"],
  },
  {
    name: "tunnels",
    setup: TUNNELS,
    probes: [
      ...[1, 2, 3, 4, 5].flatMap((net) => [
        `h1 10.${net}.0.2`,
        `h1 10.${net}.0.2`,
        `--udp 9 h2 10.${net}.0.1`,
      ]),
      "--size 3000 h1 10.1.0.2",
      "--size 3000 h1 10.4.0.2",
      "--size 1472 h1 10.3.0.2",
      "h1 10.5.0.9",
      "--udp 4789 h1 192.168.0.2",
    ],
  },
  {
    name: "a tunnel of Open vSwitch",
    setup: OVS_TUNNEL,
    probes: ["h1 10.1.0.2", "h1 10.1.0.2", "far 10.1.0.1", "--udp 9 h1 10.1.0.2"],
  },
  {
    name: "macvlans",
    setup: MACVLANS,
    probes: ["m1 10.4.0.2", "m1 10.4.0.100", "host 10.4.0.2", "m1 10.4.0.9", "--udp 9 m2 10.4.0.1"],
  },
  {
    name: "bonds",
    setup: BONDS,
    probes: ["h1 10.1.0.2", "h2 10.1.0.1", "--udp 9 h1 10.1.0.2", "h1 10.1.0.9"],
  },
  {
    name: "VRFs",
    setup: VRFS,
    probes: [
      "h1 10.2.0.1",
      "h1 10.1.0.254",
      "h1 10.2.0.254",
      "--udp 9 h1 10.2.0.254",
      "h1 10.2.0.9",
      "r 10.1.0.1",
      "--from red r 10.1.0.1",
    ],
  },
];
