import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as bytes from "./bytes.ts";

describe("integers in place", () => {
  const widths = [
    { bits: 16, read: bytes.readU16BE, write: bytes.writeU16BE, little: false },
    { bits: 24, read: bytes.readU24BE, write: bytes.writeU24BE, little: false },
    { bits: 32, read: bytes.readU32BE, write: bytes.writeU32BE, little: false },
    { bits: 48, read: bytes.readU48BE, write: bytes.writeU48BE, little: false },
    { bits: 16, read: bytes.readU16LE, write: bytes.writeU16LE, little: true },
    { bits: 32, read: bytes.readU32LE, write: bytes.writeU32LE, little: true },
  ];
  for (const { bits, read, write, little } of widths) {
    it(`writes and reads ${bits} bits ${little ? "little" : "big"}-endian`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 2 ** bits - 1 }), (value) => {
          const buf = new Uint8Array(8).fill(0xa5);
          write(buf, 1, value);
          const digits = [...buf.subarray(1, 1 + bits / 8)];
          if (little) digits.reverse();
          expect(digits.reduce((sum, digit) => sum * 256 + digit, 0)).toBe(value);
          expect(read(buf, 1)).toBe(value);
          expect([buf[0], buf[1 + bits / 8]]).toEqual([0xa5, 0xa5]);
        }),
      );
    });
  }

  it("writes and reads 64 bits", () => {
    const buf = new Uint8Array(9).fill(0xa5);
    bytes.writeU64BE(buf, 1, 0xfedc_ba98_7654_3210n);
    expect([...buf]).toEqual([0xa5, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10]);
    expect(bytes.readU64BE(buf, 1)).toBe(0xfedc_ba98_7654_3210n);
  });
});

describe("copyBytes", () => {
  it("copies short and long ranges alike", () => {
    for (const length of [0, 1, 64, 65, 1500]) {
      const from = Uint8Array.from({ length: length + 2 }, (_, i) => i);
      const to = new Uint8Array(length + 4).fill(0xa5);
      bytes.copyBytes(from, 1, to, 2, length);
      expect(bytes.bytesEqual(to.subarray(2, 2 + length), from.subarray(1, 1 + length))).toBe(true);
      expect([to[1], to[length + 2]]).toEqual([0xa5, 0xa5]);
    }
  });
});

describe("bytesEqual", () => {
  it("compares length and content", () => {
    expect(bytes.bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(bytes.bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1))).toBe(false);
    expect(bytes.bytesEqual(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  });
});
