import { describe, expect, it } from "vitest";
import * as icmp from "./icmpv4.ts";
import { decodeIcmp, icmpLength, writeIcmp } from "./icmpv4-message.ts";
import type { IcmpMessage } from "./icmpv4-message.ts";
import { decodeUdp } from "./udp.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codec = { decode: decodeIcmp, length: icmpLength, write: writeIcmp };
const echo = capturedFrame("echoRequest").subarray(34);
const unreachable = capturedFrame("portUnreachable").subarray(34);
const original = hex("45000021fbac400040112b1d0a0000010a000002c2020009000d1421");

describe("ICMP", () => {
  it("decodes and encodes an echo request that Linux sent", () => {
    const message = decode(codec, echo);
    expect(message).toEqual({
      kind: "echo-request",
      id: 9643,
      sequence: 1,
      payload: hex("0001020304050607"),
    });
    expect(encode(codec, message)).toEqual(echo);
  });

  it("decodes and encodes a port unreachable that Linux sent", () => {
    const message = decode(codec, unreachable);
    expect(message).toMatchObject({
      kind: "destination-unreachable",
      code: icmp.IcmpUnreachable.PORT,
      mtu: 0,
    });
    const quoted = "original" in message ? message.original : hex("");
    expect(decodeUdp(quoted, 20, quoted.length)).toMatchObject({ destinationPort: 9 });
    expect(encode(codec, message)).toEqual(unreachable);
  });

  it("decodes and encodes a redirect that Linux sent", () => {
    const bytes = capturedFrame("icmpRedirect").subarray(34);
    expect(decode(codec, bytes)).toMatchObject({
      kind: "redirect",
      code: icmp.IcmpRedirect.HOST,
      gateway: 0x0a00_004d,
    });
    expect(encode(codec, decode(codec, bytes))).toEqual(bytes);
  });

  const examples: readonly (readonly [IcmpMessage, string])[] = [
    [
      { kind: "destination-unreachable", code: 4, mtu: 1300, originalWords: 7, original },
      "0304 ffff 00 07 0514",
    ],
    [{ kind: "source-quench", original }, "0400 ffff 00000000"],
    [{ kind: "redirect", code: 1, gateway: 0x0a00_004d, original }, "0501 ffff 0a00004d"],
    [{ kind: "time-exceeded", code: 0, originalWords: 0, original }, "0b00 ffff 00000000"],
    [{ kind: "parameter-problem", code: 0, pointer: 20, originalWords: 0, original }, "0c00 ffff 14000000"],
  ];
  for (const [message, header] of examples) {
    it(`encodes and decodes ${message.kind}`, () => {
      const bytes = encode(codec, message);
      expect(icmp.icmpChecksumOk(bytes, 0, bytes.length)).toBe(true);
      expect(bytes.subarray(0, 2)).toEqual(hex(header).subarray(0, 2));
      expect(bytes.subarray(4, 8)).toEqual(hex(header).subarray(4, 8));
      expect(bytes.subarray(8)).toEqual(original);
      expect(decode(codec, bytes)).toEqual(message);
    });
  }

  it("encodes and decodes the query messages", () => {
    const queries: readonly IcmpMessage[] = [
      { kind: "timestamp", id: 1, sequence: 2, originate: 3, receive: 4, transmit: 0x8000_0005 },
      { kind: "timestamp-reply", id: 1, sequence: 2, originate: 3, receive: 4, transmit: 5 },
      { kind: "address-mask-request", id: 1, sequence: 2, mask: 0 },
      { kind: "address-mask-reply", id: 1, sequence: 2, mask: 0xffff_ff00 },
      { kind: "router-solicitation" },
      {
        kind: "router-advertisement",
        lifetime: 1800,
        routers: [{ address: 0x0a00_0001, preference: -0x8000_0000 }],
      },
      { kind: "other", type: 42, code: 3, body: hex("00010100") },
    ];
    for (const message of queries) expect(decode(codec, encode(codec, message))).toEqual(message);
  });

  it("knows errors from queries", () => {
    expect([0, 3, 4, 5, 8, 11, 12, 13, 42].filter(icmp.isIcmpError)).toEqual([3, 4, 5, 11, 12]);
  });

  it("reads and changes fields in place", () => {
    const buf = echo.slice();
    expect([icmp.icmpType(buf, 0), icmp.icmpCode(buf, 0)]).toEqual([8, 0]);
    expect([icmp.icmpId(buf, 0), icmp.icmpSequence(buf, 0)]).toEqual([9643, 1]);
    icmp.setIcmpType(buf, 0, icmp.IcmpType.ECHO_REPLY);
    expect(icmp.icmpChecksumOk(buf, 0, buf.length)).toBe(false);
    icmp.fillIcmpChecksum(buf, 0, buf.length);
    expect(icmp.icmpChecksumOk(buf, 0, buf.length)).toBe(true);
  });

  it("refuses a truncated header", () => {
    expect(tryDecode(codec, echo.subarray(0, 7))).toMatchObject({ reason: "truncated" });
  });

  it("survives any bytes", () =>
    fuzzCodec(codec, [echo, unreachable, hex("0900 0000 01 02 0708 0a000001 00000000")]));
});
