import { describe, expect, test } from "vitest";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import { ArpOperation } from "../../wire/arp.ts";
import { BROADCAST_MAC } from "../../wire/mac.ts";
import type { Netns } from "../netns.ts";
import { sendArp } from "./arp.ts";
import { ipv4Bytes } from "./address-message.ts";
import { ipv4Of } from "./namespace.ts";
import { icmpSeen, ping } from "./testing/icmp.ts";
import { ip, TestNetwork } from "./testing/network.ts";

const MAC_A = 0x0200_0000_000a;
const MAC_B = 0x0200_0000_000b;

/** ARP packets among captured frames: everything after the EtherType. */
function arps(frames: readonly string[]): string[] {
  return frames.filter((frame) => frame.slice(24, 28) === "0806").map((frame) => frame.slice(28));
}

function stateOf(network: TestNetwork, netns: Netns, address: string): number | undefined {
  return ipv4Of(netns).stack.arp.find(network.device(netns, "eth0"), ip(address))?.state;
}

/** A request or reply out of A's eth0 that says what it is told to. */
function say(
  network: TestNetwork,
  netns: Netns,
  operation: number,
  sender: string,
  target: string,
  to = BROADCAST_MAC,
  senderMac = MAC_A,
): void {
  sendArp(
    network.device(netns, "eth0"),
    operation,
    to,
    { ip: ip(sender), mac: senderMac },
    { ip: ip(target), mac: operation === ArpOperation.REPLY ? MAC_B : 0 },
  );
  network.settle();
}

describe("ARP", () => {
  test("answers a probe for its own address without learning the sender (RFC 5227, 2.1.1)", () => {
    const { network, a, b } = TestNetwork.pair();
    const cable = network.capture(a, "eth0");
    say(network, a, ArpOperation.REQUEST, "0.0.0.0", "10.0.0.2");
    expect(arps(cable.hex())).toEqual([
      "000108000604000102000000000a000000000000000000000a000002",
      "000108000604000202000000000b0a00000202000000000a00000000",
    ]);
    expect(stateOf(network, b, "10.0.0.1")).toBeUndefined();
  });

  test("learns nothing from an announcement of somebody unknown, unless arp_accept says so", () => {
    const { network, a, b } = TestNetwork.pair();
    say(network, a, ArpOperation.REQUEST, "10.0.0.50", "10.0.0.50");
    expect(stateOf(network, b, "10.0.0.50")).toBeUndefined();
    network.setting(b, "net/ipv4/conf/eth0/arp_accept", "1");
    say(network, a, ArpOperation.REQUEST, "10.0.0.50", "10.0.0.50");
    expect(stateOf(network, b, "10.0.0.50")).toBe(NUD.STALE);
  });

  test("takes a changed address from an announcement at once, from a reply only after the lock time", () => {
    const { network, a, b } = TestNetwork.pair();
    const table = ipv4Of(b).stack.arp;
    ping(b, "10.0.0.1");
    network.settle();
    const entry = table.find(network.device(b, "eth0"), ip("10.0.0.1"));
    expect(entry?.address).toBe(MAC_A);
    const other = 0x0200_0000_0099;
    say(network, a, ArpOperation.REPLY, "10.0.0.1", "10.0.0.2", MAC_B, other);
    expect(entry?.address).toBe(MAC_A);
    network.run(1.1);
    say(network, a, ArpOperation.REPLY, "10.0.0.1", "10.0.0.2", MAC_B, other);
    expect(entry?.address).toBe(other);
    say(network, a, ArpOperation.REQUEST, "10.0.0.1", "10.0.0.1");
    expect(entry?.address).toBe(MAC_A);
  });

  test.each([
    ["0", "10.9.0.9", true],
    ["1", "10.9.0.9", false],
    ["2", "10.0.0.2", true],
    ["8", "10.0.0.2", false],
  ])("arp_ignore %s and a request for %s", (level, target, answered) => {
    const { network, a, b } = TestNetwork.pair();
    network.expectOk(network.addAddress(b, "lo", "10.9.0.9/32"));
    network.setting(b, "net/ipv4/conf/all/arp_ignore", level);
    const cable = network.capture(a, "eth0");
    say(network, a, ArpOperation.REQUEST, "10.0.0.1", target);
    expect(arps(cable.hex())).toHaveLength(answered ? 2 : 1);
  });

  test("arp_announce 2 asks with the address of the link, not with the packet's", () => {
    const { network, a } = TestNetwork.pair();
    network.expectOk(network.addAddress(a, "lo", "10.9.0.9/32"));
    const cable = network.capture(a, "eth0");
    ping(a, "10.0.0.2", { source: ip("10.9.0.9") });
    network.settle();
    expect(arps(cable.hex())[0]?.slice(28, 36)).toBe("0a090009");
    network.setting(a, "net/ipv4/conf/all/arp_announce", "2");
    ping(a, "10.0.0.7", { source: ip("10.9.0.9") });
    network.settle();
    expect(arps(cable.hex()).at(-1)?.slice(28, 36)).toBe("0a000001");
  });

  test("a router with proxy_arp answers for hosts behind it, after a pause of at most 0.8 s", () => {
    const { network, c1, r } = TestNetwork.routed();
    const seen = icmpSeen(c1);
    network.setting(r, "net/ipv4/conf/to1/proxy_arp", "1");
    const oif = network.device(c1, "eth0").ifindex;
    network.expectOk(network.addRoute(c1, { dst: ipv4Bytes(ip("10.2.0.2")), dstLen: 32, oif }));
    ping(c1, "10.2.0.2");
    network.run(0.8);
    expect(seen).toMatchObject([{ type: 0, from: ip("10.2.0.2") }]);
    expect(stateOf(network, c1, "10.2.0.2")).toBe(NUD.REACHABLE);
    const entry = ipv4Of(c1).stack.arp.find(network.device(c1, "eth0"), ip("10.2.0.2"));
    expect(entry?.address).toBe(0x0200_0000_0012);
  });

  test("a device that goes down or gets another address has no neighbours", () => {
    const { network, a } = TestNetwork.pair();
    ping(a, "10.0.0.2");
    network.settle();
    expect(stateOf(network, a, "10.0.0.2")).toBe(NUD.REACHABLE);
    network.up(a, "eth0", false);
    expect(stateOf(network, a, "10.0.0.2")).toBeUndefined();
  });
});

