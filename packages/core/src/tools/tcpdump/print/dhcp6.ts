// DHCPv6 (RFC 8415): messages; options are in dhcp6-options.ts.

import type { Dissector } from "./dissector.ts";
import { dhcp6Options } from "./dhcp6-options.ts";
import { MESSAGES } from "./dhcp6-names.ts";
import { hex } from "./numbers.ts";

const [RELAY_FORWARD, RELAY_REPLY] = [12, 13] as const;

export function dhcp6(d: Dissector, at: number, length: number): void {
  d.protocol = "dhcp6";
  d.text += "dhcp6";
  const { end } = d;
  d.untilCut(() => message(d, at, Math.min(end, at + length)));
  d.end = end;
}

/** The header may be behind the `end` that the datagram has. */
function message(d: Dissector, at: number, end: number): void {
  d.need(at, 4);
  const type = d.u8(at);
  d.text += ` ${MESSAGES.get(type) ?? `msgtype-${type}`}`;
  if (d.verbose === 0) return;
  d.text += " (";
  if (type !== RELAY_FORWARD && type !== RELAY_REPLY) {
    d.text += `xid=${hex(d.u32(at) & 0xff_ffff)}`;
    if (at + 4 < end) options(d, at + 4, end);
  } else {
    d.text += `linkaddr=${d.ipv6(at + 2)}`;
    d.text += ` peeraddr=${d.ipv6(at + 18)}`;
    options(d, at + 34, end);
  }
  d.text += ")";
}

function options(d: Dissector, at: number, end: number): void {
  d.within(at, end - at, () => dhcp6Options(d, at, end));
}
