/**
 * Geneve headers (RFC 8926, 3.4): version, length of options, flags, protocol of what is carried and a 24-bit network
 * identifier, inside UDP. Options follow.
 */
import { readU16BE, readU24BE, readU8, writeU16BE, writeU24BE, writeU8 } from "./bytes.ts";

/** Bytes of the header without options. */
export const GENEVE_HEADER_LENGTH = 8;
/** Port that IANA assigned. */
export const GENEVE_PORT = 6081;
/** Bytes that Geneve adds over IPv4 without options: Ethernet, IPv4, UDP and Geneve headers. */
export const GENEVE_OVERHEAD_V4 = 50;
/** The same over IPv6. */
export const GENEVE_OVERHEAD_V6 = 70;
/** Protocol of an Ethernet frame: transparent Ethernet bridging. */
export const GENEVE_ETHERNET = 0x6558;

export const GENEVE_OAM = 0x80;
export const GENEVE_CRITICAL = 0x40;

export function geneveVersion(buf: Uint8Array, off: number): number {
  return readU8(buf, off) >>> 6;
}

/** Bytes of options behind the header. */
export function geneveOptionsLength(buf: Uint8Array, off: number): number {
  return (readU8(buf, off) & 0x3f) * 4;
}

/** GENEVE_OAM, GENEVE_CRITICAL. */
export function geneveFlags(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 1);
}

export function geneveProtocol(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 2);
}

export function geneveVni(buf: Uint8Array, off: number): number {
  return readU24BE(buf, off + 4);
}

export interface GeneveFields {
  readonly vni: number;
  readonly protocol: number;
  /** GENEVE_OAM, GENEVE_CRITICAL. */
  readonly flags: number;
  /** A multiple of four bytes. */
  readonly options: Uint8Array;
}

/** Writes header and options. Returns the offset of what is carried. */
export function writeGeneveHeader(buf: Uint8Array, off: number, fields: GeneveFields): number {
  const { vni, protocol, flags, options } = fields;
  writeU8(buf, off, options.length / 4);
  writeU8(buf, off + 1, flags);
  writeU16BE(buf, off + 2, protocol);
  writeU24BE(buf, off + 4, vni);
  writeU8(buf, off + 7, 0);
  buf.set(options, off + GENEVE_HEADER_LENGTH);
  return off + GENEVE_HEADER_LENGTH + options.length;
}
