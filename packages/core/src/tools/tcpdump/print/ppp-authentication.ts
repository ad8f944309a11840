// PAP (RFC 1334), CHAP (RFC 1994) and multilink headers (RFC 1990) of PPP.

import type { Dissector } from "./dissector.ts";
import { CHAP_CODES, PAP_CODES } from "./ppp-names.ts";
import { NameTable } from "./names.ts";
import { hex2, hexPadded, safeCharacter } from "./numbers.ts";

const MULTILINK_FLAGS = new NameTable([
  [0xc000, "begin, end"],
  [0x8000, "begin"],
  [0x4000, "end"],
  [0x0000, "none"],
]);

export function multilink(d: Dissector, at: number, length: number): void {
  if (!d.linkHeaders) d.text += "MLPPP, ";
  if (length < 2) {
    d.text += "[|mlppp]";
    return;
  }
  if (!d.has(at, 2)) {
    d.text += "[|mlppp]";
    return;
  }
  const value = d.u16(at);
  d.text += `seq 0x${hexPadded(value & 0x0fff, 3)}, Flags [${MULTILINK_FLAGS.get(value & 0xc000) ?? "none"}], length ${length}`;
}

export function chap(d: Dissector, start: number, total: number): void {
  if (total < 1) {
    d.text += "[|chap]";
    return;
  }
  if (total < 4) {
    d.check(start, 1);
    d.text += `[|chap 0x${hex2(d.u8(start))}]`;
    return;
  }
  const code = d.u8(start);
  d.text += `CHAP, ${CHAP_CODES.get(code) ?? "unknown"} (0x${hex2(code)})`;
  d.text += `, id ${d.u8(start + 1)}`;
  const length = d.u16(start + 2);
  const end = start + total;
  let at = start + 4;
  if (code === 1 || code === 2) {
    if (at >= end) return;
    const size = d.u8(at++);
    if (end - at < size) return;
    d.text += ", Value ";
    for (let index = 0; index < size; index++) d.text += hex2(d.u8(at++));
    // The original counts without a sign: a length that is too small goes on to the end of what was captured.
    const name = (length - (at - start)) >>> 0;
    d.text += ", Name ";
    for (let index = 0; index < name; index++) d.text += safeCharacter(d.u8(at++));
  } else if (code === 3 || code === 4) {
    const size = (length - (at - start)) >>> 0;
    d.text += ", Msg ";
    for (let index = 0; index < size; index++) d.text += safeCharacter(d.u8(at++));
  }
}

export function pap(d: Dissector, start: number, total: number): void {
  if (total < 1) {
    d.text += "[|pap]";
    return;
  }
  if (total < 4) {
    d.check(start, 1);
    d.text += `[|pap 0x${hex2(d.u8(start))}]`;
    return;
  }
  const code = d.u8(start);
  d.text += `PAP, ${PAP_CODES.get(code) ?? "unknown"} (0x${hex2(code)})`;
  d.text += `, id ${d.u8(start + 1)}`;
  const length = d.u16(start + 2);
  if (length > total) {
    d.text += `, length ${length} > packet size`;
    return;
  }
  if (length < 4) {
    d.text += `, length ${length} < PAP header length`;
    return;
  }
  if ((code === 1 && length < 6) || ((code === 2 || code === 3) && length < 5)) {
    d.text += "[|pap]";
    return;
  }
  const end = start + length;
  let at = start + 4;
  const string = (name: string): boolean => {
    if (end - at < 1) return false;
    const size = d.u8(at++);
    if (end - at < size) return false;
    d.text += `, ${name} `;
    for (let index = 0; index < size; index++) d.text += safeCharacter(d.u8(at++));
    return true;
  };
  if (code === 1) {
    if (string("Peer")) string("Name");
  } else if (code === 2 || code === 3) {
    // Some implementations send no message length of their own.
    string("Msg");
  }
}