describe("neighbour entries", () => {
  test("are probed by unicast before they fail", () => {
    const { network, a, b } = TestNetwork.pair();
    ping(a, "10.0.0.2");
    network.settle();
    // Nobody answers any more, and the entry has become stale.
    network.setting(b, "net/ipv4/conf/all/arp_ignore", "8");
    network.run(60);
    expect(stateOf(network, a, "10.0.0.2")).toBe(NUD.STALE);
    const cable = network.capture(a, "eth0");
    ping(a, "10.0.0.2");
    expect(stateOf(network, a, "10.0.0.2")).toBe(NUD.DELAY);
    network.run(5.5);
    expect(stateOf(network, a, "10.0.0.2")).toBe(NUD.PROBE);
    network.run(3);
    expect(stateOf(network, a, "10.0.0.2")).toBe(NUD.FAILED);
    const probes = cable
      .hex()
      .filter((frame) => frame.slice(12, 28) === "02000000000a0806" && frame.slice(40, 44) === "0001");
    expect(probes.map((frame) => frame.slice(0, 12))).toEqual(Array(3).fill("02000000000b"));
  });

  test("keep what waits within unres_qlen_bytes, dropping the oldest", () => {
    const { network, a } = TestNetwork.pair();
    network.setting(a, "net/ipv4/neigh/eth0/unres_qlen_bytes", "4000");
    for (let i = 0; i < 10; i++) ping(a, "10.0.0.9");
    expect(network.kernel.dropCounts.get("NEIGH_QUEUEFULL")).toBeGreaterThan(3);
    expect(ipv4Of(a).stack.arp.statistics.unresolvedDiscards).toBe(
      network.kernel.dropCounts.get("NEIGH_QUEUEFULL"),
    );
  });

  test("of a full table are collected when they are old", () => {
    const { network, a } = TestNetwork.pair();
    const { arp } = ipv4Of(a).stack;
    arp.gcThreshold1 = 4;
    arp.gcThreshold2 = 6;
    arp.gcThreshold3 = 8;
    for (let i = 100; i < 120; i++) ping(a, `10.0.0.${i}`);
    expect(arp.gcEntryCount).toBe(8);
    expect(arp.statistics.tableFulls).toBeGreaterThan(0);
    network.run(120);
    expect(arp.gcEntryCount).toBeLessThan(4);
  });
});
