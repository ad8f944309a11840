// Ethernet OAM PDUs (IEEE 802.3 clause 57).

import type { Dissector } from "./dissector.ts";
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
import { unknownData } from "./hexdump.ts";

const [INFORMATION, EVENT, LOOPBACK] = [0, 1, 4] as const;
/** Bytes of the value of each event, without type and length. */
const EVENT_LENGTHS: Readonly<Record<number, number>> = { 1: 38, 2: 24, 3: 26, 4: 16 };

export function oam(d: Dissector, start: number, total: number): void {
  if (total < 3) return d.truncated();
  const code = d.u8(start + 2);
  d.text += `\n\tCode ${OAM_CODES.get(code) ?? "Unknown (%u)"} OAM PDU, Flags [${OAM_FLAGS.bits(d.u16(start), "none")}]`;
  const at = start + 3;
  const left = total - 3;
  if (code === INFORMATION) information(d, at, left);
  else if (code === EVENT) events(d, at, left);
  else if (code === LOOPBACK) {
    if (left < 1) return d.truncated();
    const command = d.u8(at);
    d.text += `\n\t  Command ${LOOPBACK_COMMANDS.get(command) ?? "Unknown"} (${command})`;
    if (d.verbose > 1) unknownData(d, at + 1, "\n\t  ", left - 1);
  } else if (d.verbose <= 1) unknownData(d, at, "\n\t  ", left);
}

function information(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left > 0) {
    if (left < 2) return d.truncated();
    const type = d.u8(at);
    const length = d.u8(at + 1);
    d.text += `\n\t  ${OAM_INFORMATION.get(type) ?? "Reserved"} Information Type (${type}), length ${length}`;
    if (type === 0) return;
    if (length < 2) {
      d.text += "\n\t    ERROR: illegal length - should be >= 2";
      return;
    }
    if (length > left) return d.truncated();
    d.check(at, length);
    if (type === 1 || type === 2) {
      if (length !== 16) {
        d.text += "\n\t    ERROR: illegal length - should be 16";
        return;
      }
      const body = at + 2;
      const state = d.u8(body + 3);
      const oui = d.u24(body + 7);
      d.text += `\n\t    OAM-Version ${d.u8(body)}, Revision ${d.u16(body + 1)}`;
      d.text += `\n\t    State-Parser-Action ${PARSER_ACTIONS.get(state & 3) ?? "value %u"}`;
      d.text += `, State-MUX-Action ${MUX_ACTIONS.get(state & 4) ?? "value %u"}`;
      d.text += `\n\t    OAM-Config Flags [${OAM_CONFIGURATION.bits(d.u8(body + 4), "none")}]`;
      d.text += `, OAM-PDU-Config max-PDU size ${d.u16(body + 5)}`;
      d.text += `\n\t    OUI ${OUI_NAMES.get(oui) ?? "Unknown"} (0x${hex6(oui)}), Vendor-Private 0x${hex8(d.u32(body + 10))}`;
    }
    at += length;
    left -= length;
  }
}

function events(d: Dissector, start: number, total: number): void {
  if (total < 2) return d.truncated();
  d.text += `\n\t  Sequence Number ${d.u16(start)}`;
  let at = start + 2;
  let left = total - 2;
  while (left > 0) {
    if (left < 2) return d.truncated();
    const type = d.u8(at);
    const length = d.u8(at + 1);
    d.text += `\n\t  ${OAM_EVENTS.get(type) ?? "Reserved"} Link Event Type (${type}), length ${length}`;
    if (type === 0) return;
    if (length < 2) {
      d.text += "\n\t    ERROR: illegal length - should be >= 2";
      return;
    }
    if (length > left) return d.truncated();
    d.check(at, length);
    const expected = EVENT_LENGTHS[type];
    if (expected !== undefined) {
      if (length !== expected + 2) {
        d.text += `\n\t    ERROR: illegal length - should be ${expected + 2}`;
        return;
      }
      event(d, type, at + 2);
    }
    at += length;
    left -= length;
  }
}

function event(d: Dissector, type: number, at: number): void {
  d.text += `\n\t    Timestamp ${d.u16(at) * 100} ms`;
  const wide = (place: number): string => String(d.u64(place));
  if (type === 1) {
    d.text += `, Errored Window ${wide(at + 2)}\n\t    Errored Threshold ${wide(at + 10)}`;
    d.text += `\n\t    Errors ${wide(at + 18)}\n\t    Error Running Total ${wide(at + 26)}`;
    d.text += `\n\t    Event Running Total ${d.u32(at + 34)}`;
  } else if (type === 2) {
    d.text += `, Errored Window ${d.u16(at + 2)}\n\t    Errored Threshold ${d.u32(at + 4)}`;
    d.text += `\n\t    Errors ${d.u32(at + 8)}\n\t    Error Running Total ${wide(at + 12)}`;
    d.text += `\n\t    Event Running Total ${d.u32(at + 20)}`;
  } else if (type === 3) {
    d.text += `, Errored Window ${d.u32(at + 2)}\n\t    Errored Threshold ${d.u32(at + 6)}`;
    d.text += `\n\t    Errors ${d.u32(at + 10)}\n\t    Error Running Total ${wide(at + 14)}`;
    d.text += `\n\t    Event Running Total ${d.u32(at + 22)}`;
  } else {
    d.text += `, Errored Window ${d.u16(at + 2)}\n\t    Errored Threshold ${d.u16(at + 4)}`;
    d.text += `\n\t    Errors ${d.u16(at + 6)}\n\t    Error Running Total ${d.u32(at + 8)}`;
    d.text += `\n\t    Event Running Total ${d.u32(at + 12)}`;
  }
}
