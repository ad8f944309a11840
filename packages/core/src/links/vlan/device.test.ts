import { describe, expect, test } from "vitest";
import { changeAddress, changeMtu } from "../../kernel/device-state.ts";
import { Packet } from "../../kernel/packet.ts";
import { pushLinkHeader, transmit } from "../../kernel/transmit.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { BROADCAST_MAC } from "../../wire/mac.ts";
import { BenchLab } from "../bridge/testing/bench-lab.ts";
import type { VlanData } from "./netlink.ts";
import { encodeVlanData, VLAN_FLAG } from "./netlink.ts";

/** Two ends of a cable that are up. */
function cable(): BenchLab {
  const lab = new BenchLab();
  lab.cable("a", "b", 0x0200_0000_0001, 0x0200_0000_0002);
  lab.up("a", "b");
  return lab;
}

function request(lab: BenchLab, name: string, lower: string | undefined, data: VlanData, mtu?: number) {
  const link = lower === undefined ? undefined : lab.device(lower).ifindex;
  const body = encodeLink({
    ifname: name,
    ...(link === undefined ? {} : { link }),
    ...(mtu === undefined ? {} : { mtu }),
    linkinfo: { kind: "vlan", data: encodeVlanData(data) },
  });
  return lab.client.request(RTM.NEWLINK, NLM_F.CREATE | NLM_F.EXCL, body);
}

function add(lab: BenchLab, name: string, lower: string, data: VlanData): void {
  expect(request(lab, name, lower, data)).toMatchObject({ ok: true });
}

function sendFrom(lab: BenchLab, name: string, priority = 0): void {
  const device = lab.device(name);
  const packet = Packet.allocate(device, 30);
  packet.priority = priority;
  pushLinkHeader(packet, device, 0x88b5, BROADCAST_MAC, device.address);
  transmit(packet);
  lab.settle();
}

