import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkType } from "./capture-packet.ts";
import { isMalformed } from "./malformed.ts";
import * as pcap from "./pcap.ts";
import { capturedFrame } from "./testing/captured.ts";
import { hex } from "./testing/codec.ts";

describe("pcap", () => {
  // What `tcpdump -w` wrote on a little-endian machine: the file header and one ARP request.
  const file = hex(
    "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000" +
      "b2c6c368 9f060600 2a000000 2a000000" +
      "ffffffffffff02000000000a0806000108000604000102000000000a0a0000010000000000000a000002",
  );

  it("reads and writes what tcpdump writes", () => {
    const header = pcap.decodePcapHeader(file, 0, file.length);
    expect(header).toEqual({
      resolution: "microseconds",
      littleEndian: true,
      snapLength: 262144,
      linkType: LinkType.ETHERNET,
    });
    if (isMalformed(header)) throw new Error(header.toString());
    const packet = pcap.decodePcapPacket(header, file, pcap.PCAP_HEADER_LENGTH, file.length);
    if (isMalformed(packet)) throw new Error(packet.toString());
    expect(packet).toEqual({
      time: { seconds: 0x68c3c6b2, nanoseconds: 0x06069f * 1000 },
      originalLength: 42,
      bytes: capturedFrame("arpRequest"),
    });
    const buf = new Uint8Array(file.length).fill(0xa5);
    const at = pcap.writePcapHeader(header, buf, 0);
    expect(pcap.writePcapPacket(packet, header.resolution, buf, at)).toBe(file.length);
    expect(buf).toEqual(file);
  });

  it("reads big-endian files and nanoseconds", () => {
    const header: pcap.PcapHeader = {
      resolution: "nanoseconds",
      littleEndian: false,
      snapLength: 100,
      linkType: 1,
    };
    const bytes = hex("a1b23c4d 0002 0004 00000000 00000000 00000064 00000001");
    expect(pcap.decodePcapHeader(bytes, 0, 24)).toEqual(header);
    expect(pcap.decodePcapPacket(header, hex("00000001 3b9ac9ff 00000002 00000005 abcd"), 0, 18)).toEqual({
      time: { seconds: 1, nanoseconds: 999_999_999 },
      originalLength: 5,
      bytes: hex("abcd"),
    });
  });

  it("refuses other files and damaged packets", () => {
    expect(pcap.decodePcapHeader(file, 0, 23)).toMatchObject({ reason: "truncated" });
    expect(
      pcap.decodePcapHeader(
        file.map((byte) => byte ^ 1),
        0,
        24,
      ),
    ).toMatchObject({ reason: "bad-type" });
    const header: pcap.PcapHeader = {
      resolution: "microseconds",
      littleEndian: true,
      snapLength: 65_535,
      linkType: 1,
    };
    const packet = (text: string): unknown => pcap.decodePcapPacket(header, hex(text), 0, hex(text).length);
    expect(packet("00000000 00000000 00000000 000000")).toMatchObject({ reason: "truncated" });
    expect(packet("00000000 40420f00 00000000 00000000")).toMatchObject({ reason: "bad-value", offset: 4 });
    expect(packet("00000000 00000000 01000400 00000000")).toMatchObject({ reason: "bad-length", offset: 8 });
    expect(packet("00000000 00000000 00000400 00000000")).toMatchObject({ reason: "truncated", offset: 8 });
    expect(packet("00000000 00000000 00000000 01000000")).toMatchObject({ originalLength: 1 });
    expect(packet("00000000 00000000 01000000 01000000")).toMatchObject({ reason: "truncated" });
  });

  it("survives any bytes", () => {
    for (const littleEndian of [true, false]) {
      const header: pcap.PcapHeader = { resolution: "nanoseconds", littleEndian, snapLength: 0, linkType: 1 };
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
          const packet = pcap.decodePcapPacket(header, bytes, 0, bytes.length);
          expect(isMalformed(packet) || packet.bytes.length <= bytes.length - 16).toBe(true);
          expect(() => pcap.decodePcapHeader(bytes, 0, bytes.length)).not.toThrow();
        }),
      );
    }
  });
});
