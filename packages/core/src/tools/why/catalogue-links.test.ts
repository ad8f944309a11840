// Every entry of the catalogue about VLANs, bonds and tunnels: a network that works is broken in its way, is diagnosed first, the proposed
// commands are run, and the ping works again.

import type { Breakage } from "./testing/breakage.ts";
import { describeBreakages, host } from "./testing/breakage.ts";

const LINK = "10.1.0.2";

/** Two VLAN-aware bridges with a trunk; h1, h2 and h3 untagged in VLAN 10, h4 with a VLAN device. */
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

const vlans: readonly Breakage[] = [
  {
    id: "vlan-access",
    place: "host/p2",
    by: ["bridge vlan del vid 10 dev p2", "bridge vlan add vid 20 dev p2 pvid untagged"],
    to: LINK,
  },
  { id: "vlan-pvid", place: "host/p1", by: ["bridge vlan add vid 10 dev p1 untagged"], to: LINK },
  { id: "vlan-trunk", place: "host/t1", by: ["bridge vlan del vid 10 dev t1"], to: "10.1.0.3" },
  { id: "vlan-trunk", place: "host/t2", by: ["bridge vlan del vid 10 dev t2"], to: "10.1.0.3" },
  {
    id: "vlan-native",
    place: "host/t2",
    by: ["bridge vlan add vid 10 dev t1 pvid untagged", "bridge vlan add vid 20 dev t2 pvid untagged"],
    to: "10.1.0.3",
  },
  { id: "vlan-self", place: "host/sw1", by: ["bridge vlan del vid 10 dev sw1 self"], to: "10.1.0.100" },
  { id: "vlan-tagged", place: "host/p2", by: ["bridge vlan add vid 10 dev p2 pvid"], to: LINK },
  {
    id: "vlan-device",
    place: "h4/eth0.11",
    by: [
      "ip -n h4 link del eth0.10",
      "ip -n h4 link add link eth0 name eth0.11 type vlan id 11",
      "ip -n h4 address add 10.1.0.4/24 dev eth0.11",
      "ip -n h4 link set eth0.11 up",
    ],
    to: "10.1.0.4",
  },
];

/** Two hosts with an Ethernet between them, and tunnels of both kinds over it. */
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
    `ip -n ${name} address add 10.7.0.${own}/24 dev vx0`,
    `ip -n ${name} link set vx0 up`,
    `ip -n ${name} link add gv0 type geneve id 8 remote 192.168.0.${far}`,
    `ip -n ${name} address add 10.8.0.${own}/24 dev gv0`,
    `ip -n ${name} link set gv0 up`,
    `ip -n ${name} link add gt0 type gretap remote 192.168.0.${far} local 192.168.0.${own} key 5`,
    `ip -n ${name} address add 10.10.0.${own}/24 dev gt0`,
    `ip -n ${name} link set gt0 up`,
    `ip -n ${name} link add gr0 type gre remote 192.168.0.${far} local 192.168.0.${own}`,
    `ip -n ${name} address add 10.11.0.${own}/24 dev gr0`,
    `ip -n ${name} link set gr0 up`,
    `ip -n ${name} link add vf0 type vxlan id 70 local 192.168.0.${own} dstport 4790 dev eth0`,
    `bridge -n ${name} fdb append 00:00:00:00:00:00 dev vf0 dst 192.168.0.${far}`,
    `ip -n ${name} address add 10.12.0.${own}/24 dev vf0`,
    `ip -n ${name} link set vf0 up`,
  ]),
];

const remade = (name: string, device: string, settings: string, address: string): string[] => [
  `ip -n ${name} link del ${device}`,
  `ip -n ${name} link add ${device} type ${settings}`,
  `ip -n ${name} address add ${address}/24 dev ${device}`,
  `ip -n ${name} link set ${device} up`,
  "ip -n h1 neigh flush all",
];

const VX = "vxlan remote 192.168.0.1 local 192.168.0.2";

