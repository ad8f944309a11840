import { describe, expect, it } from "vitest";
import { internetChecksum } from "./checksum.ts";
import * as options from "./ipv4-options.ts";
import * as ipv4 from "./ipv4.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codec = { decode: ipv4.decodeIpv4, length: ipv4.ipv4Length, write: ipv4.writeIpv4 };
const optionsCodec = {
  decode: options.decodeIpv4Options,
  length: options.ipv4OptionsLength,
  write: options.writeIpv4Options,
};
const packetOf = (name: Parameters<typeof capturedFrame>[0]): Uint8Array => capturedFrame(name).subarray(14);
const echo = packetOf("echoRequest");

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

describe("IPv4", () => {
  it("decodes and encodes an echo request that Linux sent", () => {
    const packet = decode(codec, echo);
    expect(packet).toMatchObject({
      tos: 0,
      id: 0x10e6,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 64,
      protocol: 1,
      source: 0x0a00_0001,
      destination: 0x0a00_0002,
    });
    expect(packet.payload.length).toBe(16);
    expect(encode(codec, packet)).toEqual(echo);
  });

  it("decodes and encodes options and fragments", () => {
    for (const name of ["recordRouteReply", "timestampReply", "lastFragment", "igmpv3Report"] as const) {
      expect(encode(codec, decode(codec, packetOf(name)))).toEqual(packetOf(name));
    }
    const last = packetOf("lastFragment");
    expect(decode(codec, last)).toMatchObject({ moreFragments: false, fragmentOffset: 1480 });
    expect(ipv4.isIpv4Fragment(last, 0)).toBe(true);
    expect(ipv4.ipv4FragmentOffset(last, 0)).toBe(1480);
    expect(ipv4.isIpv4Fragment(echo, 0)).toBe(false);
  });

  it("ends at the total length and ignores the padding of the frame", () => {
    const padded = new Uint8Array(46);
    padded.set(echo);
    expect(decode(codec, padded)).toEqual(decode(codec, echo));
  });

  it("refuses what contradicts itself", () => {
    expect(tryDecode(codec, echo.subarray(0, 19))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, changed(echo, 0, 0x65))).toMatchObject({ reason: "bad-version" });
    expect(tryDecode(codec, changed(echo, 0, 0x44))).toMatchObject({ reason: "bad-header-length" });
    expect(tryDecode(codec, changed(echo, 0, 0x4f))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, changed(echo, 3, 19))).toMatchObject({ reason: "bad-length", offset: 5 });
    expect(decode(codec, changed(echo, 3, 20)).payload).toEqual(hex(""));
    expect(tryDecode(codec, changed(echo, 3, 0xff))).toMatchObject({ reason: "truncated" });
  });

  it("decodes a header whose payload is cut off", () => {
    expect(
      tryDecode({ ...codec, decode: ipv4.decodeIpv4Header as never }, echo.subarray(0, 20)),
    ).toMatchObject({
      protocol: 1,
    });
  });

  it("checks, fills and updates the checksum", () => {
    const buf = echo.slice();
    expect(ipv4.ipv4ChecksumOk(buf, 0)).toBe(true);
    expect(ipv4.ipv4Checksum(buf, 0)).toBe(0x15f1);
    for (let ttl = 63; ttl > 0; ttl--) {
      ipv4.decrementIpv4Ttl(buf, 0);
      expect(ipv4.ipv4Ttl(buf, 0)).toBe(ttl);
      expect(ipv4.ipv4ChecksumOk(buf, 0)).toBe(true);
    }
    buf[10] = 0xa5;
    expect(ipv4.ipv4ChecksumOk(buf, 0)).toBe(false);
    ipv4.fillIpv4Checksum(buf, 0);
    expect(internetChecksum(buf, 0, 20)).toBe(0);
  });

  it("carries the end of the checksum around as Linux does", () => {
    const buf = echo.slice();
    buf.set(hex("feff"), 10);
    ipv4.decrementIpv4Ttl(buf, 0);
    expect(ipv4.ipv4Checksum(buf, 0)).toBe(0);
  });

  it("changes fields in place", () => {
    const buf = echo.slice();
    ipv4.setIpv4Tos(buf, 0, 0x10);
    ipv4.setIpv4TotalLength(buf, 0, 28);
    ipv4.setIpv4Id(buf, 0, 0x1234);
    ipv4.setIpv4FragmentField(buf, 0, ipv4.IPV4_MORE_FRAGMENTS | 3);
    ipv4.setIpv4Ttl(buf, 0, 9);
    ipv4.setIpv4Source(buf, 0, 0x0102_0304);
    ipv4.setIpv4Destination(buf, 0, 0x0506_0708);
    ipv4.fillIpv4Checksum(buf, 0);
    expect(decode(codec, buf)).toMatchObject({
      tos: 0x10,
      id: 0x1234,
      dontFragment: false,
      moreFragments: true,
      fragmentOffset: 24,
      ttl: 9,
      source: 0x0102_0304,
      destination: 0x0506_0708,
    });
    expect([ipv4.ipv4Tos(buf, 0), ipv4.ipv4Id(buf, 0), ipv4.ipv4Protocol(buf, 0)]).toEqual([0x10, 0x1234, 1]);
    expect([ipv4.ipv4Source(buf, 0), ipv4.ipv4Destination(buf, 0)]).toEqual([0x0102_0304, 0x0506_0708]);
  });

  it("survives any bytes", () => fuzzCodec(codec, [echo, packetOf("timestampReply")]));
});

