// The checksum of OSI protocols (ISO 8473-1 annex C, RFC 1008): Fletcher's, over bytes, with the field anywhere among them.

import { readU8 } from "../../../../wire/bytes.ts";
import type { Dissector } from "../dissector.ts";
import { hex4 } from "../numbers.ts";

const MODULUS = 255;

/** What the field at `at + offset` should hold. */
export function fletcher(bytes: Uint8Array, at: number, offset: number, length: number): number {
  let first = 0;
  let second = 0;
  for (let index = 0; index < length; index++) {
    if (index !== offset && index !== offset + 1) first += readU8(bytes, at + index);
    second = (second + first) >>> 0;
  }
  first %= MODULUS;
  second %= MODULUS;
  const product = Math.imul(length - offset, first);
  let x = (product - first - second) | 0;
  let y = (second - product - 1) | 0;
  if (y >= 0) y++;
  if (x < 0) x--;
  x = x % MODULUS === 0 ? MODULUS : x % MODULUS;
  y = y % MODULUS === 0 ? MODULUS : y % MODULUS;
  return ((x << 8) | (y & 0xff)) & 0xffff;
}

/** Says whether the checksum is right, unless it is zero or not everything was captured. */
export function checksumText(d: Dissector, at: number, found: number, offset: number, length: number): void {
  const unverifiable =
    found === 0 || offset < 0 || !d.has(at + offset, 2) || offset > length >>> 0 || !d.has(at, length >>> 0);
  if (unverifiable) {
    d.text += " (unverified)";
    return;
  }
  const right = fletcher(d.bytes, at, offset, length);
  d.text += right === found ? " (correct)" : ` (incorrect should be 0x${hex4(right)})`;
}
