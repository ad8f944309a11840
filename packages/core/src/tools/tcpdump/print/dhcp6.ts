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
  if (at + length < end) d.end = at + length;
  d.untilCut(() => message(d, at));
  d.end = end;
}

function message(d: Dissector, at: number): void {
  d.need(at, 4);
  const type = d.u8(at);
  d.text += ` ${MESSAGES.get(type) ?? `msgtype-${type}`}`;
  if (d.verbose === 0) return;
  d.text += " (";
  if (type !== RELAY_FORWARD && type !== RELAY_REPLY) {
    d.text += `xid=${hex(d.u32(at) & 0xff_ffff)}`;
    if (at + 4 < d.end) dhcp6Options(d, at + 4, d.end);
  } else {
    d.text += `linkaddr=${d.ipv6(at + 2)}`;
    d.text += ` peeraddr=${d.ipv6(at + 18)}`;
    dhcp6Options(d, at + 34, d.end);
  }
  d.text += ")";
}
