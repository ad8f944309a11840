// Every entry of the catalogue: a network that works is broken in its way, is diagnosed first, the proposed commands are
// run, and the ping works again.

import { describe, expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";

const host = (name: string, port: string, address: string, gateway?: string): string[] => [
  `ip netns add ${name}`,
  `ip link add ${port} type veth peer name eth0 netns ${name}`,
  `ip -n ${name} address add ${address} dev eth0`,
  `ip -n ${name} link set lo up`,
  `ip -n ${name} link set eth0 up`,
  `ip link set ${port} up`,
  ...(gateway === undefined ? [] : [`ip -n ${name} route add default via ${gateway}`]),
];

/** Three hosts on a bridge, one of them a router, and a host behind it. */
const ROUTED = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  ...host("h1", "p1", "10.1.0.1/24", "10.1.0.254"),
  ...host("h2", "p2", "10.1.0.2/24", "10.1.0.254"),
  ...host("r", "pr", "10.1.0.254/24"),
  `ip -n h2 link set eth0 address 02:00:00:00:00:02`,
  ...["p1", "p2", "pr"].map((port) => `ip link set ${port} master br0`),
  "ip netns add far",
  "ip link add eth1 netns r type veth peer name eth0 netns far",
  "ip -n r address add 10.2.0.254/24 dev eth1",
  "ip -n r link set eth1 up",
  "ip -n far address add 10.2.0.1/24 dev eth0",
  "ip -n far link set eth0 up",
  "ip -n far link set lo up",
  "ip -n far route add default via 10.2.0.254",
  "ip netns exec r sysctl -qw net.ipv4.ip_forward=1",
  ...["h1", "h2", "r", "far"].flatMap((name, index) => {
    const at = name === "far" ? "2001:db8:2::1/64" : `2001:db8:1::${name === "r" ? "fe" : index + 1}/64`;
    return [`ip -n ${name} address add ${at} dev eth0 nodad`];
  }),
  "ip -n r address add 2001:db8:2::fe/64 dev eth1 nodad",
  "ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1",
  "ip -n h1 -6 route add default via 2001:db8:1::fe",
  "ip -n far -6 route add default via 2001:db8:2::fe",
];

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
];

interface Breakage {
  /** What the first diagnosis has to be. */
  readonly id: string;
  readonly place?: string;
  readonly by: readonly string[];
  readonly from?: string;
  readonly to: string;
  readonly options?: string;
  /** A question for the neighbour changes what bridges know, so that looking at the state now tells something else. */
  readonly unforeseen?: true;
  /** It goes on working, but is noticed. */
  readonly works?: true;
}

interface Found {
  readonly works: boolean;
  readonly diagnoses: readonly {
    readonly id: string;
    readonly place: { readonly namespace: string; readonly device?: string };
    readonly fix: readonly string[];
  }[];
}

async function diagnoses(setup: readonly string[], breakage: Breakage): Promise<void> {
  const { id, place, by, from = "h1", to, options = "", works = false, unforeseen = false } = breakage;
  const replay = new Replay();
  await replay.start(setup);
  const run = async (cmd: string): Promise<string> => {
    const { stdout, stderr, rc } = await replay.run(cmd);
    if (rc !== 0) throw new Error(`${cmd}: ${stderr}${stdout}`);
    return stdout;
  };
  const ask = `why --json ${options} ${from} ${to}`;
  const before = await replay.run(`why ${options} ${from} ${to}`);
  expect(before.stdout).toMatch(/^(Answered|Delivered)/);
  expect(before.rc).toBe(0);
  for (const command of by) await run(command);
  const guess = await replay.run(`trace --dry-run ${options} ${from} ${to}`);
  const { stdout, stderr, rc } = await replay.run(ask);
  // Told from the state alone it is the same, but for what the next packet itself would change.
  expect(guess.rc).toBe(unforeseen ? 1 - rc : rc);
  expect(stderr).toBe("");
  const found = JSON.parse(stdout) as Found;
  const [first] = found.diagnoses;
  const where = [first?.place.namespace, first?.place.device].filter(Boolean).join("/");
  expect({ id: first?.id, place: where }).toEqual({ id, place: place ?? where });
  expect(rc).toBe(works ? 0 : 1);
  expect(first?.fix).not.toEqual([]);
  for (const command of first?.fix ?? []) await run(command);
  const size = /--size (\d+)/.exec(options)?.[1] ?? "56";
  const within = from === "host" ? "" : `ip netns exec ${from} `;
  await run(`${within}ping -c 2 -W 2 -s ${size} ${to}`);
}

