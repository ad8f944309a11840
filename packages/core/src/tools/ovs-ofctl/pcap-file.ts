// Capture files as Open vSwitch reads and writes them (lib/pcap-file.c): classic pcap with Ethernet or Linux cooked frames.
// It believes less of a file than libpcap does, and its complaints are other ones.

import { ERRNO } from "../../netlink/errno.ts";
import { hexDump } from "../../ovsproto/openflow/hex-dump.ts";
import { copyBytes, readU16BE, readU32BE, readU32LE } from "../../wire/bytes.ts";
import {
  PCAP_HEADER_LENGTH,
  PCAP_PACKET_HEADER_LENGTH,
  pcapPacketLength,
  writePcapHeader,
  writePcapPacket,
} from "../../wire/pcap.ts";
import { END_OF_FILE } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";

const ETHERNET = 1; // LINKTYPE_ETHERNET
const LINUX_SLL = 113; // LINKTYPE_LINUX_SLL
const MAGIC_MICROSECONDS = 0xa1b2_c3d4;
const MAGIC_NANOSECONDS = 0xa1b2_3c4d;
const MAX_LENGTH = 0xffff;
/** Of the header that is written, whatever the frames' length. */
const SNAP_LENGTH = 1518;

const SLL_HEADER = 16;
const ETHERNET_HEADER = 14;

export interface CapturedFrame {
  readonly bytes: Uint8Array;
  /** Since the epoch. */
  readonly milliseconds: number;
}

/** A file that is read to its end or to what is wrong with it. */
export class PcapReader {
  readonly #ofctl: Ofctl;
  readonly #bytes: Uint8Array;
  readonly #cooked: boolean;
  /** Units of the fraction in a millisecond. */
  readonly #unit: number;
  #at = PCAP_HEADER_LENGTH;

  private constructor(ofctl: Ofctl, bytes: Uint8Array, cooked: boolean, unit: number) {
    this.#ofctl = ofctl;
    this.#bytes = bytes;
    this.#cooked = cooked;
    this.#unit = unit;
  }

  /** @returns the reader, or an errno or END_OF_FILE */
  static open(ofctl: Ofctl, path: string): PcapReader | number {
    const warn = (text: string) => ofctl.log("pcap", "WARN", text);
    const bytes = ofctl.readFile(path);
    if (typeof bytes === "number") {
      warn(`${path}: failed to open pcap file for reading (${ofctl.reason(bytes)})`);
      return bytes;
    }
    if (bytes.length < PCAP_HEADER_LENGTH) {
      warn(`failed to read pcap header: ${ofctl.reason(END_OF_FILE)}`);
      return END_OF_FILE;
    }
    const magic = readU32LE(bytes, 0);
    const swapped = readU32BE(bytes, 0);
    const known = [MAGIC_MICROSECONDS, MAGIC_NANOSECONDS];
    if (!known.includes(magic) && !known.includes(swapped)) {
      const expected = "0xa1b2c3d4, 0xa1b23c4d, 0xd4c3b2a1, or 0x4d3cb2a1";
      warn(`bad magic 0x${magic.toString(16).padStart(8, "0")} reading pcap file (expected ${expected})`);
      return ERRNO.EPROTO;
    }
    const network = (known.includes(magic) ? readU32LE : readU32BE)(bytes, 20);
    if (network !== ETHERNET && network !== LINUX_SLL) {
      warn(`unknown network type ${network} reading pcap file`);
      return ERRNO.EPROTO;
    }
    const nanoseconds = magic === MAGIC_NANOSECONDS || swapped === MAGIC_NANOSECONDS;
    return new PcapReader(ofctl, bytes, network === LINUX_SLL, nanoseconds ? 1_000_000 : 1000);
  }

  /** @returns the next frame, an errno, or END_OF_FILE */
  next(): CapturedFrame | number {
    const bytes = this.#bytes;
    const header = this.#at;
    if (bytes.length - header < PCAP_PACKET_HEADER_LENGTH) return END_OF_FILE;
    let u32 = readU32LE;
    // The byte order is guessed for each frame: lengths have 16 bits.
    if (u32(bytes, header + 8) > MAX_LENGTH) u32 = readU32BE;
    const length = u32(bytes, header + 8);
    if (length > MAX_LENGTH) {
      this.#warn(`bad packet length ${length} or ${readU32LE(bytes, header + 8)} reading pcap file`);
      return ERRNO.EPROTO;
    }
    const start = header + PCAP_PACKET_HEADER_LENGTH;
    if (length === 0 || start + length > bytes.length) {
      this.#warn(`failed to read pcap packet: ${this.#ofctl.reason(END_OF_FILE)}`);
      return END_OF_FILE;
    }
    this.#at = start + length;
    const milliseconds = u32(bytes, header) * 1000 + Math.floor(u32(bytes, header + 4) / this.#unit);
    const frame = bytes.subarray(start, this.#at);
    if (!this.#cooked) return { bytes: frame, milliseconds };
    const ethernet = this.#ethernetOf(frame);
    return ethernet ? { bytes: ethernet, milliseconds } : ERRNO.EPROTO;
  }

  /** A cooked frame tells no destination. */
  #ethernetOf(cooked: Uint8Array): Uint8Array | undefined {
    if (cooked.length < SLL_HEADER) {
      this.#warn("pcap packet too short for SLL header");
      return undefined;
    }
    if (readU16BE(cooked, 4) !== 6) {
      this.#ofctl.process.print(hexDump(cooked.subarray(0, SLL_HEADER), false));
      this.#warn("bad SLL header");
      return undefined;
    }
    const frame = new Uint8Array(ETHERNET_HEADER + cooked.length - SLL_HEADER);
    copyBytes(cooked, 6, frame, 6, 6);
    copyBytes(cooked, 14, frame, 12, cooked.length - 14);
    return frame;
  }

  #warn(text: string): void {
    this.#ofctl.log("pcap", "WARN", text);
  }
}

/** A file of one frame, caught now. */
export function pcapOf(frame: Uint8Array, now: number): Uint8Array {
  const seconds = Math.floor(now / 1e6);
  const packet = {
    time: { seconds, nanoseconds: (now - seconds * 1e6) * 1000 },
    bytes: frame,
    originalLength: frame.length,
  };
  const file = new Uint8Array(PCAP_HEADER_LENGTH + pcapPacketLength(packet));
  writePcapHeader({ resolution: "microseconds", linkType: ETHERNET, snapLength: SNAP_LENGTH }, file, 0);
  writePcapPacket(packet, "microseconds", file, PCAP_HEADER_LENGTH);
  return file;
}
