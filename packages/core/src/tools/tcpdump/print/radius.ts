// RADIUS (RFC 2865, 2866, 5176): packets and their attributes. Values are in radius-values.ts.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2 } from "./numbers.ts";
import { RADIUS_ATTRIBUTES, RADIUS_PACKETS } from "./radius-names.ts";
import { radiusValue } from "./radius-values.ts";

const HEADER_LENGTH = 20;

function attributes(d: Dissector, start: number, total: number): void {
  let at = start;
  for (let left = total; left > 0;) {
    if (left < 2) d.cutOff();
    d.need(at, 2);
    const type = d.u8(at);
    const size = d.u8(at + 1);
    const known = RADIUS_ATTRIBUTES[type];
    d.text += `\n\t  ${known?.name ?? "Unknown"} Attribute (${type}), length: ${size}`;
    if (size < 2) {
      d.text += " (bogus, must be >= 2)";
      return;
    }
    if (size > left) {
      d.text += " (bogus, goes past end of packet)";
      return;
    }
    d.text += ", Value: ";
    if (size > 2 && known !== undefined) radiusValue(d, known, type, at + 2, size - 2);
    if (d.verbose > 1) unknownData(d, at + 2, "\n\t    ", size - 2);
    at += size;
    left -= size;
  }
}

function packet(d: Dissector, at: number, total: number): void {
  d.need(at, HEADER_LENGTH);
  let length = d.u16(at + 2);
  if (length < HEADER_LENGTH) d.cutOff();
  length = Math.min(length, total);
  const code = d.u8(at);
  const name = `${RADIUS_PACKETS[code] ?? "Unknown Command"} (${code}), id: 0x${hex2(d.u8(at + 1))}`;
  if (d.verbose === 0) {
    d.text += `RADIUS, ${name} length: ${length}`;
    return;
  }
  d.text += `RADIUS, length: ${length}\n\t${name}, Authenticator: ${d.hexBytes(at + 4, 16)}`;
  if (length > HEADER_LENGTH) attributes(d, at + HEADER_LENGTH, length - HEADER_LENGTH);
}

export function radius(d: Dissector, at: number, total: number): void {
  d.protocol = "radius";
  d.untilCut(() => packet(d, at, total));
}
