// Cisco's dynamic trunking protocol.

import type { Dissector } from "./dissector.ts";
import { hex, hex4 } from "./numbers.ts";

const NAMES = ["Unknown", "Domain", "Status", "DTP type", "Neighbor"] as const;
const [DOMAIN, STATUS, TYPE, NEIGHBOR] = [1, 2, 3, 4] as const;

export function dtp(d: Dissector, start: number, total: number): void {
  d.protocol = "dtp";
  d.untilCut(() => frame(d, start, total));
}

function frame(d: Dissector, start: number, total: number): void {
  let left = total;
  let at = start;
  const wrong = (): void => {
    d.invalid();
    d.check(at, left);
  };
  if (total < 1) {
    d.text += "[zero packet length]";
    return wrong();
  }
  d.text += `DTPv${d.u8(start)}, length ${total}`;
  if (d.verbose < 1) return;
  at++;
  left--;
  while (left > 0) {
    if (left < 4) {
      d.text += `[${left} bytes remaining]`;
      return wrong();
    }
    const type = d.u16(at);
    const length = d.u16(at + 2);
    // Padding, which should not be there.
    if (type === 0) return;
    d.text += `\n\t${NAMES[type] ?? "Unknown"} (0x${hex4(type)}) TLV, length ${length}`;
    if (length < 4 || length > left) {
      d.text += `[invalid TLV length ${length}]`;
      return wrong();
    }
    if (type === DOMAIN) {
      d.text += ", ";
      d.paddedCharacters(at + 4, length - 4);
    } else if (type === STATUS || type === TYPE) {
      if (length !== 5) return wrong();
      d.text += `, 0x${hex(d.u8(at + 4))}`;
    } else if (type === NEIGHBOR) {
      if (length !== 10) return wrong();
      d.text += `, ${d.mac(at + 4)}`;
    } else d.check(at, length);
    at += length;
    left -= length;
  }
}
