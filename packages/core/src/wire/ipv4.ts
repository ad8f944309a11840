/**
 * IPv4 packets (RFC 791): fields in place, and records. Options are raw bytes here; `ipv4-options.ts` reads them.
 *
 * Decoding does not judge the checksum: a receiver asks `ipv4ChecksumOk`, so that it can name its own reason to drop,
 * and a sniffer can still show the packet.
 */
import { copyBytes, readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { internetChecksum } from "./checksum.ts";
import type { Ipv4Address } from "./ipv4-address.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of a header without options. */
export const IPV4_MIN_HEADER = 20;
/** Bytes of the longest header, 40 bytes of options included. */
export const IPV4_MAX_HEADER = 60;
/** Largest total length, in bytes. */
export const IPV4_MAX_PACKET = 0xffff;

/** Flags of the fragment field, in place (RFC 791, 3.1). */
export const IPV4_DONT_FRAGMENT = 0x4000;
export const IPV4_MORE_FRAGMENTS = 0x2000;
/** Fragment offset in units of 8 bytes. */
export const IPV4_FRAGMENT_MASK = 0x1fff;

export function ipv4Version(buf: Uint8Array, off: number): number {
  return readU8(buf, off) >>> 4;
}

/** Bytes of the header, options included. */
export function ipv4HeaderLength(buf: Uint8Array, off: number): number {
  return (readU8(buf, off) & 0xf) << 2;
}

/** The former type-of-service byte: DSCP and ECN (RFC 2474, RFC 3168). */
export function ipv4Tos(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 1);
}

/** Bytes of header and payload. */
export function ipv4TotalLength(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 2);
}

export function ipv4Id(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 4);
}

/** Flags and fragment offset together: see IPV4_DONT_FRAGMENT and its neighbours. */
export function ipv4FragmentField(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 6);
}

/** Any fragment, the first and the last included. */
export function isIpv4Fragment(buf: Uint8Array, off: number): boolean {
  return (readU16BE(buf, off + 6) & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_MASK)) !== 0;
}

/** Bytes before this fragment's payload in the whole packet's payload. */
export function ipv4FragmentOffset(buf: Uint8Array, off: number): number {
  return (readU16BE(buf, off + 6) & IPV4_FRAGMENT_MASK) << 3;
}

export function ipv4Ttl(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 8);
}

export function ipv4Protocol(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 9);
}

export function ipv4Checksum(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 10);
}

export function ipv4Source(buf: Uint8Array, off: number): Ipv4Address {
  return readU32BE(buf, off + 12);
}

export function ipv4Destination(buf: Uint8Array, off: number): Ipv4Address {
  return readU32BE(buf, off + 16);
}

export function setIpv4Tos(buf: Uint8Array, off: number, tos: number): void {
  writeU8(buf, off + 1, tos);
}

export function setIpv4TotalLength(buf: Uint8Array, off: number, length: number): void {
  writeU16BE(buf, off + 2, length);
}

export function setIpv4Id(buf: Uint8Array, off: number, id: number): void {
  writeU16BE(buf, off + 4, id);
}

export function setIpv4FragmentField(buf: Uint8Array, off: number, field: number): void {
  writeU16BE(buf, off + 6, field);
}

export function setIpv4Ttl(buf: Uint8Array, off: number, ttl: number): void {
  writeU8(buf, off + 8, ttl);
}

export function setIpv4Source(buf: Uint8Array, off: number, address: Ipv4Address): void {
  writeU32BE(buf, off + 12, address);
}

export function setIpv4Destination(buf: Uint8Array, off: number, address: Ipv4Address): void {
  writeU32BE(buf, off + 16, address);
}

/** Computes and stores the header checksum. */
export function fillIpv4Checksum(buf: Uint8Array, off: number): void {
  writeU16BE(buf, off + 10, 0);
  writeU16BE(buf, off + 10, internetChecksum(buf, off, off + ipv4HeaderLength(buf, off)));
}

export function ipv4ChecksumOk(buf: Uint8Array, off: number): boolean {
  return internetChecksum(buf, off, off + ipv4HeaderLength(buf, off)) === 0;
}

/**
 * Takes one from the time to live and adjusts the checksum, as Linux does when it forwards: adding 0x0100 with an
 * end-around carry (RFC 1141), which leaves 0 where a full computation could leave 0xffff.
 */
export function decrementIpv4Ttl(buf: Uint8Array, off: number): void {
  const sum = readU16BE(buf, off + 10) + 0x0100;
  writeU16BE(buf, off + 10, sum + (sum >= 0xffff ? 1 : 0));
  writeU8(buf, off + 8, readU8(buf, off + 8) - 1);
}

/** Header fields of a record; the lengths follow from `options` and the payload, the checksum from all. */
export interface Ipv4Header {
  readonly tos: number;
  readonly id: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** Bytes, a multiple of 8. */
  readonly fragmentOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  /** Raw option bytes with their padding: a multiple of 4, at most 40. */
  readonly options: Uint8Array;
}

