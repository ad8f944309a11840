/**
 * GRE headers (RFC 2784, 2; key and sequence number of RFC 2890): flags and the protocol of what is carried, then the optional
 * fields that the flags announce.
 */
import { readU16BE, readU32BE, writeU16BE, writeU32BE } from "./bytes.ts";
import { internetChecksum } from "./checksum.ts";

export const GRE_CHECKSUM = 0x8000;
export const GRE_ROUTING = 0x4000;
export const GRE_KEY = 0x2000;
export const GRE_SEQUENCE = 0x1000;
const GRE_VERSION = 0x0007;

/** Protocol of an Ethernet frame: transparent Ethernet bridging. */
export const GRE_ETHERNET = 0x6558;

/** Bytes of a header with these flags (gre_calc_hlen). */
export function greHeaderLength(flags: number): number {
  return 4 + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0) + (flags & GRE_SEQUENCE ? 4 : 0);
}

export interface GreHeader {
  /** GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE. */
  readonly flags: number;
  readonly protocol: number;
  readonly key: number;
  readonly sequence: number;
  readonly length: number;
}

/** gre_parse_header(): undefined for another version, source routes, a wrong checksum, or too few bytes. */
export function readGreHeader(buf: Uint8Array, off: number, end: number): GreHeader | undefined {
  if (end - off < 4) return undefined;
  const flags = readU16BE(buf, off);
  if (flags & (GRE_ROUTING | GRE_VERSION)) return undefined;
  const length = greHeaderLength(flags);
  if (end - off < length) return undefined;
  let at = off + 4;
  if (flags & GRE_CHECKSUM) {
    if (internetChecksum(buf, off, end) !== 0) return undefined;
    at += 4;
  }
  let key = 0;
  if (flags & GRE_KEY) {
    key = readU32BE(buf, at);
    at += 4;
  }
  const sequence = flags & GRE_SEQUENCE ? readU32BE(buf, at) : 0;
  return { flags, protocol: readU16BE(buf, off + 2), key, sequence, length };
}

/** Writes a header at `off`; what it carries is behind it already, up to `end`. */
export function writeGreHeader(
  buf: Uint8Array,
  off: number,
  end: number,
  { flags, protocol, key, sequence }: Omit<GreHeader, "length">,
): void {
  writeU16BE(buf, off, flags);
  writeU16BE(buf, off + 2, protocol);
  let at = off + 4;
  if (flags & GRE_CHECKSUM) {
    writeU32BE(buf, at, 0);
    at += 4;
  }
  if (flags & GRE_KEY) {
    writeU32BE(buf, at, key);
    at += 4;
  }
  if (flags & GRE_SEQUENCE) writeU32BE(buf, at, sequence);
  if (flags & GRE_CHECKSUM) writeU16BE(buf, off + 4, internetChecksum(buf, off, end));
}
