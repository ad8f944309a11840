// Entries of the catalogue about policy routing, routing domains, times to live and sockets: a network that works is broken in its way,
// is diagnosed first, the proposed commands are run, and the ping works again.

import { expect, test } from "vitest";
import { Replay } from "../testing/recorded-network.ts";
import type { Breakage } from "./testing/breakage.ts";
import { describeBreakages, host } from "./testing/breakage.ts";

/** Two hosts, a router, and a host behind it. */
const ROUTED = [
  "ip link add br0 type bridge",
  "ip link set br0 up",
  ...host("h1", "p1", "10.1.0.1/24", "10.1.0.254"),
  ...host("h2", "p2", "10.1.0.2/24", "10.1.0.254"),
  ...host("r", "pr", "10.1.0.254/24"),
  ...["p1", "p2", "pr"].map((port) => `ip link set ${port} master br0`),
  "ip netns add far",
  "ip link add eth1 netns r type veth peer name eth0 netns far",
  "ip -n r address add 10.2.0.254/24 dev eth1",
  "ip -n r link set eth1 up",
  "ip -n far address add 10.2.0.1/24 dev eth0",
  "ip -n far link set eth0 up",
  "ip -n far link set lo up",
  "ip -n far route add default via 10.2.0.254",
  "ip -n h1 address add 2001:db8:1::1/64 dev eth0 nodad",
  "ip -n r address add 2001:db8:1::fe/64 dev eth0 nodad",
  "ip -n r address add 2001:db8:2::fe/64 dev eth1 nodad",
  "ip -n far address add 2001:db8:2::1/64 dev eth0 nodad",
  "ip -n h1 -6 route add default via 2001:db8:1::fe",
  "ip -n far -6 route add default via 2001:db8:2::fe",
  "ip netns exec r sysctl -qw net.ipv4.ip_forward=1",
  "ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1",
];

const FAR = "10.2.0.1";
const FAR6 = "2001:db8:2::1";

const routed: readonly Breakage[] = [
  { id: "rule-refuses", place: "r", by: ["ip -n r rule add iif eth0 priority 9 prohibit"], to: FAR },
  { id: "rule-refuses", place: "r", by: ["ip -n r rule add iif eth1 priority 9 blackhole"], to: FAR },
  { id: "rule-refuses", place: "r", by: ["ip -n r rule add from 10.1.0.1 priority 9 unreachable"], to: FAR },
  { id: "rule-refuses", place: "r", by: ["ip -n r rule add from 10.2.0.0/24 priority 9 prohibit"], to: FAR },
  { id: "rule-refuses", place: "r", by: ["ip -n r -6 rule add iif eth1 priority 9 prohibit"], to: FAR6 },
  {
    id: "rule-astray",
    place: "r",
    by: ["ip -n r rule add iif eth1 lookup 77", "ip -n r route add default via 10.2.0.99 table 77"],
    to: FAR,
  },
  {
    id: "rule-astray",
    place: "r",
    by: [
      "ip netns exec r sysctl -qw net.ipv4.conf.all.send_redirects=0",
      "ip netns exec r sysctl -qw net.ipv4.conf.eth0.send_redirects=0",
      "ip -n r rule add from 10.1.0.0/24 lookup 78",
      "ip -n r route add 10.2.0.0/24 via 10.1.0.2 table 78",
    ],
    to: FAR,
  },
  {
    id: "rule-astray",
    place: "far",
    by: ["ip -n far rule add from 10.2.0.1 lookup 79", "ip -n far route add default dev eth0 table 79"],
    to: FAR,
  },
  {
    id: "rule-astray",
    place: "r",
    by: [
      "ip -n r -6 rule add iif eth1 lookup 80",
      "ip -n r -6 route add default via 2001:db8:2::99 table 80",
    ],
    to: FAR6,
  },
  {
    id: "multipath-leg",
    place: "h1/eth0",
    by: ["ip -n h1 route replace default nexthop via 10.1.0.99 weight 200 nexthop via 10.1.0.254"],
    to: FAR,
  },
  {
    id: "multipath-leg",
    place: "h1/eth0",
    by: ["ip -n h1 route replace default nexthop via 10.1.0.254 weight 200 nexthop via 10.1.0.99"],
    to: FAR,
    works: true,
  },
  { id: "ttl-small", place: "h1", by: ["ip netns exec h1 sysctl -qw net.ipv4.ip_default_ttl=1"], to: FAR },
  { id: "ttl-small", place: "far", by: ["ip netns exec far sysctl -qw net.ipv4.ip_default_ttl=1"], to: FAR },
  {
    id: "ttl-small",
    place: "h1",
    by: ["ip -n h1 route replace default via 10.1.0.254 dev eth0 hoplimit 1"],
    to: FAR,
  },
  {
    id: "ttl-small",
    place: "h1",
    by: ["ip netns exec h1 sysctl -qw net.ipv6.conf.eth0.hop_limit=1"],
    to: FAR6,
  },
  {
    id: "ttl-small",
    place: "far",
    by: ["ip -n far -6 route replace default via 2001:db8:2::fe dev eth0 hoplimit 1"],
    to: FAR6,
  },
];

