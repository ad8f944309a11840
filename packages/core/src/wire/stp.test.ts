import { describe, expect, it } from "vitest";
import * as stp from "./stp.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codec = { decode: stp.decodeBpdu, length: stp.bpduLength, write: stp.writeBpdu };
const config = capturedFrame("stpConfig").subarray(17, 17 + 35);
const bridge = { priority: 0x8000, mac: 0x0200_0000_000a };

describe("BPDUs", () => {
  it("decodes and encodes a configuration BPDU that Linux sent", () => {
    const bpdu = decode(codec, config);
    expect(bpdu).toEqual({
      kind: "config",
      topologyChange: false,
      topologyChangeAck: false,
      root: { priority: 0x8000, mac: 0x0200_0000_000c },
      rootPathCost: 0,
      bridge: { priority: 0x8000, mac: 0x0200_0000_000c },
      portId: 0x8001,
      messageAge: 0,
      maxAge: 20 * stp.STP_TIME_UNITS_PER_SECOND,
      helloTime: 1 * stp.STP_TIME_UNITS_PER_SECOND,
      forwardDelay: 2 * stp.STP_TIME_UNITS_PER_SECOND,
    });
    expect(encode(codec, bpdu)).toEqual(config);
    const change = capturedFrame("stpTopologyChange").subarray(17, 17 + 35);
    expect(decode(codec, change)).toMatchObject({ topologyChange: true, topologyChangeAck: false });
    expect(encode(codec, decode(codec, change))).toEqual(change);
  });

  it("encodes and decodes a topology change notification", () => {
    expect(encode(codec, { kind: "tcn" })).toEqual(hex("00000080"));
    expect(decode(codec, hex("00000080"))).toEqual({ kind: "tcn" });
  });

  it("encodes and decodes a rapid BPDU (IEEE 802.1D-2004, figure 9-3)", () => {
    const bpdu: stp.Bpdu = {
      kind: "rapid",
      version: 2,
      topologyChange: true,
      proposal: true,
      portRole: "designated",
      learning: false,
      forwarding: true,
      agreement: false,
      root: bridge,
      rootPathCost: 20_000,
      bridge: { priority: 0xf000, mac: 0x0200_0000_000b },
      portId: 0x8002,
      messageAge: 256,
      maxAge: 20 * 256,
      helloTime: 2 * 256,
      forwardDelay: 15 * 256,
      extension: hex(""),
    };
    expect(encode(codec, bpdu)).toEqual(
      hex("0000 02 02 2f 800002000000000a 00004e20 f00002000000000b 8002 0100 1400 0200 0f00 00"),
    );
    expect(decode(codec, encode(codec, bpdu))).toEqual(bpdu);
    const multiple = { ...bpdu, version: 3, agreement: true, extension: hex("0040") };
    expect(decode(codec, encode(codec, multiple))).toEqual(multiple);
  });

  it("compares bridges by priority, then by address", () => {
    const better = { priority: 0x7000, mac: 0xffff_ffff_ffff };
    expect(stp.compareBridgeIds(better, bridge)).toBeLessThan(0);
    expect(stp.compareBridgeIds({ ...bridge, mac: 0 }, bridge)).toBeLessThan(0);
    expect(stp.compareBridgeIds(bridge, { ...bridge })).toBe(0);
  });

  it("refuses other protocols, versions and types, and truncated ones", () => {
    expect(tryDecode(codec, hex("000000"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, hex("00010080"))).toMatchObject({ reason: "bad-type" });
    expect(tryDecode(codec, hex("00000081"))).toMatchObject({ reason: "bad-type" });
    expect(tryDecode(codec, hex("00000102"))).toMatchObject({ reason: "bad-version" });
    expect(tryDecode(codec, hex("00000202"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, config.subarray(0, 34))).toMatchObject({ reason: "truncated" });
  });

  it("survives any bytes", () =>
    fuzzCodec(codec, [
      config,
      hex("0000 02 02 2f 800002000000000a 00004e20 f00002000000000b 8002 0100 1400 0200 0f00 00 0000"),
    ]));
});
