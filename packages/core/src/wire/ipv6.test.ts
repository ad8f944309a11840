import { describe, expect, it } from "vitest";
import { pseudoHeaderSumV6 } from "./checksum.ts";
import { formatIpv6, parseIpv6 } from "./ipv6-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";
import * as records from "./ipv6-extension-records.ts";
import * as extensions from "./ipv6-extensions.ts";
import * as ipv6 from "./ipv6.ts";
import { isMalformed } from "./malformed.ts";
import { capturedFrame } from "./testing/captured.ts";
import { decode, encode, fuzzCodec, hex, tryDecode } from "./testing/codec.ts";

const codec = { decode: ipv6.decodeIpv6, length: ipv6.ipv6Length, write: ipv6.writeIpv6 };
const packetOf = (name: Parameters<typeof capturedFrame>[0]): Uint8Array => capturedFrame(name).subarray(14);
const echo = packetOf("echoRequest6");

describe("IPv6", () => {
  it("decodes and encodes an echo request that Linux sent", () => {
    const packet = decode(codec, echo);
    expect(packet).toMatchObject({ trafficClass: 0, flowLabel: 0x3abf3, nextHeader: 58, hopLimit: 64 });
    expect(formatIpv6(packet.source)).toBe("fe80::ff:fe00:a");
    expect(formatIpv6(packet.destination)).toBe("fe80::ff:fe00:b");
    expect(packet.payload.length).toBe(16);
    expect(encode(codec, packet)).toEqual(echo);
  });

  it("refuses other versions and payloads that are cut off", () => {
    expect(tryDecode(codec, echo.subarray(0, 39))).toMatchObject({ reason: "truncated" });
    expect(tryDecode(codec, echo.subarray(0, 55))).toMatchObject({ reason: "truncated", offset: 7 });
    const other = echo.slice();
    other[0] = 0x45;
    expect(tryDecode(codec, other)).toMatchObject({ reason: "bad-version" });
    expect(isMalformed(ipv6.decodeIpv6Header(echo, 0, 40))).toBe(false);
  });

  it("reads and changes fields in place", () => {
    const buf = echo.slice();
    ipv6.setIpv6TrafficClass(buf, 0, 0xb8);
    ipv6.setIpv6HopLimit(buf, 0, 3);
    ipv6.setIpv6NextHeader(buf, 0, 59);
    ipv6.setIpv6PayloadLength(buf, 0, 4);
    const group = parseIpv6("ff02::1") as Ipv6Address;
    ipv6.setIpv6Source(buf, 0, ipv6.ipv6Destination(buf, 0));
    ipv6.setIpv6Destination(buf, 0, group);
    expect(decode(codec, buf)).toMatchObject({
      trafficClass: 0xb8,
      flowLabel: 0x3abf3,
      nextHeader: 59,
      hopLimit: 3,
      source: parseIpv6("fe80::ff:fe00:b"),
      destination: group,
    });
    expect([ipv6.ipv6NextHeader(buf, 0), ipv6.ipv6HopLimit(buf, 0)]).toEqual([59, 3]);
    expect([ipv6.isIpv6MulticastAt(buf, 0), ipv6.isIpv6MulticastAt(echo, 0)]).toEqual([true, false]);
  });

  it("sums the pseudo header in place", () => {
    const packet = decode(codec, echo);
    const sum = pseudoHeaderSumV6(packet.source, packet.destination, 58, 16);
    expect(ipv6.ipv6PseudoSumAt(echo, 0, 58, 16)).toBe(sum);
  });

  it("survives any bytes", () => fuzzCodec(codec, [echo, packetOf("mldv2Report")]));
});

