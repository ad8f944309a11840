// PPP over Ethernet (RFC 2516): discovery with its tags, and sessions.

import type { Dissector } from "./dissector.ts";
import { PPPOE_CODES, PPPOE_TAGS } from "./ppp-names.ts";
import { hex } from "./numbers.ts";

const PADI = 0x09;
/** RFC 2516 section 5.1: 1484 octets with the header. */
const LONGEST_PADI = 1478;
const HEADER_LENGTH = 6;
const SESSION = 0;
/** Of an Ethernet payload, bytes. */
/** Longer texts are cut. */
const MAX_TEXT = 79;

export function pppoe(d: Dissector, start: number, total: number): number {
  d.protocol = "pppoe";
  if (total < HEADER_LENGTH) {
    d.text += ` (length ${total} < ${HEADER_LENGTH})`;
    d.invalid();
    return total;
  }
  let length = total - HEADER_LENGTH;
  d.check(start, HEADER_LENGTH);
  const version = d.u8(start) >>> 4;
  const type = d.u8(start) & 15;
  const code = d.u8(start + 1);
  const session = d.u16(start + 2);
  const field = d.u16(start + 4);
  const at = start + HEADER_LENGTH;
  if (version !== 1) d.text += ` [ver ${version}]`;
  if (type !== 1) d.text += ` [type ${type}]`;
  d.text += `PPPoE ${PPPOE_CODES.get(code) ?? `PAD-${hex(code)}`}`;
  if (code === PADI && field > LONGEST_PADI) d.text += ` [len ${field}!]`;
  if (field > length) d.text += ` [len ${field} > ${length}!]`;
  if (session !== 0) d.text += ` [ses 0x${hex(session)}]`;
  if (field < length) length = field;
  if (code === SESSION) {
    d.text += " ";
    return HEADER_LENGTH + d.layers.ppp(d, at, length);
  }
  tags(d, at, length);
  return 0;
}

function tags(d: Dissector, start: number, length: number): void {
  let at = start;
  const end = start + length;
  let type = 0xffff;
  while (type !== 0 && at < end) {
    d.check(at, 4);
    type = d.u16(at);
    const size = d.u16(at + 2);
    at += 4;
    const name = PPPOE_TAGS.get(type) ?? `TAG-0x${hex(type)}`;
    if (size === 0) d.text += ` [${name}]`;
    else {
      d.check(at, size);
      value(d, name, at, size);
    }
    at += size;
  }
}

/** Text if most of it can be printed. */
function value(d: Dissector, name: string, at: number, size: number): void {
  let text = "";
  let strange = 0;
  for (let index = 0; index < Math.min(size, MAX_TEXT); index++) {
    const byte = d.u8(at + index);
    const printable = byte >= 0x20 && byte < 0x7f;
    if (!printable) strange++;
    text += printable ? String.fromCharCode(byte) : ".";
  }
  if (text.length - strange > strange) d.text += ` [${name} "${text}"]`;
  else d.text += ` [${name} 0x${d.hexBytes(at, size).toUpperCase()}]`;
}
