// Babel routing protocol (RFC 8966) with its authentication (RFC 8967), and the source-specific drafts.

import type { Dissector } from "./dissector.ts";
import { babelTlv, NO_PREFIXES } from "./babel-tlvs.ts";
import type { Prefixes } from "./babel-tlvs.ts";

const MAGIC = 42;
const HEADER_LENGTH = 4;
const PAD1 = 0;

/** Messages of a body or a trailer. False if one is longer than what is left. */
function messages(d: Dissector, at: number, length: number): boolean {
  let prefixes: Prefixes = NO_PREFIXES;
  for (let index = 0; index < length;) {
    const type = d.u8(at + index);
    if (type === PAD1) {
      d.text += d.verbose > 0 ? "\n\tPad 1" : " pad1";
      index++;
      continue;
    }
    if (index + 2 > length) return false;
    d.need(at + index, 2);
    const size = d.u8(at + index + 1);
    if (index + 2 + size > length) return false;
    d.need(at + index, 2 + size);
    const next = babelTlv(d, type, at + index, size, prefixes);
    if (next === undefined) return false;
    prefixes = next;
    index += 2 + size;
  }
  return true;
}

function packet(d: Dissector, at: number, length: number): void {
  d.text += "babel";
  d.need(at, HEADER_LENGTH);
  if (d.u8(at) !== MAGIC) {
    d.text += " invalid header";
    return;
  }
  const version = d.u8(at + 1);
  d.text += ` ${version}`;
  if (version !== 2) {
    d.text += " unknown version";
    return;
  }
  if (length < HEADER_LENGTH) return d.invalid();
  const body = d.u16(at + 2);
  d.text += ` (${body})`;
  const rest = length - HEADER_LENGTH;
  if (rest < body || !messages(d, at + HEADER_LENGTH, body)) return d.invalid();
  if (rest === body) return;
  d.text += d.verbose > 0 ? "\n\t----" : " |";
  if (!messages(d, at + HEADER_LENGTH + body, rest - body)) d.invalid();
}

export function babel(d: Dissector, at: number, length: number): void {
  d.protocol = "babel";
  d.untilCut(() => packet(d, at, length));
}
