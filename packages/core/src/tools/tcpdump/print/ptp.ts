// PTP version 2 (IEEE 1588-2008) over UDP and Ethernet.

import type { Dissector } from "./dissector.ts";
import { NameTable } from "./names.ts";
import { hex } from "./numbers.ts";

const HEADER_LENGTH = 34;
/** Of the first byte: the hardware takes part in version 1 too (annex D of IEEE 1588-2008). */
const V1_COMPATIBLE = 0x10;
const [SYNC, DELAY_REQUEST, PEER_DELAY_REQUEST, PEER_DELAY_RESPONSE, FOLLOW_UP, DELAY_RESPONSE] = [
  0, 1, 2, 3, 8, 9,
] as const;
const [PEER_DELAY_FOLLOW_UP, ANNOUNCE, SIGNALING, MANAGEMENT] = [10, 11, 12, 13] as const;

const MESSAGES: ReadonlyMap<number, string> = new Map([
  [SYNC, "sync msg"],
  [DELAY_REQUEST, "delay req msg"],
  [PEER_DELAY_REQUEST, "peer delay req msg"],
  [PEER_DELAY_RESPONSE, "peer delay resp msg"],
  [FOLLOW_UP, "follow up msg"],
  [DELAY_RESPONSE, "delay resp msg"],
  [PEER_DELAY_FOLLOW_UP, "pdelay resp fup msg"],
  [ANNOUNCE, "announce msg"],
  [SIGNALING, "signalling msg"],
  [MANAGEMENT, "management msg"],
]);
const CONTROLS = ["Sync", "Delay_Req", "Follow_Up", "Delay_Resp", "Management", "Other"];
const FLAGS = new NameTable([
  [0x1, "l1 61"],
  [0x2, "l1 59"],
  [0x4, "utc reasonable"],
  [0x8, "timescale"],
  [0x10, "time tracable"],
  [0x20, "frequency tracable"],
  [0x100, "alternate master"],
  [0x200, "two step"],
  [0x400, "unicast"],
  [0x1000, "profile specific 1"],
  [0x2000, "profile specific 2"],
  [0x4000, "security mask"],
  [0x18c0, "unknown"],
]);

function u48(d: Dissector, at: number): number {
  d.check(at, 6);
  return d.u16(at) * 2 ** 32 + d.u32(at + 2);
}

/** Seconds of 48 bits and nanoseconds. */
function timestamp(d: Dissector, at: number, name: string, comma = ","): void {
  d.text += `, ${name} :`;
  d.text += ` ${u48(d, at)} seconds${comma}`;
  d.text += ` ${d.u32(at + 6)} nanoseconds`;
}

function portIdentity(d: Dissector, at: number): void {
  d.text += `, port identity : 0x${d.u64(at).toString(16)}`;
  d.text += `, port id : ${d.u16(at + 8)}`;
}

function announce(d: Dissector, at: number): void {
  timestamp(d, at, "originTimeStamp", "");
  d.text += `, origin cur utc :${d.u16(at + 10)}`;
  d.text += `, rsvd : ${d.u8(at + 12)}`;
  d.text += `, gm priority_1 : ${d.u8(at + 13)}`;
  d.text += `, gm clock class : ${d.u8(at + 14)}`;
  d.text += `, gm clock accuracy : ${d.u8(at + 15)}`;
  d.text += `, gm clock variance : ${d.u16(at + 16)}`;
  d.text += `, gm priority_2 : ${d.u8(at + 18)}`;
  d.text += `, gm clock id : 0x${d.u64(at + 19).toString(16)}`;
  d.text += `, steps removed : ${d.u16(at + 27)}`;
  d.text += `, time source : 0x${hex(d.u8(at + 29))}`;
}

function management(d: Dissector, at: number): void {
  portIdentity(d, at);
  // The identity is read again: the fields overlap it, as tcpdump shows them.
  d.text += `, , start boundary hops  ${d.u8(at)}`;
  d.text += `, , boundary hops  ${d.u8(at)}`;
  d.text += `, , flags  0x${hex(d.u8(at))}`;
  d.text += `, , reserved  0x${hex(d.u8(at))}`;
}

function body(d: Dissector, type: number, at: number): void {
  switch (type) {
    case SYNC:
    case DELAY_REQUEST:
      return timestamp(d, at, "originTimeStamp");
    case FOLLOW_UP:
      return timestamp(d, at, "preciseOriginTimeStamp");
    case PEER_DELAY_REQUEST:
    case PEER_DELAY_FOLLOW_UP:
      timestamp(d, at, "preciseOriginTimeStamp");
      return portIdentity(d, at + 10);
    case PEER_DELAY_RESPONSE:
    case DELAY_RESPONSE:
      timestamp(d, at, "receiveTimeStamp");
      return portIdentity(d, at + 10);
    case ANNOUNCE:
      return announce(d, at);
    case SIGNALING:
      return portIdentity(d, at);
    case MANAGEMENT:
      return management(d, at);
    default:
  }
}

export function ptp(d: Dissector, at: number, length: number): void {
  d.protocol = "ptp";
  if (length < HEADER_LENGTH) {
    d.text += ` [length ${length} < ${HEADER_LENGTH}]`;
    d.invalid();
    return;
  }
  const version = d.u16(at) & 0xff;
  d.text += `PTPv${version}`;
  if (version === 1) d.text += " (not implemented)";
  if (version !== 2) return;
  const first = d.u8(at);
  const type = first & 15;
  d.text += `, v1 compat : ${(first & V1_COMPATIBLE) === 0 ? "no" : "yes"}, msg type : ${MESSAGES.get(type) ?? "Reserved"}`;
  d.text += `, length : ${d.u16(at + 2)}`;
  d.text += `, domain : ${d.u16(at + 4) >>> 8}, reserved1 : ${d.u8(at + 5)}`;
  d.text += `, Flags [${FLAGS.bits(d.u16(at + 6), "none")}]`;
  d.text += `, NS correction : ${u48(d, at + 8)}`;
  d.text += `, sub NS correction : ${d.u16(at + 14)}`;
  d.text += `, reserved2 : ${d.u32(at + 16)}`;
  d.text += `, clock identity : 0x${d.u64(at + 20).toString(16)}`;
  d.text += `, port id : ${d.u16(at + 28)}`;
  d.text += `, seq id : ${d.u16(at + 30)}`;
  const control = d.u8(at + 32);
  d.text += `, control : ${control} (${CONTROLS[control] ?? "Reserved"})`;
  d.text += `, log message interval : ${d.u16(at + 32) & 0xff}`;
  body(d, type, at + HEADER_LENGTH);
}
