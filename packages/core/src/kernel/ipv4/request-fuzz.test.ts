import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NLM_F } from "../../netlink/message.ts";
import { encodeAddress } from "../../netlink/rtnl/address.ts";
import { encodeNeighbour, NUD } from "../../netlink/rtnl/neighbour.ts";
import { encodeNetconf } from "../../netlink/rtnl/netconf.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { encodeRoute } from "../../netlink/rtnl/route.ts";
import { encodeRule } from "../../netlink/rtnl/rule.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { ipv4Bytes } from "./address-message.ts";
import { ip, TestNetwork } from "./testing/network.ts";

const address = ipv4Bytes(ip("10.0.0.9"));
const family = AF.INET;

/** Requests as tools send them: what mutations start from. */
const REQUESTS: readonly (readonly [type: number, body: Uint8Array])[] = [
  [RTM.NEWADDR, encodeAddress({ family, prefixlen: 24, index: 2, local: address, address, label: "eth0:1" })],
  [RTM.DELADDR, encodeAddress({ family, prefixlen: 24, index: 2, local: address, address })],
  [
    RTM.NEWROUTE,
    encodeRoute({
      family,
      table: 254,
      type: RTN.UNICAST,
      gateway: address,
      metrics: { mtu: 1400, ccAlgo: "cubic" },
    }),
  ],
  [
    RTM.NEWROUTE,
    encodeRoute({
      family,
      table: 254,
      type: RTN.UNICAST,
      multipath: [
        { flags: 0, hops: 0, ifindex: 2 },
        { flags: 0, hops: 3, ifindex: 2, gateway: address },
      ],
    }),
  ],
  [RTM.DELROUTE, encodeRoute({ family, table: 254, dstLen: 24, dst: ipv4Bytes(ip("10.0.0.0")) })],
  [RTM.GETROUTE, encodeRoute({ family, dstLen: 32, dst: address, iif: 2, mark: 7 })],
  [
    RTM.NEWRULE,
    encodeRule({
      family,
      action: 1,
      table: 100,
      srcLen: 24,
      src: address,
      iifname: "eth0",
      dportRange: { start: 1, end: 9 },
    }),
  ],
  [RTM.DELRULE, encodeRule({ family, action: 1, table: 100, srcLen: 24, src: address })],
  [
    RTM.NEWNEIGH,
    encodeNeighbour({
      family,
      ifindex: 2,
      state: NUD.PERMANENT,
      dst: address,
      lladdr: new Uint8Array([2, 0, 0, 0, 0, 9]),
    }),
  ],
  [RTM.DELNEIGH, encodeNeighbour({ family, ifindex: 2, dst: address })],
  [RTM.GETNEIGH, encodeNeighbour({ family, ifindex: 2, dst: address })],
  [RTM.GETNETCONF, encodeNetconf({ family, ifindex: 2 })],
];

const mutation = fc.record({
  request: fc.integer({ min: 0, max: REQUESTS.length - 1 }),
  flags: fc.constantFrom(
    0,
    NLM_F.CREATE,
    NLM_F.CREATE | NLM_F.EXCL,
    NLM_F.CREATE | NLM_F.REPLACE,
    NLM_F.CREATE | NLM_F.APPEND,
    NLM_F.DUMP,
  ),
  changes: fc.array(fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 255 })), { maxLength: 4 }),
  cut: fc.option(fc.nat({ max: 100 })),
});

describe("requests", () => {
  test("of any content are carried out or refused, never a bug", () => {
    const { network, a } = TestNetwork.pair();
    const client = network.client(a);
    fc.assert(
      fc.property(mutation, ({ request, flags, changes, cut }) => {
        const [type, original] = REQUESTS[request] ?? [0, new Uint8Array(0)];
        const body = original.slice(0, cut ?? undefined);
        for (const [offset, value] of changes) if (offset > 0 && offset < body.length) body[offset] = value;
        const result = flags === NLM_F.DUMP ? client.dump(type, body) : client.request(type, flags, body);
        expect(typeof result.ok).toBe("boolean");
      }),
      { numRuns: 3000 },
    );
    // What was made is still in order.
    expect(client.dump(RTM.GETROUTE, encodeRoute({ family })).ok).toBe(true);
    network.up(a, "eth0", false);
    network.up(a, "eth0");
    network.run(5);
    expect(client.dump(RTM.GETADDR, encodeAddress({ family })).ok).toBe(true);
  });
});