/** A router between three hosts, in one VRF. */
const DOMAINS = [
  "ip netns add r",
  "ip -n r link set lo up",
  "ip -n r link add red type vrf table 10",
  "ip -n r link add blue type vrf table 20",
  "ip -n r link set red up",
  "ip -n r link set blue up",
  ...[1, 2, 3].flatMap((number) => [
    ...host(`h${number}`, `p${number}`, `10.${number}.0.1/24`, `10.${number}.0.254`),
    `ip link set p${number} netns r`,
    `ip -n r link set p${number} master red`,
    `ip -n r address add 10.${number}.0.254/24 dev p${number}`,
    `ip -n r link set p${number} up`,
  ]),
  "ip netns exec r sysctl -qw net.ipv4.ip_forward=1",
];

const domains: readonly Breakage[] = [
  { id: "vrf-wrong", place: "r/p2", by: ["ip -n r link set p2 master blue"], to: "10.2.0.1" },
  { id: "vrf-wrong", place: "r/p2", by: ["ip -n r link set p2 nomaster"], to: "10.2.0.1" },
  { id: "vrf-wrong", place: "r/p1", by: ["ip -n r link set p1 master blue"], to: "10.2.0.1" },
];

/** One subnet on two links, with a router between them that answers for the hosts behind it. */
const PROXIED = [
  "ip netns add r",
  ...host("h1", "p1", "10.1.0.1/24"),
  ...host("h2", "p2", "10.1.0.2/24"),
  "ip link set p1 netns r",
  "ip link set p2 netns r",
  "ip -n r address add 10.1.0.254/24 dev p1",
  "ip -n r link set p1 up",
  "ip -n r link set p2 up",
  "ip -n r route add 10.1.0.2/32 dev p2",
  "ip netns exec r sysctl -qw net.ipv4.ip_forward=1",
  "ip netns exec r sysctl -qw net.ipv4.conf.p1.proxy_arp=1",
  "ip netns exec r sysctl -qw net.ipv4.conf.p2.proxy_arp=1",
];

const proxied: readonly Breakage[] = [
  {
    id: "proxy-missing",
    place: "r/p1",
    by: ["ip netns exec r sysctl -qw net.ipv4.conf.p1.proxy_arp=0", "ip -n h1 neigh flush all"],
    to: "10.1.0.2",
  },
];

describeBreakages("policy routing and times to live", ROUTED, routed);
describeBreakages("routing domains", DOMAINS, domains);
describeBreakages("one subnet on two links", PROXIED, proxied);

test("why tells who listens on a UDP port, and who does not", async () => {
  const replay = new Replay();
  await replay.start([
    ...host("h1", "p1", "10.1.0.1/24"),
    ...host("h2", "p2", "10.1.0.2/24"),
    "ip link add br0 type bridge",
    "ip link set br0 up",
    ...["p1", "p2"].map((port) => `ip link set ${port} master br0`),
    "ip netns exec h2 nc -u -l 53 </dev/null >/dev/null &",
    "ip netns exec h2 nc -u -l 127.0.0.1 54 </dev/null >/dev/null &",
    "ip netns exec h2 nc -u -l -6 55 </dev/null >/dev/null &",
    "sleep 0.1",
  ]);
  const why = async (port: number): Promise<string> =>
    (await replay.run(`why --udp ${port} h1 10.1.0.2`)).stdout;
  expect(await why(53)).toMatch(/^Delivered to UDP socket 53 in h2\n/);
  expect(await why(54)).toMatch(
    /\n1\. h2 has a socket, but not for this packet, .*: it listens on 127\.0\.0\.1 only/,
  );
  expect(await why(56)).toMatch(/\n1\. h2 has no socket on UDP port 56 {2}\[udp-closed, h2\]/);
});

test("why tells who listens on a TCP port, and who does not", async () => {
  const replay = new Replay();
  await replay.start([
    ...host("h1", "p1", "10.1.0.1/24"),
    ...host("h2", "p2", "10.1.0.2/24"),
    "ip link add br0 type bridge",
    "ip link set br0 up",
    ...["p1", "p2"].map((port) => `ip link set ${port} master br0`),
    "ip netns exec h2 nc -lk 80 </dev/null >/dev/null &",
    "ip -n h2 link set lo up",
    "ip netns exec h2 nc -lk 127.0.0.1 81 </dev/null >/dev/null &",
    "sleep 0.1",
  ]);
  const why = async (port: number): Promise<string> =>
    (await replay.run(`why --tcp ${port} h1 10.1.0.2`)).stdout;
  expect(await why(80)).toMatch(/^Answered after [\d.]+ ms: TCP SYN ACK 10\.1\.0\.2 port 80 > /);
  expect(await why(81)).toMatch(
    /^Refused: TCP RST ACK .*\n1\. h2 has a socket, but not for this packet, on TCP port 81: it listens on 127\.0\.0\.1 only/,
  );
  expect(await why(82)).toMatch(/\n1\. h2 has no socket on TCP port 82 {2}\[tcp-closed, h2\]/);
});
