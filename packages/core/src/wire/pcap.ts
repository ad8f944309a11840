/**
 * The classic capture file that `tcpdump -w` writes (draft-ietf-opsawg-pcap): a header of 24 bytes, then packets. Files
 * of both byte orders and of both resolutions are read; little-endian is written.
 */
import { copyBytes, readU16BE, readU16LE, readU32BE, readU32LE, writeU16LE, writeU32LE } from "./bytes.ts";
import type { CapturePacket } from "./capture-packet.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of the file header and of a packet's header. */
export const PCAP_HEADER_LENGTH = 24;
export const PCAP_PACKET_HEADER_LENGTH = 16;

const MAGIC_MICROSECONDS = 0xa1b2_c3d4;
const MAGIC_NANOSECONDS = 0xa1b2_3c4d;

/** Largest snapshot that is believed; beyond it a file is taken for corrupt, as libpcap does. */
const MAX_CAPTURED = 262_144;

export type PcapResolution = "microseconds" | "nanoseconds";

export interface PcapHeader {
  readonly resolution: PcapResolution;
  readonly littleEndian: boolean;
  readonly snapLength: number;
  readonly linkType: number;
}

/** Writes the file header. Returns the offset after it. */
export function writePcapHeader(
  header: Omit<PcapHeader, "littleEndian">,
  buf: Uint8Array,
  off: number,
): number {
  writeU32LE(buf, off, header.resolution === "microseconds" ? MAGIC_MICROSECONDS : MAGIC_NANOSECONDS);
  writeU16LE(buf, off + 4, 2);
  writeU16LE(buf, off + 6, 4);
  // Time zone and accuracy, which nobody uses.
  writeU32LE(buf, off + 8, 0);
  writeU32LE(buf, off + 12, 0);
  writeU32LE(buf, off + 16, header.snapLength);
  writeU32LE(buf, off + 20, header.linkType);
  return off + PCAP_HEADER_LENGTH;
}

export function pcapPacketLength(packet: CapturePacket): number {
  return PCAP_PACKET_HEADER_LENGTH + packet.bytes.length;
}

/** Writes a packet with its header. Returns the offset after it. */
export function writePcapPacket(
  packet: CapturePacket,
  resolution: PcapResolution,
  buf: Uint8Array,
  off: number,
): number {
  const { seconds, nanoseconds } = packet.time;
  writeU32LE(buf, off, seconds);
  writeU32LE(buf, off + 4, resolution === "microseconds" ? Math.floor(nanoseconds / 1000) : nanoseconds);
  writeU32LE(buf, off + 8, packet.bytes.length);
  writeU32LE(buf, off + 12, packet.originalLength);
  copyBytes(packet.bytes, 0, buf, off + PCAP_PACKET_HEADER_LENGTH, packet.bytes.length);
  return off + pcapPacketLength(packet);
}

export function decodePcapHeader(buf: Uint8Array, off: number, end: number): Decoded<PcapHeader> {
  if (end - off < PCAP_HEADER_LENGTH) return new Malformed("truncated", off, "pcap file header");
  for (const littleEndian of [true, false]) {
    const magic = littleEndian ? readU32LE(buf, off) : readU32BE(buf, off);
    if (magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS) continue;
    const u16 = littleEndian ? readU16LE : readU16BE;
    const u32 = littleEndian ? readU32LE : readU32BE;
    if (u16(buf, off + 4) !== 2) return new Malformed("bad-version", off + 4, "pcap version");
    return {
      resolution: magic === MAGIC_MICROSECONDS ? "microseconds" : "nanoseconds",
      littleEndian,
      snapLength: u32(buf, off + 16),
      // The upper bits tell about a frame check sequence.
      linkType: u32(buf, off + 20) & 0xffff,
    };
  }
  return new Malformed("bad-type", off, "pcap magic number");
}

/** Decodes the packet at `off` of a file with this header; the next one starts `pcapPacketLength` further on. */
export function decodePcapPacket(
  header: PcapHeader,
  buf: Uint8Array,
  off: number,
  end: number,
): Decoded<CapturePacket> {
  if (end - off < PCAP_PACKET_HEADER_LENGTH) return new Malformed("truncated", off, "pcap packet header");
  const u32 = header.littleEndian ? readU32LE : readU32BE;
  const unit = header.resolution === "microseconds" ? 1000 : 1;
  const fraction = u32(buf, off + 4) * unit;
  if (fraction >= 1e9) return new Malformed("bad-value", off + 4, "pcap packet time");
  const captured = u32(buf, off + 8);
  if (captured > Math.max(MAX_CAPTURED, header.snapLength)) {
    return new Malformed("bad-length", off + 8, "pcap captured length");
  }
  const start = off + PCAP_PACKET_HEADER_LENGTH;
  if (start + captured > end) return new Malformed("truncated", off + 8, "pcap captured length");
  return {
    time: { seconds: u32(buf, off), nanoseconds: fraction },
    originalLength: u32(buf, off + 12),
    bytes: buf.subarray(start, start + captured),
  };
}
