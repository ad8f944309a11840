import { describe, expect, it } from "vitest";
import type { NetDevice } from "./device.ts";
import type { Kernel } from "./kernel.ts";
import { Packet, SparePackets } from "./packet.ts";

const device = { kernel: { spares: new SparePackets() } as Kernel } as NetDevice;

function filled(length: number, value: number): Packet {
  const packet = Packet.allocate(device, length);
  packet.bytes.fill(value, packet.start, packet.end);
  return packet;
}

function content(packet: Packet): number[] {
  return [...packet.copyBytes()];
}

describe("packets that share a page", () => {
  it("do not write over each other, however many headers are put in front", () => {
    const packets = Array.from({ length: 40 }, (_, at) => filled(at + 1, at + 1));
    for (const [at, packet] of packets.entries()) {
      packet.network = packet.start;
      packet.push(8 * at); // from the ninth on there is no room
      packet.bytes.fill(0xff, packet.start, packet.start + 8 * at);
    }
    for (const [at, packet] of packets.entries()) {
      expect(content(packet)).toEqual([
        ...new Array<number>(8 * at).fill(0xff),
        ...new Array<number>(at + 1).fill(at + 1),
      ]);
      expect(packet.network - packet.start).toBe(8 * at);
    }
  });

  it("leave the bytes of a clone alone once they are writable", () => {
    const packet = filled(4, 7);
    packet.mac = packet.start;
    const copy = packet.clone();
    const before = copy.start;
    expect(before + copy.writable()).toBe(copy.start);
    expect(copy.mac).toBe(copy.start);
    expect(copy.transport).toBe(-1);
    copy.bytes[copy.start] = 9;
    expect(content(packet)).toEqual([7, 7, 7, 7]);
    expect(content(copy)).toEqual([9, 7, 7, 7]);
    expect(copy.writable()).toBe(0);
  });

  it("may be longer than a page, and are zero at first", () => {
    const long = Packet.allocate(device, 70_000);
    const next = Packet.allocate(device, 3);
    expect(content(long).every((byte) => byte === 0)).toBe(true);
    long.bytes.fill(1, long.start, long.end);
    expect(content(next)).toEqual([0, 0, 0]);
  });
});

describe("a packet that has ended", () => {
  const frame = Uint8Array.of(1, 2, 3, 4);

  it("is the next one of its size, with nothing left of what it was", () => {
    const first = Packet.copyOf(device, frame);
    const { bytes, ...asNew } = first;
    first.pull(2);
    Object.assign(first, { mac: first.floor, mark: 7, vlanTci: 5, traceId: 9, control: {}, ended: true });
    first.recycle();
    const next = Packet.copyOf(device, Uint8Array.of(5, 6, 7, 8));
    expect(next).toBe(first);
    expect(next.bytes).toBe(bytes);
    const { bytes: _, ...again } = next;
    expect(again).toEqual(asNew);
    expect(content(next)).toEqual([5, 6, 7, 8]);
    expect(Packet.copyOf(device, frame)).not.toBe(first);
  });

  it("is not used again while others share its bytes, or for a longer frame", () => {
    const shared = Packet.copyOf(device, frame);
    const copy = shared.clone();
    copy.recycle();
    shared.recycle();
    expect([shared, copy]).not.toContain(Packet.copyOf(device, frame));
    const short = Packet.copyOf(device, frame);
    short.recycle();
    expect(Packet.copyOf(device, new Uint8Array(200))).not.toBe(short);
  });

  it("is of use to its own kernel only", () => {
    const packet = Packet.copyOf(device, frame);
    packet.recycle();
    const elsewhere = { kernel: { spares: new SparePackets() } as Kernel } as NetDevice;
    expect(Packet.copyOf(elsewhere, frame)).not.toBe(packet);
    expect(Packet.copyOf(device, frame)).toBe(packet);
  });
});