describe("IPv6 extension headers", () => {
  // The first byte of each example stands for the next-header field that announces the chain.
  const chain = {
    decode: (buf: Uint8Array, off: number, end: number) =>
      records.decodeIpv6Extensions(buf, Math.min(off + 1, end), end, buf[off] ?? 59),
    length: (record: records.Ipv6Extensions) =>
      1 + records.ipv6ExtensionsLength(record.extensions) + record.payload.length,
    write: (record: records.Ipv6Extensions, buf: Uint8Array, off: number) => {
      buf[off] = records.firstIpv6Header(record);
      const at = records.writeIpv6Extensions(record.extensions, record.protocol, buf, off + 1);
      buf.set(record.payload, at);
      return at + record.payload.length;
    },
  };
  const routerAlert = hex("00 3a00050200000100 8f006f7f");
  const everything = hex(
    "00 2b00010411223344 2c02000201020304 0102030405060708 090a0b0c0d0e0f10" +
      "3300000001020304 3c01000011223344 55667788 1100c20400010000 0102",
  );

  it("decodes and encodes the router alert of an MLD report", () => {
    const record = decode(chain, routerAlert);
    expect(record).toEqual({
      extensions: [
        {
          kind: "hop-by-hop",
          options: [
            { type: records.Ipv6OptionType.ROUTER_ALERT, body: hex("0000") },
            { type: records.Ipv6OptionType.PADN, body: hex("") },
          ],
        },
      ],
      protocol: 58,
      payload: hex("8f006f7f"),
    });
    expect(encode(chain, record)).toEqual(routerAlert);
    const unpadded = {
      ...record,
      extensions: [{ kind: "hop-by-hop", options: [{ type: 5, body: hex("0000") }] }],
    };
    expect(encode(chain, unpadded as records.Ipv6Extensions)).toEqual(routerAlert);
  });

  it("decodes and encodes every kind of header", () => {
    const record = decode(chain, everything);
    expect(record.extensions.map((extension) => extension.kind)).toEqual([
      "hop-by-hop",
      "routing",
      "fragment",
      "authentication",
      "destination",
    ]);
    expect(record.protocol).toBe(17);
    expect(encode(chain, record)).toEqual(everything);
  });

  it("ends at a fragment that is not the first", () => {
    const fragment = packetOf("lastFragment6");
    const record = records.decodeIpv6Extensions(fragment, 40, fragment.length, 44);
    expect(record).toMatchObject({
      extensions: [{ kind: "fragment", fragmentOffset: 1448, moreFragments: false, id: 0x5ee458df }],
      protocol: 58,
    });
    const found = extensions.skipIpv6Extensions(fragment, 40, fragment.length, 44);
    expect([extensions.upperLayerOffset(found), extensions.upperLayerProtocol(found)]).toEqual([40, 44]);
  });

  it("skips to the upper layer without reading records", () => {
    for (const bytes of [routerAlert, everything]) {
      const found = extensions.skipIpv6Extensions(bytes, 1, bytes.length, bytes[0] ?? 0);
      const record = decode(chain, bytes);
      expect(extensions.upperLayerProtocol(found)).toBe(record.protocol);
      expect(extensions.upperLayerOffset(found)).toBe(bytes.length - record.payload.length);
    }
    expect(extensions.skipIpv6Extensions(routerAlert, 1, 9, 0)).toBe(9 * 256 + 58);
    expect(extensions.skipIpv6Extensions(routerAlert, 1, 8, 0)).toBe(extensions.IPV6_NO_UPPER_LAYER);
    expect(extensions.skipIpv6Extensions(everything, 9, 24, 43)).toBe(extensions.IPV6_NO_UPPER_LAYER);
    expect(extensions.skipIpv6Extensions(everything, 1, 1, 59)).toBe(1 * 256 + 59);
  });

  it("refuses headers and options that leave the packet", () => {
    expect(tryDecode(chain, hex("00 3a000502000001"))).toMatchObject({ reason: "truncated", offset: 4 });
    expect(tryDecode(chain, hex("00 3a01050200000100"))).toMatchObject({ reason: "truncated", offset: 5 });
    expect(tryDecode(chain, hex("00 3a00050500000100"))).toMatchObject({ reason: "bad-option" });
    expect(tryDecode(chain, hex("00 3a00000000000005"))).toMatchObject({ reason: "bad-option" });
  });

  it("survives any bytes", () => fuzzCodec(chain, [routerAlert, everything]));
});
