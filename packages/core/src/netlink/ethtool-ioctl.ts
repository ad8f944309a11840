/**
 * Structures of the SIOCETHTOOL ioctl (linux/ethtool.h) for what ethtool 6.1 still asks that way: -i, -S, and with a
 * command that drivers refuse -d, -e, -n, -x, -t, -p, -r. Each structure starts with its command; the caller sizes
 * the buffer and the kernel writes the answer into it. `ethtool -P` does not come here, see `ethtool-constants.ts`.
 */

import { type Decoded, Malformed } from "../wire/malformed.ts";
import { at, bytesOf, type FixedCodec, struct, u32, u64Exact } from "./attribute-codecs.ts";
import { readText } from "./attributes.ts";
import { readU32Host, readU64Host, writeU32Host, writeU64Host } from "./host-bytes.ts";

/** The ioctl request itself. */
export const SIOCETHTOOL = 0x8946;

export const ETHTOOL = {
  GDRVINFO: 0x03,
  GREGS: 0x04,
  NWAY_RST: 0x09,
  GLINK: 0x0a,
  GEEPROM: 0x0b,
  TEST: 0x1a,
  GSTRINGS: 0x1b,
  PHYS_ID: 0x1c,
  GSTATS: 0x1d,
  GPERMADDR: 0x20,
  GRXRINGS: 0x2d,
  GRXCLSRLCNT: 0x2e,
  GSSET_INFO: 0x37,
  GTUNABLE: 0x48,
  GLINKSETTINGS: 0x4c,
  PHY_GTUNABLE: 0x4e,
} as const;

/** Bytes of a name in GSTRINGS. */
export const ETH_GSTRING_LEN = 32;

/** Text in a field of fixed size: the rest is zero. */
function textOf(size: number): FixedCodec<string> {
  const raw = bytesOf(size);
  return {
    ...raw,
    get: (buf, off) => readText(buf, off, off + size),
    put: (buf, off, value) => {
      buf.fill(0, off, off + size);
      buf.set(new TextEncoder().encode(value).subarray(0, size - 1), off);
    },
    read: (reader) => {
      raw.read(reader);
      return readText(reader.buf, reader.start, Math.min(reader.end, reader.start + size));
    },
    write: (writer, value) => {
      const off = writer.reserve(size);
      writer.buffer.set(new TextEncoder().encode(value).subarray(0, size - 1), off);
    },
  };
}

/** `struct ethtool_drvinfo`. */
export const driverInformation = struct(196, {
  cmd: at(0, u32),
  driver: at(4, textOf(32)),
  version: at(36, textOf(32)),
  fwVersion: at(68, textOf(32)),
  busInfo: at(100, textOf(32)),
  eromVersion: at(132, textOf(32)),
  nPrivFlags: at(176, u32),
  nStats: at(180, u32),
  testinfoLen: at(184, u32),
  eedumpLen: at(188, u32),
  regdumpLen: at(192, u32),
});

export type DriverInformation = ReturnType<typeof driverInformation.get>;

/** The command of any SIOCETHTOOL buffer; 0 if it is too short to have one. */
export function readEthtoolCommand(buf: Uint8Array): number {
  return buf.length >= 4 ? readU32Host(buf, 0) : 0;
}

export function writeDriverInformation(buf: Uint8Array, value: DriverInformation): void {
  if (buf.length >= driverInformation.size) driverInformation.put(buf, 0, value);
}

export function decodeDriverInformation(buf: Uint8Array): Decoded<DriverInformation> {
  if (buf.length < driverInformation.size) return new Malformed("truncated", 0, "ethtool_drvinfo");
  return driverInformation.get(buf, 0);
}

/** `struct ethtool_sset_info` before its array: which sets a request wants, then which the device has. */
const stringSetCounts = struct(16, { cmd: at(0, u32), mask: at(8, u64Exact) });

/** A request for the sizes of the string sets in `sets` (ETH_SS numbers), with room for the answer. */
export function encodeStringSetCounts(sets: readonly number[]): Uint8Array {
  const buf = new Uint8Array(stringSetCounts.size + 4 * sets.length);
  const mask = sets.reduce((bits, set) => bits | (1n << BigInt(set)), 0n);
  stringSetCounts.put(buf, 0, { cmd: ETHTOOL.GSSET_INFO, mask });
  return buf;
}

