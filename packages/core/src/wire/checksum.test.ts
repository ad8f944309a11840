import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as checksum from "./checksum.ts";
import { writeU16BE, writeU32BE } from "./bytes.ts";
import { readIpv6Address } from "./ipv6-address.ts";
import { capturedFrame } from "./testing/captured.ts";
import { hex } from "./testing/codec.ts";

describe("internetChecksum", () => {
  it("sums the example of RFC 1071, section 3", () => {
    const bytes = hex("0001 f203 f4f5 f6f7");
    expect(checksum.foldSum(checksum.addToSum(0, bytes, 0, 8))).toBe(0xddf2);
    expect(checksum.internetChecksum(bytes, 0, 8)).toBe(0x220d);
  });

  it("pads an odd last byte with zero", () => {
    expect(checksum.internetChecksum(hex("00 01 f2"), 0, 3)).toBe(~0xf201 & 0xffff);
  });

  it("equals a plain sum of words at every length and offset", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(5), (bytes, off) => {
        let sum = 0;
        for (let i = off; i < bytes.length; i += 2) sum += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
        expect(checksum.addToSum(7, bytes, off, Math.max(off, bytes.length))).toBe(7 + sum);
      }),
    );
  });

  it("is 0 over a header that Linux sent", () => {
    expect(checksum.internetChecksum(capturedFrame("echoRequest"), 14, 34)).toBe(0);
  });

  it("does not overflow over the largest packet", () => {
    expect(checksum.internetChecksum(new Uint8Array(65536).fill(0xff), 0, 65536)).toBe(0);
    expect(checksum.foldSum(2 ** 40)).toBe(0x100);
  });
});

describe("pseudo headers", () => {
  it("verifies an ICMPv6 message that Linux sent", () => {
    const frame = capturedFrame("neighbourSolicitation");
    const sum = checksum.pseudoHeaderSumV6(readIpv6Address(frame, 22), readIpv6Address(frame, 38), 58, 32);
    expect(checksum.checksumOfSum(checksum.addToSum(sum, frame, 54, 86))).toBe(0);
  });

  it("is the partial checksum that Linux leaves to the device", () => {
    const sum = checksum.pseudoHeaderSumV4(0x0a00_0001, 0x0a00_0002, 17, 13);
    expect(checksum.foldSum(sum)).toBe(0x1421);
  });
});

describe("incremental update", () => {
  it("keeps the example of RFC 1624, section 4", () => {
    expect(checksum.updateChecksum16(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
  });

  it("equals a full computation", () => {
    const bytes = fc.uint8Array({ minLength: 20, maxLength: 20 });
    const word = fc.integer({ min: 0, max: 0xffff_ffff });
    fc.assert(
      fc.property(bytes, word, (buf, value) => {
        // All-zero data is the one case where ones' complement has two zeros (RFC 1624, 3).
        writeU16BE(buf, 0, 0x4500);
        const before = checksum.internetChecksum(buf, 0, 20);
        const oldHigh = (buf[12]! << 8) | buf[13]!;
        const oldWord = ((oldHigh << 16) | (buf[14]! << 8) | buf[15]!) >>> 0;
        writeU16BE(buf, 12, value >>> 16);
        const middle = checksum.updateChecksum16(before, oldHigh, value >>> 16);
        expect(middle).toBe(checksum.internetChecksum(buf, 0, 20));
        writeU32BE(buf, 12, value);
        expect(checksum.updateChecksum32(before, oldWord, value)).toBe(checksum.internetChecksum(buf, 0, 20));
      }),
    );
  });
});
