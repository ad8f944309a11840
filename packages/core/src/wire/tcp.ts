/**
 * TCP segments (RFC 9293, 3.1): fields in place, and records with the options of RFC 9293, 7323 and 2018. They are written by
 * tcp-write.ts.
 */
import { readU16BE, readU32BE, readU8 } from "./bytes.ts";
import { addToSum, checksumOfSum } from "./checksum.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of a header without options. */
export const TCP_MIN_HEADER = 20;

/** Control bits, the low 9 bits of the flags field: NS is bit 8 (RFC 9293; RFC 9768 names it AE). */
export const TcpFlag = {
  FIN: 0x001,
  SYN: 0x002,
  RST: 0x004,
  PSH: 0x008,
  ACK: 0x010,
  URG: 0x020,
  ECE: 0x040,
  CWR: 0x080,
  AE: 0x100,
} as const;

export function tcpSourcePort(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off);
}

export function tcpDestinationPort(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 2);
}

export function tcpSequence(buf: Uint8Array, off: number): number {
  return readU32BE(buf, off + 4);
}

export function tcpAcknowledgement(buf: Uint8Array, off: number): number {
  return readU32BE(buf, off + 8);
}

/** Bytes of the header, options included. */
export function tcpHeaderLength(buf: Uint8Array, off: number): number {
  return (readU8(buf, off + 12) >>> 4) * 4;
}

/** `TcpFlag` bits. */
export function tcpFlags(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 12) & 0x1ff;
}

/** Not scaled. */
export function tcpWindow(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 14);
}

/**
 * Whether the checksum over `[off, end)` is right.
 * @param pseudoSum `pseudoHeaderSumV4` or `pseudoHeaderSumV6` of the segment
 */
export function tcpChecksumOk(buf: Uint8Array, off: number, end: number, pseudoSum: number): boolean {
  return checksumOfSum(addToSum(pseudoSum, buf, off, end)) === 0;
}

/** Option kinds (IANA tcp-parameters). */
export const TcpOptionKind = {
  END: 0,
  NO_OPERATION: 1,
  MAXIMUM_SEGMENT_SIZE: 2,
  WINDOW_SCALE: 3,
  SACK_PERMITTED: 4,
  SACK: 5,
  TIMESTAMPS: 8,
} as const;

export type TcpOption =
  | { readonly kind: "no-operation" }
  /** Bytes. */
  | { readonly kind: "maximum-segment-size"; readonly size: number }
  /** Bits by which the window is shifted. */
  | { readonly kind: "window-scale"; readonly shift: number }
  | { readonly kind: "sack-permitted" }
  | { readonly kind: "sack"; readonly blocks: readonly { readonly left: number; readonly right: number }[] }
  | { readonly kind: "timestamps"; readonly value: number; readonly echo: number }
  | { readonly kind: "other"; readonly type: number; readonly body: Uint8Array };

/** A segment. `payload` and option bodies are views into the decoded buffer. */
export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** `TcpFlag` bits. */
  readonly flags: number;
  readonly window: number;
  readonly urgentPointer: number;
  readonly options: readonly TcpOption[];
  readonly payload: Uint8Array;
}

export function decodeTcp(buf: Uint8Array, off: number, end: number): Decoded<TcpSegment> {
  if (end - off < TCP_MIN_HEADER) return new Malformed("truncated", off, "TCP header");
  const headerLength = tcpHeaderLength(buf, off);
  if (headerLength < TCP_MIN_HEADER) return new Malformed("bad-header-length", off + 12, "TCP data offset");
  if (off + headerLength > end) return new Malformed("truncated", off + 12, "TCP options");
  const options = decodeOptions(buf, off + TCP_MIN_HEADER, off + headerLength);
  if (options instanceof Malformed) return options;
  return {
    sourcePort: tcpSourcePort(buf, off),
    destinationPort: tcpDestinationPort(buf, off),
    sequence: tcpSequence(buf, off),
    acknowledgement: tcpAcknowledgement(buf, off),
    flags: tcpFlags(buf, off),
    window: tcpWindow(buf, off),
    urgentPointer: readU16BE(buf, off + 18),
    options,
    payload: buf.subarray(off + headerLength, end),
  };
}

function decodeOptions(buf: Uint8Array, off: number, end: number): Decoded<TcpOption[]> {
  const options: TcpOption[] = [];
  let at = off;
  while (at < end) {
    const type = readU8(buf, at);
    if (type === TcpOptionKind.END) break;
    if (type === TcpOptionKind.NO_OPERATION) {
      options.push({ kind: "no-operation" });
      at++;
      continue;
    }
    if (at + 1 >= end) return new Malformed("bad-option", at, "TCP option length");
    const length = readU8(buf, at + 1);
    if (length < 2 || at + length > end) return new Malformed("bad-option", at + 1, "TCP option length");
    options.push(decodeOption(buf, at, type, length));
    at += length;
  }
  return options;
}

function decodeOption(buf: Uint8Array, at: number, type: number, length: number): TcpOption {
  if (type === TcpOptionKind.MAXIMUM_SEGMENT_SIZE && length === 4) {
    return { kind: "maximum-segment-size", size: readU16BE(buf, at + 2) };
  }
  if (type === TcpOptionKind.WINDOW_SCALE && length === 3) {
    return { kind: "window-scale", shift: readU8(buf, at + 2) };
  }
  if (type === TcpOptionKind.SACK_PERMITTED && length === 2) return { kind: "sack-permitted" };
  if (type === TcpOptionKind.SACK && length > 2 && (length - 2) % 8 === 0) {
    const blocks: { left: number; right: number }[] = [];
    for (let i = at + 2; i < at + length; i += 8) {
      blocks.push({ left: readU32BE(buf, i), right: readU32BE(buf, i + 4) });
    }
    return { kind: "sack", blocks };
  }
  if (type === TcpOptionKind.TIMESTAMPS && length === 10) {
    return { kind: "timestamps", value: readU32BE(buf, at + 2), echo: readU32BE(buf, at + 6) };
  }
  return { kind: "other", type, body: buf.subarray(at + 2, at + length) };
}
