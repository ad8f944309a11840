import { describe, expect, it } from "vitest";
import { LinkType } from "../capture-packet.ts";
import type { CapturePacket } from "../capture-packet.ts";
import { isMalformed, Malformed } from "../malformed.ts";
import { capturedFrame } from "../testing/captured.ts";
import { encode, fuzzCodec, hex } from "../testing/codec.ts";
import type { PcapngBlock } from "./blocks.ts";
import { decodePcapngBlock } from "./decode.ts";
import { pcapngBlockLength, writePcapngBlock } from "./encode.ts";
import {
  longOption,
  NANOSECOND_RESOLUTION,
  numberOption,
  PacketDirection,
  PcapngOptionCode,
  textOption,
} from "./options.ts";
import { timeOffset, timeOfTimestamp, timeResolution, timestampOf } from "./time.ts";

describe("pcapng", () => {
  const codec = {
    decode: (buf: Uint8Array, off: number, end: number) => {
      const step = decodePcapngBlock(buf, off, end, true);
      return step instanceof Malformed ? step : step.block;
    },
    length: pcapngBlockLength,
    write: writePcapngBlock,
  };
  const packet: CapturePacket = {
    time: { seconds: 1_700_000_000, nanoseconds: 123_456_789 },
    originalLength: 42,
    bytes: capturedFrame("arpRequest"),
  };
  const blocks: readonly PcapngBlock[] = [
    {
      kind: "section",
      major: 1,
      minor: 0,
      length: undefined,
      options: [textOption(PcapngOptionCode.SECTION_APPLICATION, "patchcord")],
    },
    {
      kind: "interface",
      linkType: LinkType.ETHERNET,
      snapLength: 0,
      options: [
        textOption(PcapngOptionCode.INTERFACE_NAME, "blau/veth0"),
        {
          code: PcapngOptionCode.INTERFACE_TIME_RESOLUTION,
          value: Uint8Array.of(NANOSECOND_RESOLUTION),
        },
      ],
    },
    {
      kind: "packet",
      interfaceIndex: 0,
      timestamp: timestampOf(packet.time, NANOSECOND_RESOLUTION),
      originalLength: packet.originalLength,
      bytes: packet.bytes,
      options: [textOption(PcapngOptionCode.COMMENT, "flooded – twice")],
    },
    { kind: "simple-packet", originalLength: 99, bytes: hex("01020304") },
    {
      kind: "obsolete-packet",
      interfaceIndex: 0,
      drops: 3,
      timestamp: 7n,
      originalLength: 5,
      bytes: hex("0102030405"),
      options: [numberOption(PcapngOptionCode.PACKET_FLAGS, PacketDirection.INBOUND)],
    },
    {
      kind: "names",
      records: [{ type: 1, value: hex("0a000001 7231 00") }],
      options: [textOption(PcapngOptionCode.COMMENT, "hosts")],
    },
    {
      kind: "statistics",
      interfaceIndex: 0,
      timestamp: 0x1234_5678_9abc_def0n,
      options: [longOption(PcapngOptionCode.STATISTICS_RECEIVED, 0x1_0000_0001n)],
    },
    { kind: "secrets", type: 0x544c_534b, bytes: hex("4142434445"), options: [] },
    { kind: "custom", copied: true, enterprise: 32473, body: hex("01020304") },
    { kind: "custom", copied: false, enterprise: 32473, body: hex("") },
    { kind: "other", type: 0x0bae, body: hex("01020304") },
  ];

  it("writes blocks and reads them one after the other", () => {
    const file = new Uint8Array(blocks.reduce((sum, block) => sum + pcapngBlockLength(block), 0)).fill(0xa5);
    let end = 0;
    for (const block of blocks) end = writePcapngBlock(block, file, end);
    expect(end).toBe(file.length);
    const read: PcapngBlock[] = [];
    let littleEndian = false;
    for (let at = 0; at < file.length;) {
      const step = decodePcapngBlock(file, at, file.length, littleEndian);
      if (isMalformed(step)) throw new Error(step.toString());
      read.push(step.block);
      at = step.next;
      littleEndian = step.littleEndian;
    }
    expect(read).toEqual(blocks);
  });

  it("encodes an interface as the format says", () => {
    const plain: PcapngBlock = { kind: "interface", linkType: 1, snapLength: 65_536, options: [] };
    expect(encode(codec, plain)).toEqual(hex("01000000 14000000 01000000 00000100 14000000"));
  });

  it("reads big-endian sections", () => {
    const section = hex("0a0d0d0a 0000001c 1a2b3c4d 00010000 ffffffffffffffff 0000001c");
    expect(decodePcapngBlock(section, 0, section.length, true)).toEqual({
      block: { kind: "section", major: 1, minor: 0, length: undefined, options: [] },
      next: 28,
      littleEndian: false,
    });
    const bytes = hex("00000006 00000024 00000001 00000000 00000005 00000002 00000009 abcd0000 00000024");
    expect(decodePcapngBlock(bytes, 0, bytes.length, false)).toMatchObject({
      block: { kind: "packet", interfaceIndex: 1, timestamp: 5n, originalLength: 9, bytes: hex("abcd") },
    });
  });

  it("converts times of every resolution", () => {
    const options = blocks[1]?.kind === "interface" ? blocks[1].options : [];
    expect(timeResolution(options)).toBe(9);
    expect(timeResolution([])).toBe(6);
    for (const resolution of [9, 12, 0x80 | 40]) {
      const back = timeOfTimestamp(timestampOf(packet.time, resolution), resolution);
      expect(back.seconds).toBe(packet.time.seconds);
      expect(Math.abs(back.nanoseconds - packet.time.nanoseconds)).toBeLessThanOrEqual(1);
    }
    const later = { code: PcapngOptionCode.INTERFACE_TIME_OFFSET, value: hex("fffffffffffffffe") };
    expect(timeOfTimestamp(1_500_000n, 6, timeOffset([later], false))).toMatchObject({ seconds: -1 });
    expect(timeOfTimestamp(1_500_000n, 6)).toEqual({ seconds: 1, nanoseconds: 500_000_000 });
  });

  it("refuses damaged blocks", () => {
    const read = (text: string): unknown => decodePcapngBlock(hex(text), 0, hex(text).length, true);
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
