/**
 * IGMP: version 1 (RFC 1112), 2 (RFC 2236) and 3 (RFC 3376). Messages travel with TTL 1, and from version 2 on with a
 * router alert option. Group record types and the 8-bit codes are those of `mld.ts`.
 */
import { copyBytes, readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { internetChecksum } from "./checksum.ts";
import type { Ipv4Address } from "./ipv4-address.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Message types (IANA igmp-type-numbers). */
export const IgmpType = {
  QUERY: 0x11,
  REPORT_V1: 0x12,
  REPORT_V2: 0x16,
  LEAVE: 0x17,
  REPORT_V3: 0x22,
} as const;

/** Bytes of every message before what version 3 adds. */
export const IGMP_MIN_LENGTH = 8;
/** Bytes of a version 3 query before its sources. */
const V3_QUERY_LENGTH = 12;
/** Bytes of a version 3 group record before its sources. */
const RECORD_LENGTH = 8;

export function igmpType(buf: Uint8Array, off: number): number {
  return readU8(buf, off);
}

export function igmpChecksumOk(buf: Uint8Array, off: number, end: number): boolean {
  return internetChecksum(buf, off, end) === 0;
}

/** One group of a version 3 report; `type` is a `GroupRecordType`. */
export interface IgmpGroupRecord {
  readonly type: number;
  readonly group: Ipv4Address;
  readonly sources: readonly Ipv4Address[];
  /** A multiple of 4 bytes; no use is defined for it. */
  readonly auxiliary: Uint8Array;
}

export type IgmpMessage =
  | {
      /** 8 bytes: version 2, or version 1 when the response time is 0 (RFC 3376, 7.1). */
      readonly kind: "query";
      /** 1/10 s. */
      readonly maxResponseTime: number;
      /** 0 for a general query. */
      readonly group: Ipv4Address;
    }
  | {
      readonly kind: "query-v3";
      /** Floating-point code, see `codeToValue8`; 1/10 s. */
      readonly maxResponseCode: number;
      readonly group: Ipv4Address;
      readonly suppress: boolean;
      /** Querier's robustness variable, 0..7. */
      readonly robustness: number;
      /** Querier's query interval code, see `codeToValue8`; seconds. */
      readonly queryIntervalCode: number;
      readonly sources: readonly Ipv4Address[];
    }
  | { readonly kind: "report-v1" | "report-v2" | "leave"; readonly group: Ipv4Address }
  | { readonly kind: "report-v3"; readonly records: readonly IgmpGroupRecord[] }
  | {
      /** `body` is what follows the checksum. */
      readonly kind: "other";
      readonly type: number;
      readonly maxResponseTime: number;
      readonly body: Uint8Array;
    };

export function decodeIgmp(buf: Uint8Array, off: number, end: number): Decoded<IgmpMessage> {
  if (end - off < IGMP_MIN_LENGTH) return new Malformed("truncated", off, "IGMP message");
  const type = readU8(buf, off);
  const code = readU8(buf, off + 1);
  const group = readU32BE(buf, off + 4);
  switch (type) {
    case IgmpType.REPORT_V1:
      return { kind: "report-v1", group };
    case IgmpType.REPORT_V2:
      return { kind: "report-v2", group };
    case IgmpType.LEAVE:
      return { kind: "leave", group };
    case IgmpType.REPORT_V3:
      return decodeReportV3(buf, off, end);
    case IgmpType.QUERY: {
      if (end - off === IGMP_MIN_LENGTH) return { kind: "query", maxResponseTime: code, group };
      // RFC 3376, 7.1: lengths between the two forms are silently ignored.
      if (end - off < V3_QUERY_LENGTH) return new Malformed("bad-length", off, "IGMP query");
      const sources = decodeSources(buf, off + V3_QUERY_LENGTH, end, readU16BE(buf, off + 10));
      if (sources instanceof Malformed) return sources;
      const flags = readU8(buf, off + 8);
      return {
        kind: "query-v3",
        maxResponseCode: code,
        group,
        suppress: (flags & 8) !== 0,
        robustness: flags & 7,
        queryIntervalCode: readU8(buf, off + 9),
        sources,
      };
    }
    default:
      return { kind: "other", type, maxResponseTime: code, body: buf.subarray(off + 4, end) };
  }
}

function decodeSources(buf: Uint8Array, off: number, end: number, count: number): Decoded<Ipv4Address[]> {
  if (off + 4 * count > end) return new Malformed("truncated", off, "IGMP sources");
  const sources: Ipv4Address[] = [];
  for (let i = 0; i < count; i++) sources.push(readU32BE(buf, off + 4 * i));
  return sources;
}

function decodeReportV3(buf: Uint8Array, off: number, end: number): Decoded<IgmpMessage> {
  const count = readU16BE(buf, off + 6);
  const records: IgmpGroupRecord[] = [];
  let at = off + IGMP_MIN_LENGTH;
  while (records.length < count) {
    if (end - at < RECORD_LENGTH) return new Malformed("truncated", at, "IGMP group record");
    const auxiliaryLength = 4 * readU8(buf, at + 1);
    const sources = decodeSources(buf, at + RECORD_LENGTH, end, readU16BE(buf, at + 2));
    if (sources instanceof Malformed) return sources;
    const auxiliary = at + RECORD_LENGTH + 4 * sources.length;
    if (auxiliary + auxiliaryLength > end) return new Malformed("truncated", at + 1, "IGMP auxiliary data");
    records.push({
      type: readU8(buf, at),
      group: readU32BE(buf, at + 4),
      sources,
      auxiliary: buf.subarray(auxiliary, auxiliary + auxiliaryLength),
    });
    at = auxiliary + auxiliaryLength;
  }
  return { kind: "report-v3", records };
}

function recordLength(record: IgmpGroupRecord): number {
  return RECORD_LENGTH + 4 * record.sources.length + record.auxiliary.length;
}

export function igmpLength(message: IgmpMessage): number {
  switch (message.kind) {
    case "query":
    case "report-v1":
    case "report-v2":
    case "leave":
      return IGMP_MIN_LENGTH;
    case "query-v3":
      return V3_QUERY_LENGTH + 4 * message.sources.length;
    case "report-v3": {
      let length = IGMP_MIN_LENGTH;
      for (const record of message.records) length += recordLength(record);
      return length;
    }
    case "other":
      return 4 + message.body.length;
  }
}

/** Writes the message with its checksum. Returns the offset after it. */
export function writeIgmp(message: IgmpMessage, buf: Uint8Array, off: number): number {
  const end = off + igmpLength(message);
  writeU16BE(buf, off + 2, 0);
  switch (message.kind) {
    case "query":
      writeHead(buf, off, IgmpType.QUERY, message.maxResponseTime, message.group);
      break;
    case "query-v3":
      writeHead(buf, off, IgmpType.QUERY, message.maxResponseCode, message.group);
      writeU8(buf, off + 8, (message.suppress ? 8 : 0) | message.robustness);
      writeU8(buf, off + 9, message.queryIntervalCode);
      writeU16BE(buf, off + 10, message.sources.length);
      writeSources(message.sources, buf, off + V3_QUERY_LENGTH);
      break;
    case "report-v1":
      writeHead(buf, off, IgmpType.REPORT_V1, 0, message.group);
      break;
    case "report-v2":
      writeHead(buf, off, IgmpType.REPORT_V2, 0, message.group);
      break;
    case "leave":
      writeHead(buf, off, IgmpType.LEAVE, 0, message.group);
      break;
    case "report-v3": {
      writeHead(buf, off, IgmpType.REPORT_V3, 0, message.records.length);
      let at = off + IGMP_MIN_LENGTH;
      for (const record of message.records) at = writeRecord(record, buf, at);
      break;
    }
    case "other":
      writeU8(buf, off, message.type);
      writeU8(buf, off + 1, message.maxResponseTime);
      copyBytes(message.body, 0, buf, off + 4, message.body.length);
      break;
  }
  writeU16BE(buf, off + 2, internetChecksum(buf, off, end));
  return end;
}

/** Type, code and the four bytes after the checksum. */
function writeHead(buf: Uint8Array, off: number, type: number, code: number, word: number): void {
  writeU8(buf, off, type);
  writeU8(buf, off + 1, code);
  writeU32BE(buf, off + 4, word);
}

function writeSources(sources: readonly Ipv4Address[], buf: Uint8Array, off: number): number {
  for (const [i, source] of sources.entries()) writeU32BE(buf, off + 4 * i, source);
  return off + 4 * sources.length;
}

function writeRecord(record: IgmpGroupRecord, buf: Uint8Array, at: number): number {
  writeU8(buf, at, record.type);
  writeU8(buf, at + 1, record.auxiliary.length >>> 2);
  writeU16BE(buf, at + 2, record.sources.length);
  writeU32BE(buf, at + 4, record.group);
  const auxiliary = writeSources(record.sources, buf, at + RECORD_LENGTH);
  copyBytes(record.auxiliary, 0, buf, auxiliary, record.auxiliary.length);
  return auxiliary + record.auxiliary.length;
}