describe("an 802.1Q device", () => {
  test("tags what it sends and gets what has its tag", () => {
    const lab = cable();
    add(lab, "a.10", "a", { id: 10 });
    add(lab, "b.10", "b", { id: 10 });
    add(lab, "b.20", "b", { id: 20 });
    lab.up("a.10", "b.10", "b.20");
    const [below, ten, twenty] = ["b", "b.10", "b.20"].map((name) => lab.watch(name));
    sendFrom(lab, "a.10");
    expect(below?.map(({ tci }) => tci)).toEqual([10]);
    expect(ten?.map(({ tci, bytes }) => [tci, bytes.length])).toEqual([[-1, 44]]);
    expect(twenty).toEqual([]);
    expect(lab.device("a.10").statistics).toMatchObject({ txPackets: 1, txBytes: 44 });
    expect(lab.device("b.10").statistics).toMatchObject({ rxPackets: 1, rxBytes: 30 });
  });

  test("puts a tag into the bytes below another tag (802.1ad)", () => {
    const lab = cable();
    add(lab, "a.s", "a", { id: 100, protocol: 0x88a8 });
    add(lab, "a.s.c", "a.s", { id: 5 });
    add(lab, "b.s", "b", { id: 100, protocol: 0x88a8 });
    add(lab, "b.s.c", "b.s", { id: 5 });
    lab.up("a.s", "a.s.c", "b.s", "b.s.c");
    const below = lab.watch("b");
    const inner = lab.watch("b.s.c");
    sendFrom(lab, "a.s.c");
    const [frame] = below;
    expect(frame?.tci).toBe(100);
    expect([...(frame?.bytes.subarray(12, 18) ?? [])]).toEqual([0x81, 0, 0, 5, 0x88, 0xb5]);
    expect(inner.map(({ tci, bytes }) => [tci, bytes.length])).toEqual([[-1, 44]]);
  });

  test("maps priorities", () => {
    const lab = cable();
    add(lab, "a.10", "a", { id: 10, egressQos: [{ from: 6, to: 7 }] });
    lab.up("a.10");
    const below = lab.watch("b");
    sendFrom(lab, "a.10", 6);
    sendFrom(lab, "a.10", 5);
    expect(below.map(({ tci }) => tci)).toEqual([(7 << 13) | 10, 10]);
  });

  test.each<[string, string | undefined, VlanData, number, string]>([
    ["no device below", undefined, { id: 5 }, ERRNO.EINVAL, "8021q: link not specified"],
    ["no VLAN", "a", {}, ERRNO.EINVAL, "8021q: VLAN id not specified"],
    ["VLAN 4095", "a", { id: 4095 }, ERRNO.ERANGE, "8021q: Invalid VLAN id"],
    ["loopback below", "lo", { id: 5 }, ERRNO.EOPNOTSUPP, "8021q: VLANs not supported on device"],
    ["the same VLAN again", "a", { id: 10 }, ERRNO.EEXIST, "8021q: VLAN device already exists"],
    [
      "an unknown protocol",
      "a",
      { id: 5, protocol: 0x9100 },
      ERRNO.EPROTONOSUPPORT,
      "8021q: Invalid VLAN protocol",
    ],
    [
      "unknown flags",
      "a",
      { id: 5, flags: { flags: 0x80, mask: 0x80 } },
      ERRNO.EINVAL,
      "8021q: Invalid VLAN flags",
    ],
  ])("refuses %s", (_, lower, data, errno, message) => {
    const lab = cable();
    add(lab, "a.10", "a", { id: 10 });
    expect(request(lab, "v", lower, data)).toMatchObject({ ok: false, errno, extack: { message } });
    expect(lab.kernel.init.device("v")).toBeUndefined();
  });

  test("goes down, comes up and goes away with the device below", () => {
    const lab = cable();
    add(lab, "a.10", "a", { id: 10 });
    const loose = { flags: VLAN_FLAG.LOOSE_BINDING, mask: VLAN_FLAG.LOOSE_BINDING };
    add(lab, "a.20", "a", { id: 20, flags: loose });
    lab.up("a.10", "a.20");
    lab.down("a");
    expect([lab.device("a.10").up, lab.device("a.20").up]).toEqual([false, true]);
    lab.up("a");
    expect(lab.device("a.10").up).toBe(true);
    expect(lab.client.request(RTM.DELLINK, 0, encodeLink({ ifname: "a" }))).toMatchObject({ ok: true });
    expect([...lab.kernel.init.names.keys()]).toEqual(["lo"]);
  });

  test("cannot be up, or have a larger MTU, than the device below", () => {
    const lab = cable();
    add(lab, "a.10", "a", { id: 10 });
    lab.down("a");
    expect(() => lab.up("a.10")).toThrow(Refusal);
    expect(() => changeMtu(lab.device("a.10"), 1501)).toThrow(Refusal);
    changeMtu(lab.device("a"), 1400);
    expect(lab.device("a.10").mtu).toBe(1400);
    expect(request(lab, "a.20", "a", { id: 20 }, 1500)).toMatchObject({ errno: ERRNO.EINVAL });
  });

  test("has the address of the device below until it gets its own, for which that one listens", () => {
    const lab = cable();
    add(lab, "a.10", "a", { id: 10 });
    lab.up("a.10");
    changeAddress(lab.device("a"), 0x0200_0000_0077);
    expect(lab.device("a.10").address).toBe(0x0200_0000_0077);
    changeAddress(lab.device("a.10"), 0x0200_0000_0099);
    expect([...lab.device("a").unicast.entries()].map(({ address }) => address)).toEqual([0x0200_0000_0099]);
    expect(lab.device("a").promiscuity).toBe(1);
    lab.down("a.10");
    expect([...lab.device("a").unicast.entries()]).toEqual([]);
    expect(lab.device("a").promiscuity).toBe(0);
  });
});

describe("a VLAN device that is bound to a bridge", () => {
  test("has carrier while a port of its VLAN is up", () => {
    const lab = new BenchLab();
    lab.star(2, { vlanFiltering: 1 });
    lab.run(2);
    const bound = { flags: VLAN_FLAG.BRIDGE_BINDING, mask: VLAN_FLAG.BRIDGE_BINDING };
    add(lab, "br0.10", "br0", { id: 10, flags: bound });
    lab.up("br0.10");
    expect(lab.device("br0.10").carrier).toBe(false);
    const vlans = (type: number) => {
      const bridge = { vlans: [{ vid: 10, flags: 0 }] };
      lab.ok(type, 0, encodeLink({ family: AF.BRIDGE, index: lab.device("p1").ifindex, bridge }));
      return lab.device("br0.10").carrier;
    };
    expect(vlans(RTM.SETLINK)).toBe(true);
    lab.down("h1");
    lab.run(2);
    expect(lab.device("br0.10").carrier).toBe(false);
    lab.up("h1");
    lab.run(2);
    expect(lab.device("br0.10").carrier).toBe(true);
    expect(vlans(RTM.DELLINK)).toBe(false);
  });
});
