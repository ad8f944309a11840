// Cisco's HDLC framing and its keepalives (SLARP).

import type { Dissector } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";

const HEADER_LENGTH = 4;
const CAST: Readonly<Record<number, string>> = { 0x0f: "unicast", 0x8f: "bcast" };
const [IPV4, IPV6, SLARP, MPLS, MPLS_MULTICAST, OSI] = [
  0x0800, 0x86dd, 0x8035, 0x8847, 0x8848, 0xfefe,
] as const;
/** CLNP, ES-IS, IS-IS */
const OSI_PROTOCOLS: ReadonlySet<number> = new Set([0x81, 0x82, 0x83]);

const [SLARP_MIN, SLARP_MAX] = [14, 18] as const;
const [REQUEST, REPLY, KEEPALIVE] = [0, 1, 2] as const;

/** Milliseconds since the link came up. */
function uptime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return `${Math.floor(hours / 24)}d${hours % 24}h${minutes % 60}m${seconds % 60}s`;
}

function slarp(d: Dissector, start: number, length: number): void {
  let at = start;
  d.protocol = "chdlc_slarp";
  d.text += `SLARP (length: ${length}), `;
  if (length < SLARP_MIN || !d.has(at, SLARP_MIN)) return d.truncated();
  const code = d.u32(at);
  if (code === REQUEST) d.text += "request";
  else if (code === REPLY) d.text += `reply ${d.ipv4(at + 4)}/${d.ipv4(at + 8)}`;
  else if (code === KEEPALIVE) {
    d.text += `keepalive: mineseen=0x${hex8(d.u32(at + 4))}, yourseen=0x${hex8(d.u32(at + 8))}`;
    d.text += `, reliability=0x${hex4(d.u16(at + 12))}`;
    if (length >= SLARP_MAX) {
      // What the original shows as hex in the end starts behind it, too.
      at += SLARP_MIN;
      d.text += `, link uptime=${uptime(d.u32(at))}`;
    }
  } else {
    d.text += `0x${code.toString(16).padStart(2, "0")} unknown`;
    if (d.verbose <= 1) unknownData(d, at + 4, "\n\t", length - 4);
  }
  if (SLARP_MAX < length && d.verbose > 0) d.text += `, (trailing junk: ${length - SLARP_MAX} bytes)`;
  if (d.verbose > 1) unknownData(d, at + 4, "\n\t", length - 4);
}

/** Returns the length of the header. */
export function chdlc(d: Dissector, start: number, total: number): number {
  d.protocol = "chdlc";
  if (total < HEADER_LENGTH) {
    d.truncated();
    return d.available(start);
  }
  const protocol = d.u16(start + 2);
  if (d.linkHeaders) {
    const cast = d.u8(start);
    d.text += `${CAST[cast] ?? `0x${hex2(cast)}`}, ethertype ${ETHERTYPES.get(protocol) ?? "Unknown"} (0x${hex4(protocol)}), length ${total}: `;
  }
  const at = start + HEADER_LENGTH;
  const length = total - HEADER_LENGTH;
  switch (protocol) {
    case IPV4:
      d.layers.ipv4(d, at, length);
      break;
    case IPV6:
      d.layers.ipv6(d, at, length);
      break;
    case SLARP:
      slarp(d, at, length);
      break;
    case MPLS:
    case MPLS_MULTICAST:
      d.layers.mpls(d, at, length);
      break;
    case OSI:
      if (length < 2) {
        d.truncated();
        return d.available(start);
      }
      // Some put a byte in front.
      if (OSI_PROTOCOLS.has(d.u8(at + 1))) d.layers.osi(d, at + 1, length - 1);
      else d.layers.osi(d, at, length);
      break;
    default:
      if (!d.linkHeaders) d.text += `unknown CHDLC protocol (0x${hex4(protocol)})`;
  }
  return HEADER_LENGTH;
}
