/** Reads pcapng blocks of both byte orders. Any bytes are a block or Malformed; nothing throws. */
import { readU16BE, readU16LE, readU32BE, readU32LE } from "../bytes.ts";
import { Malformed } from "../malformed.ts";
import type { Decoded } from "../malformed.ts";
import {
  BLOCK_HEAD,
  BLOCK_TAIL,
  BlockType,
  BYTE_ORDER_MAGIC,
  FixedLength,
  padded,
  type NameRecord,
  type PcapngBlock,
  type PcapngOption,
} from "./blocks.ts";
import { PcapngOptionCode } from "./options.ts";

/** A block and where the next one starts. */
export interface PcapngStep {
  readonly block: PcapngBlock;
  readonly next: number;
  /** Byte order for the blocks that follow; a section header sets it. */
  readonly littleEndian: boolean;
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
  const isSection = readU32BE(buf, off) === BlockType.SECTION_HEADER;
  const order = isSection ? sectionOrder(buf, off, end) : littleEndian;
  if (order === undefined) return new Malformed("bad-value", off + 8, "pcapng byte-order magic");
  const body = new Body(buf, off, order);
  const length = body.u32(off + 4);
  if (length < BLOCK_HEAD + BLOCK_TAIL || length % 4 !== 0) {
    return new Malformed("bad-length", off + 4, "pcapng block length");
  }
  const next = off + length;
  if (next > end) return new Malformed("truncated", off + 4, "pcapng block length");
  if (body.u32(next - BLOCK_TAIL) !== length) {
    return new Malformed("bad-length", next - BLOCK_TAIL, "pcapng trailing length");
  }
  const block = body.decode(next - BLOCK_TAIL);
  return block instanceof Malformed ? block : { block, next, littleEndian: order };
}

/** Whether a section is little-endian, from its magic; `undefined` when it has none. */
function sectionOrder(buf: Uint8Array, off: number, end: number): boolean | undefined {
  if (end - off < BLOCK_HEAD + FixedLength.SECTION_HEADER + BLOCK_TAIL) return undefined;
  if (readU32LE(buf, off + 8) === BYTE_ORDER_MAGIC) return true;
  return readU32BE(buf, off + 8) === BYTE_ORDER_MAGIC ? false : undefined;
}

/** The bytes of one block, read in the order of its section. */
class Body {
  readonly #buf: Uint8Array;
  readonly #type: number;
  readonly #start: number;
  readonly #little: boolean;

  constructor(buf: Uint8Array, off: number, little: boolean) {
    this.#buf = buf;
    this.#little = little;
    this.#type = this.u32(off);
    this.#start = off + BLOCK_HEAD;
  }

  u16(at: number): number {
    return this.#little ? readU16LE(this.#buf, at) : readU16BE(this.#buf, at);
  }

  u32(at: number): number {
    return this.#little ? readU32LE(this.#buf, at) : readU32BE(this.#buf, at);
  }

