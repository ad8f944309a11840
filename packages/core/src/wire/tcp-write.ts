// Writes TCP headers (RFC 9293, 3.1) with options in the order and with the padding in which Linux sends them.

import { writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { addToSum, checksumOfSum } from "./checksum.ts";
import { TCP_MIN_HEADER, TcpFlag, TcpOptionKind } from "./tcp.ts";
import type { TcpSegment } from "./tcp.ts";

/** Sequence space: `left` is the first byte of a block, `right` the one behind it. */
export interface SackBlock {
  readonly left: number;
  readonly right: number;
}

/** Options of a segment that is sent. */
export interface TcpSendOptions {
  /** Bytes. */
  readonly maximumSegment?: number | undefined;
  /** Bits. */
  readonly windowScale?: number | undefined;
  readonly sackPermitted?: boolean | undefined;
  readonly timestamp?: { readonly value: number; readonly echo: number } | undefined;
  readonly sack?: readonly SackBlock[] | undefined;
}

/** `window` as it stands in the header: already scaled. */
export type TcpSendHeader = Pick<
  TcpSegment,
  "sourcePort" | "destinationPort" | "sequence" | "acknowledgement" | "flags" | "window"
>;

const TIMESTAMP_LENGTH = 10;
const SACK_BLOCK_LENGTH = 8;

/** Bytes that the options take, padding included. */
export function tcpOptionsLength(options: TcpSendOptions): number {
  let length = 0;
  if (options.maximumSegment !== undefined) length += 4;
  if (options.timestamp !== undefined) length += 12;
  else if (options.sackPermitted === true) length += 4;
  if (options.windowScale !== undefined) length += 4;
  if (options.sack !== undefined && options.sack.length > 0)
    length += 4 + options.sack.length * SACK_BLOCK_LENGTH;
  return length;
}

function pads(buf: Uint8Array, off: number): number {
  writeU8(buf, off, TcpOptionKind.NO_OPERATION);
  writeU8(buf, off + 1, TcpOptionKind.NO_OPERATION);
  return off + 2;
}

function option(buf: Uint8Array, off: number, kind: number, length: number): number {
  writeU8(buf, off, kind);
  writeU8(buf, off + 1, length);
  return off + 2;
}

function writeOptions(options: TcpSendOptions, buf: Uint8Array, off: number): number {
  const { maximumSegment, windowScale, sackPermitted, timestamp, sack } = options;
  let at = off;
  if (maximumSegment !== undefined) {
    at = option(buf, at, TcpOptionKind.MAXIMUM_SEGMENT_SIZE, 4);
    writeU16BE(buf, at, maximumSegment);
    at += 2;
  }
  if (timestamp === undefined) {
    if (sackPermitted === true) at = option(buf, pads(buf, at), TcpOptionKind.SACK_PERMITTED, 2);
  } else {
    // SACK-permitted takes the place of the padding in front of timestamps.
    at = sackPermitted === true ? option(buf, at, TcpOptionKind.SACK_PERMITTED, 2) : pads(buf, at);
    at = option(buf, at, TcpOptionKind.TIMESTAMPS, TIMESTAMP_LENGTH);
    writeU32BE(buf, at, timestamp.value);
    writeU32BE(buf, at + 4, timestamp.echo);
    at += 8;
  }
  if (windowScale !== undefined) {
    writeU8(buf, at, TcpOptionKind.NO_OPERATION);
    at = option(buf, at + 1, TcpOptionKind.WINDOW_SCALE, 3);
    writeU8(buf, at++, windowScale);
  }
  if (sack !== undefined && sack.length > 0) {
    at = option(buf, pads(buf, at), TcpOptionKind.SACK, 2 + sack.length * SACK_BLOCK_LENGTH);
    for (const { left, right } of sack) {
      writeU32BE(buf, at, left);
      writeU32BE(buf, at + 4, right);
      at += SACK_BLOCK_LENGTH;
    }
  }
  return at;
}

/**
 * A whole segment: header, options, data and checksum.
 * @param pseudoSum of the pseudo header, whose length is that of the segment: `segmentLength(options, data)`
 */
export function writeTcpSegment(
  header: TcpSendHeader,
  options: TcpSendOptions,
  data: Uint8Array,
  pseudoSum: (length: number) => number,
): Uint8Array {
  const headerLength = TCP_MIN_HEADER + tcpOptionsLength(options);
  const segment = new Uint8Array(headerLength + data.length);
  writeU16BE(segment, 0, header.sourcePort);
  writeU16BE(segment, 2, header.destinationPort);
  writeU32BE(segment, 4, header.sequence);
  writeU32BE(segment, 8, (header.flags & TcpFlag.ACK) === 0 ? 0 : header.acknowledgement);
  writeU16BE(segment, 12, ((headerLength / 4) << 12) | header.flags);
  writeU16BE(segment, 14, header.window);
  writeOptions(options, segment, TCP_MIN_HEADER);
  segment.set(data, headerLength);
  const sum = addToSum(pseudoSum(segment.length), segment, 0, segment.length);
  writeU16BE(segment, 16, checksumOfSum(sum));
  return segment;
}
