import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinkType } from "./capture-packet.ts";
import type { CapturePacket } from "./capture-packet.ts";
import { isMalformed, Malformed } from "./malformed.ts";
import * as pcap from "./pcap.ts";
import * as pcapng from "./pcapng.ts";
import { capturedFrame } from "./testing/captured.ts";
import { encode, fuzzCodec, hex } from "./testing/codec.ts";

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

describe("pcapng", () => {
  const codec = {
    decode: (buf: Uint8Array, off: number, end: number) => {
      const step = pcapng.decodePcapngBlock(buf, off, end, true);
      return step instanceof Malformed ? step : step.block;
    },
    length: pcapng.pcapngBlockLength,
    write: pcapng.writePcapngBlock,
  };
  const packet: CapturePacket = {
    time: { seconds: 1_700_000_000, nanoseconds: 123_456_789 },
    originalLength: 42,
    bytes: capturedFrame("arpRequest"),
  };
  const blocks: readonly pcapng.PcapngBlock[] = [
    {
      kind: "section",
      options: [pcapng.textOption(pcapng.PcapngOptionCode.SECTION_APPLICATION, "patchcord")],
    },
    {
      kind: "interface",
      linkType: LinkType.ETHERNET,
      snapLength: 0,
      options: [
        pcapng.textOption(pcapng.PcapngOptionCode.INTERFACE_NAME, "blau/veth0"),
        {
          code: pcapng.PcapngOptionCode.INTERFACE_TIME_RESOLUTION,
          value: Uint8Array.of(pcapng.NANOSECOND_RESOLUTION),
        },
      ],
    },
    {
      kind: "packet",
      interfaceIndex: 0,
      timestamp: pcapng.timestampOf(packet.time, pcapng.NANOSECOND_RESOLUTION),
      originalLength: packet.originalLength,
      bytes: packet.bytes,
      options: [pcapng.textOption(pcapng.PcapngOptionCode.COMMENT, "flooded – twice")],
    },
    { kind: "other", type: 0x0bad, body: hex("01020304") },
  ];

  it("writes blocks and reads them one after the other", () => {
    const file = new Uint8Array(blocks.reduce((sum, block) => sum + pcapng.pcapngBlockLength(block), 0)).fill(
      0xa5,
    );
    let end = 0;
    for (const block of blocks) end = pcapng.writePcapngBlock(block, file, end);
    expect(end).toBe(file.length);
    const read: pcapng.PcapngBlock[] = [];
    let littleEndian = false;
    for (let at = 0; at < file.length;) {
      const step = pcapng.decodePcapngBlock(file, at, file.length, littleEndian);
      if (isMalformed(step)) throw new Error(step.toString());
      read.push(step.block);
      at = step.next;
      littleEndian = step.littleEndian;
    }
    expect(read).toEqual(blocks);
  });

  it("encodes an interface as the format says", () => {
    const plain: pcapng.PcapngBlock = { kind: "interface", linkType: 1, snapLength: 65_536, options: [] };
    expect(encode(codec, plain)).toEqual(hex("01000000 14000000 01000000 00000100 14000000"));
  });

  it("reads big-endian sections", () => {
    const section = hex("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffffffffffff 0000001c");
    expect(pcapng.decodePcapngBlock(section, 0, section.length, true)).toEqual({
      block: { kind: "section", options: [] },
      next: 28,
      littleEndian: false,
    });
    const bytes = hex("00000006 00000024 00000001 00000000 00000005 00000002 00000009 abcd0000 00000024");
    expect(pcapng.decodePcapngBlock(bytes, 0, bytes.length, false)).toMatchObject({
      block: { kind: "packet", interfaceIndex: 1, timestamp: 5n, originalLength: 9, bytes: hex("abcd") },
    });
  });

  it("converts times of every resolution", () => {
    const options = blocks[1]?.kind === "interface" ? blocks[1].options : [];
    expect(pcapng.timeResolution(options)).toBe(9);
    expect(pcapng.timeResolution([])).toBe(6);
    for (const resolution of [9, 12, 0x80 | 40]) {
      const back = pcapng.timeOfTimestamp(pcapng.timestampOf(packet.time, resolution), resolution);
      expect(back.seconds).toBe(packet.time.seconds);
      expect(Math.abs(back.nanoseconds - packet.time.nanoseconds)).toBeLessThanOrEqual(1);
    }
    expect(pcapng.timeOfTimestamp(1_500_000n, 6)).toEqual({ seconds: 1, nanoseconds: 500_000_000 });
  });

  it("refuses damaged blocks", () => {
    const read = (text: string): unknown => pcapng.decodePcapngBlock(hex(text), 0, hex(text).length, true);
    expect(read("01000000 14000000")).toMatchObject({ reason: "truncated" });
    expect(read("01000000 08000000 08000000")).toMatchObject({ reason: "bad-length" });
    expect(read("01000000 14000000 01000000 00000100 18000000")).toMatchObject({ reason: "bad-length" });
    expect(read("01000000 0c000000 0c000000")).toMatchObject({ reason: "truncated" });
    expect(read("0a0d0d0a 1c000000 00000000 01000000 ffffffffffffffff 1c000000")).toMatchObject({
      reason: "bad-value",
    });
    expect(read("01000000 18000000 01000000 00000100 02000500 18000000")).toMatchObject({
      reason: "bad-option",
    });
  });

  it("survives any bytes", () =>
    fuzzCodec(
      codec,
      blocks.map((block) => encode(codec, block)),
    ));
});
