import { describe, expect, it } from "vitest";
import * as igmp from "./igmp.ts";
import { IPV6_ANY, parseIpv6 } from "./ipv6-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";
import { ipv6PseudoSumAt } from "./ipv6.ts";
import * as mld from "./mld.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const igmpCodec = { decode: igmp.decodeIgmp, length: igmp.igmpLength, write: igmp.writeIgmp };
const mldCodecFor = (pseudoSum: number) => ({
  decode: mld.decodeMld,
  length: mld.mldLength,
  write: (message: mld.MldMessage, buf: Uint8Array, off: number) =>
    mld.writeMld(message, buf, off, pseudoSum),
});
const mldCodec = mldCodecFor(0);
const ipv6 = (text: string): Ipv6Address => parseIpv6(text) ?? IPV6_ANY;

describe("IGMP", () => {
  const captured = {
    igmpv3Report: {
      kind: "report-v3",
      records: [
        {
          type: mld.GroupRecordType.CHANGE_TO_EXCLUDE,
          group: 0xef01_0203,
          sources: [],
          auxiliary: hex(""),
        },
      ],
    },
    igmpv3Query: {
      kind: "query-v3",
      maxResponseCode: 100,
      group: 0,
      suppress: false,
      robustness: 2,
      queryIntervalCode: 125,
      sources: [],
    },
    igmpv2Report: { kind: "report-v2", group: 0xef01_0204 },
    igmpv2Leave: { kind: "leave", group: 0xef01_0204 },
  } as const;
  for (const [name, record] of Object.entries(captured)) {
    it(`decodes and encodes the ${name} that Linux sent`, () => {
      // 24 bytes of IPv4 header: the router alert is in there.
      const bytes = capturedFrame(name as keyof typeof captured).subarray(38);
      expect(decode(igmpCodec, bytes)).toEqual(record);
      expect(encode(igmpCodec, record)).toEqual(bytes);
      expect(igmp.igmpChecksumOk(bytes, 0, bytes.length)).toBe(true);
    });
  }

  it("encodes and decodes the other messages", () => {
    const messages: readonly igmp.IgmpMessage[] = [
      { kind: "query", maxResponseTime: 100, group: 0 },
      {
        kind: "query-v3",
        maxResponseCode: 10,
        group: 0xef01_0203,
        suppress: true,
        robustness: 2,
        queryIntervalCode: 125,
        sources: [0x0a00_0001, 0x0a00_0002],
      },
      { kind: "report-v1", group: 0xef01_0203 },
      {
        kind: "report-v3",
        records: [
          { type: 1, group: 0xef01_0203, sources: [0x0a00_0001], auxiliary: hex("01020304") },
          { type: 6, group: 0xef01_0204, sources: [], auxiliary: hex("") },
        ],
      },
      { kind: "other", type: 0x13, maxResponseTime: 1, body: hex("00000001") },
    ];
    for (const message of messages) expect(decode(igmpCodec, encode(igmpCodec, message))).toEqual(message);
    const [query, queryV3] = messages.map((message) => encode(igmpCodec, message));
    expect(query).toEqual(hex("1164 ee9b 00000000"));
    expect(queryV3?.subarray(4)).toEqual(hex("ef010203 0a 7d 0002 0a000001 0a000002"));
    expect(igmp.igmpType(hex("1164ee9b00000000"), 0)).toBe(igmp.IgmpType.QUERY);
  });

  it("refuses counts beyond the message and queries between two versions", () => {
    expect(tryDecode(igmpCodec, hex("11640000000000"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(igmpCodec, hex("1164000000000000 0000"))).toMatchObject({ reason: "bad-length" });
    expect(tryDecode(igmpCodec, hex("1164000000000000 0000 0001"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(igmpCodec, hex("2200000000000001"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(igmpCodec, hex("2200000000000001 01010000 ef010203"))).toMatchObject({
      reason: "truncated",
    });
  });

  it("survives any bytes", () =>
    fuzzCodec(
      igmpCodec,
      Object.keys(captured).map((name) => capturedFrame(name as keyof typeof captured).subarray(38)),
    ));
});

describe("MLD", () => {
  const captured = {
    mldv2Report: {
      kind: "report-v2",
      records: [
        {
          type: mld.GroupRecordType.CHANGE_TO_EXCLUDE,
          group: ipv6("ff02::1:ff00:b"),
          sources: [],
          auxiliary: hex(""),
        },
      ],
    },
    mldv1Report: { kind: "report", group: ipv6("ff05::42") },
    mldv1Done: { kind: "done", group: ipv6("ff05::42") },
  } as const;
  for (const [name, record] of Object.entries(captured)) {
    it(`decodes and encodes the ${name} that Linux sent`, () => {
      const frame = capturedFrame(name as keyof typeof captured);
      // 40 bytes of IPv6 header and 8 of a hop-by-hop header with the router alert.
      const bytes = frame.subarray(62);
      expect(decode(mldCodec, bytes)).toEqual(record);
      expect(encode(mldCodecFor(ipv6PseudoSumAt(frame, 14, 58, bytes.length)), record)).toEqual(bytes);
    });
  }

  it("encodes and decodes the queries", () => {
    const messages: readonly mld.MldMessage[] = [
      { kind: "query", maxResponseDelay: 10_000, group: IPV6_ANY },
      {
        kind: "query-v2",
        maxResponseCode: 10_000,
        group: ipv6("ff05::42"),
        suppress: true,
        robustness: 2,
        queryIntervalCode: 125,
        sources: [ipv6("2001:db8::1")],
      },
      {
        kind: "report-v2",
        records: [
          { type: 1, group: ipv6("ff05::42"), sources: [ipv6("2001:db8::1")], auxiliary: hex("01020304") },
          { type: 6, group: ipv6("ff05::43"), sources: [], auxiliary: hex("") },
        ],
      },
    ];
    for (const message of messages) expect(decode(mldCodec, encode(mldCodec, message))).toEqual(message);
    const queryV2 = messages.map((message) => encode(mldCodec, message))[1];
    expect(queryV2?.subarray(4, 28)).toEqual(hex("2710 0000 ff050000000000000000000000000042 0a 7d 0001"));
  });

  it("expands floating-point codes (RFC 3810, 5.1.3 and 5.1.9)", () => {
    expect([0, 0x7fff, 0x8000, 0xffff].map(mld.codeToValue16)).toEqual([0, 0x7fff, 0x8000, 0x7ffc00]);
    expect([0, 0x7f, 0x80, 0xff].map(mld.codeToValue8)).toEqual([0, 127, 128, 31_744]);
  });

  it("refuses other types and counts beyond the message", () => {
    expect(tryDecode(mldCodec, hex("8700000000000000"))).toMatchObject({ reason: "bad-type" });
    expect(tryDecode(mldCodec, hex("82000000000000"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(mldCodec, hex("8200000000000000"))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(mldCodec, hex("8f00000000000001"))).toMatchObject({ reason: "truncated" });
    expect(decode(mldCodec, new Uint8Array(28).fill(0x82, 0, 1))).toMatchObject({ kind: "query-v2" });
    expect(tryDecode(mldCodec, new Uint8Array(26).fill(0x82, 0, 1))).toMatchObject({ reason: "bad-length" });
  });

  it("survives any bytes", () =>
    fuzzCodec(
      mldCodec,
      Object.keys(captured).map((name) => capturedFrame(name as keyof typeof captured).subarray(62)),
    ));
});
