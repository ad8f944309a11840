/**
 * The pcapng capture file (draft-ietf-opsawg-pcapng): typed blocks, so that packets of many interfaces and comments
 * stand in one file. Section header, interface description and enhanced packet blocks are known; other blocks are kept
 * as bytes. Both byte orders are read, little-endian is written.
 */
import { copyBytes, readU16BE, readU16LE, readU32BE, readU32LE, writeU16LE, writeU32LE } from "./bytes.ts";
import type { CaptureTime } from "./capture-packet.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

const BLOCK_SECTION_HEADER = 0x0a0d_0d0a;
const BLOCK_INTERFACE = 1;
const BLOCK_ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b_3c4d;

/** Bytes of type and length before a block's body, and of the length after it. */
const BLOCK_HEAD = 8;
const BLOCK_TAIL = 4;
/** Bytes of the bodies before data and options. */
const SECTION_BODY = 16;
const INTERFACE_BODY = 8;
const PACKET_BODY = 20;

/** Option codes: the first two for every block, the others by block. */
export const PcapngOptionCode = {
  END: 0,
  COMMENT: 1,
  SECTION_HARDWARE: 2,
  SECTION_OS: 3,
  SECTION_APPLICATION: 4,
  INTERFACE_NAME: 2,
  INTERFACE_DESCRIPTION: 3,
  INTERFACE_MAC: 6,
  INTERFACE_TIME_RESOLUTION: 9,
  PACKET_FLAGS: 2,
} as const;

/** Bits 0 and 1 of the packet flags option. */
export const PacketDirection = { UNKNOWN: 0, INBOUND: 1, OUTBOUND: 2 } as const;

/** An option of any block; texts are UTF-8 without a terminator. */
export interface PcapngOption {
  readonly code: number;
  readonly value: Uint8Array;
}

export type PcapngBlock =
  | { readonly kind: "section"; readonly options: readonly PcapngOption[] }
  | {
      readonly kind: "interface";
      readonly linkType: number;
      /** Bytes; 0 is no limit. */
      readonly snapLength: number;
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: "packet";
      /** Index of the interface within its section, in order of the interface blocks. */
      readonly interfaceIndex: number;
      /** Units of the interface's time resolution since 1970. */
      readonly timestamp: bigint;
      readonly originalLength: number;
      /** View into the decoded buffer. */
      readonly bytes: Uint8Array;
      readonly options: readonly PcapngOption[];
    }
  | {
      readonly kind: "other";
      readonly type: number;
      /** Between the two length fields, padding included, in the byte order of the file. */
      readonly body: Uint8Array;
    };

/** A block and where the next one starts. */
export interface PcapngStep {
  readonly block: PcapngBlock;
  readonly next: number;
  /** Byte order for the blocks that follow; a section header sets it. */
  readonly littleEndian: boolean;
}

/** Value of the time resolution option for nanoseconds: 10 to the power of -9. */
export const NANOSECOND_RESOLUTION = 9;
/** Resolution of an interface without that option: microseconds. */
export const DEFAULT_RESOLUTION = 6;

/**
 * @param resolution value of the time resolution option: a negative power of 10, or of 2 with bit 7 set
 */
export function unitsPerSecond(resolution: number): bigint {
  return resolution < 0x80 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
}

export function timestampOf(time: CaptureTime, resolution: number): bigint {
  const units = unitsPerSecond(resolution);
  return BigInt(time.seconds) * units + (BigInt(time.nanoseconds) * units) / 1_000_000_000n;
}

export function timeOfTimestamp(timestamp: bigint, resolution: number): CaptureTime {
  const units = unitsPerSecond(resolution);
  return {
    seconds: Number(timestamp / units),
    nanoseconds: Number(((timestamp % units) * 1_000_000_000n) / units),
  };
}

/** The time resolution of an interface's options. */
export function timeResolution(options: readonly PcapngOption[]): number {
  const option = options.find(({ code }) => code === PcapngOptionCode.INTERFACE_TIME_RESOLUTION);
  return option?.value[0] ?? DEFAULT_RESOLUTION;
}