/** A packet. `options` and `payload` are views into the decoded buffer. */
export interface Ipv4Packet extends Ipv4Header {
  readonly payload: Uint8Array;
}

/** No options. */
export const NO_OPTIONS: Uint8Array = new Uint8Array(0);

/** `undefined` when version and lengths agree with the bytes, which is what the field functions need. */
export function checkIpv4(buf: Uint8Array, off: number, end: number): Malformed | undefined {
  if (end - off < IPV4_MIN_HEADER) return new Malformed("truncated", off, "IPv4 header");
  if (ipv4Version(buf, off) !== 4) return new Malformed("bad-version", off, "IPv4 version");
  const headerLength = ipv4HeaderLength(buf, off);
  if (headerLength < IPV4_MIN_HEADER) return new Malformed("bad-header-length", off, "IPv4 header length");
  if (off + headerLength > end) return new Malformed("truncated", off, "IPv4 options");
  const totalLength = ipv4TotalLength(buf, off);
  if (totalLength < headerLength) return new Malformed("bad-length", off + 2, "IPv4 total length");
  if (off + totalLength > end) return new Malformed("truncated", off + 2, "IPv4 total length");
  return undefined;
}

/** The header alone; for a packet quoted in an ICMP error, whose payload is cut off. */
export function decodeIpv4Header(buf: Uint8Array, off: number, end: number): Decoded<Ipv4Header> {
  if (end - off < IPV4_MIN_HEADER) return new Malformed("truncated", off, "IPv4 header");
  if (ipv4Version(buf, off) !== 4) return new Malformed("bad-version", off, "IPv4 version");
  const headerLength = ipv4HeaderLength(buf, off);
  if (headerLength < IPV4_MIN_HEADER) return new Malformed("bad-header-length", off, "IPv4 header length");
  if (off + headerLength > end) return new Malformed("truncated", off, "IPv4 options");
  const fragment = ipv4FragmentField(buf, off);
  return {
    tos: ipv4Tos(buf, off),
    id: ipv4Id(buf, off),
    dontFragment: (fragment & IPV4_DONT_FRAGMENT) !== 0,
    moreFragments: (fragment & IPV4_MORE_FRAGMENTS) !== 0,
    fragmentOffset: (fragment & IPV4_FRAGMENT_MASK) << 3,
    ttl: ipv4Ttl(buf, off),
    protocol: ipv4Protocol(buf, off),
    source: ipv4Source(buf, off),
    destination: ipv4Destination(buf, off),
    options: buf.subarray(off + IPV4_MIN_HEADER, off + headerLength),
  };
}

export function decodeIpv4(buf: Uint8Array, off: number, end: number): Decoded<Ipv4Packet> {
  const bad = checkIpv4(buf, off, end);
  if (bad !== undefined) return bad;
  const header = decodeIpv4Header(buf, off, end);
  if (header instanceof Malformed) return header;
  const payload = buf.subarray(off + ipv4HeaderLength(buf, off), off + ipv4TotalLength(buf, off));
  return { ...header, payload };
}

export function ipv4HeaderLengthOf(header: Ipv4Header): number {
  return IPV4_MIN_HEADER + header.options.length;
}

export function ipv4Length(packet: Ipv4Packet): number {
  return ipv4HeaderLengthOf(packet) + packet.payload.length;
}

/**
 * Writes a header with lengths and checksum.
 * @param payloadLength bytes that the caller puts after the header
 * @returns the offset of the payload
 */
export function writeIpv4Header(
  header: Ipv4Header,
  payloadLength: number,
  buf: Uint8Array,
  off: number,
): number {
  const headerLength = ipv4HeaderLengthOf(header);
  writeU8(buf, off, 0x40 | (headerLength >>> 2));
  writeU8(buf, off + 1, header.tos);
  writeU16BE(buf, off + 2, headerLength + payloadLength);
  writeU16BE(buf, off + 4, header.id);
  const flags =
    (header.dontFragment ? IPV4_DONT_FRAGMENT : 0) | (header.moreFragments ? IPV4_MORE_FRAGMENTS : 0);
  writeU16BE(buf, off + 6, flags | (header.fragmentOffset >>> 3));
  writeU8(buf, off + 8, header.ttl);
  writeU8(buf, off + 9, header.protocol);
  writeU32BE(buf, off + 12, header.source);
  writeU32BE(buf, off + 16, header.destination);
  copyBytes(header.options, 0, buf, off + IPV4_MIN_HEADER, header.options.length);
  fillIpv4Checksum(buf, off);
  return off + headerLength;
}

/** Returns the offset after the packet. */
export function writeIpv4(packet: Ipv4Packet, buf: Uint8Array, off: number): number {
  const start = writeIpv4Header(packet, packet.payload.length, buf, off);
  copyBytes(packet.payload, 0, buf, start, packet.payload.length);
  return start + packet.payload.length;
}
