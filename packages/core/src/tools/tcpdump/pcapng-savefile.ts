// `-r` with a pcapng file, as libpcap reads one: the packets of all interfaces, which must have one link type and one snapshot
// length, since tcpdump shows them as one capture. Names, statistics and other blocks are skipped unread. The order of the checks
// and the words of the faults are libpcap 1.10's (sf-pcapng.c); blocks that we trust are read by wire/pcapng.

import { readU16BE, readU16LE, readU32BE, readU32LE, readU8 } from "../../wire/bytes.ts";
import { dltOfLinkType } from "../../wire/link-types.ts";
import { BlockType, BYTE_ORDER_MAGIC, padded } from "../../wire/pcapng/blocks.ts";
import { unitsPerSecond } from "../../wire/pcapng/time.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { PacketSource } from "./packet-source.ts";
import { SourceFault } from "./packet-source.ts";
import type { CapturedPacket } from "./print/packet.ts";

const MAXIMUM_SNAPLEN = 262_144;
const LARGEST_SNAPLEN = 0x7fff_ffff;
const BLOCK_HEADER = 8; // bytes
const BLOCK_TRAILER = 4; // bytes
const SMALLEST_SECTION = 28; // bytes
/** Longer blocks are not believed, bytes. */
const LONGEST_SECTION = 1024 * 1024;
const LONGEST_BLOCK = 16 * 1024 * 1024;
/** Bytes of what the blocks start with. */
const [SECTION_FIXED, INTERFACE_FIXED, PACKET_FIXED, SIMPLE_FIXED, OPTION_HEADER] = [
  16, 8, 20, 4, 4,
] as const;
const [END_OF_OPTIONS, TIME_RESOLUTION, TIME_OFFSET] = [0, 9, 14] as const;
const DEFAULT_RESOLUTION = 6;
const BINARY = 0x80;

/** The time of an interface's packets. */
interface Interface {
  /** Units a second, and whether they are a power of two. */
  readonly units: bigint;
  readonly binary: boolean;
  /** Seconds. */
  readonly offset: bigint;
}

/** A block's body, read from its start on. */
interface Block {
  readonly type: number;
  at: number;
  readonly end: number;
}

/** Whether a file that starts like this is a pcapng file. */
export function isPcapng(reader: ByteReader): boolean {
  return readU32BE(reader.bytes, reader.at) === BlockType.SECTION_HEADER;
}

export class PcapngFile implements PacketSource {
  readonly nanoseconds: boolean;
  readonly swapped: boolean;
  linkType = -1;
  snapLength = 0;
  readonly #reader: ByteReader;
  readonly #little: boolean;
  #interfaces: Interface[] = [];

