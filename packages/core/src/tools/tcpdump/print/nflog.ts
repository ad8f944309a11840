// NFLOG (LINKTYPE_NFLOG of tcpdump.org): a header, attributes, and the packet as the last of them.

import type { Dissector } from "./dissector.ts";
import { defaultPrint } from "./ethernet.ts";
import { hex2 } from "./numbers.ts";

const HEADER_LENGTH = 4;
const ATTRIBUTE_LENGTH = 4;
const PAYLOAD = 9;
const [IPV4, IPV6] = [2, 10] as const;

function describe(d: Dissector, at: number, length: number): void {
  const family = d.u8(at);
  const name = family === IPV4 ? "IPv4" : family === IPV6 ? "IPv6" : undefined;
  d.text += `version ${d.u8(at + 1)}, resource ID ${d.u16(at + 2)}`;
  if (d.quiet === 0) d.text += `, family ${name ?? "Unknown"} (${family})`;
  else d.text += `, ${name ?? `Unknown NFLOG (0x${hex2(family)})`}`;
  d.text += `, length ${length}: `;
}

/** Moves over the attributes. Returns the offset of the packet and if all of it could be read. */
function packet(d: Dissector, start: number, total: number): readonly [at: number, whole: boolean] {
  let at = start;
  for (let left = total; left > 0;) {
    if (!d.has(at, ATTRIBUTE_LENGTH)) return [at, false];
    const size = (d.u16le(at) + 3) & ~3 & 0xffff;
    if (size < ATTRIBUTE_LENGTH || !d.has(at, size)) return [at, false];
    if (d.u16le(at + 2) === PAYLOAD) return [at + ATTRIBUTE_LENGTH, true];
    at += size;
    left -= size;
  }
  return [at, true];
}

export function nflog(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "nflog";
  if (captured < HEADER_LENGTH) {
    d.truncated();
    return captured;
  }
  if (d.u8(start + 1) !== 0) {
    d.text += `version ${d.u8(start + 1)} (unknown)`;
    return HEADER_LENGTH;
  }
  if (d.linkHeaders) describe(d, start, total);
  const [at, whole] = packet(d, start + HEADER_LENGTH, total - HEADER_LENGTH);
  const headers = at - start;
  if (!whole) {
    d.truncated();
    return headers;
  }
  const length = total - headers;
  const family = d.u8(start);
  if (family === IPV4) d.layers.ipv4(d, at, length);
  else if (family === IPV6) d.layers.ipv6(d, at, length);
  else {
    if (!d.linkHeaders) describe(d, start, length + HEADER_LENGTH);
    defaultPrint(d, at, captured - headers);
  }
  return headers;
}