/** The sets that a GSSET_INFO buffer names. */
export function readStringSetMask(buf: Uint8Array): readonly number[] {
  if (buf.length < stringSetCounts.size) return [];
  const { mask } = stringSetCounts.get(buf, 0);
  const sets: number[] = [];
  for (let set = 0; set < 64; set++) if ((mask & (1n << BigInt(set))) !== 0n) sets.push(set);
  return sets;
}

/** Answers GSSET_INFO: the sets that exist, with their sizes, in ascending order as far as there is room. */
export function writeStringSetCounts(buf: Uint8Array, counts: ReadonlyMap<number, number>): void {
  const sets = [...counts.keys()].sort((a, b) => a - b);
  const mask = sets.reduce((bits, set) => bits | (1n << BigInt(set)), 0n);
  stringSetCounts.put(buf, 0, { cmd: ETHTOOL.GSSET_INFO, mask });
  sets.forEach((set, index) => {
    const off = stringSetCounts.size + 4 * index;
    if (off + 4 <= buf.length) writeU32Host(buf, off, counts.get(set) ?? 0);
  });
}

/** Sizes by set, of an answered GSSET_INFO buffer. */
export function readStringSetCounts(buf: Uint8Array): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  readStringSetMask(buf).forEach((set, index) => {
    const off = stringSetCounts.size + 4 * index;
    if (off + 4 <= buf.length) counts.set(set, readU32Host(buf, off));
  });
  return counts;
}

/** `struct ethtool_gstrings` before its names. */
const STRINGS_LENGTH = 12;

/** A request for the `count` names of a set, with room for them. */
export function encodeStrings(set: number, count: number): Uint8Array {
  const buf = new Uint8Array(STRINGS_LENGTH + count * ETH_GSTRING_LEN);
  writeU32Host(buf, 0, ETHTOOL.GSTRINGS);
  writeU32Host(buf, 4, set);
  writeU32Host(buf, 8, count);
  return buf;
}

/** The set that a GSTRINGS buffer asks for. */
export function readStringsSet(buf: Uint8Array): number | undefined {
  return buf.length >= STRINGS_LENGTH ? readU32Host(buf, 4) : undefined;
}

export function writeStrings(buf: Uint8Array, names: readonly string[]): void {
  if (buf.length < STRINGS_LENGTH) return;
  writeU32Host(buf, 8, names.length);
  const codec = textOf(ETH_GSTRING_LEN);
  names.forEach((name, index) => {
    const off = STRINGS_LENGTH + index * ETH_GSTRING_LEN;
    if (off + ETH_GSTRING_LEN <= buf.length) codec.put(buf, off, name);
  });
}

export function readStrings(buf: Uint8Array): readonly string[] {
  if (buf.length < STRINGS_LENGTH) return [];
  const names: string[] = [];
  for (let index = 0; index < readU32Host(buf, 8); index++) {
    const off = STRINGS_LENGTH + index * ETH_GSTRING_LEN;
    if (off + ETH_GSTRING_LEN > buf.length) break;
    names.push(readText(buf, off, off + ETH_GSTRING_LEN));
  }
  return names;
}

/** `struct ethtool_stats` before its counters. */
const STATS_LENGTH = 8;

/** A request for `count` counters, with room for them. */
export function encodeStats(count: number): Uint8Array {
  const buf = new Uint8Array(STATS_LENGTH + 8 * count);
  writeU32Host(buf, 0, ETHTOOL.GSTATS);
  writeU32Host(buf, 4, count);
  return buf;
}

export function writeStats(buf: Uint8Array, values: readonly number[]): void {
  if (buf.length < STATS_LENGTH) return;
  writeU32Host(buf, 4, values.length);
  values.forEach((value, index) => {
    const off = STATS_LENGTH + 8 * index;
    if (off + 8 <= buf.length) writeU64Host(buf, off, value);
  });
}

export function readStats(buf: Uint8Array): readonly number[] {
  if (buf.length < STATS_LENGTH) return [];
  const values: number[] = [];
  for (let index = 0; index < readU32Host(buf, 4); index++) {
    const off = STATS_LENGTH + 8 * index;
    if (off + 8 > buf.length) break;
    values.push(readU64Host(buf, off));
  }
  return values;
}
