// OSI network addresses (NSAP, ISO 8348) and IS-IS identifiers as text.

import type { Dissector } from "../dissector.ts";
import { hex2, hex4 } from "../numbers.ts";

/** Longest NSAP in bytes. */
const MAX_LENGTH = 20;

/** An NSAP whose bytes are not in the packet. */
export function nsapText(bytes: readonly number[]): string {
  if (bytes.length < 1 || bytes.length > MAX_LENGTH) return "isonsap_string: illegal length";
  let text = "";
  bytes.forEach((byte, index) => {
    text += hex2(byte);
    if ((index & 1) === 0 && index + 1 < bytes.length) text += ".";
  });
  return text;
}

export function nsap(d: Dissector, at: number, length: number): string {
  d.check(at, length);
  if (length < 1 || length > MAX_LENGTH) return nsapText([]);
  return nsapText(Array.from({ length }, (_, index) => d.u8(at + index)));
}

/** System id with a pseudonode and a fragment, as far as `length` (6 to 8) says: 1921.6800.1001.00-00. */
export function isisId(d: Dissector, at: number, length: number): string {
  d.check(at, length);
  let text = "";
  for (let index = 0; index < length && index < 6; index += 2) {
    text +=
      (index === 0 ? "" : ".") + (index + 1 < length ? hex4(d.u16(at + index)) : hex2(d.u8(at + index)));
  }
  if (length >= 7) text += `.${hex2(d.u8(at + 6))}`;
  if (length === 8) text += `-${hex2(d.u8(at + 7))}`;
  return text;
}