const FAR = "10.2.0.1";
const LINK = "10.1.0.2";
const H2_MAC = "02:00:00:00:00:02";

const routed: readonly Breakage[] = [
  { id: "link-down", place: "h1/eth0", by: ["ip -n h1 link set eth0 down"], to: LINK },
  { id: "link-down", place: "h2/eth0", by: ["ip -n h2 link set eth0 down"], to: LINK },
  { id: "link-down", place: "host/p2", by: ["ip link set p2 down"], to: LINK },
  { id: "link-down", place: "host/br0", by: ["ip link set br0 down"], to: LINK },
  { id: "link-down", place: "r/eth1", by: ["ip -n r link set eth1 down"], to: FAR },
  { id: "loopback-down", place: "h1/lo", by: ["ip -n h1 link set lo down"], to: "10.1.0.1" },
  { id: "no-address", place: "h1/eth0", by: ["ip -n h1 address del 10.1.0.1/24 dev eth0"], to: LINK },
  { id: "no-address", place: "h2/eth0", by: ["ip -n h2 address del 10.1.0.2/24 dev eth0"], to: LINK },
  {
    id: "wrong-prefix",
    place: "h1/eth0",
    by: [
      "ip -n h1 route del default",
      "ip -n h1 address add 10.1.0.1/32 dev eth0",
      "ip -n h1 address del 10.1.0.1/24 dev eth0",
    ],
    to: LINK,
  },
  { id: "no-route", place: "h1", by: ["ip -n h1 route del default"], to: FAR },
  { id: "no-route", place: "far", by: ["ip -n far route del default"], to: FAR },
  { id: "route-refuses", place: "h1", by: ["ip -n h1 route add blackhole 10.2.0.0/24"], to: FAR },
  { id: "route-refuses", place: "r", by: ["ip -n r route add unreachable 10.2.0.1/32"], to: FAR },
  { id: "route-refuses", place: "far", by: ["ip -n far route add prohibit 10.1.0.0/24"], to: FAR },
  { id: "rule-refuses", place: "h1", by: ["ip -n h1 rule add to 10.2.0.0/24 priority 9 prohibit"], to: FAR },
  { id: "rule-refuses", place: "r", by: ["ip -n r rule add to 10.2.0.1 priority 9 blackhole"], to: FAR },
  { id: "rule-refuses", place: "h1", by: ["ip -n h1 rule add priority 9 unreachable"], to: FAR },
  { id: "gateway-dead", place: "h1/eth0", by: ["ip -n h1 route replace default via 10.1.0.99"], to: FAR },
  { id: "forwarding-off", place: "r", by: ["ip netns exec r sysctl -qw net.ipv4.ip_forward=0"], to: FAR },
  {
    id: "arp-off",
    place: "h2/eth0",
    by: ["ip -n h2 link set eth0 arp off", "ip -n h1 neigh flush all"],
    to: LINK,
  },
  {
    id: "arp-ignored",
    place: "h2/eth0",
    by: ["ip netns exec h2 sysctl -qw net.ipv4.conf.all.arp_ignore=8", "ip -n h1 neigh flush all"],
    to: LINK,
  },
  {
    id: "wrong-neighbour",
    place: "h1/eth0",
    by: ["ip -n h1 neigh replace 10.1.0.2 lladdr 02:00:00:00:00:99 nud permanent dev eth0"],
    to: LINK,
  },
  {
    id: "duplicate-address",
    place: "r/eth0",
    by: ["ip -n r address add 10.1.0.2/24 dev eth0", "ip -n h1 neigh flush all"],
    to: LINK,
    works: true,
  },
  {
    id: "duplicate-mac",
    by: [
      "ip -n h1 neigh flush all",
      `ip -n r link set eth0 address ${H2_MAC}`,
      "ip -n r route flush dev eth0 || true",
      "ip netns exec r arping -c 1 -A -I eth0 10.1.0.254",
    ],
    to: LINK,
    works: true,
    unforeseen: true,
  },
  {
    id: "mtu-mismatch",
    place: "h2/eth0",
    by: ["ip -n h2 link set eth0 mtu 1400"],
    to: LINK,
    options: "--size 1472",
  },
  { id: "mtu-mismatch", place: "host/p2", by: ["ip link set p2 mtu 1300"], to: LINK, options: "--size 1472" },
  { id: "port-blocked", place: "host/p2", by: ["bridge link set dev p2 state 0"], to: LINK },
  {
    id: "port-blocked",
    by: ["ip link set br0 type bridge stp_state 1", "ip link set p2 nomaster", "ip link set p2 master br0"],
    to: LINK,
  },
  {
    id: "port-isolated",
    by: ["bridge link set dev p1 isolated on", "bridge link set dev p2 isolated on"],
    to: LINK,
  },
  {
    id: "port-locked",
    place: "host/p2",
    by: [`bridge fdb del ${H2_MAC} dev p2 master`, "bridge link set dev p2 locked on"],
    to: LINK,
  },
  {
    id: "no-flooding",
    place: "host/p2",
    by: ["bridge link set dev p2 bcast_flood off flood off", "ip -n h1 neigh flush all"],
    to: LINK,
  },
  { id: "wrong-fdb", place: "host/pr", by: [`bridge fdb replace ${H2_MAC} dev pr master static`], to: LINK },
  { id: "port-in-no-bridge", place: "host/p2", by: ["ip link set p2 nomaster"], to: LINK },
  { id: "port-in-no-bridge", place: "host/p1", by: ["ip link set p1 nomaster"], to: LINK },
  {
    id: "icmp-ignored",
    place: "h2",
    by: ["ip netns exec h2 sysctl -qw net.ipv4.icmp_echo_ignore_all=1"],
    to: LINK,
  },
  {
    id: "reverse-path",
    place: "far/eth0",
    by: [
      "ip link add eth2 netns r type veth peer name eth1 netns far",
      "ip -n r address add 10.3.0.254/24 dev eth2",
      "ip -n r link set eth2 up",
      "ip -n far address add 10.3.0.1/24 dev eth1",
      "ip -n far link set eth1 up",
      "ip -n far route replace default via 10.3.0.254",
      "ip netns exec far sysctl -qw net.ipv4.conf.eth0.rp_filter=1",
    ],
    to: FAR,
  },
  {
    id: "ipv6-disabled",
    place: "h2/eth0",
    by: ["ip netns exec h2 sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1"],
    to: "2001:db8:1::2",
  },
  {
    id: "forwarding-off",
    place: "r",
    by: ["ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=0"],
    to: "2001:db8:2::1",
  },
  { id: "no-route", place: "far", by: ["ip -n far -6 route del default"], to: "2001:db8:2::1" },
  {
    id: "dad-failed",
    place: "h2/eth0",
    by: [
      "ip -n h2 address del 2001:db8:1::2/64 dev eth0",
      "ip -n r address add 2001:db8:1::2/64 dev eth0 nodad",
      "ip -n h2 address add 2001:db8:1::2/64 dev eth0",
      "sleep 2",
      "ip -n r address del 2001:db8:1::2/64 dev eth0",
    ],
    to: "2001:db8:1::2",
  },
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

/** Two hosts on a bridge of Open vSwitch. */
const OVS = [
  "ovs-vsctl add-br br0",
  ...host("h1", "p1", "10.1.0.1/24"),
  ...host("h2", "p2", "10.1.0.2/24"),
  "ovs-vsctl add-port br0 p1",
  "ovs-vsctl add-port br0 p2",
];

const openVswitch: readonly Breakage[] = [
  { id: "ovs-no-flow", place: "host/br0", by: ["ovs-vsctl set-fail-mode br0 secure"], to: LINK },
  {
    id: "ovs-flow-drops",
    place: "host/br0",
    by: ["ovs-ofctl add-flow br0 priority=7,icmp,actions=drop"],
    to: LINK,
  },
  { id: "link-down", place: "host/p2", by: ["ip link set p2 down"], to: LINK },
  { id: "link-down", place: "host/p2", by: ["ovs-ofctl mod-port br0 p2 down"], to: LINK },
  { id: "ovs-port-missing", place: "host/p2", by: ["ovs-vsctl del-port p2"], to: LINK },
  {
    id: "ovs-port-missing",
    place: "host/p1",
    by: ["ovs-vsctl del-port p1", "ip link set p1 down", "ovs-vsctl set port p2 tag=7"],
    to: LINK,
  },
  {
    id: "ovs-vlan",
    place: "host/p2",
    by: ["ovs-vsctl set port p1 tag=10 -- set port p2 tag=20"],
    to: LINK,
  },
  { id: "ovs-vlan", place: "host/p2", by: ["ovs-vsctl set port p1 tag=10"], to: LINK },
  { id: "ovs-vlan", place: "host/p1", by: ["ovs-vsctl set port p2 tag=10"], to: LINK },
  { id: "ovs-vlan", place: "host/p1", by: ["ovs-vsctl set port p1 trunks=20"], to: LINK },
];

/** A host on each of two bridges of Open vSwitch that patch ports join, in VLAN 10; the first bridge's own port is a third. */
const OVS_PATCH = [
  ...OVS,
  "ovs-vsctl set port p1 tag=10",
  "ovs-vsctl add-br br1",
  "ovs-vsctl del-port p2",
  "ovs-vsctl add-port br1 p2 tag=10",
  "ovs-vsctl add-port br0 pa -- set interface pa type=patch options:peer=pb",
  "ovs-vsctl add-port br1 pb -- set interface pb type=patch options:peer=pa",
  "ovs-vsctl set port br0 tag=10",
  "ip address add 10.1.0.9/24 dev br0",
  "ip link set br0 up",
];

const patched: readonly Breakage[] = [
  {
    id: "ovs-patch",
    place: "host/pb",
    by: ["ovs-vsctl del-port pb", "ovs-vsctl add-port br1 pb -- set interface pb type=patch options:peer=pc"],
    to: LINK,
  },
  { id: "ovs-patch", place: "host/pb", by: ["ovs-vsctl set interface pb options:peer=pc"], to: LINK },
  { id: "ovs-patch", place: "host/pa", by: ["ovs-vsctl set interface pa options:peer=pc"], to: LINK },
  {
    id: "ovs-patch",
    place: "host/pa",
    by: ["ovs-vsctl set interface pa options:peer=x", "ovs-vsctl set interface pb options:peer=y"],
    to: LINK,
  },
  { id: "ovs-patch", place: "host/pa", by: ["ovs-vsctl del-port pb"], to: LINK },
  { id: "ovs-patch", place: "host/pb", by: ["ovs-vsctl del-port pa"], to: LINK },
  { id: "ovs-patch", place: "host/br0", by: ["ovs-vsctl del-port pa -- del-port pb"], to: LINK },
  { id: "ovs-vlan", place: "host/pa", by: ["ovs-vsctl set port pa trunks=20,30"], to: LINK },
  { id: "ovs-vlan", place: "host/pb", by: ["ovs-vsctl set port pb trunks=20,30"], to: LINK },
  { id: "ovs-vlan", place: "host/p1", by: ["ovs-vsctl set port p1 tag=11"], from: "host", to: "10.1.0.1" },
  { id: "link-down", place: "host/br0", by: ["ip link set br0 down"], from: "h1", to: "10.1.0.9" },
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
    unforeseen: true,
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

const name = ({ id, place, by }: Breakage): string =>
  `${id}${place ? ` at ${place}` : ""}: ${by.at(-1) ?? ""}`;

describe("a routed network", () => {
  test.each(routed.map((breakage) => [name(breakage), breakage] as const))("%s", async (_, breakage) => {
    await diagnoses(ROUTED, breakage);
  });
});

describe("VLANs on two bridges", () => {
  test.each(vlans.map((breakage) => [name(breakage), breakage] as const))("%s", async (_, breakage) => {
    await diagnoses(VLANS, breakage);
  });
});

describe("Open vSwitch", () => {
  test.each(openVswitch.map((breakage) => [name(breakage), breakage] as const))("%s", async (_, breakage) => {
    await diagnoses(OVS, breakage);
  });
});

describe("Open vSwitch with patch ports", () => {
  test.each(patched.map((breakage) => [name(breakage), breakage] as const))("%s", async (_, breakage) => {
    await diagnoses(OVS_PATCH, breakage);
  });
});

describe("bonds", () => {
  test.each(bonds.map((breakage) => [name(breakage), breakage] as const))("%s", async (_, breakage) => {
    await diagnoses(BONDED, breakage);
  });
});

describe("tunnels", () => {
  test.each(tunnels.map((breakage) => [name(breakage), breakage] as const))("%s", async (_, breakage) => {
    await diagnoses(TUNNELS, breakage);
  });
});
