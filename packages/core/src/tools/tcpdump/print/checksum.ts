// Internet checksums (RFC 1071) over captured bytes, with the pseudo-headers of IPv4 and IPv6, and the value that would be right.

import { readU16BE, readU8 } from "../../../wire/bytes.ts";
import type { Dissector } from "./dissector.ts";

const ROUTING = 43;
const HOP_BY_HOP = 0;
const DESTINATION = 60;
const FRAGMENT = 44;
const IPV6_HEADER = 40;

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x1_0000);
  return folded;
}

function add(bytes: Uint8Array, at: number, length: number): number {
  let sum = 0;
  const even = at + (length & ~1);
  for (let index = at; index < even; index += 2) sum += readU16BE(bytes, index);
  if ((length & 1) === 1) sum += readU8(bytes, even) << 8;
  return sum;
}

/** 0 if the checksum within these bytes is right. */
export function checksum(d: Dissector, at: number, length: number): number {
  return ~fold(add(d.bytes, at, length)) & 0xffff;
}

/** The checksum that should stand where `found` stands, if the sum over everything came out as `sum`. */
export function rightChecksum(found: number, sum: number): number {
  const shown = (sum & 0xffff) + found;
  return (shown & 0xffff) + (shown >>> 16);
}

/** Where the packet really goes: the last hop of a source route option. Returns an offset. */
function finalDestination4(d: Dissector, header: number): number {
  const destination = header + 16;
  let at = header + 20;
  let length = (d.u8(header) & 15) * 4 - 20;
  while (length > 0) {
    if (!d.has(at, 1)) return destination;
    const type = d.u8(at);
    if (type === 0) break;
    let size = 1;
    if (type !== 1) {
      size = d.u8(at + 1);
      if (size < 2) break;
    }
    if (length < size || !d.has(at, size)) return destination;
    if ((type === 131 || type === 137) && size >= 7) return at + size - 4;
    at += size;
    length -= size;
  }
  return destination;
}

/** Checksum of TCP, UDP and the like over IPv4: 0 if right. `covered`: how many bytes of `length` it covers. */
export function checksum4(
  d: Dissector,
  header: number,
  at: number,
  length: number,
  covered: number,
  protocol: number,
): number {
  const destination = (d.u8(header) & 15) === 5 ? header + 16 : finalDestination4(d, header);
  const pseudo = add(d.bytes, header + 12, 4) + add(d.bytes, destination, 4) + protocol + (length & 0xffff);
  return ~fold(pseudo + add(d.bytes, at, covered)) & 0xffff;
}

/** Where an IPv6 packet really goes: the last address of a routing header. Returns an offset. */
function finalDestination6(d: Dissector, header: number): number {
  const destination = header + 24;
  let at = header;
  let advance = IPV6_HEADER;
  let next = d.u8(header + 6);
  for (;;) {
    at += advance;
    if (at >= d.end) return destination;
    switch (next) {
      case HOP_BY_HOP:
      case DESTINATION:
        if (!d.has(at, 2)) return destination;
        advance = (d.u8(at + 1) + 1) * 8;
        break;
      case FRAGMENT:
        if (!d.has(at, 2)) return destination;
        advance = 8;
        break;
      case ROUTING: {
        if (!d.has(at, 4)) return destination;
        const length = d.u8(at + 1);
        const type = d.u8(at + 2);
        if ((type === 0 || type === 2) && length > 0 && d.has(at + 8, length * 8)) {
          return at + 8 + (Math.floor(length / 2) - 1) * 16;
        }
        if (type === 4 && length > 0 && d.has(at + 8, 16)) return at + 8;
        return destination;
      }
      default:
        return destination;
    }
    next = d.u8(at);
  }
}

/** Checksum of TCP, UDP and the like over IPv6: 0 if right. */
export function checksum6(
  d: Dissector,
  header: number,
  at: number,
  length: number,
  covered: number,
  protocol: number,
): number {
  let destination = header + 24;
  const first = d.u8(header + 6);
  if (first === HOP_BY_HOP || first === DESTINATION || first === FRAGMENT || first === ROUTING) {
    destination = finalDestination6(d, header);
  }
  const pseudo = add(d.bytes, header + 8, 16) + add(d.bytes, destination, 16);
  const sum = pseudo + protocol + (length >>> 16) + (length & 0xffff) + add(d.bytes, at, covered);
  return ~fold(sum) & 0xffff;
}
