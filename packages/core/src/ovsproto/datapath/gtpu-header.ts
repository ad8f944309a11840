// GTP-U's header behind UDP (3GPP TS 29.281, 5.1; Open vSwitch's lib/netdev-native-tnl.c): flags, type of message, length, tunnel
// endpoint. What it carries begins with an IP header.

import { readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { W, word } from "../flow/flow.ts";
import type { Flow } from "../flow/flow.ts";

const HEADER_LENGTH = 8;
/** Sequence number, N-PDU number and type of the next extension header. */
const OPTIONAL_LENGTH = 4;
/** Version 1, GTP and not GTP'. */
const DEFAULT_FLAGS = 0x30;
const FLAG_SEQUENCE = 0x02;
/** G-PDU: a packet of the user. Other messages are of the tunnel itself. */
const USER_PACKET = 255;

/** What a header tells beside the endpoint. */
export interface GtpuFields {
  readonly flags: number;
  readonly messageType: number;
}

/** netdev_gtpu_build_header(): the end of the header. */
export function gtpuHeader(bytes: Uint8Array, at: number, flow: Flow): number {
  const words = word(flow, W.TUN_ERSPAN_GTPU);
  writeU8(bytes, at, (words >>> 8) & 0xff || DEFAULT_FLAGS);
  writeU8(bytes, at + 1, words & 0xff || USER_PACKET);
  writeU32BE(bytes, at + 4, word(flow, W.TUN_ID + 1));
  return at + HEADER_LENGTH;
}

/** netdev_gtpu_push_header(): `length` of what it carries, bytes. */
export function fillGtpuLength(bytes: Uint8Array, at: number, length: number): void {
  writeU16BE(bytes, at + 2, length);
}

/** `gtpu(flags=0x30,msgtype=255,teid=0x7b)` */
export function formatGtpu(bytes: Uint8Array, at: number): string {
  const endpoint = readU32BE(bytes, at + 4).toString(16);
  return `gtpu(flags=0x${readU8(bytes, at).toString(16)},msgtype=${readU8(bytes, at + 1)},teid=0x${endpoint})`;
}

export interface GtpuPacket {
  readonly fields: GtpuFields;
  readonly endpoint: number;
  /** Where the packet of the user begins, and its EtherType; a message of the tunnel itself has none. */
  readonly inner: { readonly at: number; readonly etherType: number } | undefined;
}

/** netdev_gtpu_pop_header(): undefined for what is cut off. */
export function readGtpu(bytes: Uint8Array, at: number, end: number): GtpuPacket | undefined {
  if (end - at < HEADER_LENGTH) return undefined;
  const fields = { flags: readU8(bytes, at), messageType: readU8(bytes, at + 1) };
  const endpoint = readU32BE(bytes, at + 4);
  if (fields.messageType !== USER_PACKET) return { fields, endpoint, inner: undefined };
  const inner = at + HEADER_LENGTH + (fields.flags & FLAG_SEQUENCE ? OPTIONAL_LENGTH : 0);
  if (inner >= end) return undefined;
  // version 3.1 takes anything but IPv4 for a frame
  const etherType = readU8(bytes, inner) >>> 4 === 4 ? 0x0800 : 0;
  return { fields, endpoint, inner: { at: inner, etherType } };
}
