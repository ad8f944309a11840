import { describe, expect, it } from "vitest";
import * as reasons from "./drop-reason.ts";
import type { PacketEvent } from "./packet-event.ts";
import { NO_TRACE, traceEnds, TraceRecorder } from "./trace.ts";

const device = { netns: 4026531840, ifindex: 2, name: "veth0" };
const receive: PacketEvent = { kind: "receive", device, length: 60 };
const delivered: PacketEvent = { kind: "deliver", netns: device.netns, to: "udp" };
const dropped: PacketEvent = { kind: "drop", reason: "NEIGH_FAILED", place: "veth0" };

describe("drop reasons", () => {
  it("have a description each, and tell whose name it is", () => {
    expect(reasons.describeDropReason("IP_CSUM")).toMatch(/checksum/);
    expect(reasons.isKernelDropReason("NO_TX_TARGET")).toBe(true);
    expect(reasons.isKernelDropReason("OVS_DROP_METER")).toBe(true);
    expect(reasons.isKernelDropReason("NO_PEER")).toBe(false);
    expect([reasons.isDropReason("NO_PEER"), reasons.isDropReason("toString")]).toEqual([true, false]);
  });

  it("never have one name twice", () => {
    const names = [
      ...Object.keys(reasons.KERNEL_DROP_REASONS),
      ...Object.keys(reasons.OPENVSWITCH_DROP_REASONS),
      ...Object.keys(reasons.OWN_DROP_REASONS),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
  });
});

describe("TraceRecorder", () => {
  it("keeps a packet's events and its children in order", () => {
    let now = 0;
    const trace = new TraceRecorder(() => now);
    const packet = trace.begin();
    trace.event(packet, receive);
    now = 5;
    const copy = trace.derive(packet, "copy");
    trace.event(copy, dropped);
    now = 7;
    trace.event(packet, delivered);
    expect(trace.packets).toEqual([
      {
        packet,
        origin: undefined,
        steps: [
          { kind: "event", time: 0, event: receive },
          {
            kind: "child",
            time: 5,
            child: { packet: copy, origin: "copy", steps: [{ kind: "event", time: 5, event: dropped }] },
          },
          { kind: "event", time: 7, event: delivered },
        ],
      },
    ]);
    expect(trace.packet(copy)?.origin).toBe("copy");
    expect(traceEnds(trace.packets[0]!)).toEqual([
      { time: 7, event: delivered },
      { time: 5, event: dropped },
    ]);
  });

  it("ignores packets that are not traced", () => {
    const trace = new TraceRecorder(() => 0);
    trace.event(0, receive);
    trace.event(99, receive);
    expect(trace.derive(0, "copy")).toBe(0);
    expect(trace.packets).toEqual([]);
    expect(trace.missed).toBe(0);
  });

  it("stops at its limit and counts what it missed", () => {
    const trace = new TraceRecorder(() => 0, 2);
    const packet = trace.begin();
    trace.event(packet, receive);
    trace.event(packet, delivered);
    expect(trace.derive(packet, "copy")).toBe(0);
    expect(trace.begin()).toBe(0);
    expect(trace.missed).toBe(3);
    trace.clear();
    expect(trace.begin()).toBeGreaterThan(packet);
    expect(trace.missed).toBe(0);
  });

  it("has a counterpart that watches nothing", () => {
    NO_TRACE.event(NO_TRACE.begin(), receive);
    expect([NO_TRACE.active, NO_TRACE.derive(1, "copy")]).toEqual([false, 0]);
  });
});
