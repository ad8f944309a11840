import { describe, expect, test } from "vitest";
import { ERRNO } from "../../netlink/errno.ts";
import { BRIDGE_FLAGS, BRIDGE_VLAN_INFO } from "../../netlink/rtnl/bridge-vlan.ts";
import type { BridgeSpecification } from "../../netlink/rtnl/bridge-vlan.ts";
import { RTEXT_FILTER } from "../../netlink/rtnl/link-constants.ts";
import { decodeLink, encodeLink } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { BROADCAST_MAC } from "../../wire/mac.ts";
import { BenchLab } from "./testing/bench-lab.ts";
import type { SeenFrame } from "./testing/bench-lab.ts";

const { PVID, UNTAGGED, RANGE_BEGIN, RANGE_END } = BRIDGE_VLAN_INFO;
const HOST_1 = 0x0200_0000_0102;
const HOST_2 = 0x0200_0000_0202;

function filtering(count: number): { lab: BenchLab; seen: SeenFrame[][] } {
  const lab = new BenchLab();
  lab.star(count, { vlanFiltering: 1 });
  const seen = Array.from({ length: count }, (_, index) => lab.watch(`h${index + 1}`));
  return { lab, seen };
}

function change(
  lab: BenchLab,
  type: number,
  port: string,
  bridge: BridgeSpecification,
): ReturnType<BenchLab["client"]["request"]> {
  return lab.client.request(
    type,
    0,
    encodeLink({ family: AF.BRIDGE, index: lab.device(port).ifindex, bridge }),
  );
}

function join(lab: BenchLab, port: string, vid: number, flags = 0): void {
  expect(change(lab, RTM.SETLINK, port, { vlans: [{ vid, flags }] })).toMatchObject({ ok: true });
}

function leave(lab: BenchLab, port: string, vid: number): void {
  expect(change(lab, RTM.DELLINK, port, { vlans: [{ vid, flags: 0 }] })).toMatchObject({ ok: true });
}

const tags = (seen: SeenFrame[]): number[] => seen.map(({ tci }) => tci);

