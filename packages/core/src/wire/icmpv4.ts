/**
 * ICMP for IPv4 (RFC 792) in place: types, codes, fields and the checksum. Records of whole messages are in
 * `icmpv4-message.ts`.
 */
import { readU16BE, readU8, writeU16BE, writeU8 } from "./bytes.ts";
import { internetChecksum } from "./checksum.ts";

/** Bytes of type, code, checksum and the four bytes that each type uses in its own way. */
export const ICMP_HEADER_LENGTH = 8;

/** Message types (IANA icmp-parameters). */
export const IcmpType = {
  ECHO_REPLY: 0,
  DESTINATION_UNREACHABLE: 3,
  SOURCE_QUENCH: 4,
  REDIRECT: 5,
  ECHO_REQUEST: 8,
  ROUTER_ADVERTISEMENT: 9,
  ROUTER_SOLICITATION: 10,
  TIME_EXCEEDED: 11,
  PARAMETER_PROBLEM: 12,
  TIMESTAMP: 13,
  TIMESTAMP_REPLY: 14,
  INFORMATION_REQUEST: 15,
  INFORMATION_REPLY: 16,
  ADDRESS_MASK_REQUEST: 17,
  ADDRESS_MASK_REPLY: 18,
} as const;

/** Codes of destination unreachable (RFC 792; RFC 1122, 3.2.2.1; RFC 1812, 5.2.7.1). */
export const IcmpUnreachable = {
  NET: 0,
  HOST: 1,
  PROTOCOL: 2,
  PORT: 3,
  FRAGMENTATION_NEEDED: 4,
  SOURCE_ROUTE_FAILED: 5,
  NET_UNKNOWN: 6,
  HOST_UNKNOWN: 7,
  HOST_ISOLATED: 8,
  NET_PROHIBITED: 9,
  HOST_PROHIBITED: 10,
  NET_FOR_TOS: 11,
  HOST_FOR_TOS: 12,
  COMMUNICATION_PROHIBITED: 13,
  PRECEDENCE_VIOLATION: 14,
  PRECEDENCE_CUTOFF: 15,
} as const;

export const IcmpRedirect = { NET: 0, HOST: 1, NET_FOR_TOS: 2, HOST_FOR_TOS: 3 } as const;
export const IcmpTimeExceeded = { TTL: 0, REASSEMBLY: 1 } as const;

export function icmpType(buf: Uint8Array, off: number): number {
  return readU8(buf, off);
}

export function icmpCode(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 1);
}

/** Identifier of echo, timestamp, information and address mask messages. */
export function icmpId(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 4);
}

export function icmpSequence(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 6);
}

export function setIcmpType(buf: Uint8Array, off: number, type: number): void {
  writeU8(buf, off, type);
}

/** Computes and stores the checksum of the message in `[off, end)`. */
export function fillIcmpChecksum(buf: Uint8Array, off: number, end: number): void {
  writeU16BE(buf, off + 2, 0);
  writeU16BE(buf, off + 2, internetChecksum(buf, off, end));
}

export function icmpChecksumOk(buf: Uint8Array, off: number, end: number): boolean {
  return internetChecksum(buf, off, end) === 0;
}

/** An error message (RFC 1122, 3.2.2), about which no error may be sent. */
export function isIcmpError(type: number): boolean {
  return (
    (type >= IcmpType.DESTINATION_UNREACHABLE && type <= IcmpType.REDIRECT) ||
    type === IcmpType.TIME_EXCEEDED ||
    type === IcmpType.PARAMETER_PROBLEM
  );
}
