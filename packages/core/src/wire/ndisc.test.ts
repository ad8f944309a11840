import { describe, expect, it } from "vitest";
import { ipv6FromGroups, ipv6Network, linkLocalIpv6, parseIpv6 } from "./ipv6-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";
import { ipv6PseudoSumAt } from "./ipv6.ts";
import * as ndisc from "./ndisc.ts";
import * as options from "./ndisc-options.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codecFor = (pseudoSum: number) => ({
  decode: ndisc.decodeNd,
  length: ndisc.ndLength,
  write: (message: ndisc.NdMessage, buf: Uint8Array, off: number) =>
    ndisc.writeNd(message, buf, off, pseudoSum),
});
const codec = codecFor(0);
const optionsCodec = {
  decode: options.decodeNdOptions,
  length: options.ndOptionsLength,
  write: options.writeNdOptions,
};
const documentation = ipv6FromGroups(0x2001, 0x0db8, 0, 1, 0, 0, 0, 1);

describe("neighbour discovery", () => {
  const captured = {
    routerSolicitation: {
      kind: "router-solicitation",
      options: [{ kind: "source-link-address", mac: 0x0200_0000_000b }],
    },
    neighbourSolicitation: {
      kind: "neighbour-solicitation",
      target: linkLocalIpv6(0x0200_0000_000b),
      options: [{ kind: "source-link-address", mac: 0x0200_0000_000a }],
    },
    dadSolicitation: {
      kind: "neighbour-solicitation",
      target: linkLocalIpv6(0x0200_0000_000b),
      options: [{ kind: "nonce", nonce: hex("4c8b938a732e") }],
    },
    neighbourAdvertisement: {
      kind: "neighbour-advertisement",
      router: false,
      solicited: true,
      override: true,
      target: linkLocalIpv6(0x0200_0000_000b),
      options: [{ kind: "target-link-address", mac: 0x0200_0000_000b }],
    },
  } as const;

  for (const [name, record] of Object.entries(captured)) {
    it(`decodes and encodes the ${name} that Linux sent`, () => {
      const frame = capturedFrame(name as keyof typeof captured);
      const bytes = frame.subarray(54);
      const pseudoSum = ipv6PseudoSumAt(frame, 14, 58, bytes.length);
      expect(decode(codec, bytes)).toEqual(record);
      expect(encode(codecFor(pseudoSum), record)).toEqual(bytes);
    });
  }

  it("encodes and decodes a router advertisement (RFC 4861, 4.2)", () => {
    const message: ndisc.NdMessage = {
      kind: "router-advertisement",
      hopLimit: 64,
      managed: false,
      otherConfig: true,
      preference: "high",
      lifetime: 1800,
      reachableTime: 30_000,
      retransTimer: 1000,
      options: [
        {
          kind: "prefix",
          prefix: ipv6Network(documentation, 64),
          length: 64,
          onLink: true,
          autonomous: true,
          validLifetime: 86_400,
          preferredLifetime: options.ND_INFINITY,
        },
        { kind: "mtu", mtu: 1400 },
        { kind: "rdnss", lifetime: 600, servers: [documentation] },
      ],
    };
    const bytes = encode(codec, message);
    expect(bytes.subarray(4)).toEqual(
      hex(
        "40 48 0708 00007530 000003e8" +
          "03 04 40 c0 00015180 ffffffff 00000000 20010db8000000010000000000000000" +
          "05 01 0000 00000578" +
          "19 03 0000 00000258 20010db8000000010000000000000001",
      ),
    );
    expect(decode(codec, bytes)).toEqual(message);
    for (const preference of ["low", "medium"] as const) {
      const other = { ...message, preference, managed: true, otherConfig: false };
      expect(decode(codec, encode(codec, other))).toEqual(other);
    }
  });

  it("encodes and decodes a redirect (RFC 4861, 4.5)", () => {
    const message: ndisc.NdMessage = {
      kind: "redirect",
      target: linkLocalIpv6(0x0200_0000_000b),
      destination: documentation,
      options: [
        { kind: "target-link-address", mac: 0x0200_0000_000b },
        { kind: "redirected-header", original: hex("6000000000000000") },
      ],
    };
    const bytes = encode(codec, message);
    expect(bytes.length).toBe(40 + 8 + 16);
    expect(decode(codec, bytes)).toEqual(message);
  });

  it("reads fields in place", () => {
    const bytes = capturedFrame("neighbourAdvertisement").subarray(54);
    expect(ndisc.naFlags(bytes, 0)).toBe(ndisc.NA_SOLICITED | ndisc.NA_OVERRIDE);
    expect(ndisc.ndTarget(bytes, 0)).toBe(parseIpv6("fe80::ff:fe00:b") as Ipv6Address);
  });

  it("refuses what RFC 4861, 7.1 calls invalid", () => {
    const bytes = capturedFrame("neighbourSolicitation").subarray(54);
    expect(tryDecode(codec, bytes.subarray(0, 23))).toMatchObject({ reason: "truncated" });
    expect(decode(codec, bytes.subarray(0, 24))).toMatchObject({ options: [] });
    const code = bytes.slice();
    code[1] = 1;
    expect(tryDecode(codec, code)).toMatchObject({ reason: "bad-value" });
    const zeroLength = bytes.slice();
    zeroLength[25] = 0;
    expect(tryDecode(codec, zeroLength)).toMatchObject({ reason: "bad-option" });
    const echo = bytes.slice();
    echo[0] = 128;
    expect(tryDecode(codec, echo)).toMatchObject({ reason: "bad-type" });
  });

  it("survives any bytes", () => {
    const seeds = Object.keys(captured).map((name) =>
      capturedFrame(name as keyof typeof captured).subarray(54),
    );
    fuzzCodec(codec, seeds);
    fuzzCodec(optionsCodec, [hex("0101020000000 00a0501000000000578"), hex("1801400000000000")]);
  });
});