  /** The halves of a time stamp have an order of their own: the upper one first. */
  #timestamp(at: number): bigint {
    return (BigInt(this.u32(at)) << 32n) | BigInt(this.u32(at + 4));
  }

  decode(end: number): Decoded<PcapngBlock> {
    const start = this.#start;
    const least = LEAST.get(this.#type);
    if (least !== undefined && end - start < least.length)
      return new Malformed("truncated", start, least.what);
    switch (this.#type) {
      case BlockType.SECTION_HEADER:
        return this.#section(end);
      case BlockType.INTERFACE:
        return this.#withOptions(start + FixedLength.INTERFACE, end, (options) => ({
          kind: "interface",
          linkType: this.u16(start),
          snapLength: this.u32(start + 4),
          options,
        }));
      case BlockType.ENHANCED_PACKET:
      case BlockType.OBSOLETE_PACKET:
        return this.#packet(end);
      case BlockType.SIMPLE_PACKET: {
        const originalLength = this.u32(start);
        const there = end - start - FixedLength.SIMPLE_PACKET;
        const bytes = this.#bytes(start + FixedLength.SIMPLE_PACKET, Math.min(originalLength, there));
        return { kind: "simple-packet", originalLength, bytes };
      }
      case BlockType.NAME_RESOLUTION:
        return this.#names(end);
      case BlockType.INTERFACE_STATISTICS:
        return this.#withOptions(start + FixedLength.STATISTICS, end, (options) => ({
          kind: "statistics",
          interfaceIndex: this.u32(start),
          timestamp: this.#timestamp(start + 4),
          options,
        }));
      case BlockType.DECRYPTION_SECRETS: {
        const length = this.u32(start + 4);
        const at = start + FixedLength.SECRETS;
        if (length > end - at) return new Malformed("bad-length", start + 4, "pcapng secrets");
        return this.#withOptions(at + padded(length), end, (options) => ({
          kind: "secrets",
          type: this.u32(start),
          bytes: this.#bytes(at, length),
          options,
        }));
      }
      case BlockType.CUSTOM:
      case BlockType.CUSTOM_NOT_COPIED:
        return {
          kind: "custom",
          copied: this.#type === BlockType.CUSTOM,
          enterprise: this.u32(start),
          body: this.#buf.subarray(start + FixedLength.CUSTOM, end),
        };
      default:
        return { kind: "other", type: this.#type, body: this.#buf.subarray(start, end) };
    }
  }

  #bytes(at: number, length: number): Uint8Array {
    return this.#buf.subarray(at, at + length);
  }

  #section(end: number): Decoded<PcapngBlock> {
    const start = this.#start;
    const [major, minor] = [this.u16(start + 4), this.u16(start + 6)];
    // 1.2 was written by mistake and is read as 1.0.
    if (major !== 1 || (minor !== 0 && minor !== 2)) {
      return new Malformed("bad-version", start + 4, "pcapng version");
    }
    const [first, second] = [this.u32(start + 8), this.u32(start + 12)];
    const [low, high] = this.#little ? [first, second] : [second, first];
    const length = (BigInt(high) << 32n) | BigInt(low);
    return this.#withOptions(start + FixedLength.SECTION_HEADER, end, (options) => ({
      kind: "section",
      major,
      minor,
      length: length === 0xffff_ffff_ffff_ffffn ? undefined : length,
      options,
    }));
  }

  #packet(end: number): Decoded<PcapngBlock> {
    const start = this.#start;
    const captured = this.u32(start + 12);
    const at = start + FixedLength.PACKET;
    if (captured > end - at) return new Malformed("bad-length", start + 12, "pcapng captured length");
    const timestamp = this.#timestamp(start + 4);
    const originalLength = this.u32(start + 16);
    const bytes = this.#bytes(at, captured);
    return this.#withOptions(Math.min(at + padded(captured), end), end, (options) =>
      this.#type === BlockType.ENHANCED_PACKET
        ? { kind: "packet", interfaceIndex: this.u32(start), timestamp, originalLength, bytes, options }
        : {
            kind: "obsolete-packet",
            interfaceIndex: this.u16(start),
            drops: this.u16(start + 2),
            timestamp,
            originalLength,
            bytes,
            options,
          },
    );
  }

  #names(end: number): Decoded<PcapngBlock> {
    const records: NameRecord[] = [];
    let at = this.#start;
    for (;;) {
      if (end - at < 4) return new Malformed("truncated", at, "pcapng name record");
      const type = this.u16(at);
      const length = this.u16(at + 2);
      at += 4;
      if (type === 0) break;
      if (at + padded(length) > end) return new Malformed("bad-length", at - 2, "pcapng name record");
      records.push({ type, value: this.#bytes(at, length) });
      at += padded(length);
    }
    return this.#withOptions(at, end, (options) => ({ kind: "names", records, options }));
  }

  #withOptions(
    off: number,
    end: number,
    make: (options: readonly PcapngOption[]) => PcapngBlock,
  ): Decoded<PcapngBlock> {
    if (off > end) return new Malformed("truncated", off, "pcapng options");
    const options: PcapngOption[] = [];
    for (let at = off; at < end;) {
      if (end - at < 4) return new Malformed("bad-option", at, "pcapng option");
      const code = this.u16(at);
      const length = this.u16(at + 2);
      if (code === PcapngOptionCode.END) break;
      if (at + 4 + padded(length) > end) return new Malformed("bad-option", at + 2, "pcapng option length");
      options.push({ code, value: this.#bytes(at + 4, length) });
      at += 4 + padded(length);
    }
    return make(options);
  }
}

/** Fixed bytes that a block must have. */
const LEAST: ReadonlyMap<number, { readonly length: number; readonly what: string }> = new Map([
  [BlockType.SECTION_HEADER, { length: FixedLength.SECTION_HEADER, what: "pcapng section header" }],
  [BlockType.INTERFACE, { length: FixedLength.INTERFACE, what: "pcapng interface" }],
  [BlockType.ENHANCED_PACKET, { length: FixedLength.PACKET, what: "pcapng packet" }],
  [BlockType.OBSOLETE_PACKET, { length: FixedLength.PACKET, what: "pcapng packet" }],
  [BlockType.SIMPLE_PACKET, { length: FixedLength.SIMPLE_PACKET, what: "pcapng packet" }],
  [BlockType.INTERFACE_STATISTICS, { length: FixedLength.STATISTICS, what: "pcapng statistics" }],
  [BlockType.DECRYPTION_SECRETS, { length: FixedLength.SECRETS, what: "pcapng secrets" }],
  [BlockType.CUSTOM, { length: FixedLength.CUSTOM, what: "pcapng custom block" }],
  [BlockType.CUSTOM_NOT_COPIED, { length: FixedLength.CUSTOM, what: "pcapng custom block" }],
]);
