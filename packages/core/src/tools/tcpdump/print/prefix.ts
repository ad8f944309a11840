// Prefixes as BGP, LDP and others pack them: a length in bits, and as many bytes as that needs.

import type { Dissector } from "./dissector.ts";

const OCTET = 8; // bits

/** The bytes of a prefix without the bits behind it, filled up with zeros to `size` bytes. */
export function prefixBytes(d: Dissector, at: number, bits: number, size: number): Uint8Array {
  const count = Math.ceil(bits / OCTET);
  d.check(at, count);
  const bytes = new Uint8Array(size);
  bytes.set(d.bytes.subarray(at, at + count));
  const rest = bits % OCTET;
  if (rest !== 0) bytes[count - 1] = (bytes[count - 1] ?? 0) & (0xff00 >> rest);
  return bytes;
}

/** The address of a prefix of up to 32 or 128 bits. */
export function prefixAddress(d: Dissector, at: number, bits: number, version: 4 | 6): string {
  const bytes = prefixBytes(d, at, bits, version === 4 ? 4 : 16);
  if (version === 6) return d.addresses.ipv6(bytes, 0);
  const [a = 0, b = 0, c = 0, e = 0] = bytes;
  return d.addresses.ipv4(((a << 24) | (b << 16) | (c << 8) | e) >>> 0);
}

/** What may be wrong with a prefix. */
export const ILLEGAL_LENGTH = -1;
export const CUT_OFF = -2;
export const ITEM_TOO_SHORT = -3;

export interface Prefix {
  readonly text: string;
  /** Bytes that it takes. */
  readonly size: number;
}

/** address/bits; `left`: bytes that belong to it at most. */
export function prefix(d: Dissector, at: number, left: number, version: 4 | 6): Prefix | number {
  if (!d.has(at, 1)) return CUT_OFF;
  if (left < 1) return ITEM_TOO_SHORT;
  const bits = d.u8(at);
  if (bits > (version === 4 ? 32 : 128)) return ILLEGAL_LENGTH;
  const count = Math.ceil(bits / OCTET);
  if (!d.has(at + 1, count)) return CUT_OFF;
  if (left - 1 < count) return ITEM_TOO_SHORT;
  return { text: `${prefixAddress(d, at + 1, bits, version)}/${bits}`, size: 1 + count };
}