/** A text option, such as a comment or an interface's name. */
export function textOption(code: number, text: string): PcapngOption {
  return { code, value: new TextEncoder().encode(text) };
}

/**
 * Decodes the block at `off`. The first block of a file is a section header, for which any `littleEndian` will do.
 */
export function decodePcapngBlock(
  buf: Uint8Array,
  off: number,
  end: number,
  littleEndian: boolean,
): Decoded<PcapngStep> {
  if (end - off < BLOCK_HEAD + BLOCK_TAIL) return new Malformed("truncated", off, "pcapng block");
  const isSection = readU32BE(buf, off) === BLOCK_SECTION_HEADER;
  const order = isSection ? sectionOrder(buf, off, end) : littleEndian;
  if (order === undefined) return new Malformed("bad-value", off + 8, "pcapng byte-order magic");
  const u16 = order ? readU16LE : readU16BE;
  const u32 = order ? readU32LE : readU32BE;
  const length = u32(buf, off + 4);
  if (length < BLOCK_HEAD + BLOCK_TAIL || length % 4 !== 0) {
    return new Malformed("bad-length", off + 4, "pcapng block length");
  }
  const next = off + length;
  if (next > end) return new Malformed("truncated", off + 4, "pcapng block length");
  if (u32(buf, next - BLOCK_TAIL) !== length) {
    return new Malformed("bad-length", next - BLOCK_TAIL, "pcapng trailing length");
  }
  const block = decodeBody(buf, off, next - BLOCK_TAIL, u16, u32);
  return block instanceof Malformed ? block : { block, next, littleEndian: order };
}

/** Whether a section is little-endian, from its magic; `undefined` when it has none. */
function sectionOrder(buf: Uint8Array, off: number, end: number): boolean | undefined {
  if (end - off < BLOCK_HEAD + SECTION_BODY + BLOCK_TAIL) return undefined;
  if (readU32LE(buf, off + 8) === BYTE_ORDER_MAGIC) return true;
  return readU32BE(buf, off + 8) === BYTE_ORDER_MAGIC ? false : undefined;
}

type Reader = (buf: Uint8Array, off: number) => number;

function decodeBody(
  buf: Uint8Array,
  off: number,
  end: number,
  u16: Reader,
  u32: Reader,
): Decoded<PcapngBlock> {
  const type = u32(buf, off);
  const body = off + BLOCK_HEAD;
  switch (type) {
    case BLOCK_SECTION_HEADER: {
      if (end - body < SECTION_BODY) return new Malformed("truncated", body, "pcapng section header");
      if (u16(buf, body + 4) !== 1) return new Malformed("bad-version", body + 4, "pcapng version");
      const options = decodeOptions(buf, body + SECTION_BODY, end, u16);
      return options instanceof Malformed ? options : { kind: "section", options };
    }
    case BLOCK_INTERFACE: {
      if (end - body < INTERFACE_BODY) return new Malformed("truncated", body, "pcapng interface");
      const options = decodeOptions(buf, body + INTERFACE_BODY, end, u16);
      if (options instanceof Malformed) return options;
      return { kind: "interface", linkType: u16(buf, body), snapLength: u32(buf, body + 4), options };
    }
    case BLOCK_ENHANCED_PACKET: {
      if (end - body < PACKET_BODY) return new Malformed("truncated", body, "pcapng packet");
      const captured = u32(buf, body + 12);
      const start = body + PACKET_BODY;
      if (start + padded(captured) > end)
        return new Malformed("bad-length", body + 12, "pcapng captured length");
      const options = decodeOptions(buf, start + padded(captured), end, u16);
      if (options instanceof Malformed) return options;
      return {
        kind: "packet",
        interfaceIndex: u32(buf, body),
        timestamp: (BigInt(u32(buf, body + 4)) << 32n) | BigInt(u32(buf, body + 8)),
        originalLength: u32(buf, body + 16),
        bytes: buf.subarray(start, start + captured),
        options,
      };
    }
    default:
      return { kind: "other", type, body: buf.subarray(body, end) };
  }
}

