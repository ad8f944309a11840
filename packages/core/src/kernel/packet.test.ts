import { describe, expect, it } from "vitest";
import type { NetDevice } from "./device.ts";
import { Packet } from "./packet.ts";

const device = {} as NetDevice;

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