  constructor(reader: ByteReader, nanoseconds: boolean) {
    this.#reader = reader;
    this.nanoseconds = nanoseconds;
    this.#little = this.#firstSection();
    this.swapped = !this.#little;
    for (;;) {
      const block = this.#block();
      switch (block?.type) {
        case undefined:
          throw new SourceFault("the capture file has no Interface Description Blocks");
        case BlockType.INTERFACE: {
          const at = this.#take(block, INTERFACE_FIXED);
          this.linkType = dltOfLinkType(this.#u16(at));
          this.snapLength = adjusted(this.#u32(at + 4));
          this.#interfaces.push(this.#interface(block));
          return;
        }
        case BlockType.ENHANCED_PACKET:
        case BlockType.SIMPLE_PACKET:
        case BlockType.OBSOLETE_PACKET:
          throw new SourceFault(
            "the capture file has a packet block before any Interface Description Blocks",
          );
        default:
      }
    }
  }

  #u16(at: number): number {
    return (this.#little ? readU16LE : readU16BE)(this.#reader.bytes, at);
  }

  #u32(at: number): number {
    return (this.#little ? readU32LE : readU32BE)(this.#reader.bytes, at);
  }

  /** Reads the header of the first section, whose end is not looked at. True: little-endian. */
  #firstSection(): boolean {
    const reader = this.#reader;
    const got = reader.need(12);
    if (got < 12) throw new SourceFault("unknown file format");
    const little = readU32LE(reader.bytes, reader.at + 8) === BYTE_ORDER_MAGIC;
    if (!little && readU32BE(reader.bytes, reader.at + 8) !== BYTE_ORDER_MAGIC) {
      throw new SourceFault("unknown file format");
    }
    const length = (little ? readU32LE : readU32BE)(reader.bytes, reader.at + 4);
    if (length < SMALLEST_SECTION || length > LONGEST_SECTION) {
      throw new SourceFault(
        `Section Header Block in pcapng dump file has invalid length ${SMALLEST_SECTION} < _${length}_ < ${LONGEST_SECTION} (BT_SHB_INSANE_MAX)`,
      );
    }
    const there = reader.need(length);
    if (there < length) throw truncated(length - 12, there - 12);
    const u16 = little ? readU16LE : readU16BE;
    const [major, minor] = [u16(reader.bytes, reader.at + 12), u16(reader.bytes, reader.at + 14)];
    // 1.2 was written by mistake and is read as 1.0.
    if (major !== 1 || (minor !== 0 && minor !== 2)) {
      throw new SourceFault(`unsupported pcapng savefile version ${major}.${minor}`);
    }
    reader.at += length;
    return little;
  }

  /** The next block; undefined at the end of the file. */
  #block(): Block | undefined {
    const reader = this.#reader;
    const got = reader.need(BLOCK_HEADER);
    if (got === 0) return undefined;
    if (got < BLOCK_HEADER) throw truncated(BLOCK_HEADER, got);
    const type = this.#u32(reader.at);
    const length = this.#u32(reader.at + 4);
    if (length < BLOCK_HEADER + BLOCK_TRAILER) {
      throw new SourceFault(`block in pcapng dump file has a length of ${length} < 12`);
    }
    if (length % 4 !== 0) {
      throw new SourceFault(
        `block in pcapng dump file has a length of ${length} that is not a multiple of 4`,
      );
    }
    if (length > LONGEST_BLOCK) {
      throw new SourceFault(`pcapng block size ${length} > maximum ${LONGEST_BLOCK}`);
    }
    const there = reader.need(length);
    if (there < length) throw truncated(length - BLOCK_HEADER, there - BLOCK_HEADER);
    const { at } = reader;
    const end = at + length - BLOCK_TRAILER;
    if (this.#u32(end) !== length) {
      throw new SourceFault("block total length in header and trailer don't match");
    }
    reader.at += length;
    return { type, at: at + BLOCK_HEADER, end };
  }

