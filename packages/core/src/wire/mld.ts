/**
 * Multicast listener discovery for IPv6: version 1 (RFC 2710) and version 2 (RFC 3810). Messages are ICMPv6, from a
 * link-local address (or `::` before there is one), hop limit 1, with a router alert in a hop-by-hop header.
 */
import { copyBytes, readU16BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { fillIcmpv6Checksum, Icmpv6Type } from "./icmpv6.ts";
import { readIpv6Address, writeIpv6Address } from "./ipv6-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Types of a group record, the same in MLDv2 and IGMPv3 (RFC 3810, 5.2.12; RFC 3376, 4.2.12). */
export const GroupRecordType = {
  MODE_IS_INCLUDE: 1,
  MODE_IS_EXCLUDE: 2,
  CHANGE_TO_INCLUDE: 3,
  CHANGE_TO_EXCLUDE: 4,
  ALLOW_NEW_SOURCES: 5,
  BLOCK_OLD_SOURCES: 6,
} as const;

/** One group of a version 2 report. */
export interface MldGroupRecord {
  readonly type: number;
  readonly group: Ipv6Address;
  readonly sources: readonly Ipv6Address[];
  /** A multiple of 4 bytes; no use is defined for it. */
  readonly auxiliary: Uint8Array;
}

export type MldMessage =
  | {
      /** A version 1 query, and one that only version 1 can tell (24 bytes; RFC 3810, 8.1). */
      readonly kind: "query";
      /** Milliseconds. */
      readonly maxResponseDelay: number;
      /** `::` for a general query. */
      readonly group: Ipv6Address;
    }
  | {
      readonly kind: "query-v2";
      /** Floating-point code, see `codeToValue16`; milliseconds. */
      readonly maxResponseCode: number;
      readonly group: Ipv6Address;
      readonly suppress: boolean;
      /** Querier's robustness variable, 0..7. */
      readonly robustness: number;
      /** Querier's query interval code, see `codeToValue8`; seconds. */
      readonly queryIntervalCode: number;
      readonly sources: readonly Ipv6Address[];
    }
  | { readonly kind: "report" | "done"; readonly group: Ipv6Address }
  | { readonly kind: "report-v2"; readonly records: readonly MldGroupRecord[] };

/** Bytes of a version 1 message. */
const V1_LENGTH = 24;
/** Bytes of a version 2 query before its sources. */
const V2_QUERY_LENGTH = 28;
/** Bytes of a version 2 report before its records, and of a record before its sources. */
const V2_REPORT_LENGTH = 8;
const RECORD_LENGTH = 20;

/** The value of a 16-bit floating-point code: exponent 3 bits, mantissa 12 (RFC 3810, 5.1.3). */
export function codeToValue16(code: number): number {
  return code < 0x8000 ? code : ((code & 0x0fff) | 0x1000) << (((code >>> 12) & 7) + 3);
}

/** The value of an 8-bit floating-point code: exponent 3 bits, mantissa 4 (RFC 3810, 5.1.9; RFC 3376, 4.1.1). */
export function codeToValue8(code: number): number {
  return code < 0x80 ? code : ((code & 0x0f) | 0x10) << (((code >>> 4) & 7) + 3);
}

/** Decodes the ICMPv6 message in `[off, end)`, which must be of one of the four MLD types. */
export function decodeMld(buf: Uint8Array, off: number, end: number): Decoded<MldMessage> {
  if (end - off < 8) return new Malformed("truncated", off, "MLD message");
  const type = readU8(buf, off);
  if (type === Icmpv6Type.MLDV2_REPORT) return decodeReportV2(buf, off, end);
  if (type !== Icmpv6Type.MLD_QUERY && type !== Icmpv6Type.MLD_REPORT && type !== Icmpv6Type.MLD_DONE) {
    return new Malformed("bad-type", off, "MLD message type");
  }
  if (end - off < V1_LENGTH) return new Malformed("truncated", off, "MLD message");
  const group = readIpv6Address(buf, off + 8);
  if (type === Icmpv6Type.MLD_REPORT) return { kind: "report", group };
  if (type === Icmpv6Type.MLD_DONE) return { kind: "done", group };
  if (end - off === V1_LENGTH) return { kind: "query", maxResponseDelay: readU16BE(buf, off + 4), group };
  if (end - off < V2_QUERY_LENGTH) return new Malformed("bad-length", off, "MLD query");
  const sources = decodeSources(buf, off + V2_QUERY_LENGTH, end, readU16BE(buf, off + 26));
  if (sources instanceof Malformed) return sources;
  const flags = readU8(buf, off + 24);
  return {
    kind: "query-v2",
    maxResponseCode: readU16BE(buf, off + 4),
    group,
    suppress: (flags & 8) !== 0,
    robustness: flags & 7,
    queryIntervalCode: readU8(buf, off + 25),
    sources,
  };
}

function decodeSources(buf: Uint8Array, off: number, end: number, count: number): Decoded<Ipv6Address[]> {
  if (off + 16 * count > end) return new Malformed("truncated", off, "MLD sources");
  const sources: Ipv6Address[] = [];
  for (let i = 0; i < count; i++) sources.push(readIpv6Address(buf, off + 16 * i));
  return sources;
}

function decodeReportV2(buf: Uint8Array, off: number, end: number): Decoded<MldMessage> {
  const count = readU16BE(buf, off + 6);
  const records: MldGroupRecord[] = [];
  let at = off + V2_REPORT_LENGTH;
  while (records.length < count) {
    if (end - at < RECORD_LENGTH) return new Malformed("truncated", at, "MLD group record");
    const auxiliaryLength = 4 * readU8(buf, at + 1);
    const sources = decodeSources(buf, at + RECORD_LENGTH, end, readU16BE(buf, at + 2));
    if (sources instanceof Malformed) return sources;
    const auxiliary = at + RECORD_LENGTH + 16 * sources.length;
    if (auxiliary + auxiliaryLength > end) return new Malformed("truncated", at + 1, "MLD auxiliary data");
    records.push({
      type: readU8(buf, at),
      group: readIpv6Address(buf, at + 4),
      sources,
      auxiliary: buf.subarray(auxiliary, auxiliary + auxiliaryLength),
    });
    at = auxiliary + auxiliaryLength;
  }
  return { kind: "report-v2", records };
}

function recordLength(record: MldGroupRecord): number {
  return RECORD_LENGTH + 16 * record.sources.length + record.auxiliary.length;
}

export function mldLength(message: MldMessage): number {
  switch (message.kind) {
    case "query":
    case "report":
    case "done":
      return V1_LENGTH;
    case "query-v2":
      return V2_QUERY_LENGTH + 16 * message.sources.length;
    case "report-v2": {
      let length = V2_REPORT_LENGTH;
      for (const record of message.records) length += recordLength(record);
      return length;
    }
  }
}

const TYPE_OF_KIND = {
  query: Icmpv6Type.MLD_QUERY,
  "query-v2": Icmpv6Type.MLD_QUERY,
  report: Icmpv6Type.MLD_REPORT,
  done: Icmpv6Type.MLD_DONE,
  "report-v2": Icmpv6Type.MLDV2_REPORT,
} as const;

/**
 * Writes the message with its checksum.
 * @param pseudoSum `pseudoHeaderSumV6` of the packet
 * @returns the offset after it
 */
export function writeMld(message: MldMessage, buf: Uint8Array, off: number, pseudoSum: number): number {
  const end = off + mldLength(message);
  writeU8(buf, off, TYPE_OF_KIND[message.kind]);
  writeU8(buf, off + 1, 0);
  writeU32BE(buf, off + 4, 0);
  if (message.kind === "report-v2") {
    writeU16BE(buf, off + 6, message.records.length);
    let at = off + V2_REPORT_LENGTH;
    for (const record of message.records) at = writeRecord(record, buf, at);
  } else {
    writeIpv6Address(buf, off + 8, message.group);
  }
  if (message.kind === "query") writeU16BE(buf, off + 4, message.maxResponseDelay);
  if (message.kind === "query-v2") {
    writeU16BE(buf, off + 4, message.maxResponseCode);
    writeU8(buf, off + 24, (message.suppress ? 8 : 0) | message.robustness);
    writeU8(buf, off + 25, message.queryIntervalCode);
    writeU16BE(buf, off + 26, message.sources.length);
    writeSources(message.sources, buf, off + V2_QUERY_LENGTH);
  }
  fillIcmpv6Checksum(buf, off, end, pseudoSum);
  return end;
}

function writeSources(sources: readonly Ipv6Address[], buf: Uint8Array, off: number): number {
  for (const [i, source] of sources.entries()) writeIpv6Address(buf, off + 16 * i, source);
  return off + 16 * sources.length;
}

function writeRecord(record: MldGroupRecord, buf: Uint8Array, at: number): number {
  writeU8(buf, at, record.type);
  writeU8(buf, at + 1, record.auxiliary.length >>> 2);
  writeU16BE(buf, at + 2, record.sources.length);
  writeIpv6Address(buf, at + 4, record.group);
  const auxiliary = writeSources(record.sources, buf, at + RECORD_LENGTH);
  copyBytes(record.auxiliary, 0, buf, auxiliary, record.auxiliary.length);
  return auxiliary + record.auxiliary.length;
}
