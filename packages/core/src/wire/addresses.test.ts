import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as v4 from "./ipv4-address.ts";
import * as v6 from "./ipv6-address.ts";
import * as mac from "./mac.ts";

const anyMac = fc.integer({ min: 0, max: 0xffff_ffff_ffff });
const anyIpv4 = fc.integer({ min: 0, max: 0xffff_ffff });
// Zero groups are frequent, so that runs of them occur.
const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff));
const anyIpv6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((g) => v6.ipv6FromGroups(g[0]!, g[1]!, g[2]!, g[3]!, g[4]!, g[5]!, g[6]!, g[7]!));

function ipv6(text: string): v6.Ipv6Address {
  const address = v6.parseIpv6(text);
  if (address === undefined) throw new Error(`not an address: ${text}`);
  return address;
}

describe("MAC addresses", () => {
  it("go to text and back", () => {
    expect(mac.formatMac(0x5254_0012_3456)).toBe("52:54:00:12:34:56");
    expect(mac.parseMac("FF:ff:FF:ff:FF:ff")).toBe(mac.BROADCAST_MAC);
    fc.assert(
      fc.property(anyMac, (value) => {
        expect(mac.parseMac(mac.formatMac(value))).toBe(value);
      }),
    );
  });

  it("refuse other forms", () => {
    for (const text of [
      "",
      "52:54:0:12:34:56",
      "52-54-00-12-34-56",
      "52:54:00:12:34",
      "52:54:00:12:34:56:",
      "5254.0012.3456",
    ]) {
      expect([text, mac.parseMac(text)]).toEqual([text, undefined]);
    }
  });

  it("go to bytes and back", () => {
    fc.assert(
      fc.property(anyMac, (value) => {
        const buf = new Uint8Array(8).fill(0xa5);
        mac.writeMac(buf, 1, value);
        expect(mac.readMac(buf, 1)).toBe(value);
        expect(mac.isMulticastMacAt(buf, 1)).toBe(mac.isMulticastMac(value));
      }),
    );
  });

  it("know their classes", () => {
    expect(mac.isMulticastMac(0x0180_c200_0000)).toBe(true);
    expect(mac.isMulticastMac(mac.BROADCAST_MAC)).toBe(true);
    expect(mac.isMulticastMac(0x0200_0000_000a)).toBe(false);
    expect(mac.isBroadcastMac(mac.BROADCAST_MAC)).toBe(true);
    expect(mac.isLocalMac(0x0200_0000_000a)).toBe(true);
    expect(mac.isValidStationMac(0)).toBe(false);
    expect(mac.isValidStationMac(0x0100_0000_0000)).toBe(false);
    expect(mac.isReservedBridgeMac(0x0180_c200_000f)).toBe(true);
    expect(mac.isReservedBridgeMac(0x0180_c200_0010)).toBe(false);
  });

  it("are made from random bits as local unicast addresses", () => {
    fc.assert(
      fc.property(anyMac, (random) => {
        const made = mac.stationMacFromRandom(random);
        expect(mac.isLocalMac(made) && mac.isValidStationMac(made)).toBe(true);
        expect(made % 2 ** 40).toBe(random % 2 ** 40);
      }),
    );
  });
});

describe("IPv4 addresses", () => {
  it("go to text and back", () => {
    expect(v4.formatIpv4(0xc0a8_0101)).toBe("192.168.1.1");
    fc.assert(
      fc.property(anyIpv4, (value) => {
        expect(v4.parseIpv4(v4.formatIpv4(value))).toBe(value);
      }),
    );
  });

  it("refuse what inet_pton refuses", () => {
    for (const text of [
      "",
      "1",
      "1.2.3",
      "1.2.3.4.5",
      "1.2.3.256",
      "01.2.3.4",
      "00.0.0.0",
      "1..2.3",
      "1.2.3.4.",
      " 1.2.3.4",
      "0x1.2.3.4",
      "1.2.3.-4",
    ]) {
      expect([text, v4.parseIpv4(text)]).toEqual([text, undefined]);
    }
  });

  it("have masks and prefix lengths", () => {
    expect([0, 1, 24, 31, 32].map(v4.ipv4PrefixMask)).toEqual([
      0, 0x8000_0000, 0xffff_ff00, 0xffff_fffe, 0xffff_ffff,
    ]);
    for (let length = 0; length <= 32; length++) {
      expect(v4.ipv4PrefixLength(v4.ipv4PrefixMask(length))).toBe(length);
    }
    expect(v4.ipv4PrefixLength(0xff00_ff00)).toBeUndefined();
    expect(v4.ipv4Network(0xc0a8_01fe, 24)).toBe(0xc0a8_0100);
    expect(v4.ipv4DirectedBroadcast(0xc0a8_01fe, 24)).toBe(0xc0a8_01ff);
    expect(v4.ipv4InPrefix(0xc0a8_01fe, 0xc0a8_0100, 24)).toBe(true);
    expect(v4.ipv4InPrefix(0xc0a8_02fe, 0xc0a8_0100, 24)).toBe(false);
    expect(v4.ipv4InPrefix(0xffff_ffff, 0, 0)).toBe(true);
  });

  it("know their classes", () => {
    expect(v4.isMulticastIpv4(0xe000_0001)).toBe(true);
    expect(v4.isLocalMulticastIpv4(0xe000_00fb)).toBe(true);
    expect(v4.isLocalMulticastIpv4(0xef01_0203)).toBe(false);
    expect(v4.isLoopbackIpv4(0x7f01_0203)).toBe(true);
    expect(v4.isZeroNetIpv4(5)).toBe(true);
    expect(v4.isReservedIpv4(0xf000_0000)).toBe(true);
    expect(v4.isLinkLocalIpv4(0xa9fe_0001)).toBe(true);
    expect(v4.ipv4MulticastMac(0xef81_0203)).toBe(0x0100_5e01_0203);
  });
});

