// L2TP version 2 (RFC 2661). What the attributes hold is in l2tp-attributes.ts.

import type { Dissector } from "./dissector.ts";
import { attribute } from "./l2tp-attributes.ts";

const [TYPE, LENGTH, SEQUENCE, OFFSET, PRIORITY] = [0x8000, 0x4000, 0x0800, 0x0200, 0x0100] as const;
const LETTERS: readonly (readonly [number, string])[] = [
  [TYPE, "T"],
  [LENGTH, "L"],
  [SEQUENCE, "S"],
  [OFFSET, "O"],
  [PRIORITY, "P"],
];

/** The header up to the length that it announces. Undefined if nothing can follow. */
function header(d: Dissector, start: number, total: number): { at: number; left: number } | undefined {
  const flags = d.u16(start);
  const version = flags & 15;
  if (version === 1) {
    d.text += " l2f:";
    return undefined;
  }
  if (version !== 2) {
    d.text += " Unknown Version, neither L2F(1) nor L2TP(2)";
    return undefined;
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
    if (!d.has(at + 2, padding)) {
      d.truncated();
      return undefined;
    }
    at += 2 + padding;
  }
  let length = total;
  if (hasLength) {
    if (length < announced) {
      d.text += ` Length ${announced} larger than packet`;
      return undefined;
    }
    length = announced;
  }
  const left = length - (at - start);
  if (left < 0) {
    d.text += ` Length ${length} smaller than header length`;
    return undefined;
  }
  return { at, left };
}

function attributes(d: Dissector, start: number, total: number): void {
  let at = start;
  for (let left = total; left > 0;) {
    d.text += " ";
    const size = d.u16(at) & 0x3ff;
    if (size < 6 || size > left) d.cutOff();
    d.need(at, size);
    attribute(d, at, size);
    at += size;
    left -= size;
  }
}

export function l2tp(d: Dissector, start: number, total: number): void {
  d.protocol = "l2tp";
  const body = header(d, start, total);
  if (body === undefined) return;
  const flags = d.u16(start);
  const { at, left } = body;
  if ((flags & TYPE) === 0) {
    d.text += " {";
    d.layers.ppp(d, at, left);
    d.text += "}";
  } else if ((flags & LENGTH) === 0) d.text += " No length";
  else if (left === 0) d.text += " ZLB";
  else d.untilCut(() => attributes(d, at, left));
}
