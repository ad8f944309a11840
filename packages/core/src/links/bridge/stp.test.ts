import { describe, expect, test } from "vitest";
import { readU16BE } from "../../wire/bytes.ts";
import { BROADCAST_MAC } from "../../wire/mac.ts";
import { decodeBpdu } from "../../wire/stp.ts";
import { BR_STATE } from "./netlink.ts";
import { BenchLab } from "./testing/bench-lab.ts";
import type { SeenFrame } from "./testing/bench-lab.ts";

const { DISABLED, LISTENING, LEARNING, FORWARDING, BLOCKING } = BR_STATE;

/** Three bridges in a ring, each with a host: IEEE 802.1D-1998, figure 8-1 in small. b1 has the best id. */
function ring(data: Parameters<BenchLab["addBridge"]>[1] = { stpState: 1 }): BenchLab {
  const lab = new BenchLab();
  for (const n of [1, 2, 3]) {
    lab.addBridge(`b${n}`, data, 0x0200_0000_0000 + n);
    lab.up(`b${n}`);
  }
  lab.cable("l12", "l21", 0x0200_0000_1201, 0x0200_0000_1202);
  lab.cable("l23", "l32", 0x0200_0000_2301, 0x0200_0000_2302);
  lab.cable("l31", "l13", 0x0200_0000_3101, 0x0200_0000_3102);
  for (const [port, bridge] of [
    ["l12", "b1"],
    ["l13", "b1"],
    ["l21", "b2"],
    ["l23", "b2"],
    ["l31", "b3"],
    ["l32", "b3"],
  ] as const) {
    lab.enslave(port, bridge);
  }
  for (const n of [1, 2, 3]) {
    lab.cable(`p${n}`, `h${n}`, 0x0200_0000_0a00 + n, 0x0200_0000_0b00 + n);
    lab.enslave(`p${n}`, `b${n}`);
    lab.up(`p${n}`, `h${n}`);
  }
  for (const port of ["l12", "l21", "l13", "l31", "l23", "l32"]) lab.up(port);
  return lab;
}

const states = (lab: BenchLab, ...names: string[]): number[] => names.map((name) => lab.port(name).state);

function bpdus(seen: readonly SeenFrame[]): { kind: string }[] {
  return seen
    .filter(({ bytes }) => readU16BE(bytes, 12) < 0x600)
    .map(({ bytes }) => decodeBpdu(bytes, 17, bytes.length) as { kind: string });
}

