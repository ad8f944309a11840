import { describe, expect, it } from "vitest";
import * as ethernet from "./ethernet.ts";
import { isMalformed } from "./malformed.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codec = {
  decode: ethernet.decodeEthernet,
  length: ethernet.ethernetLength,
  write: ethernet.writeEthernet,
};
const ieee = hex("0180c2000000 02000000000a 0003 424203");

describe("Ethernet", () => {
  it("decodes and encodes an Ethernet II frame", () => {
    const bytes = capturedFrame("arpRequest");
    const frame = decode(codec, bytes);
    expect(frame).toMatchObject({
      kind: "ethernet2",
      destination: 0xffff_ffff_ffff,
      source: 0x0200_0000_000a,
      type: ethernet.EtherType.ARP,
    });
    expect(encode(codec, frame)).toEqual(bytes);
  });

  it("decodes and encodes an 802.3 frame and leaves out its padding", () => {
    const padded = new Uint8Array(60);
    padded.set(ieee);
    const frame = decode(codec, padded);
    expect(frame).toEqual({
      kind: "802.3",
      destination: 0x0180_c200_0000,
      source: 0x0200_0000_000a,
      payload: hex("424203"),
    });
    expect(encode(codec, frame)).toEqual(ieee);
  });

  it("refuses a short header and a length beyond the frame", () => {
    expect(tryDecode(codec, ieee.subarray(0, 13))).toMatchObject({ reason: "truncated", offset: 3 });
    expect(tryDecode(codec, ieee.subarray(0, 16))).toMatchObject({ reason: "truncated", offset: 15 });
    expect(isMalformed(ethernet.checkEthernet(0, 14))).toBe(false);
  });

  it("changes fields in place", () => {
    const buf = new Uint8Array(20).fill(0xa5);
    ethernet.setEthDestination(buf, 2, 0x0200_0000_000b);
    ethernet.setEthSource(buf, 2, 0x0200_0000_000a);
    ethernet.setEthType(buf, 2, ethernet.EtherType.IPV6);
    expect(buf).toEqual(hex("a5a5 02000000000b 02000000000a 86dd a5a5a5a5"));
    expect(ethernet.ethDestination(buf, 2)).toBe(0x0200_0000_000b);
    expect(ethernet.ethSource(buf, 2)).toBe(0x0200_0000_000a);
    expect(ethernet.ethType(buf, 2)).toBe(ethernet.EtherType.IPV6);
  });

  it("survives any bytes", () => fuzzCodec(codec, [capturedFrame("arpRequest"), ieee]));
});
