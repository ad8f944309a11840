// MPLS label stacks (RFC 3032) and what their last label suggests about the payload.

import type { Dissector } from "./dissector.ts";
import { defaultPrint } from "./ethernet.ts";

const RESERVED = ["IPv4 explicit NULL", "router alert", "IPv6 explicit NULL", "implicit NULL"] as const;

export function mpls(d: Dissector, start: number, total: number): void {
  d.protocol = "mpls";
  let at = start;
  let left = total;
  let label: number;
  let depth = 0;
  let type: "ip" | "ip6" | "osi" | "unknown" = "unknown";
  d.text += "MPLS";
  for (;;) {
    if (left < 4) {
      d.invalid();
      return d.check(at, left);
    }
    const entry = d.u32(at);
    label = entry >>> 12;
    depth++;
    if (d.verbose > 0 && depth > 1) d.text += "\n\t";
    else d.text += " ";
    d.text += `(label ${label}`;
    if (d.verbose > 0 && label < 16) d.text += ` (${RESERVED[label] ?? "rsvd"})`;
    d.text += `, tc ${(entry >>> 9) & 7}`;
    const bottom = (entry & 0x100) !== 0;
    if (bottom) d.text += ", [S]";
    d.text += `, ttl ${entry & 255})`;
    at += 4;
    left -= 4;
    if (bottom) break;
  }
  if (label === 0) type = "ip";
  else if (label === 2) type = "ip6";
  else if (label === 3) type = "ip";
  else {
    if (left < 1) return;
    const first = d.u8(at);
    if (first >= 0x45 && first <= 0x4f) type = "ip";
    else if (first >= 0x60 && first <= 0x6f) type = "ip6";
    else if (first >= 0x81 && first <= 0x83) type = "osi";
  }
  if (type === "unknown") {
    defaultPrint(d, at, left);
    return;
  }
  d.text += d.verbose > 0 ? "\n\t" : " ";
  if (type === "ip") d.layers.ipv4(d, at, left);
  else if (type === "ip6") d.layers.ipv6(d, at, left);
  else d.layers.osi(d, at, left);
}
