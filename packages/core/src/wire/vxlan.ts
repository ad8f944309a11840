/**
 * VXLAN headers (RFC 7348, 5): flags and a 24-bit network identifier before an Ethernet frame, inside UDP.
 */
import { readU24BE, readU8, writeU24BE, writeU32BE, writeU8 } from "./bytes.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of the header. */
export const VXLAN_HEADER_LENGTH = 8;
/** Port that IANA assigned; Linux defaults to 8472 unless told. */
export const VXLAN_PORT = 4789;
/** Bytes that VXLAN adds over IPv4: Ethernet, IPv4, UDP and VXLAN headers. */
export const VXLAN_OVERHEAD_V4 = 50;
/** The same over IPv6. */
export const VXLAN_OVERHEAD_V6 = 70;
/** The I flag: the network identifier is valid. */
export const VXLAN_FLAG_VNI = 0x08;

export function vxlanFlags(buf: Uint8Array, off: number): number {
  return readU8(buf, off);
}

/** Network identifier, 24 bits. */
export function vxlanVni(buf: Uint8Array, off: number): number {
  return readU24BE(buf, off + 4);
}

/** Writes a header with the I flag. Returns the offset of the inner frame. */
export function writeVxlanHeader(buf: Uint8Array, off: number, vni: number): number {
  writeU32BE(buf, off, VXLAN_FLAG_VNI << 24);
  writeU24BE(buf, off + 4, vni);
  writeU8(buf, off + 7, 0);
  return off + VXLAN_HEADER_LENGTH;
}

/** `frame` is a view into the decoded buffer. */
export interface VxlanPacket {
  readonly vni: number;
  readonly frame: Uint8Array;
}

/** Refuses a header without the I flag; the other flags and reserved fields are ignored (RFC 7348, 5). */
export function decodeVxlan(buf: Uint8Array, off: number, end: number): Decoded<VxlanPacket> {
  if (end - off < VXLAN_HEADER_LENGTH) return new Malformed("truncated", off, "VXLAN header");
  if ((vxlanFlags(buf, off) & VXLAN_FLAG_VNI) === 0) return new Malformed("bad-value", off, "VXLAN flags");
  return { vni: vxlanVni(buf, off), frame: buf.subarray(off + VXLAN_HEADER_LENGTH, end) };
}
