/**
 * IPv6 packets (RFC 8200): fields in place, and records. Extension headers are part of the payload here;
 * `ipv6-extensions.ts` walks them.
 */
import { copyBytes, readU16BE, readU24BE, readU8 } from "./bytes.ts";
import { writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { addToSum } from "./checksum.ts";
import { readIpv6Address, writeIpv6Address } from "./ipv6-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of the fixed header. */
export const IPV6_HEADER_LENGTH = 40;
/** Smallest MTU of a link (RFC 8200, 5), in bytes. */
export const IPV6_MIN_MTU = 1280;
/** Offsets of the addresses in the header, for comparing and copying in place. */
export const IPV6_SOURCE_OFFSET = 8;
export const IPV6_DESTINATION_OFFSET = 24;

export function ipv6Version(buf: Uint8Array, off: number): number {
  return readU8(buf, off) >>> 4;
}

export function ipv6TrafficClass(buf: Uint8Array, off: number): number {
  return (readU16BE(buf, off) >>> 4) & 0xff;
}

/** 20 bits. */
export function ipv6FlowLabel(buf: Uint8Array, off: number): number {
  return readU24BE(buf, off + 1) & 0xf_ffff;
}

/** Bytes after the fixed header, extension headers included. */
export function ipv6PayloadLength(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 4);
}

export function ipv6NextHeader(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 6);
}

export function ipv6HopLimit(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 7);
}

export function ipv6Source(buf: Uint8Array, off: number): Ipv6Address {
  return readIpv6Address(buf, off + IPV6_SOURCE_OFFSET);
}

export function ipv6Destination(buf: Uint8Array, off: number): Ipv6Address {
  return readIpv6Address(buf, off + IPV6_DESTINATION_OFFSET);
}

/** Whether the destination is a group, without reading the address. */
export function isIpv6MulticastAt(buf: Uint8Array, off: number): boolean {
  return readU8(buf, off + IPV6_DESTINATION_OFFSET) === 0xff;
}

export function setIpv6PayloadLength(buf: Uint8Array, off: number, length: number): void {
  writeU16BE(buf, off + 4, length);
}

export function setIpv6NextHeader(buf: Uint8Array, off: number, nextHeader: number): void {
  writeU8(buf, off + 6, nextHeader);
}

export function setIpv6HopLimit(buf: Uint8Array, off: number, hopLimit: number): void {
  writeU8(buf, off + 7, hopLimit);
}

export function setIpv6TrafficClass(buf: Uint8Array, off: number, trafficClass: number): void {
  writeU16BE(buf, off, (readU16BE(buf, off) & 0xf00f) | (trafficClass << 4));
}

export function setIpv6Source(buf: Uint8Array, off: number, address: Ipv6Address): void {
  writeIpv6Address(buf, off + IPV6_SOURCE_OFFSET, address);
}

export function setIpv6Destination(buf: Uint8Array, off: number, address: Ipv6Address): void {
  writeIpv6Address(buf, off + IPV6_DESTINATION_OFFSET, address);
}

/**
 * The unfolded pseudo-header sum of a packet, taken from its addresses in place (RFC 8200, 8.1).
 * @param protocol of the upper layer, which is not the next header when there are extension headers
 * @param length bytes of the upper-layer packet
 */
export function ipv6PseudoSumAt(buf: Uint8Array, off: number, protocol: number, length: number): number {
  return addToSum(protocol + length, buf, off + IPV6_SOURCE_OFFSET, off + IPV6_HEADER_LENGTH);
}

/** Header fields of a record; the payload length follows from the payload. */
export interface Ipv6Header {
  readonly trafficClass: number;
  readonly flowLabel: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6Address;
  readonly destination: Ipv6Address;
}

/** A packet. `payload` is a view into the decoded buffer, extension headers included. */
export interface Ipv6Packet extends Ipv6Header {
  readonly payload: Uint8Array;
}

/**
 * `undefined` when version and length agree with the bytes, which is what the field functions need. A jumbogram
 * (RFC 2675) has length 0 and passes as an empty packet.
 */
export function checkIpv6(buf: Uint8Array, off: number, end: number): Malformed | undefined {
  if (end - off < IPV6_HEADER_LENGTH) return new Malformed("truncated", off, "IPv6 header");
  if (ipv6Version(buf, off) !== 6) return new Malformed("bad-version", off, "IPv6 version");
  if (off + IPV6_HEADER_LENGTH + ipv6PayloadLength(buf, off) > end) {
    return new Malformed("truncated", off + 4, "IPv6 payload length");
  }
  return undefined;
}

/** The fixed header alone; for a packet quoted in an ICMPv6 error, whose payload is cut off. */
export function decodeIpv6Header(buf: Uint8Array, off: number, end: number): Decoded<Ipv6Header> {
  if (end - off < IPV6_HEADER_LENGTH) return new Malformed("truncated", off, "IPv6 header");
  if (ipv6Version(buf, off) !== 6) return new Malformed("bad-version", off, "IPv6 version");
  return {
    trafficClass: ipv6TrafficClass(buf, off),
    flowLabel: ipv6FlowLabel(buf, off),
    nextHeader: ipv6NextHeader(buf, off),
    hopLimit: ipv6HopLimit(buf, off),
    source: ipv6Source(buf, off),
    destination: ipv6Destination(buf, off),
  };
}

export function decodeIpv6(buf: Uint8Array, off: number, end: number): Decoded<Ipv6Packet> {
  const bad = checkIpv6(buf, off, end);
  if (bad !== undefined) return bad;
  const header = decodeIpv6Header(buf, off, end);
  if (header instanceof Malformed) return header;
  const start = off + IPV6_HEADER_LENGTH;
  return { ...header, payload: buf.subarray(start, start + ipv6PayloadLength(buf, off)) };
}

export function ipv6Length(packet: Ipv6Packet): number {
  return IPV6_HEADER_LENGTH + packet.payload.length;
}

/**
 * Writes the fixed header.
 * @param payloadLength bytes that the caller puts after it
 * @returns the offset of the payload
 */
export function writeIpv6Header(
  header: Ipv6Header,
  payloadLength: number,
  buf: Uint8Array,
  off: number,
): number {
  writeU32BE(buf, off, (6 << 28) | (header.trafficClass << 20) | header.flowLabel);
  writeU16BE(buf, off + 4, payloadLength);
  writeU8(buf, off + 6, header.nextHeader);
  writeU8(buf, off + 7, header.hopLimit);
  writeIpv6Address(buf, off + IPV6_SOURCE_OFFSET, header.source);
  writeIpv6Address(buf, off + IPV6_DESTINATION_OFFSET, header.destination);
  return off + IPV6_HEADER_LENGTH;
}

/** Returns the offset after the packet. */
export function writeIpv6(packet: Ipv6Packet, buf: Uint8Array, off: number): number {
  const start = writeIpv6Header(packet, packet.payload.length, buf, off);
  copyBytes(packet.payload, 0, buf, start, packet.payload.length);
  return start + packet.payload.length;
}
