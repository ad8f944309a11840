// What a file handle of NFS tells about file system and file. Handles are opaque; this guesses by their form which system made
// them, in tcpdump's order.

import type { Dissector } from "../dissector.ts";
import { safeCharacter } from "../numbers.ts";

/** Bytes that a handle needs to be looked into. */
const LEAST = 16;
/** Bytes of an unknown handle that are shown. */
const SHOWN = 32;
/** Characters of a file system's name. */
const LONGEST = 64;

interface Handle {
  readonly major: number;
  readonly minor: number;
  readonly inode: number;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** VMS with UCX: a device name, filled up with zeros. */
function isVms(d: Dissector, at: number, length: number): boolean {
  if (length < 28) return false;
  let ended = false;
  for (let index = 1; index < 14; index++) {
    const byte = d.u8(at + index);
    if (byte === 0) ended = true;
    else if (!isPrintable(byte) || ended) return false;
  }
  return true;
}

function auspex(d: Dissector, at: number): Handle {
  return { major: d.u8(at + 6), minor: d.u8(at + 7), inode: d.u32(at + 12) };
}

function bsd(d: Dissector, at: number): Handle {
  return { major: d.u8(at + 1), minor: d.u8(at), inode: d.u32le(at + 12) };
}

function osf(d: Dissector, at: number): Handle {
  const device = d.u32le(at);
  return { major: device >>> 20, minor: device & 0xfffff, inode: d.u32le(at + 12) };
}

function irix4(d: Dissector, at: number): Handle {
  return { major: d.u8(at + 2), minor: d.u8(at + 3), inode: d.u32(at + 8) };
}

function sunos4(d: Dissector, at: number): Handle {
  return { major: d.u8(at + 2), minor: d.u8(at + 3), inode: d.u32(at + 12) };
}

function sunos5(d: Dissector, at: number): Handle {
  return { major: (d.u16(at) >>> 2) & 0x3fff, minor: d.u24(at + 1) & 0x3ffff, inode: d.u32(at + 12) };
}

function ultrix(d: Dissector, at: number): Handle {
  return { major: d.u8(at + 1), minor: d.u8(at), inode: d.u32le(at + 4) };
}

function hpux(d: Dissector, at: number): Handle {
  return { major: d.u8(at), minor: d.u24(at + 1), inode: d.u32(at + 12) };
}

/** The system that made a handle of at least 16 bytes; undefined if nobody knows. */
function guess(
  d: Dissector,
  at: number,
  length: number,
): ((d: Dissector, at: number) => Handle) | "vms" | undefined {
  const byte = (index: number): number => d.u8(at + index);
  const secondEmpty = byte(2) === 0 && byte(3) === 0;
  if (byte(0) === 0 && byte(1) === 0) {
    if (secondEmpty) return auspex;
    if (byte(4) !== 0 && byte(5) === 0 && byte(8) === 12 && byte(9) === 0) return osf;
    return byte(4) === 0 && byte(5) === 8 && byte(6) === 0 && byte(7) === 0 ? irix4 : sunos4;
  }
  if (secondEmpty) {
    if (byte(6) === 0 && byte(7) === 0) return bsd;
    if (length >= 24 && byte(21) === 0 && byte(23) === 0) return ultrix;
    return byte(9) === 10 ? sunos5 : undefined;
  }
  if (byte(8) === 12 && byte(9) === 0) return osf;
  if (byte(8) === 0 && byte(9) === 10) {
    return byte(7) === 0 && byte(6) === 0 && byte(5) === 0 && byte(4) === 0 ? hpux : sunos5;
  }
  return isVms(d, at, length) ? "vms" : undefined;
}

function unknown(d: Dissector, at: number, length: number): string {
  return ` fh ${"Unknown".slice(0, length >>> 2)}/${d.hexBytes(at, Math.min(length, SHOWN)).toUpperCase()}`;
}

/** Characters up to a blank or a zero. */
function deviceName(d: Dissector, at: number, length: number): string {
  let text = "";
  for (let index = 0; index < Math.min(length, LONGEST); index++) {
    const byte = d.u8(at + index);
    if (byte === 0 || byte === 0x20) break;
    text += safeCharacter(byte);
  }
  return text;
}

/** " fh MAJOR,MINOR/INODE" of a handle that was captured whole. */
export function fileHandle(d: Dissector, at: number, length: number): string {
  if (d.options.undecodedNfsHandles) {
    const words = Array.from({ length: length >>> 2 }, (_, index) => d.u32(at + 4 * index).toString(16));
    return ` fh[${words.join(":")}]`;
  }
  if (length < LEAST) return unknown(d, at, length);
  const system = guess(d, at, length);
  if (system === undefined) return unknown(d, at, length);
  if (system === "vms") {
    const inode = ((d.u16(at + 26) << 16) | d.u16le(at + 22)) >>> 0;
    return ` fh ${deviceName(d, at + 1, length >>> 2)}/${inode}`;
  }
  const { major, minor, inode } = system(d, at);
  return ` fh ${major},${minor}/${inode}`;
}
