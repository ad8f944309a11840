import { describe, expect, test } from "vitest";
import type { PacketEvent } from "./packet-event.ts";
import { EVERY_PACKET, everyNth, JourneyRecorder, matching, traceEnds } from "./recorder.ts";

const device = { netns: 4026531840, ifindex: 2, name: "veth0" };
const received: PacketEvent = { kind: "receive", device, length: 60 };
const delivered: PacketEvent = { kind: "deliver", netns: device.netns, to: "udp" };
const dropped: PacketEvent = { kind: "drop", device, reason: "NEIGH_FAILED", place: "veth0" };

describe("a journey", () => {
  test("has a packet's events and its children in order", () => {
    let now = 0;
    const recorder = new JourneyRecorder(() => now);
    recorder.watch(EVERY_PACKET);
    const packet = recorder.begin();
    recorder.event(packet, received);
    now = 5;
    const copy = recorder.derive(packet, "copy");
    recorder.event(copy, dropped);
    now = 7;
    recorder.event(packet, delivered);
    expect(recorder.journeys()).toEqual([
      {
        packet,
        origin: undefined,
        steps: [
          { kind: "event", time: 0, event: received },
          {
            kind: "child",
            time: 5,
            child: { packet: copy, origin: "copy", steps: [{ kind: "event", time: 5, event: dropped }] },
          },
          { kind: "event", time: 7, event: delivered },
        ],
      },
    ]);
    expect(recorder.journeys().map(traceEnds)).toEqual([
      [
        { time: 7, event: delivered },
        { time: 5, event: dropped },
      ],
    ]);
  });

  test("does not begin when nobody wants the packet, and children of such packets have none", () => {
    const recorder = new JourneyRecorder(() => 0);
    expect(recorder.begin()).toBe(0);
    expect(recorder.derive(0, "copy")).toBe(0);
    recorder.event(0, received);
    expect(recorder.journeys()).toEqual([]);
    const stop = recorder.watch(EVERY_PACKET);
    expect(recorder.begin()).toBeGreaterThan(0);
    stop();
    expect([recorder.watched, recorder.begin()]).toEqual([false, 0]);
  });

  test("of every third packet is recorded", () => {
    const recorder = new JourneyRecorder(() => 0);
    recorder.watch(everyNth(3));
    expect(Array.from({ length: 6 }, () => recorder.begin() > 0)).toEqual([
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
  });
});

describe("a filter on bytes", () => {
  const wantsOnes = matching((bytes, start) => bytes[start] === 1);

  test("decides when the frame is sent, and keeps what came before", () => {
    const recorder = new JourneyRecorder(() => 0);
    recorder.watch(wantsOnes);
    const packet = recorder.begin();
    recorder.event(packet, delivered);
    const question = recorder.derive(packet, "resolution");
    expect(recorder.frame(question, Uint8Array.of(9), 0, 1)).toBe(true);
    expect(recorder.journeys()).toEqual([]);
    expect(recorder.frame(packet, Uint8Array.of(0, 1), 1, 2)).toBe(true);
    recorder.event(packet, received);
    const [journey] = recorder.journeys();
    expect(journey?.steps.map((step) => (step.kind === "event" ? step.event.kind : "child"))).toEqual([
      "deliver",
      "child",
      "receive",
    ]);
  });

  test("forgets a packet that does not match", () => {
    const recorder = new JourneyRecorder(() => 0);
    recorder.watch(wantsOnes);
    const packet = recorder.begin();
    recorder.event(packet, delivered);
    expect(recorder.frame(packet, Uint8Array.of(2), 0, 1)).toBe(false);
    expect(recorder.journeys()).toEqual([]);
  });
});

describe("the ring", () => {
  test("keeps the newest events, and whole trees only", () => {
    const recorder = new JourneyRecorder(() => 0, 4);
    recorder.watch(EVERY_PACKET);
    const first = recorder.begin();
    recorder.event(first, received);
    const second = recorder.begin();
    recorder.event(second, received);
    recorder.event(second, delivered);
    expect(recorder.journeys().map(({ packet, steps }) => [packet, steps.length])).toEqual([[second, 2]]);
    expect(recorder.lost).toBe(1);
    recorder.clear();
    expect(recorder.journeys()).toEqual([]);
    expect(recorder.begin()).toBeGreaterThan(second);
  });
});
