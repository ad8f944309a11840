// RPL control messages (RFC 6550), carried by ICMPv6.

import type { Dissector } from "./dissector.ts";
import { hexOnly } from "./hexdump.ts";
import { RPL_MODES, RPL_OPTIONS } from "./icmpv6-names.ts";
import { hex2 } from "./numbers.ts";

const DAG_ID = 16; // bytes

function options(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  while (left > 0) {
    const type = d.u8(at);
    let size = 1;
    if (type === 0) d.text += " opt:pad1";
    else {
      if (left < 2) {
        d.truncated();
        return;
      }
      const given = d.u8(at + 1);
      size = given + 2;
      d.text += ` opt:${RPL_OPTIONS.get(type) ?? `subopt:${type}`} len:${size} `;
      if (size > left || !d.has(at + 2, given)) {
        d.truncated();
        return;
      }
      if (d.verbose > 2) hexOnly(d, " ", at + 2, given);
    }
    at += size;
    left -= size;
  }
}

function informationObject(d: Dissector, at: number, length: number): void {
  if (length < 24) {
    d.text += ` [length ${length} < 24]`;
    return d.invalid();
  }
  const dag = d.ipv6(at + 8);
  const flags = d.u8(at + 4);
  const mode = (flags >>> 3) & 7;
  d.text += ` [dagid:${dag},seq:${d.u8(at + 5)},instance:${d.u8(at)},rank:${d.u16(at + 2)},`;
  d.text += `${(flags & 0x80) === 0 ? "" : "grounded,"}mop:${RPL_MODES.get(mode) ?? `mop${mode}`},prf:${flags & 7}]`;
  if (d.verbose > 1) options(d, at + 24, length - 24);
}

function dagIdentifier(d: Dissector, at: number, given: boolean): string {
  return given ? d.ipv6(at) : "<elided>";
}

function advertisement(d: Dissector, at: number, length: number): void {
  // With or without an identifier, so much must be there.
  d.check(at, 4 + DAG_ID);
  const flags = d.u8(at + 1);
  const given = (flags & 0x40) !== 0;
  const size = given ? 4 + DAG_ID : 4;
  if (length < size) {
    d.text += " [|length too short]";
    return;
  }
  d.text += ` [dagid:${dagIdentifier(d, at + 4, given)},seq:${d.u8(at + 3)},instance:${d.u8(at)}`;
  d.text += `${(flags & 0x80) === 0 ? "" : ",acK"}${given ? ",Dagid" : ""},${hex2(flags)}]`;
  if (d.verbose > 1) options(d, at + size, length - size);
}

function acknowledgement(d: Dissector, at: number, length: number): void {
  d.check(at, 4);
  const given = (d.u8(at + 1) & 0x80) !== 0;
  const size = given ? 4 + DAG_ID : 4;
  d.check(at, size);
  if (length < size) {
    d.text += " [|dao-length too short]";
    return;
  }
  d.text += ` [dagid:${dagIdentifier(d, at + 4, given)},seq:${d.u8(at + 2)}`;
  d.text += `,instance:${d.u8(at)},status:${d.u8(at + 3)}]`;
  if (d.verbose > 1) options(d, at + size, length - size);
}

/** The message with this ICMPv6 code; `at` is behind the checksum. */
export function rpl(d: Dissector, code: number, at: number, length: number): void {
  d.whileCaptured(() => message(d, code, at, length));
}

function message(d: Dissector, code: number, at: number, length: number): void {
  if ((code & 0x80) !== 0) {
    d.text += ", (SEC) [worktodo]";
    return;
  }
  d.text += ", (CLR)";
  switch (code & 0x7f) {
    case 0:
      d.text += "DODAG Information Solicitation";
      break;
    case 1:
      d.text += "DODAG Information Object";
      if (d.verbose > 0) informationObject(d, at, length);
      break;
    case 2:
      d.text += "Destination Advertisement Object";
      if (d.verbose > 0) advertisement(d, at, length);
      break;
    case 3:
      d.text += "Destination Advertisement Object Ack";
      if (d.verbose > 0) acknowledgement(d, at, length);
      break;
    default:
      d.text += `RPL message, unknown code ${code}`;
  }
}
