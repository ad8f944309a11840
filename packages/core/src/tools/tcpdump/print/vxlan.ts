// VXLAN (RFC 7348) and its generic protocol extension.

import type { Dissector } from "./dissector.ts";
import { hex2 } from "./numbers.ts";

const HEADER_LENGTH = 8;
const INSTANCE = 0x08;

export function vxlan(d: Dissector, at: number, length: number): void {
  d.protocol = "vxlan";
  d.text += "VXLAN";
  if (length < HEADER_LENGTH) return d.invalid();
  const flags = d.u8(at);
  d.text += `, flags [${(flags & INSTANCE) === 0 ? "invalid" : "I"}] (0x${hex2(flags)})`;
  d.text += ", ";
  d.text += `vni ${d.u24(at + 4)}\n`;
  d.check(at, HEADER_LENGTH);
  d.layers.ethernet(d, at + HEADER_LENGTH, length - HEADER_LENGTH, d.available(at + HEADER_LENGTH));
}

const GPE_FLAGS: readonly (readonly [number, string])[] = [
  [0x08, "I"],
  [0x04, "P"],
  [0x02, "B"],
  [0x01, "O"],
];

export function vxlanGpe(d: Dissector, at: number, length: number): void {
  d.protocol = "vxlan_gpe";
  d.text += "VXLAN-GPE, ";
  if (length < HEADER_LENGTH) {
    d.text += ` (len ${length} < ${HEADER_LENGTH})`;
    d.invalid();
    return;
  }
  const flags = d.u8(at);
  const letters = GPE_FLAGS.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("");
  d.text += `flags [${letters === "" ? "none" : letters}], `;
  d.check(at, HEADER_LENGTH);
  const next = d.u8(at + 3);
  d.text += `vni ${d.u24(at + 4)}`;
  d.text += d.verbose > 0 ? "\n    " : ": ";
  const body = at + HEADER_LENGTH;
  const rest = length - HEADER_LENGTH;
  switch (next) {
    case 1:
      d.layers.ipv4(d, body, rest);
      break;
    case 2:
      d.layers.ipv6(d, body, rest);
      break;
    case 3:
      d.layers.ethernet(d, body, rest, d.available(body));
      break;
    case 4:
      d.layers.nsh(d, body, rest);
      break;
    default:
      d.text += "ERROR: unknown-next-protocol";
      d.invalid();
  }
}
