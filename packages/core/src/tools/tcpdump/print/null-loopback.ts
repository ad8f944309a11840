// BSD's loopback: DLT_NULL has the address family in the byte order of the capturing host, DLT_LOOP in network order.

import type { Dissector } from "./dissector.ts";
import { hexAndAscii } from "./hexdump.ts";
import { printsUnknown } from "./options.ts";

const HEADER_LENGTH = 4;

const FAMILIES: ReadonlyMap<number, string> = new Map([
  [2, "IPv4"],
  [6, "NS"],
  [7, "ISO"],
  [16, "Appletalk"],
  [23, "IPX"],
  [24, "IPv6"],
  [28, "IPv6"],
  [30, "IPv6"],
]);

function swapped(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

export function nullLoopback(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "null";
  d.check(start, HEADER_LENGTH);
  let family = d.u32le(start);
  if ((family & 0xffff_0000) >>> 0 !== 0) family = swapped(family);
  const length = total - HEADER_LENGTH;
  const at = start + HEADER_LENGTH;
  const describe = (): void => {
    const name = FAMILIES.get(family);
    if (d.quiet > 0) d.text += name ?? `Unknown AF ${family}`;
    else d.text += `AF ${name ?? "Unknown"} (${family})`;
    d.text += `, length ${total}: `;
  };
  if (d.linkHeaders) describe();
  const name = FAMILIES.get(family);
  if (name === "IPv4") d.layers.ipv4(d, at, length);
  else if (name === "IPv6") d.layers.ipv6(d, at, length);
  else if (name === "ISO") d.layers.osi(d, at, length);
  else if (name === "Appletalk") d.layers.appletalk(d, at, length);
  else if (name === "IPX") d.layers.ipx(d, at, length);
  else {
    if (!d.linkHeaders) describe();
    if (printsUnknown(d.options)) hexAndAscii(d, "\n\t", at, captured - HEADER_LENGTH);
  }
  return HEADER_LENGTH;
}
