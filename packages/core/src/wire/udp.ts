/**
 * UDP datagrams (RFC 768; over IPv6 RFC 8200, 8.1).
 */
import { copyBytes, readU16BE, writeU16BE } from "./bytes.ts";
import { addToSum, checksumOfSum } from "./checksum.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";

/** Bytes of the header. */
export const UDP_HEADER_LENGTH = 8;

export function udpSourcePort(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off);
}

export function udpDestinationPort(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 2);
}

/** Bytes of header and payload. */
export function udpLengthField(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 4);
}

/** 0: the sender computed none, which only IPv4 allows. */
export function udpChecksum(buf: Uint8Array, off: number): number {
  return readU16BE(buf, off + 6);
}

/**
 * Computes and stores the checksum over `[off, end)`; a result of 0 is sent as 0xffff (RFC 768).
 * @param pseudoSum `pseudoHeaderSumV4` or `pseudoHeaderSumV6` of this datagram
 */
export function fillUdpChecksum(buf: Uint8Array, off: number, end: number, pseudoSum: number): void {
  writeU16BE(buf, off + 6, 0);
  const checksum = checksumOfSum(addToSum(pseudoSum, buf, off, end));
  writeU16BE(buf, off + 6, checksum === 0 ? 0xffff : checksum);
}

/** Whether the checksum over `[off, end)` is right; one that was not computed is for the caller to judge. */
export function udpChecksumOk(buf: Uint8Array, off: number, end: number, pseudoSum: number): boolean {
  return checksumOfSum(addToSum(pseudoSum, buf, off, end)) === 0;
}

/** A datagram. `payload` is a view into the decoded buffer. */
export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** Bytes after the UDP length are ignored. */
export function decodeUdp(buf: Uint8Array, off: number, end: number): Decoded<UdpDatagram> {
  if (end - off < UDP_HEADER_LENGTH) return new Malformed("truncated", off, "UDP header");
  const length = udpLengthField(buf, off);
  if (length < UDP_HEADER_LENGTH) return new Malformed("bad-length", off + 4, "UDP length");
  if (off + length > end) return new Malformed("truncated", off + 4, "UDP length");
  return {
    sourcePort: udpSourcePort(buf, off),
    destinationPort: udpDestinationPort(buf, off),
    payload: buf.subarray(off + UDP_HEADER_LENGTH, off + length),
  };
}

export function udpLength(datagram: UdpDatagram): number {
  return UDP_HEADER_LENGTH + datagram.payload.length;
}

/**
 * @param pseudoSum as for `fillUdpChecksum`; `undefined` sends no checksum
 * @returns the offset after the datagram
 */
export function writeUdp(
  datagram: UdpDatagram,
  buf: Uint8Array,
  off: number,
  pseudoSum: number | undefined,
): number {
  const end = off + udpLength(datagram);
  writeU16BE(buf, off, datagram.sourcePort);
  writeU16BE(buf, off + 2, datagram.destinationPort);
  writeU16BE(buf, off + 4, end - off);
  writeU16BE(buf, off + 6, 0);
  copyBytes(datagram.payload, 0, buf, off + UDP_HEADER_LENGTH, datagram.payload.length);
  if (pseudoSum !== undefined) fillUdpChecksum(buf, off, end, pseudoSum);
  return end;
}
