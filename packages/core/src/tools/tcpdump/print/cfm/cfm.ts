// Connectivity fault management (IEEE 802.1Q clause 21, ITU-T Y.1731).

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { hex2, hex4, hex8 } from "../numbers.ts";
import { OUI_NAMES } from "../oui-names.ts";
import {
  ASSOCIATION_FORMATS,
  DOMAIN_FORMATS,
  INTERFACE_STATES,
  OPCODES,
  PORT_STATES,
  RELAY_ACTIONS,
  REPLY_FLAGS,
  TLVS,
} from "./names.ts";
import { senderId } from "./sender.ts";

const HEADER_LENGTH = 4;
const TLV_HEADER = 3;
const [CONTINUITY, LINKTRACE_REPLY, LINKTRACE] = [1, 4, 5] as const;
const [CONTINUITY_LENGTH, REPLY_LENGTH, LINKTRACE_LENGTH] = [70, 6, 17] as const;
const NAMES_LENGTH = 48;
/** Seconds between continuity checks. */
const INTERVALS = [0, 0.003333, 0.01, 0.1, 1, 10, 60, 600].map((seconds) => Math.fround(seconds));
/** A peer is lost after so many intervals. */
const [SHORTEST_LIFE, LONGEST_LIFE] = [3.25, 3.5] as const;

export function cfm(d: Dissector, at: number, length: number): void {
  d.protocol = "cfm";
  d.untilCut(() => frame(d, at, length));
}

function tooShort(d: Dissector): void {
  d.text += "\n\t\t packet is too short";
}

function frame(d: Dissector, start: number, length: number): void {
  if (length < HEADER_LENGTH) return tooShort(d);
  d.need(start, HEADER_LENGTH);
  const first = d.u8(start);
  const version = first & 0x1f;
  if (version !== 0) {
    d.text += `CFMv${version} not supported, length ${length}`;
    return;
  }
  const opcode = d.u8(start + 1);
  d.text += `CFMv${version} ${OPCODES.get(opcode) ?? `unknown (${opcode})`}, MD Level ${first >>> 5}, length ${length}`;
  if (d.verbose < 1) return;
  const offset = d.u8(start + 3);
  d.text += `\n\tFirst TLV offset ${offset}`;
  const at = start + HEADER_LENGTH;
  const left = length - HEADER_LENGTH;
  if (offset > left) {
    d.text += ` (too large, must be <= ${left})`;
    return;
  }
  if (!message(d, opcode, d.u8(start + 2), at, left, offset)) return;
  tlvs(d, at + offset, left - offset);
}

/** False if nothing more is to be printed. */
function message(
  d: Dissector,
  opcode: number,
  flags: number,
  at: number,
  left: number,
  offset: number,
): boolean {
  const fits = (size: number, number: number): boolean => {
    if (offset >= size) {
      d.need(at, size);
      return true;
    }
    d.text += ` (too small ${number}, must be >= ${size})`;
    return false;
  };
  switch (opcode) {
    case CONTINUITY:
      return fits(CONTINUITY_LENGTH, 1) && continuity(d, flags, at);
    case LINKTRACE:
      if (!fits(LINKTRACE_LENGTH, 4)) return false;
      d.text += `, Flags [${(flags & 0x80) === 0 ? "none" : "Use Forwarding-DB only"}]\n\t  Transaction-ID 0x${hex8(d.u32(at))}, ttl ${d.u8(at + 4)}`;
      d.text += `\n\t  Original-MAC ${d.mac(at + 5)}, Target-MAC ${d.mac(at + 11)}`;
      return true;
    case LINKTRACE_REPLY: {
      if (!fits(REPLY_LENGTH, 5)) return false;
      const action = d.u8(at + 5);
      d.text += `, Flags [${REPLY_FLAGS.bits(flags, "none")}]\n\t  Transaction-ID 0x${hex8(d.u32(at))}, ttl ${d.u8(at + 4)}`;
      d.text += `\n\t  Replay-Action ${RELAY_ACTIONS.get(action) ?? "Unknown"} (${action})`;
      return true;
    }
    default:
      unknownData(d, at, "\n\t  ", left - offset);
      return true;
  }
}

