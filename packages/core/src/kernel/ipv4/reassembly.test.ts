import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IcmpType } from "../../wire/icmpv4.ts";
import { Packet } from "../packet.ts";
import type { Netns } from "../netns.ts";
import { netifRx } from "../receive.ts";
import { fragment } from "./fragment.ts";
import { ipv4Of } from "./namespace.ts";
import { icmpSeen } from "./testing/icmp.ts";
import { TestNetwork } from "./testing/network.ts";
import { ip } from "./testing/network.ts";
import { fillIpv4Checksum, writeIpv4Header } from "../../wire/ipv4.ts";
import { writeEthernetHeader } from "../../wire/ethernet.ts";

const PROTOCOL = 253; // for experiments (RFC 3692)

/** A datagram from 10.0.0.1 to 10.0.0.2, cut for `mtu`: IP packets. */
function pieces(
  network: TestNetwork,
  netns: Netns,
  payload: Uint8Array,
  mtu: number,
  id: number,
): Uint8Array[] {
  const packet = Packet.allocate(network.device(netns, "eth0"), 20 + payload.length);
  const header = {
    tos: 0,
    id,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    protocol: PROTOCOL,
    source: ip("10.0.0.1"),
    destination: ip("10.0.0.2"),
    options: new Uint8Array(0),
  };
  writeIpv4Header(header, payload.length, packet.bytes, packet.start);
  fillIpv4Checksum(packet.bytes, packet.start);
  packet.bytes.set(payload, packet.start + 20);
  const cut: Uint8Array[] = [];
  fragment(ipv4Of(netns), packet, mtu, (each) => void cut.push(each.copyBytes()));
  return cut;
}

/** Puts an IP packet on B's wire. */
function arrive(network: TestNetwork, netns: Netns, bytes: Uint8Array): void {
  const device = network.device(netns, "eth0");
  const packet = Packet.allocate(device, 14 + bytes.length);
  writeEthernetHeader(packet.bytes, packet.start, device.address, 0x0200_0000_000a, 0x0800);
  packet.bytes.set(bytes, packet.start + 14);
  netifRx(packet, device);
  network.settle();
}

function delivered(netns: Netns): Uint8Array[] {
  const seen: Uint8Array[] = [];
  ipv4Of(netns).stack.rawReceivers.push({
    receive(packet, protocol) {
      if (protocol !== PROTOCOL) return false;
      seen.push(packet.bytes.slice(packet.start + 20, packet.end));
      return true;
    },
  });
  return seen;
}

describe("fragments", () => {
  test("come together in any order", () => {
    const { network, a, b } = TestNetwork.pair();
    const seen = delivered(b);
    let id = 0;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.integer({ min: 68, max: 200 }),
        fc.infiniteStream(fc.nat()),
        (payload, mtu, order) => {
          seen.length = 0;
          const cut = pieces(network, a, payload, mtu, ++id);
          const shuffled = cut
            .map((bytes) => ({ bytes, key: order.next().value ?? 0 }))
            .sort((x, y) => x.key - y.key);
          for (const { bytes } of shuffled) arrive(network, b, bytes);
          expect(seen).toEqual([payload]);
          expect(ipv4Of(b).reassembly.size).toBe(0);
          expect(ipv4Of(b).reassemblyMemory).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("of a datagram that is never complete: time exceeded after 30 s if the first has come", () => {
    const { network, a, b } = TestNetwork.pair();
    const errors = icmpSeen(a);
    const cut = pieces(network, a, new Uint8Array(300), 100, 77);
    arrive(network, b, cut[0] as Uint8Array);
    const others = pieces(network, a, new Uint8Array(300), 100, 78);
    arrive(network, b, others[1] as Uint8Array);
    network.run(29);
    expect(errors).toEqual([]);
    network.run(2);
    expect(errors).toMatchObject([{ type: IcmpType.TIME_EXCEEDED, code: 1, from: ip("10.0.0.2") }]);
    expect(ipv4Of(b).ip).toMatchObject({ reasmTimeout: 2, reasmFails: 2, reasmReqds: 2 });
    expect(network.kernel.dropCounts.get("FRAG_REASM_TIMEOUT")).toBe(2);
  });

  test("that overlap end the datagram (RFC 5722)", () => {
    const { network, a, b } = TestNetwork.pair();
    const seen = delivered(b);
    const small = pieces(network, a, new Uint8Array(300), 100, 5);
    const large = pieces(network, a, new Uint8Array(300), 124, 5);
    arrive(network, b, small[0] as Uint8Array);
    arrive(network, b, large[0] as Uint8Array);
    expect(ipv4Of(b).ip.reasmOverlaps).toBe(1);
    expect(ipv4Of(b).reassembly.size).toBe(0);
    expect(seen).toEqual([]);
  });

  test("are bounded in memory (ipfrag_high_thresh)", () => {
    const { network, a, b } = TestNetwork.pair();
    network.setting(b, "net/ipv4/ipfrag_low_thresh", "1000");
    network.setting(b, "net/ipv4/ipfrag_high_thresh", "20000");
    for (let id = 0; id < 100; id++)
      arrive(network, b, pieces(network, a, new Uint8Array(300), 100, id)[0] as Uint8Array);
    expect(ipv4Of(b).reassemblyMemory).toBeLessThan(22_000);
    expect(network.kernel.dropCounts.get("FRAG_MEMORY")).toBeGreaterThan(50);
  });
});
