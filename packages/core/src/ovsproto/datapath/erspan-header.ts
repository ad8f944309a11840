// ERSPAN's headers behind GRE, versions 1 and 2 (draft-foschiano-erspan-03, 4; Open vSwitch's lib/packets.h): GRE with a
// sequence number, a base of four bytes with the version and the session, then an index, or a time and two words of flags.

import { readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { GRE_SEQUENCE } from "../../wire/gre.ts";
import { W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";

/** Protocols of GRE. */
const ERSPAN_1 = 0x88be;
const ERSPAN_2 = 0x22eb;

const GRE_LENGTH = 8;
const BASE_LENGTH = 4;
const METADATA_LENGTH: Readonly<Record<number, number>> = { 1: 4, 2: 8 };
const SESSION_ONES = 0x3ff;

/** What ERSPAN's headers say, as far as flows do not; a version of 0 is none. */
export interface ErspanConfig {
  readonly version: number | "flow";
  /** Version 1: 20 bits. */
  readonly index: number | "flow";
  /** Version 2: 0 for what comes in, 1 for what goes out. */
  readonly direction: number | "flow";
  /** Version 2: 6 bits. */
  readonly hardwareId: number | "flow";
}

/** What a header tells (struct erspan_metadata). */
export interface ErspanFields {
  readonly version: number;
  readonly index: number;
  readonly direction: number;
  readonly hardwareId: number;
}

/** netdev_erspan_build_header(), behind IP. The end of the header; undefined for a session or version that there is not. */
export function erspanHeader(
  bytes: Uint8Array,
  start: number,
  config: ErspanConfig,
  flow: Flow,
): number | undefined {
  const session = word(flow, W.TUN_ID + 1);
  if ((session & ~SESSION_ONES) !== 0) return undefined;
  const fromFlow = erspanOf(flow);
  const choose = (key: keyof ErspanFields) => (config[key] === "flow" ? fromFlow[key] : config[key]);
  const version = choose("version");
  const length = METADATA_LENGTH[version];
  if (length === undefined) return undefined;
  writeU16BE(bytes, start, GRE_SEQUENCE);
  writeU16BE(bytes, start + 2, version === 1 ? ERSPAN_1 : ERSPAN_2);
  const base = start + GRE_LENGTH;
  writeU8(bytes, base, version << 4);
  writeU16BE(bytes, base + 2, session);
  const at = base + BASE_LENGTH;
  if (version === 1) writeU32BE(bytes, at, choose("index"));
  else {
    const hardwareId = choose("hardwareId");
    writeU8(bytes, at + 6, hardwareId >>> 4);
    writeU8(bytes, at + 7, ((hardwareId & 0xf) << 4) | ((choose("direction") & 1) << 3));
  }
  return at + length;
}

/** What the words of a flow say. */
export function erspanOf(flow: Flow): ErspanFields {
  const words = word(flow, W.TUN_ERSPAN_GTPU);
  return {
    version: word(flow, W.TUN_GBP_ERSPAN) & 0xff,
    index: word(flow, W.TUN_ERSPAN_IDX),
    direction: words >>> 24,
    hardwareId: (words >>> 16) & 0xff,
  };
}

/** Of the header behind GRE: `erspan(ver=1,sid=0x7,idx=0x3)`. */
export function formatErspan(bytes: Uint8Array, gre: number): string {
  const { version, index, direction, hardwareId } = readFields(bytes, gre + GRE_LENGTH);
  const session = readU16BE(bytes, gre + GRE_LENGTH + 2) & SESSION_ONES;
  const text = `erspan(ver=${version},sid=0x${session.toString(16)}`;
  if (version === 1) return `${text},idx=0x${index.toString(16)})`;
  return `${text},dir=${direction},hwid=0x${hardwareId.toString(16)})`;
}

function readFields(bytes: Uint8Array, base: number): ErspanFields {
  const version = readU8(bytes, base) >>> 4;
  const at = base + BASE_LENGTH;
  if (version !== 2) return { version, index: readU32BE(bytes, at), direction: 0, hardwareId: 0 };
  const flags = readU16BE(bytes, at + 6);
  const hardwareId = (((flags >>> 8) & 3) << 4) | ((flags >>> 4) & 0xf);
  return { version, index: 0, direction: (flags >>> 3) & 1, hardwareId };
}

/** Writes the time of a header of version 2, in units of 100 microseconds. `now`: nanoseconds. */
export function stampErspan(bytes: Uint8Array, gre: number, now: number): void {
  if (readU16BE(bytes, gre + 2) === ERSPAN_2) {
    writeU32BE(bytes, gre + GRE_LENGTH + BASE_LENGTH, Math.floor(now / 100_000) >>> 0);
  }
}

/** netdev_erspan_pop_header(): undefined for what is not ERSPAN. */
export function readErspan(
  bytes: Uint8Array,
  gre: number,
  end: number,
): { readonly session: number; readonly fields: ErspanFields; readonly length: number } | undefined {
  const base = gre + GRE_LENGTH;
  if (base + BASE_LENGTH + 4 > end) return undefined;
  const protocol = readU16BE(bytes, gre + 2);
  if (protocol !== ERSPAN_1 && protocol !== ERSPAN_2) return undefined;
  if ((readU16BE(bytes, gre) & ~GRE_SEQUENCE) !== 0) return undefined;
  const metadata = METADATA_LENGTH[readU8(bytes, base) >>> 4];
  if (metadata === undefined || base + BASE_LENGTH + metadata > end) return undefined;
  const session = readU16BE(bytes, base + 2) & SESSION_ONES;
  return { session, fields: readFields(bytes, base), length: GRE_LENGTH + BASE_LENGTH + metadata };
}
