import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fillIpv4Checksum, ipv4HeaderLength } from "../../wire/ipv4.ts";
import { bytesFromHex } from "../../wire/hex.ts";
import { fillIcmpChecksum } from "../../wire/icmpv4.ts";
import { Packet } from "../packet.ts";
import type { Netns } from "../netns.ts";
import { netifRx } from "../receive.ts";
import { ipv4Of } from "./namespace.ts";
import { icmpSeen, ping } from "./testing/icmp.ts";
import { ip, TestNetwork } from "./testing/network.ts";

/** Frames that the router's first device might get, as a start for mutations. */
const FRAMES = [
  // echo request to a host behind the router
  "0200000000120200000000110800 4500001c00004000400126db0a0100020a020002 0800e5ca12340001",
  // the same with record route and timestamp
  "0200000000120200000000110800 4a00003000000000400100000a0100020a020002 070b0400000000000000000144080500000000000000000000 0800e5ca12340001",
  // loose source route by the router
  "0200000000120200000000110800 4700002400000000400100000a0100020a010001 8307040a02000200 0800e5ca12340001",
  // a fragment
  "0200000000120200000000110800 4500002400012001401100000a0100020a010001 000100020010000011223344",
  // ICMP unreachable about an echo request of the router
  "0200000000120200000000110800 4500003800000000400100000a0100020a010001 0304000000000514 4500001c00004000400100000a0100010a020002 0800000000010001",
  // ARP request, IGMP query
  "ffffffffffff0200000000110806 00010800060400010200000000110a0100020000000000000a010001",
  "01005e0000010200000000110800 46c00024000000000102000000000000e0000001 94040000 1114000000000000027d0000",
].map((text) => bytesFromHex(text) as Uint8Array);

const IP = 14;

/** Bytes changed at random; checksums made right again or not. */
const mutation = fc.record({
  frame: fc.integer({ min: 0, max: FRAMES.length - 1 }),
  changes: fc.array(fc.tuple(fc.nat({ max: 80 }), fc.nat({ max: 255 })), { maxLength: 6 }),
  cut: fc.option(fc.integer({ min: 0, max: 80 })),
  repair: fc.boolean(),
});

function mutate({
  frame,
  changes,
  cut,
  repair,
}: typeof mutation extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const bytes = (FRAMES[frame] as Uint8Array).slice(0, cut ?? undefined);
  for (const [offset, value] of changes) if (offset >= 6 && offset < bytes.length) bytes[offset] = value;
  const header = IP + (bytes.length > IP ? ipv4HeaderLength(bytes, IP) : 0);
  if (repair && header <= bytes.length && header >= IP + 20) {
    if (bytes[IP + 9] === 1 && header + 4 <= bytes.length) fillIcmpChecksum(bytes, header, bytes.length);
    fillIpv4Checksum(bytes, IP);
  }
  return bytes;
}

function arrive(network: TestNetwork, netns: Netns, name: string, bytes: Uint8Array): void {
  const device = network.device(netns, name);
  const packet = Packet.allocate(device, bytes.length);
  packet.bytes.set(bytes, packet.start);
  netifRx(packet, device);
  network.settle();
}

describe("whatever comes in", () => {
  test("is taken or dropped with a reason, and the router goes on", () => {
    const { network, c1, r } = TestNetwork.routed();
    for (const name of ["all", "to1", "to2"]) {
      network.setting(r, `net/ipv4/conf/${name}/accept_source_route`, "1");
    }
    fc.assert(
      fc.property(mutation, (what) => arrive(network, r, "to1", mutate(what))),
      { numRuns: 3000 },
    );
    network.run(60);
    expect(ipv4Of(r).reassembly.size).toBe(0);
    expect(ipv4Of(r).reassemblyMemory).toBe(0);
    const seen = icmpSeen(c1);
    ping(c1, "10.2.0.2");
    network.run(4);
    expect(seen.some(({ type, from }) => type === 0 && from === ip("10.2.0.2"))).toBe(true);
  });

  test("of any bytes", () => {
    const { network, r } = TestNetwork.routed();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(0x0800, 0x0806), (bytes, type) => {
        arrive(
          network,
          r,
          "to1",
          Uint8Array.from([2, 0, 0, 0, 0, 0x12, 2, 0, 0, 0, 0, 0x11, type >>> 8, type & 0xff, ...bytes]),
        );
      }),
      { numRuns: 1000 },
    );
    expect([...network.kernel.dropCounts].reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(900);
  });
});