describe("IPv6 addresses", () => {
  it("print as inet_ntop of glibc does", () => {
    const texts = [
      "::",
      "::1",
      "fe80::1",
      "2001:db8::1:0:0:1",
      "2001:db8:0:1:1:1:1:1",
      "::1.2.3.4",
      "::ffff:1.2.3.4",
      "::ffff:0.0.0.0",
      "::fffe:102:304",
      "::0.1.0.0",
      "1::",
      "0:1::",
      "0:0:1::",
      "1:0:0:2::",
      "ff02::1:ff00:b",
      "64:ff9b::102:304",
    ];
    for (const text of texts) expect(v6.formatIpv6(ipv6(text))).toBe(text);
  });

  it("go to text and back", () => {
    fc.assert(
      fc.property(anyIpv6, (value) => {
        expect(v6.parseIpv6(v6.formatIpv6(value))).toBe(value);
      }),
    );
  });

  it("refuse what inet_pton refuses", () => {
    for (const text of [
      "",
      ":",
      ":::",
      "1",
      ":1::2",
      "1:2:3:4:5:6:7:8:",
      "1::2::3",
      "1:2:3:4:5:6:7:8::",
      "1:2:3:4:5:6:7:8:9",
      "00001::",
      "g::",
      "::1.2.3",
      "1.2.3.4",
      "1.2.3.4::",
      "::1.2.3.4:5",
      "1:2:3:4:5:6:7:1.2.3.4",
      "fe80::1%eth0",
      "fe80::1/64",
    ]) {
      expect([text, v6.parseIpv6(text)]).toEqual([text, undefined]);
    }
    expect(v6.parseIpv6("1:2:3:4:5:6:7::")).toBe(ipv6("1:2:3:4:5:6:7:0"));
    expect(v6.parseIpv6("1:2:3:4:5:6:1.2.3.4")).toBe(ipv6("1:2:3:4:5:6:102:304"));
  });

  it("go to bytes and back, as Map keys and in order", () => {
    fc.assert(
      fc.property(anyIpv6, anyIpv6, (a, b) => {
        const bytes = v6.ipv6ToBytes(a);
        expect(new Map([[a, 1]]).get(v6.readIpv6Address(bytes, 0))).toBe(1);
        expect(v6.isIpv6At(bytes, 0, a)).toBe(true);
        expect(v6.isIpv6At(bytes, 0, b)).toBe(a === b);
        const number = (x: v6.Ipv6Address): bigint =>
          [...v6.ipv6ToBytes(x)].reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
        expect(a < b).toBe(number(a) < number(b));
      }),
    );
  });

  it("match prefixes bit by bit", () => {
    fc.assert(
      fc.property(anyIpv6, anyIpv6, fc.nat(128), (a, b, length) => {
        expect(v6.ipv6InPrefix(a, b, length)).toBe(v6.ipv6SharedBits(a, b) >= length);
        expect(v6.ipv6Network(a, length) === v6.ipv6Network(b, length)).toBe(v6.ipv6InPrefix(a, b, length));
      }),
    );
    expect(v6.formatIpv6(v6.ipv6PrefixMask(67))).toBe("ffff:ffff:ffff:ffff:e000::");
    expect(v6.ipv6SharedBits(ipv6("fe80::"), ipv6("fec0::"))).toBe(9);
  });

  it("derive addresses from a MAC and from each other", () => {
    expect(v6.formatIpv6(v6.linkLocalIpv6(0x5254_0012_3456))).toBe("fe80::5054:ff:fe12:3456");
    expect(v6.formatIpv6(v6.ipv6WithEui64(ipv6("2001:db8::"), 0x0200_0000_000a))).toBe("2001:db8::ff:fe00:a");
    expect(v6.formatIpv6(v6.solicitedNodeMulticast(ipv6("fe80::ff:fe00:b")))).toBe("ff02::1:ff00:b");
    expect(v6.ipv6MulticastMac(ipv6("ff02::1:ff00:b"))).toBe(0x3333_ff00_000b);
    expect(v6.formatIpv6(v6.ipv6FromIpv4(0x0102_0304))).toBe("::ffff:1.2.3.4");
    expect(v6.ipv4OfIpv6(ipv6("::ffff:255.2.3.4"))).toBe(0xff02_0304);
  });

  it("know their classes", () => {
    expect(v6.isMulticastIpv6(v6.IPV6_ALL_NODES)).toBe(true);
    expect(v6.ipv6MulticastScope(ipv6("ff05::2"))).toBe(5);
    expect(v6.isLinkLocalIpv6(ipv6("febf::1"))).toBe(true);
    expect(v6.isLinkLocalIpv6(ipv6("fec0::1"))).toBe(false);
    expect(v6.isSiteLocalIpv6(ipv6("fec0::1"))).toBe(true);
    expect(v6.isUniqueLocalIpv6(ipv6("fd00::1"))).toBe(true);
    expect(v6.isV4MappedIpv6(ipv6("::ffff:1.2.3.4"))).toBe(true);
    expect(v6.isV4MappedIpv6(ipv6("::1.2.3.4"))).toBe(false);
  });
});