  /** Where the next `length` bytes of a block are. */
  #take(block: Block, length: number): number {
    const { at } = block;
    if (length > block.end - at) {
      throw new SourceFault(`block of type ${block.type} in pcapng dump file is too short`);
    }
    block.at += length;
    return at;
  }

  #interface(block: Block): Interface {
    let resolution: number | undefined;
    let offset: bigint | undefined;
    const fault = (text: string): never => {
      throw new SourceFault(`Interface Description Block ${text}`);
    };
    const checkLength = (name: string, length: number, right: number): void => {
      if (length !== right) fault(`has ${name} option with length ${length} != ${right}`);
    };
    while (block.at < block.end) {
      const header = this.#take(block, OPTION_HEADER);
      const [code, length] = [this.#u16(header), this.#u16(header + 2)];
      const value = this.#take(block, padded(length));
      if (code === END_OF_OPTIONS) {
        checkLength("opt_endofopt", length, 0);
        break;
      }
      if (code === TIME_RESOLUTION) {
        checkLength("if_tsresol", length, 1);
        if (resolution !== undefined) fault("has more than one if_tsresol option");
        resolution = readU8(this.#reader.bytes, value);
        const power = resolution & ~BINARY;
        const [base, highest] = (resolution & BINARY) === 0 ? [10, 19] : [2, 63];
        if (power > highest) fault(`if_tsresol option resolution ${base}^-${power} is too high`);
      } else if (code === TIME_OFFSET) {
        checkLength("if_tsoffset", length, 8);
        if (offset !== undefined) fault("has more than one if_tsoffset option");
        const [first, second] = [BigInt(this.#u32(value)), BigInt(this.#u32(value + 4))];
        offset = this.#little ? (second << 32n) | first : (first << 32n) | second;
      }
    }
    resolution ??= DEFAULT_RESOLUTION;
    return {
      units: unitsPerSecond(resolution),
      binary: (resolution & BINARY) !== 0,
      offset: offset ?? 0n,
    };
  }

  #laterInterface(block: Block): void {
    const at = this.#take(block, INTERFACE_FIXED);
    const [type, snapLength] = [this.#u16(at), this.#u32(at + 4)];
    if (dltOfLinkType(type) !== this.linkType) {
      throw new SourceFault(`an interface has a type ${type} different from the type of the first interface`);
    }
    if (adjusted(snapLength) !== this.snapLength) {
      throw new SourceFault(
        `an interface has a snapshot length ${snapLength} different from the snapshot length of the first interface`,
      );
    }
    this.#interfaces.push(this.#interface(block));
  }

  /** A section that follows another has interfaces of its own. */
  #laterSection(block: Block): void {
    const at = this.#take(block, SECTION_FIXED);
    if (this.#u32(at) !== BYTE_ORDER_MAGIC) {
      const other = (this.#little ? readU32BE : readU32LE)(this.#reader.bytes, at) === BYTE_ORDER_MAGIC;
      throw new SourceFault(
        other
          ? "the file has sections with different byte orders"
          : "the file has a section with a bad byte order magic field",
      );
    }
    const major = this.#u16(at + 4);
    if (major !== 1) throw new SourceFault(`unknown pcapng savefile major version number ${major}`);
    this.#interfaces = [];
  }

  next(packet: CapturedPacket): "packet" | "end" {
    for (;;) {
      const block = this.#block();
      switch (block?.type) {
        case undefined:
          return "end";
        case BlockType.SECTION_HEADER:
          this.#laterSection(block);
          break;
        case BlockType.INTERFACE:
          this.#laterInterface(block);
          break;
        case BlockType.ENHANCED_PACKET:
        case BlockType.OBSOLETE_PACKET: {
          const at = this.#take(block, PACKET_FIXED);
          const index = block.type === BlockType.ENHANCED_PACKET ? this.#u32(at) : this.#u16(at);
          const timestamp = (BigInt(this.#u32(at + 4)) << 32n) | BigInt(this.#u32(at + 8));
          this.#fill(packet, block, index, timestamp, this.#u32(at + 12), this.#u32(at + 16));
          return "packet";
        }
        case BlockType.SIMPLE_PACKET: {
          const length = this.#u32(this.#take(block, SIMPLE_FIXED));
          this.#fill(packet, block, 0, 0n, Math.min(length, this.snapLength), length);
          return "packet";
        }
        default:
      }
    }
  }

  #fill(
    packet: CapturedPacket,
    block: Block,
    index: number,
    timestamp: bigint,
    captured: number,
    length: number,
  ): void {
    const from = this.#interfaces[index];
    if (from === undefined) {
      throw new SourceFault(
        `a packet arrived on interface ${index}, but there's no Interface Description Block for that interface`,
      );
    }
    if (captured > this.snapLength) {
      throw new SourceFault(
        `invalid packet capture length ${captured}, bigger than snaplen of ${this.snapLength}`,
      );
    }
    packet.seconds = Number(BigInt.asIntN(64, timestamp / from.units + from.offset));
    packet.fraction = fractionOf(
      timestamp % from.units,
      from,
      this.nanoseconds ? 1_000_000_000n : 1_000_000n,
    );
    packet.bytes = this.#reader.bytes;
    packet.start = this.#take(block, captured);
    packet.captured = captured;
    packet.length = length;
  }

  close(): void {
    this.#reader.close();
  }
}

/** In 64 bits, which units of a high power of two overflow. */
function fractionOf(rest: bigint, { units, binary }: Interface, wanted: bigint): number {
  if (binary) return Number(BigInt.asUintN(64, rest * wanted) / units);
  return Number(units > wanted ? rest / (units / wanted) : rest * (wanted / units));
}

function truncated(wanted: number, got: number): SourceFault {
  return new SourceFault(`truncated pcapng dump file; tried to read ${wanted} bytes, only got ${got}`);
}

function adjusted(snapLength: number): number {
  return snapLength === 0 || snapLength > LARGEST_SNAPLEN ? MAXIMUM_SNAPLEN : snapLength;
}
