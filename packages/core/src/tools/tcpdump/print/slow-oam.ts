// Ethernet OAM PDUs (IEEE 802.3 clause 57).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex6, hex8 } from "./numbers.ts";
import { OUI_NAMES } from "./oui-names.ts";
import {
  LOOPBACK_COMMANDS,
  MUX_ACTIONS,
  OAM_CODES,
  OAM_CONFIGURATION,
  OAM_EVENTS,
  OAM_FLAGS,
  OAM_INFORMATION,
  PARSER_ACTIONS,
} from "./slow-names.ts";

const [INFORMATION, EVENT, LOOPBACK] = [0, 1, 4] as const;
const HEADER_LENGTH = 3;
const TLV_HEADER = 2;
/** What tcpdump takes every event for, whose fields have other lengths than the standard gives most of them. */
const EVENT_LENGTH = 40;
const INFORMATION_LENGTH = 16;
const MAX_PDU_SIZE = 0x7ff;

export function oam(d: Dissector, start: number, total: number, tooShort: () => never): void {
  if (total < HEADER_LENGTH) tooShort();
  d.check(start, HEADER_LENGTH);
  const code = d.u8(start + 2);
  d.text += `\n\tCode ${OAM_CODES.get(code) ?? `Unknown (${code})`} OAM PDU, Flags [${OAM_FLAGS.bits(d.u16(start), "none")}]`;
  const [at, left] = [start + HEADER_LENGTH, total - HEADER_LENGTH];
  if (code === INFORMATION) values(d, at, left, INFORMATION_VALUE, tooShort);
  else if (code === EVENT) {
    if (left < 2) tooShort();
    d.text += `\n\t  Sequence Number ${d.u16(at)}`;
    values(d, at + 2, left - 2, EVENT_VALUE, tooShort);
  } else if (code === LOOPBACK) {
    if (left < 1) tooShort();
    const command = d.u8(at);
    d.text += `\n\t  Command ${LOOPBACK_COMMANDS.get(command) ?? "Unknown"} (${command})`;
  } else if (d.verbose <= 1) unknownData(d, at, "\n\t  ", left);
}

/** A kind of type-length-values. */
interface Value {
  name(type: number): string;
  /** The length of those that can be printed. */
  length(type: number): number | undefined;
  print(d: Dissector, at: number): void;
}

const INFORMATION_VALUE: Value = {
  name: (type) => `${OAM_INFORMATION.get(type) ?? "Reserved"} Information Type`,
  length: (type) => (type === 1 || type === 2 ? INFORMATION_LENGTH : undefined),
  print(d, at) {
    const [state, oui] = [d.u8(at + 5), d.u24(at + 9)];
    d.text += `\n\t    OAM-Version ${d.u8(at + 2)}, Revision ${d.u16(at + 3)}`;
    d.text += `\n\t    State-Parser-Action ${PARSER_ACTIONS.get(state & 3) ?? "Reserved"}`;
    d.text += `, State-MUX-Action ${MUX_ACTIONS.get(state & 4) ?? "Reserved"}`;
    d.text += `\n\t    OAM-Config Flags [${OAM_CONFIGURATION.bits(d.u8(at + 6), "none")}]`;
    d.text += `, OAM-PDU-Config max-PDU size ${d.u16(at + 7) & MAX_PDU_SIZE}`;
    d.text += `\n\t    OUI ${OUI_NAMES.get(oui) ?? "Unknown"} (0x${hex6(oui)}), Vendor-Private 0x${hex8(d.u32(at + 12))}`;
  },
};

const EVENT_VALUE: Value = {
  name: (type) => `${OAM_EVENTS.get(type) ?? "Reserved"} Link Event Type`,
  length: (type) => (type >= 1 && type <= 4 ? EVENT_LENGTH : undefined),
  print(d, at) {
    d.text += `\n\t    Timestamp ${d.u16(at + 2) * 100} ms, Errored Window ${d.u64(at + 4)}`;
    d.text += `\n\t    Errored Threshold ${d.u64(at + 12)}\n\t    Errors ${d.u64(at + 20)}`;
    d.text += `\n\t    Error Running Total ${d.u64(at + 28)}\n\t    Event Running Total ${d.u32(at + 36)}`;
  },
};

function values(d: Dissector, start: number, total: number, kind: Value, tooShort: () => never): void {
  let at = start;
  for (let left = total; left > 0;) {
    if (left < TLV_HEADER) tooShort();
    const [type, length] = [d.u8(at), d.u8(at + 1)];
    d.text += `\n\t  ${kind.name(type)} (${type}), length ${length}`;
    if (type === 0) return;
    if (length < TLV_HEADER) {
      d.text += `\n\t    ERROR: illegal length - should be >= ${TLV_HEADER}`;
      return;
    }
    if (left < length) tooShort();
    d.check(at, length);
    const expected = kind.length(type);
    let showsBytes = expected === undefined;
    if (expected !== undefined && expected !== length) {
      d.text += `\n\t    ERROR: illegal length - should be ${expected}`;
      showsBytes = true;
    } else if (expected !== undefined) kind.print(d, at);
    if (d.verbose > 1 || showsBytes) unknownData(d, at, "\n\t  ", length);
    at += length;
    left -= length;
  }
}
