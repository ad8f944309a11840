import { describe, expect, test } from "vitest";
import { changeAddress, changeMtu } from "../../kernel/device-state.ts";
import { OPERSTATE } from "../../kernel/device.ts";
import { BROADCAST_MAC } from "../../wire/mac.ts";
import { BenchLab } from "./testing/bench-lab.ts";

const HOST_1 = 0x0200_0000_0102;
const HOST_2 = 0x0200_0000_0202;
const HOST_3 = 0x0200_0000_0302;

function star(count: number): { lab: BenchLab; seen: { length: number }[] } {
  const lab = new BenchLab();
  lab.star(count);
  const seen = Array.from({ length: count }, (_, index) => lab.watch(`h${index + 1}`));
  return { lab, seen };
}

const counts = (seen: { length: number }[]): number[] => seen.map(({ length }) => length);

describe("a bridge", () => {
  test("floods a frame to an unknown address and forwards to a known one", () => {
    const { lab, seen } = star(3);
    lab.send("h1", HOST_2, HOST_1);
    expect(counts(seen)).toEqual([0, 1, 1]);
    lab.send("h2", HOST_1, HOST_2);
    expect(counts(seen)).toEqual([1, 1, 1]);
    lab.send("h1", HOST_2, HOST_1);
    expect(counts(seen)).toEqual([1, 2, 1]);
  });

  test("floods broadcasts, and takes them up itself", () => {
    const { lab, seen } = star(3);
    const up = lab.watch("br0");
    lab.send("h3", BROADCAST_MAC, HOST_3);
    expect(counts(seen)).toEqual([1, 1, 0]);
    expect(up).toHaveLength(1);
    expect(lab.device("br0").statistics).toMatchObject({ rxPackets: 1, rxBytes: 46 });
  });

  test("takes up what is for a port's address or its own", () => {
    const { lab, seen } = star(2);
    const up = lab.watch("br0");
    lab.send("h1", 0x0200_0000_0201, HOST_1);
    lab.send("h1", 0x0200_0000_00aa, HOST_1);
    expect(up).toHaveLength(2);
    expect(counts(seen)).toEqual([0, 0]);
  });

  test("learns that a station has moved", () => {
    const { lab, seen } = star(3);
    lab.send("h1", HOST_2, HOST_1);
    lab.send("h3", HOST_2, HOST_1);
    lab.send("h2", HOST_1, HOST_2);
    expect(counts(seen)).toEqual([1, 2, 2]);
  });

  test("forgets an address that was silent for the ageing time", () => {
    const { lab, seen } = star(3);
    lab.setBridge("br0", { ageingTime: 1000 });
    lab.send("h1", HOST_2, HOST_1);
    lab.run(9);
    lab.send("h2", HOST_1, HOST_2);
    expect(counts(seen)).toEqual([1, 1, 1]);
    lab.run(11);
    expect([...lab.bridge("br0").fdb.entries()].filter((entry) => !entry.local)).toEqual([]);
    lab.send("h2", HOST_1, HOST_2);
    expect(counts(seen)).toEqual([2, 1, 2]);
  });

  test("never forwards pause frames, and other reserved groups only when told", () => {
    const { lab, seen } = star(2);
    for (let group = 0; group < 16; group++) lab.send("h1", 0x0180_c200_0000 + group, HOST_1);
    // Without a spanning tree BPDUs pass (01:80:c2:00:00:00).
    expect(counts(seen)).toEqual([0, 1]);
    lab.setBridge("br0", { groupFwdMask: 0x4008 });
    for (let group = 1; group < 16; group++) lab.send("h1", 0x0180_c200_0000 + group, HOST_1);
    expect(counts(seen)).toEqual([0, 3]);
  });

  test("does not send a frame back unless the port is a hairpin", () => {
    const { lab, seen } = star(2);
    lab.send("h1", BROADCAST_MAC, HOST_1);
    lab.send("h1", HOST_1, HOST_2);
    expect(counts(seen)).toEqual([0, 1]);
    lab.port("p1").hairpin = true;
    lab.send("h1", HOST_1, HOST_2);
    expect(counts(seen)).toEqual([1, 1]);
  });

  test("keeps isolated ports apart", () => {
    const { lab, seen } = star(3);
    lab.port("p1").isolated = true;
    lab.port("p2").isolated = true;
    lab.send("h1", BROADCAST_MAC, HOST_1);
    expect(counts(seen)).toEqual([0, 0, 1]);
    lab.send("h3", BROADCAST_MAC, HOST_3);
    expect(counts(seen)).toEqual([1, 1, 1]);
  });

  test("takes on a locked port only stations that are known there", () => {
    const { lab, seen } = star(2);
    lab.port("p1").locked = true;
    lab.send("h1", BROADCAST_MAC, HOST_1);
    expect(counts(seen)).toEqual([0, 0]);
    expect(lab.kernel.dropCounts.get("BRIDGE_LOCKED")).toBe(1);
  });

  test("drops sources that cannot be", () => {
    const { lab, seen } = star(2);
    lab.send("h1", BROADCAST_MAC, 0x0300_0000_0001);
    lab.send("h1", BROADCAST_MAC, 0);
    expect(counts(seen)).toEqual([0, 0]);
    expect(lab.kernel.dropCounts.get("MAC_INVALID_SOURCE")).toBe(2);
  });

  test("has carrier while a port forwards", () => {
    const lab = new BenchLab();
    lab.addBridge("br0");
    lab.up("br0");
    expect(lab.device("br0")).toMatchObject({ carrier: true, operstate: OPERSTATE.UNKNOWN });
    lab.cable("p1", "h1");
    lab.enslave("p1", "br0");
    lab.up("p1", "h1");
    lab.run(2);
    expect(lab.device("br0")).toMatchObject({ carrier: true });
    lab.down("h1");
    lab.run(2);
    expect(lab.port("p1").state).toBe(0);
    expect(lab.device("br0")).toMatchObject({ carrier: false, operstate: OPERSTATE.DOWN });
  });

  test("follows the lowest address and the smallest MTU of its ports until a user chooses", () => {
    const lab = new BenchLab();
    lab.addBridge("br0");
    lab.cable("p1", "h1", 0x0200_0000_0005);
    lab.cable("p2", "h2", 0x0200_0000_0003);
    lab.enslave("p1", "br0");
    expect(lab.device("br0").address).toBe(0x0200_0000_0005);
    lab.enslave("p2", "br0");
    expect(lab.device("br0").address).toBe(0x0200_0000_0003);
    expect(lab.device("p1")).toMatchObject({ promiscuity: 1, allmulti: 1 });
    expect(lab.device("p1").master).toBe(lab.device("br0"));
    changeMtu(lab.device("p1"), 1400);
    expect(lab.device("br0").mtu).toBe(1400);
    changeMtu(lab.device("br0"), 1300);
    changeMtu(lab.device("p1"), 1500);
    expect(lab.device("br0").mtu).toBe(1300);
    changeAddress(lab.device("br0"), 0x0200_0000_0009);
    changeAddress(lab.device("p2"), 0x0200_0000_0001);
    expect(lab.device("br0").address).toBe(0x0200_0000_0009);
  });
});
