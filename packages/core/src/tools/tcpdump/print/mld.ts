// Multicast listener discovery (RFC 2710, RFC 3810).

import type { Dissector } from "./dissector.ts";
import { RECORD_TYPES } from "./icmpv6-names.ts";

/** Version 1. */
export function listener(d: Dissector, at: number): void {
  if (!d.has(at, 24)) return;
  d.text += `max resp delay: ${d.u16(at + 4)} addr: ${d.ipv6(at + 8)}`;
}

/** A code with an exponent above 32767 (RFC 3810 section 5.1.3). */
function maximumDelay(code: number): number {
  return code < 32_768 ? code : ((code & 0x0fff) | 0x1000) << (((code & 0x7000) >> 12) + 3);
}

function queryInterval(code: number): number {
  return code < 128 ? code : ((code & 0x0f) | 0x10) << (((code & 0x70) >> 4) + 3);
}

export function listenerQuery(d: Dissector, at: number, length: number): void {
  if (length < 28) {
    d.text += ` [invalid len ${length}]`;
    return;
  }
  const delay = maximumDelay(d.u16(at + 4));
  if (d.verbose > 0) d.text += ` [max resp delay=${delay}]`;
  d.text += ` [gaddr ${d.ipv6(at + 8)}`;
  if (d.verbose > 0) {
    const flags = d.u8(at + 24);
    if ((flags & 0x08) !== 0) d.text += " sflag";
    if ((flags & 0x07) !== 0) d.text += ` robustness=${flags & 7}`;
    d.text += ` qqi=${queryInterval(d.u8(at + 25))}`;
  }
  const sources = d.u16(at + 26);
  if (sources > 0) {
    if (length < 28 + sources * 16) d.text += " [invalid number of sources]";
    else if (d.verbose > 1) {
      d.text += " {";
      for (let index = 0; index < sources; index++) d.text += ` ${d.ipv6(at + 28 + index * 16)}`;
      d.text += " }";
    } else d.text += `, ${sources} source(s)`;
  }
  d.text += "]";
}

export function listenerReport(d: Dissector, at: number, length: number): void {
  if (length < 8) {
    d.text += ` [invalid len ${length}]`;
    return;
  }
  const records = d.u16(at + 6);
  d.text += `, ${records} group record(s)`;
  if (d.verbose === 0) return;
  let place = 8;
  for (let index = 0; index < records; index++) {
    if (length < place + 20) {
      d.text += " [invalid number of groups]";
      return;
    }
    const record = at + place;
    d.text += ` [gaddr ${d.ipv6(record + 4)}`;
    const type = d.u8(record);
    d.text += ` ${RECORD_TYPES.get(type) ?? ` [v2-report-#${type}]`}`;
    const sources = d.u16(record + 2);
    if (length < place + 20 + sources * 16) {
      d.text += ` [invalid number of sources ${sources}]`;
      return;
    }
    if (d.verbose === 1) d.text += `, ${sources} source(s)`;
    else {
      d.text += " {";
      for (let source = 0; source < sources; source++) d.text += ` ${d.ipv6(record + 20 + source * 16)}`;
      d.text += " }";
    }
    place += 20 + sources * 16;
    d.text += "]";
  }
}
