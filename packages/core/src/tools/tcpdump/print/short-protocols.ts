// Protocols of a few fields: OTV (draft-hasmit-otv), heartbeats of Microsoft's network load balancing, and minimal encapsulation
// of mobile IPv4 (RFC 2004).

import { checksum } from "./checksum.ts";
import type { Dissector } from "./dissector.ts";
import { hex2 } from "./numbers.ts";

const OTV_HEADER = 8;

/** Overlay transport virtualization: Ethernet over UDP. */
export function otv(d: Dissector, at: number, length: number): void {
  d.protocol = "otv";
  d.text += "OTV, ";
  if (length < OTV_HEADER) {
    d.text += `[length ${length} < ${OTV_HEADER}]`;
    d.invalid();
    d.check(at, length);
    return;
  }
  const flags = d.u8(at);
  d.text += `flags [${(flags & 8) === 0 ? "." : "I"}] (0x${hex2(flags)}), `;
  d.text += `overlay ${d.u24(at + 1)}, `;
  d.text += `instance ${d.u24(at + 4)}\n`;
  d.check(at + 7, 1);
  const inner = at + OTV_HEADER;
  d.layers.ethernet(d, inner, length - OTV_HEADER, d.available(inner));
}

export function loadBalancing(d: Dissector, at: number): void {
  d.protocol = "msnlb";
  d.text += "MS NLB heartbeat";
  d.text += `, host priority: ${d.u32le(at + 8)}`;
  d.text += `, cluster IP: ${d.ipv4(at + 12)}`;
  d.text += `, host IP: ${d.ipv4(at + 16)}`;
}

const [MOBILE_HEADER, MOBILE_HEADER_WITH_SOURCE] = [8, 12] as const;
const SOURCE_PRESENT = 0x80;

export function mobileIp(d: Dissector, at: number, length: number): void {
  d.protocol = "mobile";
  if (length < MOBILE_HEADER || !d.has(at, MOBILE_HEADER_WITH_SOURCE)) return d.truncated();
  d.text += "mobile: ";
  const protocol = d.u16(at);
  const hasSource = (protocol & SOURCE_PRESENT) !== 0;
  d.text += hasSource ? "[S] " : "[] ";
  if (d.verbose > 0) {
    if (hasSource) d.text += `${d.ipv4(at + 8)} `;
    d.text += `> ${d.ipv4(at + 4)} (oproto=${protocol >>> 8})`;
  }
  const size = hasSource ? MOBILE_HEADER_WITH_SOURCE : MOBILE_HEADER;
  if (checksum(d, at, size) !== 0) d.text += ` (bad checksum ${d.u16(at + 2)})`;
}
