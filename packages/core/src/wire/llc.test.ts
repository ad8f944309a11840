import { describe, expect, it } from "vitest";
import * as llc from "./llc.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codec = { decode: llc.decodeLlc, length: llc.llcLength, write: llc.writeLlc };

describe("LLC", () => {
  it("decodes and encodes the header of a BPDU that Linux sent", () => {
    const bytes = capturedFrame("stpConfig").subarray(14, 14 + 38);
    const packet = decode(codec, bytes);
    expect(packet).toMatchObject({
      kind: "llc",
      destinationSap: llc.LlcSap.BRIDGE_SPANNING_TREE,
      sourceSap: llc.LlcSap.BRIDGE_SPANNING_TREE,
      control: llc.LLC_UI,
    });
    expect(packet.payload.length).toBe(35);
    expect(encode(codec, packet)).toEqual(bytes);
    expect(
      [0, 1, 2].map((i) => [llc.llcDestinationSap, llc.llcSourceSap, llc.llcControl][i]?.(bytes, 0)),
    ).toEqual([0x42, 0x42, 3]);
  });

  it("decodes and encodes SNAP", () => {
    const bytes = hex("aaaa03 00000c 010b 0102");
    expect(decode(codec, bytes)).toEqual({
      kind: "snap",
      oui: 0x00_000c,
      protocol: 0x010b,
      payload: hex("0102"),
    });
    expect(encode(codec, decode(codec, bytes))).toEqual(bytes);
  });

  it("decodes and encodes a control field of two bytes", () => {
    const bytes = hex("f0f1 0102 ff");
    expect(decode(codec, bytes)).toMatchObject({ control: 1, control2: 2, payload: hex("ff") });
    expect(encode(codec, decode(codec, bytes))).toEqual(bytes);
    expect(encode(codec, decode(codec, hex("f0f1 0003")))).toEqual(hex("f0f1 0003"));
  });

  it("refuses truncated headers", () => {
    expect(tryDecode(codec, hex("4242"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, hex("f0f101"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, hex("aaaa0300000c01"))).toMatchObject({ reason: "truncated" });
  });

  it("survives any bytes", () => fuzzCodec(codec, [hex("aaaa03 00000c 010b 0102"), hex("f0f1 0102 ff")]));
});
