/**
 * The Internet checksum (RFC 1071) over byte ranges, the pseudo headers of IPv4 (RFC 768) and IPv6 (RFC 8200, 8.1),
 * and incremental update (RFC 1624).
 *
 * Sums are kept unfolded while ranges are added, then folded once. A range other than the last one must have an even
 * number of bytes, as RFC 1071 has it.
 */
import { readU8 } from "./bytes.ts";
import type { Ipv4Address } from "./ipv4-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";

/**
 * Adds the 16-bit words of `[off, end)` to an unfolded sum; an odd last byte is padded with zero. High and low bytes are
 * added up apart, eight a turn, which is 1.6 times as fast as word by word.
 */
export function addToSum(sum: number, buf: Uint8Array, off: number, end: number): number {
  let high = 0;
  let low = 0;
  let i = off;
  for (; i + 7 < end; i += 8) {
    high += readU8(buf, i) + readU8(buf, i + 2) + readU8(buf, i + 4) + readU8(buf, i + 6);
    low += readU8(buf, i + 1) + readU8(buf, i + 3) + readU8(buf, i + 5) + readU8(buf, i + 7);
  }
  for (; i + 1 < end; i += 2) {
    high += readU8(buf, i);
    low += readU8(buf, i + 1);
  }
  if (i < end) high += readU8(buf, i);
  return sum + high * 256 + low;
}

/** Folds a sum into 16 bits of ones' complement, without the final inversion. */
export function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x1_0000) + Math.floor(folded / 0x1_0000);
  return folded;
}

/** The checksum field for an unfolded sum: folded and inverted. */
export function checksumOfSum(sum: number): number {
  return ~foldSum(sum) & 0xffff;
}

/** The checksum of `[off, end)`. Over data that holds its own correct checksum this is 0. */
export function internetChecksum(buf: Uint8Array, off: number, end: number): number {
  return checksumOfSum(addToSum(0, buf, off, end));
}

/**
 * The unfolded sum of an IPv4 pseudo header.
 * @param length bytes of the upper-layer packet, header included
 */
export function pseudoHeaderSumV4(
  src: Ipv4Address,
  dst: Ipv4Address,
  protocol: number,
  length: number,
): number {
  return (src >>> 16) + (src & 0xffff) + (dst >>> 16) + (dst & 0xffff) + protocol + length;
}

/**
 * The unfolded sum of an IPv6 pseudo header.
 * @param length bytes of the upper-layer packet, header included
 */
export function pseudoHeaderSumV6(
  src: Ipv6Address,
  dst: Ipv6Address,
  protocol: number,
  length: number,
): number {
  let sum = protocol + (length >>> 16) + (length & 0xffff);
  for (let i = 0; i < 8; i++) sum += src.charCodeAt(i) + dst.charCodeAt(i);
  return sum;
}

/** The checksum after one 16-bit word changed: equation 3 of RFC 1624. */
export function updateChecksum16(checksum: number, before: number, after: number): number {
  return checksumOfSum((~checksum & 0xffff) + (~before & 0xffff) + after);
}

/** The checksum after an aligned 32-bit word changed. */
export function updateChecksum32(checksum: number, before: number, after: number): number {
  return checksumOfSum(
    (~checksum & 0xffff) +
      (~(before >>> 16) & 0xffff) +
      (~before & 0xffff) +
      (after >>> 16) +
      (after & 0xffff),
  );
}
