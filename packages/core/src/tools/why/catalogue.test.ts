// Every entry of the catalogue about routing and hosts: a network that works is broken in its way, is diagnosed first, the proposed
// commands are run, and the ping works again.

import type { Breakage } from "./testing/breakage.ts";
import { describeBreakages, host } from "./testing/breakage.ts";

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
  { id: "rule-refuses", place: "far", by: ["ip -n far rule add from 10.2.0.1 priority 9 prohibit"], to: FAR },
  {
    id: "route-refuses",
    place: "h1",
    by: ["ip -n h1 rule add to 10.2.0.0/24 lookup 50", "ip -n h1 route add prohibit 10.2.0.0/24 table 50"],
    to: FAR,
  },
  { id: "gateway-dead", place: "h1/eth0", by: ["ip -n h1 route replace default via 10.1.0.99"], to: FAR },
  {
    id: "gateway-dead",
    place: "h1/eth0",
    by: ["ip -n h1 rule add to 10.2.0.0/24 lookup 100", "ip -n h1 route add default via 10.1.0.99 table 100"],
    to: FAR,
  },
  { id: "forwarding-off", place: "r", by: ["ip netns exec r sysctl -qw net.ipv4.ip_forward=0"], to: FAR },
  {
    id: "forwarding-off",
    place: "r/eth0",
    by: ["ip netns exec r sysctl -qw net.ipv4.conf.eth0.forwarding=0"],
    to: FAR,
  },
  {
    id: "routing-loop",
    place: "r",
    by: ["ip netns exec h2 sysctl -qw net.ipv4.ip_forward=1", "ip -n r route add 10.2.0.1/32 via 10.1.0.2"],
    to: FAR,
  },
  { id: "source-taken", place: "far/lo", by: ["ip -n far address add 10.1.0.1/32 dev lo"], to: FAR },
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
    id: "arp-ignored",
    place: "far/eth0",
    by: [
      "ip link add eth2 netns r type veth peer name eth1 netns far",
      "ip -n r address add 10.3.0.254/24 dev eth2",
      "ip -n r link set eth2 up",
      "ip -n far address add 10.3.0.1/24 dev eth1",
      "ip -n far link set eth1 up",
      "ip -n far route add 10.2.0.254/32 via 10.3.0.254",
      "ip netns exec far sysctl -qw net.ipv4.conf.eth0.arp_filter=1",
      "ip -n r neigh flush all",
    ],
    to: FAR,
  },
  {
    id: "wrong-neighbour",
    place: "h1/eth0",
    by: ["ip -n h1 neigh replace 10.1.0.2 lladdr 02:00:00:00:00:99 nud reachable dev eth0"],
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

/** Two hosts on a bridge whose own host is a third. */
const BRIDGED = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  "ip address add 10.1.0.100/24 dev br0",
  ...host("h1", "p1", "10.1.0.1/24"),
  ...host("h2", "p2", "10.1.0.2/24"),
  ...["p1", "p2"].map((port) => `ip link set ${port} master br0`),
];

const moveAddress = (port: string): string[] => [
  "ip address del 10.1.0.100/24 dev br0",
  `ip address add 10.1.0.100/24 dev ${port}`,
];

/** A cable of h1 that leads elsewhere. */
const SIDEWAYS = [
  "ip netns add x",
  "ip link add eth1 netns h1 type veth peer name eth0 netns x",
  "ip -n x link set eth0 up",
  "ip -n h1 link set eth1 up",
];

const bridged: readonly Breakage[] = [
  { id: "address-on-port", place: "host/p1", by: moveAddress("p1"), from: "host", to: LINK },
  {
    id: "route-astray",
    place: "h1/eth1",
    by: [...SIDEWAYS, "ip -n h1 address add 10.9.0.1/24 dev eth1", "ip -n h1 route add 10.1.0.2/32 dev eth1"],
    to: LINK,
  },
  {
    id: "route-astray",
    place: "h1/eth1",
    by: [
      ...SIDEWAYS,
      "ip -n h1 address add 10.1.0.77/24 dev eth1",
      "ip -n h1 route del 10.1.0.0/24 dev eth0",
    ],
    to: LINK,
  },
];

/** Two hosts by macvlans above one device of the host, which has a third for itself. */
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
  "ip link add mac9 link par0 type macvlan mode bridge",
  "ip link set mac9 up",
  "ip route add 10.4.0.2/32 dev mac9",
];

const macvlans: readonly Breakage[] = [
  {
    id: "macvlan-mode",
    place: "m2/mv2",
    by: ["ip -n m2 link set mv2 type macvlan mode private"],
    from: "m1",
    to: "10.4.0.2",
  },
  { id: "macvlan-lower", place: "m2/mv2", by: ["ip link del mac9"], from: "host", to: "10.4.0.2" },
];

describeBreakages("a routed network", ROUTED, routed);
describeBreakages("a bridge that is a host", BRIDGED, bridged);
describeBreakages("macvlans", MACVLANS, macvlans);
