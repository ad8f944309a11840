// L2TP version 2 (RFC 2661). What the attributes hold is in l2tp-attributes.ts.

import type { Dissector } from "./dissector.ts";
import { TRUNCATED } from "./dissector.ts";
import { attribute } from "./l2tp-attributes.ts";

const [TYPE, LENGTH, SEQUENCE, OFFSET, PRIORITY] = [0x8000, 0x4000, 0x0800, 0x0200, 0x0100] as const;
const LETTERS: readonly (readonly [number, string])[] = [
  [TYPE, "T"],
  [LENGTH, "L"],
  [SEQUENCE, "S"],
  [OFFSET, "O"],
  [PRIORITY, "P"],
];

export function l2tp(d: Dissector, start: number, total: number): void {
  d.protocol = "l2tp";
  const flags = d.u16(start);
  const version = flags & 15;
  if (version === 1) {
    d.text += " l2f:";
    return;
  }
  if (version !== 2) {
    d.text += " Unknown Version, neither L2F(1) nor L2TP(2)";
    return;
  }
  d.text += ` l2tp:[${LETTERS.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("")}]`;
  let at = start + 2;
  const hasLength = (flags & LENGTH) !== 0;
  const announced = hasLength ? d.u16(at) : 0;
  if (hasLength) at += 2;
  d.text += `(${d.u16(at)}/`;
  d.text += `${d.u16(at + 2)})`;
  at += 4;
  if ((flags & SEQUENCE) !== 0) {
    d.text += `Ns=${d.u16(at)},`;
    d.text += `Nr=${d.u16(at + 2)}`;
    at += 4;
  }
  if ((flags & OFFSET) !== 0) {
    const padding = d.u16(at);
    d.check(at + 2, padding);
    at += 2 + padding;
  }
  let length = total;
  if (hasLength) {
    if (length < announced) {
      d.text += ` Length ${announced} larger than packet`;
      return;
    }
    length = announced;
  }
  let left = length - (at - start);
  if (left < 0) {
    d.text += ` Length ${length} smaller than header length`;
    return;
  }
  if ((flags & TYPE) === 0) {
    d.text += " {";
    d.layers.ppp(d, at, left);
    d.text += "}";
    return;
  }
  if (!hasLength) {
    d.text += " No length";
    return;
  }
  if (left === 0) d.text += " ZLB";
  while (left > 0) {
    d.text += " ";
    const size = d.u16(at) & 0x3ff;
    if (size < 6 || size > left) throw TRUNCATED;
    d.check(at, size);
    attribute(d, at, size);
    at += size;
    left -= size;
  }
}
