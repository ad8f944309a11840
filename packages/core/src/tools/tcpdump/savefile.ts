// `-r`: a capture file as a source of packets. The classic pcap format, of both byte orders and resolutions and with the larger
// packet headers of Kuznetzov's patch; errors as libpcap 1.10 tells them.

import type { OpenFile } from "../../system/files.ts";
import { readU16BE, readU16LE, readU32BE, readU32LE } from "../../wire/bytes.ts";
import { DLT, dltOfLinkType } from "../../wire/link-types.ts";
import { ByteReader } from "./byte-reader.ts";
import { isPcapng, PcapngFile } from "./pcapng-savefile.ts";
import type { PacketSource } from "./packet-source.ts";
import { SourceFault } from "./packet-source.ts";
import type { CapturedPacket } from "./print/packet.ts";

const MICROSECONDS = 0xa1b2_c3d4;
const NANOSECONDS = 0xa1b2_3c4d;
const KUZNETZOV = 0xa1b2_cd34;
const MAGIC_LENGTH = 4;
const HEADER_LENGTH = 24;
const ETHERNET_HEADER = 14; // bytes, by which these files are longer than they say
const PACKET_HEADER_LENGTH = 16;
const KUZNETZOV_PACKET_HEADER_LENGTH = 24;
const MAXIMUM_SNAPLEN = 262_144;
const LARGEST_SNAPLEN = 0x7fff_ffff;

class PcapFile implements PacketSource {
  readonly linkType: number;
  snapLength: number;
  readonly nanoseconds: boolean;
  readonly swapped: boolean;
  readonly #reader: ByteReader;
  readonly #little: boolean;
  readonly #headerLength: number;
  /** Lengths are swapped in files of some old versions. */
  readonly #swapped: "never" | "maybe" | "always";
  /** File's fraction to ours. */
  readonly #scale: number;

  constructor(reader: ByteReader, little: boolean, magic: number, nanoseconds: boolean) {
    const { bytes, at } = reader;
    const u16 = little ? readU16LE : readU16BE;
    const u32 = little ? readU32LE : readU32BE;
    const major = u16(bytes, at + 4);
    const minor = u16(bytes, at + 6);
    if (major < 2) throw new SourceFault(`archaic pcap savefile format`);
    if (major !== 2 || minor > 4) {
      if (!(major === 543 && minor === 0)) {
        throw new SourceFault(`unsupported pcap savefile version ${major}.${minor}`);
      }
    }
    this.#swapped = minor < 3 ? "always" : minor === 3 ? "maybe" : "never";
    const snap = u32(bytes, at + 16);
    this.snapLength = snap === 0 || snap > LARGEST_SNAPLEN ? MAXIMUM_SNAPLEN : snap;
    const type = u32(bytes, at + 20) & 0x03ff_ffff;
    this.linkType = dltOfLinkType(type);
    this.nanoseconds = nanoseconds;
    this.#scale = magic === NANOSECONDS ? (nanoseconds ? 1 : 1e-3) : nanoseconds ? 1000 : 1;
    this.#reader = reader;
    this.#little = little;
    this.swapped = !little;
    if (magic === KUZNETZOV && this.linkType === DLT.EN10MB) {
      this.snapLength = Math.min(this.snapLength + ETHERNET_HEADER, LARGEST_SNAPLEN);
    }
    this.#headerLength = magic === KUZNETZOV ? KUZNETZOV_PACKET_HEADER_LENGTH : PACKET_HEADER_LENGTH;
    reader.at += HEADER_LENGTH;
  }

  next(packet: CapturedPacket): "packet" | "end" {
    const reader = this.#reader;
    const headerLength = this.#headerLength;
    const got = reader.need(headerLength);
    if (got === 0) return "end";
    if (got < headerLength) {
      throw new SourceFault(
        `truncated dump file; tried to read ${headerLength} header bytes, only got ${got}`,
      );
    }
    const u32 = this.#little ? readU32LE : readU32BE;
    const { bytes, at } = reader;
    packet.seconds = u32(bytes, at);
    const fraction = u32(bytes, at + 4);
    packet.fraction = this.#scale < 1 ? Math.floor(fraction / 1000) : fraction * this.#scale;
    let captured = u32(bytes, at + 8);
    let length = u32(bytes, at + 12);
    if (this.#swapped === "always" || (this.#swapped === "maybe" && captured > length)) {
      [captured, length] = [length, captured];
    }
    if (captured > MAXIMUM_SNAPLEN) {
      const limit =
        captured > this.snapLength ? `snaplen of ${this.snapLength}` : `maximum of ${MAXIMUM_SNAPLEN}`;
      throw new SourceFault(`invalid packet capture length ${captured}, bigger than ${limit}`);
    }
    reader.at += headerLength;
    const there = reader.need(captured);
    if (there < captured) {
      throw new SourceFault(
        `truncated dump file; tried to read ${captured} captured bytes, only got ${there}`,
      );
    }
    packet.bytes = reader.bytes;
    packet.start = reader.at;
    packet.captured = Math.min(captured, this.snapLength);
    packet.length = length;
    reader.at += captured;
    return "packet";
  }

  close(): void {
    this.#reader.close();
  }
}

/** Opens a capture file that `file` reads. Throws SourceFault. */
export function openSavefile(file: Pick<OpenFile, "read" | "close">, nanoseconds: boolean): PacketSource {
  const reader = new ByteReader(file);
  const first = reader.need(MAGIC_LENGTH);
  if (first < MAGIC_LENGTH) {
    throw new SourceFault(
      `truncated dump file; tried to read ${MAGIC_LENGTH} file header bytes, only got ${first}`,
    );
  }
  if (isPcapng(reader)) return new PcapngFile(reader, nanoseconds);
  for (const little of [true, false]) {
    const magic = (little ? readU32LE : readU32BE)(reader.bytes, reader.at);
    if (magic !== MICROSECONDS && magic !== NANOSECONDS && magic !== KUZNETZOV) continue;
    const got = reader.need(HEADER_LENGTH);
    if (got < HEADER_LENGTH) {
      throw new SourceFault(
        `truncated dump file; tried to read ${HEADER_LENGTH} file header bytes, only got ${got - MAGIC_LENGTH}`,
      );
    }
    return new PcapFile(reader, little, magic, nanoseconds);
  }
  throw new SourceFault("unknown file format");
}
