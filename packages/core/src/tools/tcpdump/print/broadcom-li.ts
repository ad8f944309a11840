// Shim of Broadcom in front of lawfully intercepted packets.

import type { Dissector } from "./dissector.ts";

const DIRECTIONS: Readonly<Record<number, string>> = { 1: "unused", 2: "egress", 3: "ingress" };
const TYPES: Readonly<Record<number, string>> = { 4: "undecided", 5: "ipv4", 6: "ipv6", 7: "ethernet" };
const SUBTYPES: Readonly<Record<number, string>> = {
  1: "single VLAN tag",
  2: "double VLAN tag",
  3: "untagged",
};
const [UNDECIDED, IPV4, IPV6, ETHERNET] = [4, 5, 6, 7] as const;
const SHIM_LENGTH = 4;

export function broadcomLi(d: Dissector, start: number, total: number): void {
  d.protocol = "bcm_li";
  if (total < SHIM_LENGTH) {
    d.text += ` (length ${total} < ${SHIM_LENGTH})`;
    d.invalid();
    return;
  }
  const shim = d.u32(start);
  const at = start + SHIM_LENGTH;
  const length = total - SHIM_LENGTH;
  const type = (shim >>> 25) & 15;
  const line = d.verbose > 0 ? "\n    " : "";
  d.text += `${line}BCM-LI-SHIM: direction ${DIRECTIONS[shim >>> 29] ?? "unknown"}, pkt-type ${TYPES[type] ?? "unknown"}`;
  d.text += `, pkt-subtype ${SUBTYPES[(shim >>> 22) & 7] ?? "unknown"}, li-id ${shim & 0x3f_ffff}${line}`;
  if (d.verbose === 0) {
    d.check(at, length);
    return;
  }
  const version = type === UNDECIDED ? d.u8(at) >>> 4 : type === IPV4 ? 4 : type === IPV6 ? 6 : 0;
  if (type === ETHERNET) d.layers.ethernet(d, at, length, d.available(at));
  else if (version === 4) d.layers.ipv4(d, at, length);
  else if (version === 6) d.layers.ipv6(d, at, length);
  else if (type === UNDECIDED) d.text += "unknown payload";
  else d.invalid();
}
