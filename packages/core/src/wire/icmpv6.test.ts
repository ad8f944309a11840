import { describe, expect, it } from "vitest";
import * as icmpv6 from "./icmpv6.ts";
import { ipv6PseudoSumAt } from "./ipv6.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codecFor = (pseudoSum: number) => ({
  decode: icmpv6.decodeIcmpv6,
  length: icmpv6.icmpv6Length,
  write: (message: icmpv6.Icmpv6Message, buf: Uint8Array, off: number) =>
    icmpv6.writeIcmpv6(message, buf, off, pseudoSum),
});
const codec = codecFor(0);
const echo = capturedFrame("echoRequest6").subarray(54);
const unreachable = capturedFrame("portUnreachable6").subarray(54);

describe("ICMPv6", () => {
  it("decodes and encodes an echo request that Linux sent", () => {
    const pseudoSum = ipv6PseudoSumAt(capturedFrame("echoRequest6"), 14, 58, echo.length);
    const message = decode(codec, echo);
    expect(message).toEqual({
      kind: "echo-request",
      id: 9647,
      sequence: 1,
      payload: hex("0001020304050607"),
    });
    expect(icmpv6.icmpv6ChecksumOk(echo, 0, echo.length, pseudoSum)).toBe(true);
    expect(encode(codecFor(pseudoSum), message)).toEqual(echo);
  });

  it("decodes and encodes a port unreachable that Linux sent", () => {
    const pseudoSum = ipv6PseudoSumAt(capturedFrame("portUnreachable6"), 14, 58, unreachable.length);
    const message = decode(codec, unreachable);
    expect(message).toMatchObject({
      kind: "destination-unreachable",
      code: icmpv6.Icmpv6Unreachable.PORT,
      originalUnits: 0,
    });
    expect(encode(codecFor(pseudoSum), message)).toEqual(unreachable);
  });

  it("encodes and decodes the other messages", () => {
    const original = hex("6000000000001140");
    const examples: readonly (readonly [icmpv6.Icmpv6Message, string])[] = [
      [{ kind: "packet-too-big", mtu: 1280, original }, "0200 00000500"],
      [{ kind: "time-exceeded", code: 1, originalUnits: 1, original }, "0301 01000000"],
      [{ kind: "parameter-problem", code: 1, pointer: 0xffff_fff0, original }, "0401 fffffff0"],
      [{ kind: "echo-reply", id: 1, sequence: 2, payload: hex("") }, "8100 00010002"],
      [{ kind: "other", type: 200, code: 3, body: hex("01020304") }, "c803 01020304"],
    ];
    for (const [message, fields] of examples) {
      const bytes = encode(codec, message);
      expect([...bytes.subarray(0, 2), ...bytes.subarray(4, 8)]).toEqual([...hex(fields)]);
      expect(icmpv6.icmpv6ChecksumOk(bytes, 0, bytes.length, 0)).toBe(true);
      expect(decode(codec, bytes)).toEqual(message);
    }
  });

  it("reads and changes fields in place", () => {
    const buf = echo.slice();
    expect([icmpv6.icmpv6Type(buf, 0), icmpv6.icmpv6Code(buf, 0)]).toEqual([128, 0]);
    expect([icmpv6.icmpv6Id(buf, 0), icmpv6.icmpv6Sequence(buf, 0)]).toEqual([9647, 1]);
    icmpv6.setIcmpv6Type(buf, 0, icmpv6.Icmpv6Type.ECHO_REPLY);
    icmpv6.fillIcmpv6Checksum(buf, 0, buf.length, 77);
    expect(icmpv6.icmpv6ChecksumOk(buf, 0, buf.length, 77)).toBe(true);
    expect(decode(codec, buf)).toMatchObject({ kind: "echo-reply" });
  });

  it("knows errors from informational messages", () => {
    expect([1, 127, 128, 255].map(icmpv6.isIcmpv6Error)).toEqual([true, true, false, false]);
  });

  it("refuses a truncated header", () => {
    expect(tryDecode(codec, echo.subarray(0, 3))).toMatchObject({ reason: "truncated" });
    expect(decode(codec, echo.subarray(0, 4))).toEqual({ kind: "other", type: 128, code: 0, body: hex("") });
    expect(decode(codec, echo.subarray(0, 8))).toMatchObject({ kind: "echo-request", payload: hex("") });
  });

  it("survives any bytes", () => fuzzCodec(codec, [echo, unreachable]));
});
