import { expect, test } from "vitest";
import { isMalformed } from "../../wire/malformed.ts";
import { exchange } from "../testing/exchanges.ts";
import { decodedRequests, expectSameBytes } from "../testing/round-trip.ts";
import { decodeRoute, encodeRoute, routeTable } from "./route.ts";
import { RT_SCOPE, RTM_F, RTN, RTNH_F, RTPROT } from "./route-constants.ts";
import { AF, RTM } from "./types.ts";

const codec = { encode: encodeRoute, decode: decodeRoute };

test.each(["linux-6.1", "linux-6.18"] as const)(
  "routes that %s sends are encoded to the same bytes",
  (profile) => {
    const types = [RTM.NEWROUTE, RTM.DELROUTE];
    expect(expectSameBytes(codec, { profile, family: "route", types })).toBeGreaterThan(50);
  },
);

const requests = decodedRequests(codec, {
  profile: "linux-6.1",
  family: "route",
  types: [RTM.NEWROUTE, RTM.DELROUTE, RTM.GETROUTE],
});
const of = (command: string) => requests.find((each) => each.command.startsWith(command))?.record;

test("a route with every metric", () => {
  expect(of("ip route add 192.168.2.0/24")).toMatchObject({
    family: AF.INET,
    dstLen: 24,
    protocol: RTPROT.BOOT,
    scope: RT_SCOPE.UNIVERSE,
    type: RTN.UNICAST,
    priority: 100,
    metrics: {
      lock: (1 << 2) | (1 << 13),
      mtu: 1400,
      advmss: 1300,
      hoplimit: 30,
      window: 1000,
      rtt: 100,
      rtoMin: 20,
      initcwnd: 10,
      ccAlgo: "reno",
      features: 1,
      quickack: 1,
    },
  });
});

test("a route with two next hops", () => {
  expect(of("ip route add 192.168.3.0/24")?.multipath).toEqual([
    { flags: 0, hops: 1, ifindex: 4, gateway: Uint8Array.of(10, 0, 0, 2) },
    { flags: RTNH_F.ONLINK, hops: 0, ifindex: 4, gateway: Uint8Array.of(10, 0, 0, 3) },
  ]);
});

test("an IPv4 route through an IPv6 gateway", () => {
  expect(of("ip route add 192.168.7.0/24")?.via).toMatchObject({ family: AF.INET6 });
});

test("a table above 255 stands in an attribute", () => {
  const route = of("ip route add 192.168.4.0/24");
  expect(route?.table).toBe(0);
  expect(route && routeTable(route)).toBe(1000);
});

test("the answer to a lookup", () => {
  const { received } = exchange("linux-6.1", "route", "ip route get 10.0.0.1 from 10.0.0.9 iif veth3");
  const route = decodeRoute(received[0]?.body ?? new Uint8Array(0));
  if (isMalformed(route)) throw new Error(route.toString());
  expect(route).toMatchObject({ type: RTN.LOCAL, oif: 1, iif: 4, dstLen: 32, srcLen: 32 });
  expect(route.flags & RTM_F.CLONED).not.toBe(0);
});

test("a next hop longer than its attribute is malformed", () => {
  const body = encodeRoute({ family: AF.INET, multipath: [{ flags: 0, hops: 0, ifindex: 1 }] });
  body[16] = 200;
  expect(isMalformed(decodeRoute(body))).toBe(true);
});
