// `-r` with a pcapng file, as libpcap reads one: the packets of all interfaces, which must have one link type and one snapshot
// length, since tcpdump shows them as one capture. Names, statistics and other blocks are skipped.

import { readU16BE, readU16LE, readU32BE, readU32LE } from "../../wire/bytes.ts";
import { dltOfLinkType } from "../../wire/link-types.ts";
import { Malformed } from "../../wire/malformed.ts";
import { BlockType, BYTE_ORDER_MAGIC, type PcapngBlock } from "../../wire/pcapng/blocks.ts";
import { decodePcapngBlock } from "../../wire/pcapng/decode.ts";
import { timeOffset, timeOfTimestamp, timeResolution } from "../../wire/pcapng/time.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { PacketSource } from "./packet-source.ts";
import { SourceFault } from "./packet-source.ts";
import type { CapturedPacket } from "./print/packet.ts";

const MAXIMUM_SNAPLEN = 262_144;
const BLOCK_HEADER = 8; // bytes
const SMALLEST_SECTION = 28; // bytes
/** Longer blocks are not believed, bytes. */
const LONGEST_SECTION = 1024 * 1024;
const LONGEST_BLOCK = 16 * 1024 * 1024;

interface Interface {
  readonly resolution: number;
  /** Seconds. */
  readonly offset: number;
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
  /** As the first interface has it. */
  #firstSnapLength = 0;

  constructor(reader: ByteReader, nanoseconds: boolean) {
    this.#reader = reader;
    this.nanoseconds = nanoseconds;
    this.#little = sectionOrder(reader);
    this.swapped = !this.#little;
    for (;;) {
      const block = this.#block();
      if (block === undefined) throw new SourceFault("the capture file has no Interface Description Blocks");
      if (block.kind === "interface") {
        this.linkType = dltOfLinkType(block.linkType);
        this.#firstSnapLength = block.snapLength;
        this.snapLength = believable(block.snapLength);
        this.#addInterface(block);
        return;
      }
      if (block.kind === "packet" || block.kind === "simple-packet" || block.kind === "obsolete-packet") {
        throw new SourceFault("the capture file has a packet block before any Interface Description Blocks");
      }
    }
  }

  /** The next block; undefined at the end of the file. */
  #block(): PcapngBlock | undefined {
    const reader = this.#reader;
    const got = reader.need(BLOCK_HEADER);
    if (got === 0) return undefined;
    if (got < BLOCK_HEADER) throw truncated(BLOCK_HEADER, got);
    const u32 = this.#little ? readU32LE : readU32BE;
    const length = u32(reader.bytes, reader.at + 4);
    if (length < 12) throw new SourceFault(`block in pcapng dump file has a length of ${length} < 12`);
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
    const { bytes, at } = reader;
    const step = decodePcapngBlock(bytes, at, at + length, this.#little);
    if (step instanceof Malformed) throw new SourceFault(faultOf(step, bytes, at, this.#little));
    if (step.littleEndian !== this.#little) {
      throw new SourceFault("the file has sections with different byte orders");
    }
    reader.at += length;
    return step.block;
  }

  #addInterface(block: Extract<PcapngBlock, { kind: "interface" }>): void {
    if (dltOfLinkType(block.linkType) !== this.linkType) {
      throw new SourceFault(
        `an interface has a type ${block.linkType} different from the type of the first interface`,
      );
    }
    if (block.snapLength !== this.#firstSnapLength) {
      throw new SourceFault(
        `an interface has a snapshot length ${block.snapLength} different from the snapshot length of the first interface`,
      );
    }
    const resolution = timeResolution(block.options);
    const [base, power, highest] = resolution < 0x80 ? [10, resolution, 19] : [2, resolution & 0x7f, 63];
    if (power > highest) {
      throw new SourceFault(
        `Interface Description Block if_tsresol option resolution ${base}^-${power} is too high`,
      );
    }
    this.#interfaces.push({
      resolution,
      offset: timeOffset(block.options, this.#little),
    });
  }

