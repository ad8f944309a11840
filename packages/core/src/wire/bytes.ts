/**
 * Big-endian integers inside a `Uint8Array`, at an offset, without `DataView` or `subarray`.
 *
 * This is the only place that indexes packet bytes. Nothing here checks bounds: a decoder checks a length once, and
 * every accessor after that is inside it (the pattern of RFC-style fixed headers). The `!` below state just that. A
 * read outside the buffer yields a number that means nothing, never an exception; a write outside is ignored.
 *
 * Network byte order only. Netlink's host-order integers live with netlink; the little-endian pair at the end is for
 * capture files.
 */

/** One byte, 0..255. */
export function readU8(buf: Uint8Array, off: number): number {
  return buf[off]!;
}

/** 16 bits, 0..0xffff. */
export function readU16BE(buf: Uint8Array, off: number): number {
  return (buf[off]! << 8) | buf[off + 1]!;
}

/** 24 bits, as in a VXLAN network identifier or an OUI. */
export function readU24BE(buf: Uint8Array, off: number): number {
  return (buf[off]! << 16) | (buf[off + 1]! << 8) | buf[off + 2]!;
}

/** 32 bits, unsigned: 0..0xffffffff. */
export function readU32BE(buf: Uint8Array, off: number): number {
  return ((buf[off]! << 24) | (buf[off + 1]! << 16) | (buf[off + 2]! << 8) | buf[off + 3]!) >>> 0;
}

/** 48 bits, exact in a double. */
export function readU48BE(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off) * 0x1_0000_0000 + readU32BE(buf, off + 2);
}

/** 64 bits as a bigint; for records only, too slow for a forwarding path. */
export function readU64BE(buf: Uint8Array, off: number): bigint {
  return (BigInt(readU32BE(buf, off)) << 32n) | BigInt(readU32BE(buf, off + 4));
}

export function writeU8(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value;
}

export function writeU16BE(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value >>> 8;
  buf[off + 1] = value;
}

export function writeU24BE(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value >>> 16;
  buf[off + 1] = value >>> 8;
  buf[off + 2] = value;
}

export function writeU32BE(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value >>> 24;
  buf[off + 1] = value >>> 16;
  buf[off + 2] = value >>> 8;
  buf[off + 3] = value;
}

export function writeU48BE(buf: Uint8Array, off: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  writeU16BE(buf, off, high);
  writeU32BE(buf, off + 2, value - high * 0x1_0000_0000);
}

export function writeU64BE(buf: Uint8Array, off: number, value: bigint): void {
  writeU32BE(buf, off, Number((value >> 32n) & 0xffff_ffffn));
  writeU32BE(buf, off + 4, Number(value & 0xffff_ffffn));
}

/** 16 bits, little-endian: capture files only. */
export function readU16LE(buf: Uint8Array, off: number): number {
  return buf[off]! | (buf[off + 1]! << 8);
}

/** 32 bits, little-endian, unsigned: capture files only. */
export function readU32LE(buf: Uint8Array, off: number): number {
  return (buf[off]! | (buf[off + 1]! << 8) | (buf[off + 2]! << 16) | (buf[off + 3]! << 24)) >>> 0;
}

export function writeU16LE(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value;
  buf[off + 1] = value >>> 8;
}

export function writeU32LE(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value;
  buf[off + 1] = value >>> 8;
  buf[off + 2] = value >>> 16;
  buf[off + 3] = value >>> 24;
}

/** Copies `length` bytes between two buffers. The ranges may not overlap within one buffer. */
export function copyBytes(
  from: Uint8Array,
  fromOff: number,
  to: Uint8Array,
  toOff: number,
  length: number,
): void {
  if (length > 64) {
    to.set(from.subarray(fromOff, fromOff + length), toOff);
    return;
  }
  for (let i = 0; i < length; i++) to[toOff + i] = from[fromOff + i]!;
}

/**
 * Copies `length` bytes to words[at ..], little-endian, with zeros up to a whole word. Returns the index after them. Up to some
 * hundred bytes this takes a fraction of the time of a copy byte by byte, or of a view and its `set`.
 */
export function copyToWords(
  from: Uint8Array,
  start: number,
  length: number,
  words: Int32Array,
  at: number,
): number {
  let off = start;
  let to = at;
  for (const whole = start + (length & ~3); off < whole; off += 4) {
    words[to++] = from[off]! | (from[off + 1]! << 8) | (from[off + 2]! << 16) | (from[off + 3]! << 24);
  }
  const rest = length & 3;
  if (rest === 0) return to;
  let last = from[off]!;
  if (rest > 1) last |= from[off + 1]! << 8;
  if (rest > 2) last |= from[off + 2]! << 16;
  words[to++] = last;
  return to;
}

/** Whether two byte strings have the same length and content. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
