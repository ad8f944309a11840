// Ethernet configuration testing protocol ("loopback").

import type { Dissector } from "./dissector.ts";

const [REPLY, FORWARD] = [1, 2] as const;

export function loopback(d: Dissector, start: number, total: number): void {
  d.protocol = "loopback";
  d.text += "Loopback";
  if (total < 2) {
    d.invalid();
    return;
  }
  const skip = d.u16le(start);
  d.text += `, skipCount ${skip}`;
  let left = total - 2;
  if (skip % 8 !== 0) d.text += " (bogus)";
  if (skip > left) {
    d.invalid();
    return;
  }
  const at = start + 2 + skip;
  left -= skip;
  if (left < 2) {
    d.invalid();
    return;
  }
  const code = d.u16le(at);
  d.text += `, ${code === REPLY ? "Reply" : code === FORWARD ? "Forward Data" : ` invalid (${code})`}`;
  left -= 2;
  if (code === REPLY) {
    if (left < 2) return d.invalid();
    d.text += `, receipt number ${d.u16le(at + 2)}`;
    left -= 2;
  } else if (code === FORWARD) {
    if (left < 6) return d.invalid();
    d.text += `, forwarding address ${d.mac(at + 2)}`;
    left -= 6;
  } else return;
  d.text += `, data (${left} octets)`;
  d.check(start + total - left, left);
}