  next(packet: CapturedPacket): "packet" | "end" {
    for (;;) {
      const block = this.#block();
      switch (block?.kind) {
        case undefined:
          return "end";
        case "section":
          this.#interfaces = [];
          break;
        case "interface":
          this.#addInterface(block);
          break;
        case "packet":
        case "obsolete-packet":
          this.#fill(packet, block.bytes, block.originalLength, block.interfaceIndex, block.timestamp);
          return "packet";
        case "simple-packet": {
          const captured = Math.min(block.originalLength, this.snapLength);
          if (captured > block.bytes.length) throw new SourceFault(tooShort(BlockType.SIMPLE_PACKET));
          this.#fill(packet, block.bytes.subarray(0, captured), block.originalLength, 0, 0n);
          return "packet";
        }
        default:
      }
    }
  }

  #fill(packet: CapturedPacket, bytes: Uint8Array, length: number, index: number, timestamp: bigint): void {
    const from = this.#interfaces[index];
    if (from === undefined) {
      throw new SourceFault(
        `a packet arrived on interface ${index}, but there's no Interface Description Block for that interface`,
      );
    }
    if (bytes.length > this.snapLength) {
      throw new SourceFault(
        `invalid packet capture length ${bytes.length}, bigger than snaplen of ${this.snapLength}`,
      );
    }
    const time = timeOfTimestamp(timestamp, from.resolution, from.offset);
    packet.seconds = time.seconds;
    packet.fraction = this.nanoseconds ? time.nanoseconds : Math.floor(time.nanoseconds / 1000);
    packet.bytes = bytes;
    packet.start = 0;
    packet.captured = bytes.length;
    packet.length = length;
  }

  close(): void {
    this.#reader.close();
  }
}

function truncated(wanted: number, got: number): SourceFault {
  return new SourceFault(`truncated pcapng dump file; tried to read ${wanted} bytes, only got ${got}`);
}

function believable(snapLength: number): number {
  return snapLength === 0 || snapLength > MAXIMUM_SNAPLEN ? MAXIMUM_SNAPLEN : snapLength;
}

/** Reads ahead into the first section header. True: little-endian. */
function sectionOrder(reader: ByteReader): boolean {
  const got = reader.need(12);
  if (got < 12) throw new SourceFault("unknown file format");
  const { bytes, at } = reader;
  const little = readU32LE(bytes, at + 8) === BYTE_ORDER_MAGIC;
  if (!little && readU32BE(bytes, at + 8) !== BYTE_ORDER_MAGIC) throw new SourceFault("unknown file format");
  const length = (little ? readU32LE : readU32BE)(bytes, at + 4);
  if (length < SMALLEST_SECTION || length > LONGEST_SECTION) {
    throw new SourceFault(
      `Section Header Block in pcapng dump file has invalid length ${SMALLEST_SECTION} < _${length}_ < ${LONGEST_SECTION} (BT_SHB_INSANE_MAX)`,
    );
  }
  const there = reader.need(length);
  if (there < length) throw truncated(length - 12, there - 12);
  return little;
}

/** libpcap's words for a block that makes no sense. */
function faultOf(fault: Malformed, bytes: Uint8Array, at: number, little: boolean): string {
  const u16 = little ? readU16LE : readU16BE;
  switch (fault.reason) {
    case "bad-version":
      return `unsupported pcapng savefile version ${u16(bytes, at + 12)}.${u16(bytes, at + 14)}`;
    case "bad-length":
      if (fault.what === "pcapng trailing length")
        return "block total length in header and trailer don't match";
      break;
    default:
  }
  return tooShort((little ? readU32LE : readU32BE)(bytes, at));
}

function tooShort(type: number): string {
  return `block of type ${type} in pcapng dump file is too short`;
}