describe("the spanning tree", () => {
  test("elects the lowest id, and blocks the port that closes the loop", () => {
    const lab = ring();
    expect(states(lab, "l12", "p1")).toEqual([LISTENING, LISTENING]);
    lab.run(16);
    expect(states(lab, "l12", "l13", "p1")).toEqual([LEARNING, LEARNING, LEARNING]);
    lab.run(16);
    expect(states(lab, "l12", "l13", "l21", "l31", "p1", "p2", "p3")).toEqual(Array(7).fill(FORWARDING));
    // Between b2 and b3 the bridge with the better id, b2, has the designated port.
    expect(states(lab, "l23", "l32")).toEqual([FORWARDING, BLOCKING]);
    expect(lab.bridge("b1")).toMatchObject({ isRoot: true, rootPort: 0, rootPathCost: 0 });
    expect(lab.bridge("b2")).toMatchObject({ rootPort: lab.port("l21").number, rootPathCost: 2 });
    expect(lab.bridge("b3")).toMatchObject({ rootPort: lab.port("l31").number, rootPathCost: 2 });
  });

  test("sends a configuration BPDU each hello time, as the standard's bytes", () => {
    const lab = ring();
    lab.run(40);
    const seen = lab.watch("h1");
    lab.run(10);
    const found = bpdus(seen);
    expect(found.length).toBeGreaterThanOrEqual(4);
    expect(found.length).toBeLessThanOrEqual(6);
    const { bytes } = seen[0] as SeenFrame;
    expect([...bytes.subarray(0, 6)]).toEqual([0x01, 0x80, 0xc2, 0, 0, 0]);
    expect(readU16BE(bytes, 12)).toBe(38);
    expect([...bytes.subarray(14, 17)]).toEqual([0x42, 0x42, 0x03]);
    expect(bytes).toHaveLength(52);
    expect(found[0]).toMatchObject({
      kind: "config",
      root: { priority: 0x8000, mac: 0x0200_0000_0001 },
      bridge: { priority: 0x8000, mac: 0x0200_0000_0001 },
      rootPathCost: 0,
      messageAge: 0,
      maxAge: 20 * 256,
      helloTime: 2 * 256,
      forwardDelay: 15 * 256,
    });
  });

  test("ages the message on its way: a bridge tells what it heard, a little older", () => {
    const lab = ring();
    lab.run(40);
    const seen = lab.watch("h2");
    lab.run(5);
    expect(bpdus(seen)[0]).toMatchObject({ root: { mac: 0x0200_0000_0001 }, rootPathCost: 2, messageAge: 1 });
  });

  test("opens the blocked port when a cable is cut, and tells the root by TCN", () => {
    const lab = ring();
    lab.run(70);
    const heard = lab.watch("l31");
    lab.down("l12");
    lab.run(1);
    // b2 has lost the root, and b3 the only neighbour that is as good: b3 answers what b2 claims.
    lab.run(60);
    expect(states(lab, "l21", "l23", "l32")).toEqual([DISABLED, FORWARDING, FORWARDING]);
    expect(lab.bridge("b2")).toMatchObject({ rootPathCost: 4, rootPort: lab.port("l23").number });
    expect(lab.port("l13").stpCounters.rxTcn).toBeGreaterThan(0);
    // The root acknowledges, and tells everyone to age fast for max age + forward delay.
    expect(bpdus(heard).some((each) => "topologyChangeAck" in each && each.topologyChangeAck === true)).toBe(
      true,
    );
  });

  test("ages addresses within two forward delays while the topology changes", () => {
    const lab = ring();
    lab.run(34);
    expect(lab.bridge("b1")).toMatchObject({ topologyChange: true, ageingTime: 30 * 250 });
    lab.run(60);
    expect(lab.bridge("b1")).toMatchObject({ topologyChange: false, ageingTime: 300 * 250 });
  });

  test("takes over when the root falls silent for its maximum age", () => {
    const lab = ring();
    lab.run(40);
    lab.bridge("b1").stp = false; // an agent that stops speaking, its ports still up
    lab.bridge("b1").timers.hello.stop();
    lab.run(18);
    expect(lab.bridge("b2").isRoot).toBe(false);
    lab.run(5);
    expect(lab.bridge("b2").isRoot).toBe(true);
    expect(lab.bridge("b3").designatedRoot.mac).toBe(0x0200_0000_0002);
  });

  test("follows priorities and path costs that users set", () => {
    const lab = ring();
    lab.run(40);
    lab.setBridge("b3", { priority: 0x1000 });
    lab.run(5);
    expect(lab.bridge("b1").designatedRoot).toEqual({ priority: 0x1000, mac: 0x0200_0000_0003 });
    expect(lab.bridge("b3").isRoot).toBe(true);
    expect(lab.bridge("b2").rootPort).toBe(lab.port("l23").number);
  });

  test("disables a port that must not hear BPDUs", () => {
    const lab = ring();
    lab.port("l31").bpduGuard = true;
    lab.run(3);
    expect(lab.port("l31").state).toBe(DISABLED);
    expect(lab.kernel.dropCounts.get("BRIDGE_BPDU_GUARD")).toBe(1);
  });

  test("leaves a port that must not lead to the root listening", () => {
    const lab = ring();
    lab.port("l31").rootBlock = true;
    lab.run(5);
    expect(lab.bridge("b3").rootPort).toBe(lab.port("l32").number);
  });

  test("ignores what it cannot read", () => {
    const lab = ring();
    lab.run(5);
    const before = lab.port("p1").stpCounters.rxBpdu;
    lab.send("h1", 0x0180_c200_0000, 0x0200_0000_0b01, { type: 38, length: 52 });
    expect(lab.port("p1").stpCounters.rxBpdu).toBe(before);
  });
});

describe("a loop without a spanning tree", () => {
  test("is a storm that stays bounded and ends when the loop is cut", () => {
    const lab = ring({});
    lab.send("h1", BROADCAST_MAC, 0x0200_0000_0b01);
    const { statistics } = lab.device("l12");
    for (let turn = 0; turn < 20; turn++) lab.kernel.softirq.run();
    const during = statistics.txPackets;
    expect(during).toBeGreaterThan(300);
    lab.down("l12");
    for (let turn = 0; turn < 20; turn++) lab.kernel.softirq.run();
    expect(lab.kernel.softirq.pending).toBe(false);
  });
});
