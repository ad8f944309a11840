// Tags of Marvell's switches (Distributed Switch Architecture) in Ethernet frames, with and without an EtherType of their own.

import type { Dissector } from "./dissector.ts";
import { ETHERTYPES } from "./ethernet-names.ts";
import { ethernet } from "./ethernet.ts";
import { hex4 } from "./numbers.ts";

const [TAG_LENGTH, TYPED_TAG_LENGTH] = [4, 8] as const;
const MODES = ["To CPU", "From CPU", "To Sniffer", "Forward"] as const;
const CODES: readonly string[] = [
  ...["BPDU (MGMT) Trap", "Frame2Reg", "IGMP/MLD Trap", "Policy Trap", "ARP Mirror", "Policy Mirror"],
];

function tag(d: Dissector, at: number): void {
  const [first, second, third, fourth] = [d.u8(at), d.u8(at + 1), d.u8(at + 2), d.u8(at + 3)];
  const mode = MODES[(first >>> 6) as 0 | 1 | 2 | 3];
  const tagged = (first & 0x20) !== 0;
  const [device, port] = [first & 0x1f, second >>> 3];
  /** Of a trunk, or received: it depends on the mode. */
  const flag = (second & 0x04) !== 0;
  const vlan = ((third & 15) << 8) | fourth;
  if (!d.linkHeaders) {
    if (mode === "Forward") d.text += `Forward ${flag ? "trunk" : "port"} ${device}.${port}, `;
    else if (mode === "From CPU") d.text += `CPU > port ${device}.${port}, `;
    else if (mode === "To CPU") d.text += `port ${device}.${port} > CPU, `;
    else d.text += `port ${device}.${port} > ${flag ? "Rx" : "Tx"} Sniffer, `;
    d.text += `VLAN ${vlan}${tagged ? "t" : "u"}, `;
    return;
  }
  d.text += `mode ${mode}, `;
  if (mode === "Forward") d.text += `dev ${device}, ${flag ? "trunk" : "port"} ${port}, `;
  else if (mode === "From CPU") d.text += `target dev ${device}, port ${port}, `;
  else {
    d.text += `source dev ${device}, port ${port}, `;
    if (mode === "To CPU") {
      const code = (((second & 0x06) >>> 1) << 1) | ((third & 0x10) >>> 4);
      d.text += `code ${CODES[code] ?? "reserved"}, `;
    } else d.text += `${flag ? "ingress" : "egress"} sniff, `;
  }
  d.text += `${tagged ? "tagged" : "untagged"}, ${(second & 1) === 0 ? "" : "CFI, "}VID ${vlan}, FPri ${third >>> 5}, `;
}

/** DLT_DSA_TAG_DSA */
export function marvell(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "dsa";
  return ethernet(d, at, length, captured, undefined, TAG_LENGTH, (place) => {
    d.text += d.linkHeaders ? "Marvell DSA " : "DSA ";
    tag(d, place);
  });
}

/** DLT_DSA_TAG_EDSA */
export function marvellTyped(d: Dissector, at: number, length: number, captured: number): number {
  d.protocol = "edsa";
  return ethernet(d, at, length, captured, undefined, TYPED_TAG_LENGTH, (place) => {
    const type = d.u16(place);
    d.text += d.linkHeaders
      ? `Marvell EDSA ethertype 0x${hex4(type)} (${ETHERTYPES.get(type) ?? "Unknown"}), rsvd ${d.u8(place + 2)} ${d.u8(place + 3)}, `
      : `EDSA 0x${hex4(type)}, `;
    tag(d, place + 4);
  });
}
