import { describe, expect, it } from "vitest";
import { pseudoHeaderSumV4 } from "./checksum.ts";
import * as udp from "./udp.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const pseudoSum = pseudoHeaderSumV4(0x0a00_0001, 0x0a00_0002, 17, 13);
const codec = {
  decode: udp.decodeUdp,
  length: udp.udpLength,
  write: (record: udp.UdpDatagram, buf: Uint8Array, off: number) => udp.writeUdp(record, buf, off, pseudoSum),
};
const datagram = capturedFrame("udp").subarray(34);

describe("UDP", () => {
  it("decodes and encodes a datagram that Linux sent", () => {
    const record = decode(codec, datagram);
    expect(record).toEqual({ sourcePort: 49666, destinationPort: 9, payload: hex("68656c6c6f") });
    const bytes = encode(codec, record);
    expect(bytes.subarray(0, 6)).toEqual(datagram.subarray(0, 6));
    expect(bytes.subarray(8)).toEqual(datagram.subarray(8));
    expect(udp.udpChecksumOk(bytes, 0, bytes.length, pseudoSum)).toBe(true);
    bytes[9] = 0xa5;
    expect(udp.udpChecksumOk(bytes, 0, bytes.length, pseudoSum)).toBe(false);
  });

  it("sends 0xffff instead of 0, and 0 for no checksum", () => {
    const record = { sourcePort: 0, destinationPort: 0, payload: hex("ffee") };
    const buf = new Uint8Array(10).fill(0xa5);
    udp.writeUdp(record, buf, 0, 1 - 10 + 0xffff - 0xffee + 9 - 10);
    expect(udp.udpChecksum(buf, 0)).toBe(0xffff);
    udp.writeUdp(record, buf, 0, undefined);
    expect(udp.udpChecksum(buf, 0)).toBe(0);
  });

  it("reads the fields in place", () => {
    expect([udp.udpSourcePort(datagram, 0), udp.udpDestinationPort(datagram, 0)]).toEqual([49666, 9]);
    expect(udp.udpLengthField(datagram, 0)).toBe(13);
  });

  it("refuses lengths that contradict the packet", () => {
    expect(tryDecode(codec, datagram.subarray(0, 7))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, datagram.subarray(0, 12))).toMatchObject({ reason: "truncated", offset: 7 });
    expect(tryDecode(codec, hex("0001 0002 0007 0000"))).toMatchObject({
      reason: "bad-length",
      offset: 7,
    });
  });

  it("survives any bytes", () => fuzzCodec(codec, [datagram]));
});