const tunnels: readonly Breakage[] = [
  {
    id: "tunnel-vni",
    place: "h1/vx0",
    by: remade("h2", "vx0", `${VX} id 9 dstport 4789`, "10.7.0.2"),
    to: "10.7.0.2",
  },
  {
    id: "tunnel-port",
    place: "h1/vx0",
    by: remade("h2", "vx0", `${VX} id 7 dstport 8472`, "10.7.0.2"),
    to: "10.7.0.2",
  },
  {
    id: "tunnel-remote",
    place: "h1/vx0",
    by: remade("h1", "vx0", "vxlan remote 192.168.0.9 local 192.168.0.1 id 7 dstport 4789", "10.7.0.1"),
    to: "10.7.0.2",
  },
  // The other end learns from the question where to answer.
  {
    id: "tunnel-remote",
    place: "h2/vx0",
    by: remade("h2", "vx0", "vxlan remote 192.168.0.9 local 192.168.0.2 id 7 dstport 4789", "10.7.0.2"),
    to: "10.7.0.2",
    works: true,
  },
  {
    id: "tunnel-vni",
    place: "h1/gv0",
    by: remade("h2", "gv0", "geneve id 9 remote 192.168.0.1", "10.8.0.2"),
    to: "10.8.0.2",
  },
  {
    id: "tunnel-remote",
    place: "h1/gv0",
    by: remade("h1", "gv0", "geneve id 8 remote 192.168.0.9", "10.8.0.1"),
    to: "10.8.0.2",
  },
  {
    id: "tunnel-vni",
    place: "h1/gt0",
    by: remade("h2", "gt0", "gretap remote 192.168.0.1 local 192.168.0.2 key 6", "10.10.0.2"),
    to: "10.10.0.2",
  },
  {
    id: "tunnel-remote",
    place: "h1/gr0",
    by: remade("h1", "gr0", "gre remote 192.168.0.9 local 192.168.0.1", "10.11.0.1"),
    to: "10.11.0.2",
  },
  {
    id: "tunnel-remote",
    place: "h1/vf0",
    by: [
      "bridge -n h1 fdb del 00:00:00:00:00:00 dev vf0 dst 192.168.0.2",
      "ip -n h1 link set vf0 down",
      "ip -n h1 link set vf0 up",
    ],
    to: "10.12.0.2",
  },
  {
    id: "tunnel-mtu",
    place: "h1/gv0",
    by: ["ip -n h1 link set gv0 mtu 1500"],
    to: "10.8.0.2",
    options: "--size 1472",
    works: true,
  },
  { id: "link-down", place: "h2/eth0", by: ["ip -n h2 link set eth0 down"], to: "10.7.0.2" },
  {
    id: "tunnel-source",
    place: "h1/vx0",
    by: ["ip -n h1 address del 192.168.0.1/24 dev eth0"],
    to: "10.7.0.2",
  },
  { id: "port-in-no-bridge", place: "host/p1", by: ["ip link set p1 nomaster"], to: "10.7.0.2" },
  {
    id: "mtu-mismatch",
    place: "host/p2",
    by: ["ip link set p2 mtu 1400"],
    to: "10.7.0.2",
    options: "--size 1400",
  },
];

/** A host whose bond has two cables to the bridge of another one. */
const BONDED = [
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

const bonds: readonly Breakage[] = [
  { id: "port-in-no-bridge", place: "host/q0", by: ["ip link set q0 nomaster"], to: LINK },
  {
    id: "link-down",
    place: "host/q0",
    by: ["ip link set q0 down", "ip link set q1 down", "sleep 1"],
    to: LINK,
  },
  { id: "link-down", place: "h1/bond0", by: ["ip -n h1 link set bond0 down"], to: LINK },
  {
    id: "bond-empty",
    place: "h1/bond0",
    by: ["ip -n h1 link set eth0 nomaster", "ip -n h1 link set eth1 nomaster"],
    to: LINK,
  },
  {
    id: "port-in-no-bridge",
    place: "host/q1",
    by: ["ip -n h1 link set bond0 type bond active_slave eth1", "ip link set q1 nomaster"],
    to: LINK,
  },
];

/** Two hosts whose bonds are cabled member by member. */
const CROSSED = [
  ...["h1", "h2"].flatMap((name) => [
    `ip netns add ${name}`,
    `ip -n ${name} link add bond0 type bond mode active-backup miimon 100`,
  ]),
  ...[0, 1].flatMap((number) => [
    `ip link add eth${number} netns h1 type veth peer name eth${number} netns h2`,
    ...["h1", "h2"].map((name) => `ip -n ${name} link set eth${number} master bond0`),
  ]),
  ...["h1", "h2"].flatMap((name, index) => [
    `ip -n ${name} address add 10.1.0.${index + 1}/24 dev bond0`,
    `ip -n ${name} link set bond0 up`,
    `ip -n ${name} link set bond0 type bond active_slave eth0`,
  ]),
  "sleep 1",
];

const crossed: readonly Breakage[] = [
  {
    id: "bond-standby",
    place: "h2/bond0",
    by: ["ip -n h2 link set bond0 type bond active_slave eth1", "ip -n h1 neigh flush all"],
    to: LINK,
  },
];

describeBreakages("two bonds", CROSSED, crossed);
describeBreakages("VLANs on two bridges", VLANS, vlans);
describeBreakages("tunnels", TUNNELS, tunnels);
describeBreakages("bonds", BONDED, bonds);
