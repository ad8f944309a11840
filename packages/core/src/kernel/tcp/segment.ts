// A segment that has come in, as the states of a connection look at it: the fields of its header and the options that count.

import { readU16BE, readU32BE } from "../../wire/bytes.ts";
import {
  TCP_MIN_HEADER,
  tcpAcknowledgement,
  tcpDestinationPort,
  TcpFlag,
  tcpFlags,
  tcpHeaderLength,
  TcpOptionKind,
  tcpSequence,
  tcpSourcePort,
  tcpWindow,
} from "../../wire/tcp.ts";
import type { SackBlock } from "../../wire/tcp-write.ts";
import type { Packet } from "../packet.ts";
import { advance } from "./sequence.ts";

/** Shifts beyond this count as this (RFC 7323, 2.3). */
export const MAX_WINDOW_SHIFT = 14;

export interface Timestamp {
  readonly value: number;
  readonly echo: number;
}

export class ArrivedSegment {
  readonly packet: Packet;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** SEG.SEQ */
  readonly sequence: number;
  /** Behind the last byte; SYN and FIN count as one each. */
  readonly end: number;
  /** SEG.ACK */
  readonly acknowledgement: number;
  readonly flags: number;
  /** As in the header. */
  readonly window: number;
  /** Bytes of header and options. */
  readonly headerLength: number;
  /** Bytes of data. */
  readonly length: number;
  maximumSegment: number | undefined = undefined;
  windowScale: number | undefined = undefined;
  sackPermitted = false;
  timestamp: Timestamp | undefined = undefined;
  sack: SackBlock[] = [];

  constructor(packet: Packet) {
    const { bytes, start, end } = packet;
    this.packet = packet;
    this.sourcePort = tcpSourcePort(bytes, start);
    this.destinationPort = tcpDestinationPort(bytes, start);
    this.sequence = tcpSequence(bytes, start);
    this.acknowledgement = tcpAcknowledgement(bytes, start);
    this.flags = tcpFlags(bytes, start);
    this.window = tcpWindow(bytes, start);
    this.headerLength = tcpHeaderLength(bytes, start);
    this.length = end - start - this.headerLength;
    const controls = (this.syn ? 1 : 0) + (this.fin ? 1 : 0);
    this.end = advance(this.sequence, this.length + controls);
    if (this.headerLength > TCP_MIN_HEADER)
      this.#readOptions(bytes, start + TCP_MIN_HEADER, start + this.headerLength);
  }

  get syn(): boolean {
    return (this.flags & TcpFlag.SYN) !== 0;
  }

  get ack(): boolean {
    return (this.flags & TcpFlag.ACK) !== 0;
  }

  get rst(): boolean {
    return (this.flags & TcpFlag.RST) !== 0;
  }

  get fin(): boolean {
    return (this.flags & TcpFlag.FIN) !== 0;
  }

  get psh(): boolean {
    return (this.flags & TcpFlag.PSH) !== 0;
  }

  /** The data from byte `from` on, copied. */
  data(from = 0): Uint8Array {
    const { bytes, start, end } = this.packet;
    return bytes.slice(start + this.headerLength + from, end);
  }

  /** tcp_parse_options(): what cannot be walked ends the list. */
  #readOptions(bytes: Uint8Array, from: number, end: number): void {
    let at = from;
    while (at < end) {
      const kind = bytes[at] ?? 0;
      if (kind === TcpOptionKind.END) return;
      if (kind === TcpOptionKind.NO_OPERATION) {
        at++;
        continue;
      }
      const length = bytes[at + 1] ?? 0;
      if (length < 2 || at + length > end) return;
      this.#readOption(bytes, at, kind, length);
      at += length;
    }
  }

  #readOption(bytes: Uint8Array, at: number, kind: number, length: number): void {
    if (kind === TcpOptionKind.TIMESTAMPS && length === 10)
      this.timestamp = { value: readU32BE(bytes, at + 2), echo: readU32BE(bytes, at + 6) };
    else if (kind === TcpOptionKind.SACK && length >= 10 && (length - 2) % 8 === 0) {
      for (let block = at + 2; block < at + length; block += 8)
        this.sack.push({ left: readU32BE(bytes, block), right: readU32BE(bytes, block + 4) });
    } else if (!this.syn) return;
    else if (kind === TcpOptionKind.MAXIMUM_SEGMENT_SIZE && length === 4)
      this.maximumSegment = readU16BE(bytes, at + 2);
    else if (kind === TcpOptionKind.WINDOW_SCALE && length === 3)
      this.windowScale = Math.min(bytes[at + 2] ?? 0, MAX_WINDOW_SHIFT);
    else if (kind === TcpOptionKind.SACK_PERMITTED && length === 2) this.sackPermitted = true;
  }
}