describe("a bridge that filters VLANs", () => {
  test("keeps access ports of different VLANs apart", () => {
    const { lab, seen } = filtering(3);
    for (const [port, vid] of [
      ["p1", 10],
      ["p2", 10],
      ["p3", 20],
    ] as const) {
      join(lab, port, vid, PVID | UNTAGGED);
      leave(lab, port, 1);
    }
    lab.send("h1", BROADCAST_MAC, HOST_1);
    expect(seen.map(tags)).toEqual([[], [-1], []]);
    lab.send("h1", BROADCAST_MAC, HOST_1, { tci: 20 });
    expect(seen.map(tags)).toEqual([[], [-1], []]);
    expect(lab.kernel.dropCounts.get("BRIDGE_INGRESS_VLAN")).toBe(1);
  });

  test("tags frames on a trunk and learns each VLAN by itself", () => {
    const { lab, seen } = filtering(3);
    join(lab, "p1", 10, PVID | UNTAGGED);
    join(lab, "p2", 20, PVID | UNTAGGED);
    join(lab, "p3", 10);
    join(lab, "p3", 20);
    lab.send("h1", BROADCAST_MAC, HOST_1);
    lab.send("h2", BROADCAST_MAC, HOST_1);
    expect(tags(seen[2] as SeenFrame[])).toEqual([10, 20]);
    lab.send("h3", HOST_1, HOST_2, { tci: 20 });
    lab.send("h3", HOST_1, HOST_2, { tci: 10 });
    expect(seen.slice(0, 2).map(tags)).toEqual([[-1], [-1]]);
  });

  test("takes a priority tag as untagged and keeps the priority", () => {
    const { lab, seen } = filtering(2);
    join(lab, "p1", 10, PVID | UNTAGGED);
    join(lab, "p2", 10);
    lab.send("h1", BROADCAST_MAC, HOST_1, { tci: 5 << 13 });
    expect(tags(seen[1] as SeenFrame[])).toEqual([(5 << 13) | 10]);
  });

  test("carries a foreign tag inside its own", () => {
    const { lab, seen } = filtering(2);
    lab.setBridge("br0", { vlanProtocol: 0x88a8 });
    join(lab, "p1", 10, PVID | UNTAGGED);
    join(lab, "p2", 10);
    lab.send("h1", BROADCAST_MAC, HOST_1, { tci: 7 });
    const [frame] = seen[1] as [SeenFrame];
    expect(frame.tci).toBe(10);
    expect([...frame.bytes.subarray(12, 16)]).toEqual([0x81, 0x00, 0x00, 0x07]);
  });

  test("is a member itself only by an entry of its own", () => {
    const { lab } = filtering(1);
    const up = lab.watch("br0");
    join(lab, "p1", 10, PVID | UNTAGGED);
    lab.send("h1", BROADCAST_MAC, HOST_1);
    expect(up).toHaveLength(0);
    expect(change(lab, RTM.SETLINK, "br0", { vlans: [{ vid: 10, flags: 0 }] })).toMatchObject({
      errno: ERRNO.EOPNOTSUPP,
    });
    const own = { flags: BRIDGE_FLAGS.SELF, vlans: [{ vid: 10, flags: 0 }] };
    expect(change(lab, RTM.SETLINK, "br0", own)).toMatchObject({ ok: true });
    lab.send("h1", BROADCAST_MAC, HOST_1);
    expect(tags(up)).toEqual([10]);
  });

  test("puts its local addresses into every VLAN, the VLAN's first in a list", () => {
    const { lab } = filtering(1);
    const own = [...lab.bridge("br0").fdb.entries()].filter(({ port }) => port === undefined);
    expect(own.map(({ mac, vid }) => [mac, vid])).toEqual([
      [0x0200_0000_00aa, 1],
      [0x0200_0000_00aa, 0],
    ]);
  });

  test("adds and deletes ranges, and refuses malformed ones with the kernel's words", () => {
    const { lab } = filtering(1);
    const range = (first: number, last: number, flags = 0) => ({
      vlans: [
        { vid: first, flags: flags | RANGE_BEGIN },
        { vid: last, flags: flags | RANGE_END },
      ],
    });
    expect(change(lab, RTM.SETLINK, "p1", range(100, 110))).toMatchObject({ ok: true });
    expect(lab.port("p1").vlans.count).toBe(12);
    const dump = lab.client.dump(
      RTM.GETLINK,
      encodeLink({ family: AF.BRIDGE, extMask: RTEXT_FILTER.BRVLAN_COMPRESSED }),
    );
    if (!dump.ok) throw new Error(dump.text);
    const links = dump.messages.map(({ body }) => decodeLink(body));
    const port = links.find((link) => !isMalformed(link) && link.ifname === "p1");
    expect(port && !isMalformed(port) ? port.bridge?.vlans : undefined).toEqual([
      { vid: 1, flags: PVID | UNTAGGED },
      { vid: 100, flags: RANGE_BEGIN },
      { vid: 110, flags: RANGE_END },
    ]);
    const text = (bridge: BridgeSpecification): unknown => {
      const result = change(lab, RTM.SETLINK, "p1", bridge);
      return result.ok ? undefined : result.extack.message;
    };
    expect(text(range(9, 5))).toBe("bridge: End vlan id is less than or equal to start vlan id");
    expect(text(range(5, 9, PVID))).toBe("bridge: Pvid isn't allowed in a range");
    expect(text({ vlans: [{ vid: 0, flags: 0 }] })).toBe("bridge: Vlan id is invalid");
    expect(text({ vlans: [{ vid: 4095, flags: 0 }] })).toBe("bridge: Vlan id is invalid");
    expect(change(lab, RTM.DELLINK, "p1", range(100, 110))).toMatchObject({ ok: true });
    expect(lab.port("p1").vlans.count).toBe(1);
  });

  test("moves its default VLAN where nobody has changed it", () => {
    const { lab } = filtering(2);
    join(lab, "p2", 1, PVID); // tagged: not the default any more
    lab.setBridge("br0", { vlanDefaultPvid: 7 });
    expect(lab.bridge("br0").vlans.pvid).toBe(7);
    expect(lab.port("p1").vlans.pvid).toBe(7);
    expect(lab.port("p2").vlans.pvid).toBe(1);
  });

  test("counts what comes in and goes out by VLAN", () => {
    const { lab } = filtering(2);
    lab.setBridge("br0", { vlanStatsEnabled: 1 });
    lab.send("h1", HOST_2, HOST_1);
    expect(lab.port("p1").vlans.find(1)?.counters).toMatchObject({ rxPackets: 1, rxBytes: 46 });
  });

  test("lets the state of a VLAN stop it on one port", () => {
    const { lab, seen } = filtering(2);
    const vlan = lab.port("p2").vlans.find(1);
    if (!vlan) throw new Error("no VLAN 1");
    vlan.state = 4;
    lab.send("h1", BROADCAST_MAC, HOST_1);
    lab.send("h2", BROADCAST_MAC, HOST_2);
    expect(seen.map(tags)).toEqual([[], []]);
  });
});

describe("a machine without VLAN filtering", () => {
  test("refuses it and has no default VLAN", () => {
    const lab = new BenchLab("linux-6.18");
    const bridge = lab.addBridge("br0");
    expect(bridge.vlans.count).toBe(0);
    const data = encodeLink({
      ifname: "br0",
      linkinfo: { kind: "bridge", data: new Uint8Array([5, 0, 7, 0, 1, 0, 0, 0]) },
    });
    expect(lab.client.request(RTM.NEWLINK, 0, data)).toMatchObject({ ok: false, errno: ERRNO.EOPNOTSUPP });
  });
});
