import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import type { Netns } from "../netns.ts";
import { Packet } from "../packet.ts";
import { inet6Netns } from "./interface.ts";
import { sendPacket, writeHeader } from "./output.ts";
import { routeOutput } from "./route-lookup.ts";
import { Hosts, ip6 } from "./testing/hosts.ts";

/** Sends bytes as the payload of an IPv6 packet from a to 2001:db8::2. */
function send(
  hosts: Hosts,
  a: Netns,
  nextHeader: number,
  payload: readonly number[],
  to = "2001:db8::2",
): void {
  const namespace = inet6Netns.require(a);
  const destination = ip6(to);
  const route = routeOutput(namespace, { destination, oif: hosts.network.device(a, "eth0").ifindex });
  const packet = Packet.allocate(route.device, payload.length);
  packet.bytes.set(payload, packet.start);
  const source = ip6("2001:db8::1");
  writeHeader(packet, { trafficClass: 0, flowLabel: 0, nextHeader, hopLimit: 64, source, destination });
  sendPacket(namespace, route, packet);
  hosts.network.settle();
}

/** An empty hop-by-hop or destination header before what `next` announces. */
const padded = (next: number): number[] => [next, 0, 1, 4, 0, 0, 0, 0];

describe("a packet with extension headers", () => {
  test("of a protocol that nobody takes is answered with the offset of the field that names it", () => {
    const { hosts, a } = Hosts.pair();
    const heard = hosts.listen(a);
    send(hosts, a, 253, [0, 0, 0, 0]);
    expect(heard).toMatchObject([{ type: 4, code: 1, parameter: 6 }]);
    heard.length = 0;
    send(hosts, a, IpProtocol.DESTINATION, [...padded(253), 0, 0]);
    expect(heard).toMatchObject([{ type: 4, code: 1, parameter: 40 }]);
  });

  test("with routing type 0 and segments left is refused (RFC 5095)", () => {
    const { hosts, a } = Hosts.pair();
    const heard = hosts.listen(a);
    const header = [IpProtocol.UDP, 2, 0, 1, 0, 0, 0, 0, ...new Array<number>(16).fill(0)];
    send(hosts, a, IpProtocol.ROUTING, header);
    expect(heard).toMatchObject([{ type: 4, code: 0, parameter: 42 }]);
  });

  test.each([
    ["skipped", 0x1e, []],
    ["discarded", 0x5e, []],
    ["answered", 0x9e, [{ type: 4, code: 2, parameter: 42 }]],
    ["answered to a unicast packet", 0xde, [{ type: 4, code: 2, parameter: 42 }]],
  ])("with an unknown option that is to be %s", (_what, type, answers) => {
    const { hosts, a, b } = Hosts.pair();
    const heard = hosts.listen(a);
    send(hosts, a, IpProtocol.HOP_BY_HOP, [IpProtocol.NO_NEXT_HEADER, 0, type, 4, 0, 0, 0, 0]);
    expect(heard).toMatchObject(answers);
    expect(inet6Netns.require(b).mib.ip.inHdrErrors).toBe(type === 0x5e ? 1 : 0);
  });

  test("whose fragments overlap is dropped whole (RFC 5722)", () => {
    const { hosts, a, b } = Hosts.pair();
    const fragment = (offset: number, more: boolean, bytes: number): number[] => [
      IpProtocol.NO_NEXT_HEADER,
      0,
      offset >> 8,
      (offset & 0xf8) | (more ? 1 : 0),
      0,
      0,
      0,
      9,
      ...new Array<number>(bytes).fill(1),
    ];
    send(hosts, a, IpProtocol.FRAGMENT, fragment(0, true, 24));
    send(hosts, a, IpProtocol.FRAGMENT, fragment(16, false, 16));
    const { ip } = inet6Netns.require(b).mib;
    expect([ip.reasmReqds, ip.reasmOks, ip.reasmFails]).toEqual([2, 0, 1]);
  });

  test("whose fragments do not all come is told of after a minute, if the first one came", () => {
    const { hosts, a, b } = Hosts.pair();
    const heard = hosts.listen(a);
    const first = [IpProtocol.UDP, 0, 0, 1, 0, 0, 0, 7, ...new Array<number>(16).fill(1)];
    send(hosts, a, IpProtocol.FRAGMENT, first);
    hosts.network.run(61);
    expect(heard).toMatchObject([{ type: 3, code: 1 }]);
    expect(inet6Netns.require(b).mib.ip.reasmTimeout).toBe(1);
  });

  test("of any content never breaks the receiver", () => {
    const { hosts, a, b } = Hosts.pair();
    const kinds = fc.constantFrom(0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 135, 253);
    fc.assert(
      fc.property(kinds, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 120 }), (next, payload) => {
        send(hosts, a, next, payload);
        send(hosts, a, next, payload, "ff02::1");
      }),
      { numRuns: 300 },
    );
    const heard = hosts.listen(a);
    hosts.network.run(70);
    hosts.ping(a, "2001:db8::2");
    hosts.network.run(5);
    expect(heard.some(({ type }) => type === 129)).toBe(true);
    expect(inet6Netns.require(b).mib.ip.inReceives).toBeGreaterThan(500);
  });
});