/** The next multiple of 4. */
function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function decodeOptions(buf: Uint8Array, off: number, end: number, u16: Reader): Decoded<PcapngOption[]> {
  const options: PcapngOption[] = [];
  let at = off;
  while (at < end) {
    if (end - at < 4) return new Malformed("bad-option", at, "pcapng option");
    const code = u16(buf, at);
    const length = u16(buf, at + 2);
    if (code === PcapngOptionCode.END) break;
    if (at + 4 + padded(length) > end) return new Malformed("bad-option", at + 2, "pcapng option length");
    options.push({ code, value: buf.subarray(at + 4, at + 4 + length) });
    at += 4 + padded(length);
  }
  return options;
}

function optionsLength(options: readonly PcapngOption[]): number {
  if (options.length === 0) return 0;
  let length = 4;
  for (const option of options) length += 4 + padded(option.value.length);
  return length;
}

/** Bytes of the whole block. */
export function pcapngBlockLength(block: PcapngBlock): number {
  const frame = BLOCK_HEAD + BLOCK_TAIL;
  switch (block.kind) {
    case "section":
      return frame + SECTION_BODY + optionsLength(block.options);
    case "interface":
      return frame + INTERFACE_BODY + optionsLength(block.options);
    case "packet":
      return frame + PACKET_BODY + padded(block.bytes.length) + optionsLength(block.options);
    case "other":
      return frame + padded(block.body.length);
  }
}

/** Writes a block, little-endian. Returns the offset after it. */
export function writePcapngBlock(block: PcapngBlock, buf: Uint8Array, off: number): number {
  const length = pcapngBlockLength(block);
  const end = off + length;
  const body = off + BLOCK_HEAD;
  buf.fill(0, off, end);
  writeU32LE(buf, off + 4, length);
  writeU32LE(buf, end - BLOCK_TAIL, length);
  switch (block.kind) {
    case "section":
      writeU32LE(buf, off, BLOCK_SECTION_HEADER);
      writeU32LE(buf, body, BYTE_ORDER_MAGIC);
      writeU16LE(buf, body + 4, 1);
      // The length of the section is not known while it is written: -1.
      buf.fill(0xff, body + 8, body + SECTION_BODY);
      writeOptions(block.options, buf, body + SECTION_BODY);
      return end;
    case "interface":
      writeU32LE(buf, off, BLOCK_INTERFACE);
      writeU16LE(buf, body, block.linkType);
      writeU32LE(buf, body + 4, block.snapLength);
      writeOptions(block.options, buf, body + INTERFACE_BODY);
      return end;
    case "packet": {
      const start = body + PACKET_BODY;
      writeU32LE(buf, off, BLOCK_ENHANCED_PACKET);
      writeU32LE(buf, body, block.interfaceIndex);
      writeU32LE(buf, body + 4, Number((block.timestamp >> 32n) & 0xffff_ffffn));
      writeU32LE(buf, body + 8, Number(block.timestamp & 0xffff_ffffn));
      writeU32LE(buf, body + 12, block.bytes.length);
      writeU32LE(buf, body + 16, block.originalLength);
      copyBytes(block.bytes, 0, buf, start, block.bytes.length);
      writeOptions(block.options, buf, start + padded(block.bytes.length));
      return end;
    }
    case "other":
      writeU32LE(buf, off, block.type);
      copyBytes(block.body, 0, buf, body, block.body.length);
      return end;
    default: {
      const never: never = block;
      return never;
    }
  }
}

/** Writes options into zeroed bytes, with the end marker that follows any. */
function writeOptions(options: readonly PcapngOption[], buf: Uint8Array, off: number): void {
  let at = off;
  for (const { code, value } of options) {
    writeU16LE(buf, at, code);
    writeU16LE(buf, at + 2, value.length);
    copyBytes(value, 0, buf, at + 4, value.length);
    at += 4 + padded(value.length);
  }
}
