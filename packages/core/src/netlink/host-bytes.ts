/**
 * Integers in host order, as netlink headers and attributes carry them, inside a `Uint8Array` at an offset.
 *
 * Host order is little-endian here: every machine that the `linux` system supports (amd64, arm64) is, and the
 * embedded kernel says the same bytes. The names end in `Host` so that they are not taken for the big-endian ones of
 * `wire/bytes.ts`. Nothing checks bounds (the `!` say so): a codec checks a length once, then reads.
 *
 * 64-bit values come in two forms. `readU64Host` gives a number: counters and jiffies stay below 2^53, and a value
 * above is rounded to the nearest double. `readU64HostBig` gives an exact bigint, for identifiers and flag words.
 */

export function readU16Host(buf: Uint8Array, off: number): number {
  return buf[off]! | (buf[off + 1]! << 8);
}

export function readU32Host(buf: Uint8Array, off: number): number {
  return (buf[off]! | (buf[off + 1]! << 8) | (buf[off + 2]! << 16) | (buf[off + 3]! << 24)) >>> 0;
}

/** Two's complement, as `__s32`. */
export function readS32Host(buf: Uint8Array, off: number): number {
  return buf[off]! | (buf[off + 1]! << 8) | (buf[off + 2]! << 16) | (buf[off + 3]! << 24);
}

/** Exact below 2^53, rounded above. */
export function readU64Host(buf: Uint8Array, off: number): number {
  return readU32Host(buf, off + 4) * 0x1_0000_0000 + readU32Host(buf, off);
}

export function readU64HostBig(buf: Uint8Array, off: number): bigint {
  return (BigInt(readU32Host(buf, off + 4)) << 32n) | BigInt(readU32Host(buf, off));
}

export function writeU16Host(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value;
  buf[off + 1] = value >>> 8;
}

/** Signed and unsigned alike: -1 is written as 0xffffffff. */
export function writeU32Host(buf: Uint8Array, off: number, value: number): void {
  buf[off] = value;
  buf[off + 1] = value >>> 8;
  buf[off + 2] = value >>> 16;
  buf[off + 3] = value >>> 24;
}

/** A non-negative integer; above 2^53 what the double holds. */
export function writeU64Host(buf: Uint8Array, off: number, value: number): void {
  if (value < 0x1_0000_0000) {
    writeU32Host(buf, off, value);
    writeU32Host(buf, off + 4, 0);
    return;
  }
  writeU32Host(buf, off, value % 0x1_0000_0000);
  writeU32Host(buf, off + 4, Math.floor(value / 0x1_0000_0000));
}

export function writeU64HostBig(buf: Uint8Array, off: number, value: bigint): void {
  writeU32Host(buf, off, Number(value & 0xffff_ffffn));
  writeU32Host(buf, off + 4, Number((value >> 32n) & 0xffff_ffffn));
}