describe("IPv4 options", () => {
  const optionsOf = (name: Parameters<typeof capturedFrame>[0]): Uint8Array => {
    const packet = decode(codec, packetOf(name));
    return packet.options;
  };

  it("decodes and encodes a record route", () => {
    const decoded = decode(optionsCodec, optionsOf("recordRouteReply"));
    expect(decoded).toEqual([
      {
        kind: "record-route",
        pointer: 16,
        addresses: [0x0a00_0001, 0x0a00_0002, 0x0a00_0002, 0, 0, 0, 0, 0, 0],
      },
    ]);
    expect(encode(optionsCodec, decoded)).toEqual(optionsOf("recordRouteReply"));
    expect(encode(optionsCodec, [{ kind: "no-operation" }, ...decoded]).subarray(0, 4)).toEqual(
      hex("01072710"),
    );
  });

  it("decodes and encodes timestamps with and without addresses", () => {
    const decoded = decode(optionsCodec, optionsOf("timestampReply"));
    expect(decoded).toMatchObject([
      {
        kind: "timestamp-and-address",
        pointer: 29,
        overflow: 0,
        prespecified: false,
        slots: [
          { address: 0x0a00_0001 },
          { address: 0x0a00_0002 },
          { address: 0x0a00_0002 },
          { address: 0, timestamp: 0 },
        ],
      },
    ]);
    expect(encode(optionsCodec, decoded)).toEqual(optionsOf("timestampReply"));
    const only = decode(optionsCodec, optionsOf("timestampRequest"));
    expect(only).toMatchObject([{ kind: "timestamp", pointer: 9 }]);
    expect(encode(optionsCodec, only)).toEqual(optionsOf("timestampRequest"));
  });

  it("decodes and encodes a router alert", () => {
    expect(decode(optionsCodec, optionsOf("igmpv3Report"))).toEqual([{ kind: "router-alert", value: 0 }]);
    expect(encode(optionsCodec, [{ kind: "router-alert", value: 0 }])).toEqual(hex("94040000"));
  });

  it("pads with end-of-list bytes and stops at one", () => {
    const one = [{ kind: "other", type: 130, body: hex("010203") }] as const;
    expect(encode(optionsCodec, one)).toEqual(hex("8205010203000000"));
    expect(decode(optionsCodec, hex("8205010203009404"))).toEqual(one);
  });

  it("refuses lengths that lead out of the header", () => {
    expect(tryDecode(optionsCodec, hex("9404000094050000"))).toMatchObject({
      reason: "bad-option",
      offset: 8,
    });
    expect(tryDecode(optionsCodec, hex("94010000"))).toMatchObject({ reason: "bad-option" });
    expect(tryDecode(optionsCodec, hex("01010194"))).toMatchObject({ reason: "bad-option" });
  });

  it("survives any bytes", () => fuzzCodec(optionsCodec, [optionsOf("recordRouteReply"), hex("94040000")]));
});
