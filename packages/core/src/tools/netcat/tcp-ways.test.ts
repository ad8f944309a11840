// TCP over ways that are not one cable: smaller MTUs behind a router (RFC 1191, RFC 8201), errors of routers, routing domains, link-local
// addresses, links that go down.

import { expect, test } from "vitest";
import { runEmbedded } from "../testing/run-embedded.ts";

const ROUTER =
  "for n in h1 r h2; do ip netns add $n; ip -n $n link set lo up; done; " +
  "ip link add e0 netns h1 type veth peer name r1 netns r; ip link add e0 netns h2 type veth peer name r2 netns r; " +
  "ip -n h1 addr add 10.1.0.2/24 dev e0; ip -n r addr add 10.1.0.1/24 dev r1; " +
  "ip -n r addr add 10.2.0.1/24 dev r2; ip -n h2 addr add 10.2.0.2/24 dev e0; " +
  "ip -n h1 addr add fd01::2/64 dev e0 nodad; ip -n r addr add fd01::1/64 dev r1 nodad; " +
  "ip -n r addr add fd02::1/64 dev r2 nodad; ip -n h2 addr add fd02::2/64 dev e0 nodad; " +
  "for x in h1:e0 h2:e0 r:r1 r:r2; do ip -n ${x%:*} link set ${x#*:} up; done; " +
  "ip -n h1 route add default via 10.1.0.1; ip -n h2 route add default via 10.2.0.1; " +
  "ip -n h1 -6 route add default via fd01::1; ip -n h2 -6 route add default via fd02::1; " +
  "ip netns exec r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; ";

test.each([
  ["10.2.0.2", "", /^10\.2\.0\.2 via .*\n {4}cache expires \d+sec mtu 1300 \n/m],
  ["fd02::2", "-6", /^fd02::2 .* mtu 1300 /m],
])("a router's smaller MTU is learned on the way to %s", async (to, family, learned) => {
  const got = await runEmbedded(
    `${ROUTER}ip -n r link set r2 mtu 1300; seq 1 20000 > sent; ` +
      `ip netns exec h2 nc ${family} -l 5000 > got & sleep 0.1; ip netns exec h1 nc -N ${to} 5000 < sent; ` +
      `wait; cmp sent got && echo same; ip -n h1 ${family} route get ${to}; ip netns exec h1 nstat -az TcpRetransSegs`,
  );
  expect(got).toMatch(/^same\n/);
  expect(got).toMatch(learned);
  // What was too long was sent again.
  expect(got).toMatch(/^TcpRetransSegs +[1-9]/m);
});

test.each([
  ["unreachable", "No route to host"],
  ["prohibit", "No route to host"],
])("a route of type %s ends an attempt at once", async (type, text) => {
  const got = await runEmbedded(
    `${ROUTER}ip -n r route add ${type} 10.3.0.0/16; date +%S; ip netns exec h1 nc -v 10.3.0.1 80; date +%S`,
  );
  const [before, said, after] = got.split("\n");
  expect(said).toBe(`nc: connect to 10.3.0.1 port 80 (tcp) failed: ${text}`);
  expect(after).toBe(before);
});

test("a routing domain is its own, unless a socket is bound to it or all may listen", async () => {
  const serve = (how: string, port: number): string =>
    `ip netns exec r ${how} nc -l ${port} > got${port} & sleep 0.1; `;
  const call = (port: number): string =>
    `echo ${port} | ip netns exec h1 nc -v -N -w1 10.1.0.1 ${port} 2>&1 | grep -o 'succeeded\\|refused'; sleep 0.1; cat got${port}; `;
  const got = await runEmbedded(
    `${ROUTER}ip -n r link add red type vrf table 10; ip -n r link set red up; ip -n r link set r1 master red; ` +
      serve("", 7000) +
      call(7000) +
      serve("ip vrf exec red", 7001) +
      call(7001) +
      "ip netns exec r sysctl -qw net.ipv4.tcp_l3mdev_accept=1; " +
      serve("", 7002) +
      call(7002),
  );
  expect(got).toBe("refused\nsucceeded\n7001\nsucceeded\n7002\n");
});

test("a link-local address is called by its link", async () => {
  const got = await runEmbedded(
    `${ROUTER}sleep 3; ip netns exec r nc -6 -l 7003 > got & sleep 0.1; ` +
      "there=$(ip -n r -6 -o addr show dev r1 scope link | awk '{print $4}' | cut -d/ -f1); " +
      "echo near | ip netns exec h1 nc -N -w1 $there%e0 7003; wait; cat got; ip netns exec h1 nc -v -w1 $there 7003",
  );
  expect(got).toMatch(/^near\nnc: connect to fe80:\S+ port 7003 \(tcp\) failed: Invalid argument\n$/);
});

test("a link that goes down for a while only delays", async () => {
  const got = await runEmbedded(
    `${ROUTER}ip netns exec h2 nc -l 5000 > got & sleep 0.1; ` +
      "(echo one; sleep 1; echo two; sleep 5) | ip netns exec h1 nc -N 10.2.0.2 5000 & sleep 0.5; " +
      "ip -n r link set r2 down; sleep 1; cat got; ip netns exec h1 ss -Htno | grep -o 'timer:(on'; " +
      "ip -n r link set r2 up; sleep 5; cat got; wait; ip netns exec h1 nstat -az TcpExtTCPTimeouts | grep -c '[1-9]'",
  );
  expect(got).toMatch(/^one\ntimer:\(on\none\ntwo\n/);
});
