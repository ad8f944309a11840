// The time inside a probe: struct timeval of a 64-bit little-endian machine, at the start of the data.

import { readU32LE, writeU32LE } from "../../wire/bytes.ts";
import type { Microseconds } from "../../system/system.ts";

/** Bytes of the time. */
export const TIME_LENGTH = 16;

export function writeTime(bytes: Uint8Array, at: number, time: Microseconds): void {
  const seconds = Math.floor(time / 1_000_000);
  writeU32LE(bytes, at, seconds >>> 0);
  writeU32LE(bytes, at + 4, Math.floor(seconds / 0x1_0000_0000));
  writeU32LE(bytes, at + 8, time - seconds * 1_000_000);
  writeU32LE(bytes, at + 12, 0);
}

export function readTime(bytes: Uint8Array, at: number): Microseconds {
  const seconds = readU32LE(bytes, at) + readU32LE(bytes, at + 4) * 0x1_0000_0000;
  return seconds * 1_000_000 + readU32LE(bytes, at + 8);
}