function seconds(value: number): string {
  return `${value.toFixed(3)}s`;
}

function continuity(d: Dissector, flags: number, at: number): boolean {
  const interval = flags & 7;
  d.text += `, Flags [CCM Interval ${interval}${(flags & 0x80) === 0 ? "" : ", RDI"}]`;
  if (interval > 0) {
    const base = INTERVALS[interval] ?? 0;
    d.text += `\n\t  CCM Interval ${seconds(base)}, min CCM Lifetime ${seconds(base * SHORTEST_LIFE)}, max CCM Lifetime ${seconds(base * LONGEST_LIFE)}`;
  }
  d.text += `\n\t  Sequence Number 0x${hex8(d.u32(at))}, MA-End-Point-ID 0x${hex4(d.u16(at + 4))}`;
  let place = at + 6;
  let left = NAMES_LENGTH - 1;
  const format = d.u8(place++);
  const formatName = DOMAIN_FORMATS.get(format) ?? "Unknown";
  d.text += `\n\t  MD Name Format ${formatName} (${format})`;
  if (format !== 1) {
    const length = d.u8(place++);
    left--;
    d.text += `, MD Name length ${length}`;
    if (length > left - 3) {
      d.text += ` (too large, must be <= ${left - 2})`;
      return false;
    }
    d.text += "\n\t  MD Name: ";
    if (format === 2 || format === 4) d.paddedCharacters(place, length);
    else if (format === 3) {
      d.text += length === 6 ? `\n\t  MAC ${d.mac(place)}` : "\n\t  MAC (length invalid)";
    } else unknownData(d, place, "\n\t    ", length);
    place += length;
    left -= length;
  }
  const association = d.u8(place);
  const length = d.u8(place + 1);
  place += 2;
  left -= 2;
  d.text += `\n\t  MA Name-Format ${ASSOCIATION_FORMATS.get(association) ?? "Unknown"} (${association}), MA name length ${length}`;
  if (length > left) {
    d.text += ` (too large, must be <= ${left})`;
    return false;
  }
  d.text += "\n\t  MA Name: ";
  if (association === 2) d.paddedCharacters(place, length);
  else unknownData(d, place, "\n\t    ", length);
  return true;
}

function tlvs(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left > 0) {
    const type = d.u8(at);
    d.text += `\n\t${TLVS.get(type) ?? "Unknown"} TLV (0x${hex2(type)})`;
    if (type === 0) return;
    if (left < TLV_HEADER) return tooShort(d);
    d.need(at, TLV_HEADER);
    const length = d.u16(at + 1);
    d.text += `, length ${length}`;
    at += TLV_HEADER;
    left -= TLV_HEADER;
    if (left < length) return tooShort(d);
    d.need(at, length);
    const used = tlv(d, type, at, length);
    if (used < 0) return;
    at += used;
    left -= used;
  }
}

function refuse(d: Dissector, least: number): number {
  d.text += ` (too short, must be >= ${least})`;
  return -1;
}

/** Returns how far to go on; -1 ends the frame. */
function tlv(d: Dissector, type: number, at: number, length: number): number {
  let hexdump = false;
  if (type === 2 || type === 3) {
    if (length < 1) return refuse(d, 1);
    const state = d.u8(at);
    d.text += `, Status: ${(type === 2 ? PORT_STATES : INTERFACE_STATES).get(state) ?? "Unknown"} (${state})`;
  } else if (type === 31) {
    if (length < 4) return refuse(d, 4);
    const oui = d.u24(at);
    d.text += `, Vendor: ${OUI_NAMES.get(oui) ?? "Unknown"} (${oui}), Sub-Type ${d.u8(at + 3)}`;
    hexdump = true;
  } else if (type === 1) {
    const sender = senderId(d, at, length);
    if (sender.ends) return -1;
    // What is left of the length is shown from the start, and skipped, as the original does.
    if (sender.shown && (sender.hexdump || d.verbose > 1)) unknownData(d, at, "\n\t  ", sender.left);
    return sender.used + sender.left;
  } else hexdump = true;
  if (hexdump || d.verbose > 1) unknownData(d, at, "\n\t  ", length);
  return length;
}
