// Ethernet configuration testing protocol ("loopback").

import type { Dissector } from "./dissector.ts";

const [REPLY, FORWARD] = [1, 2] as const;

export function loopback(d: Dissector, start: number, total: number): void {
  d.protocol = "loopback";
  d.text += "Loopback";
  /** What is left of a message that is wrong has to be there all the same. */
  const invalid = (length: number): void => {
    d.invalid();
    d.check(start + total - length, length);
  };
  if (total < 2) return invalid(total);
  const skip = d.u16le(start);
  d.text += `, skipCount ${skip}`;
  let left = total - 2;
  if (skip % 8 !== 0) d.text += " (bogus)";
  if (skip > left) return invalid(left);
  const at = start + 2 + skip;
  left -= skip;
  if (left < 2) return invalid(left);
  const code = d.u16le(at);
  d.text += `, ${code === REPLY ? "Reply" : code === FORWARD ? "Forward Data" : ` invalid (${code})`}`;
  left -= 2;
  if (code === REPLY) {
    if (left < 2) return invalid(left);
    d.text += `, receipt number ${d.u16le(at + 2)}`;
    left -= 2;
  } else if (code === FORWARD) {
    if (left < 6) return invalid(left);
    d.text += `, forwarding address ${d.mac(at + 2)}`;
    left -= 6;
  } else return d.check(at + 2, left);
  d.text += `, data (${left} octets)`;
  d.check(start + total - left, left);
}
