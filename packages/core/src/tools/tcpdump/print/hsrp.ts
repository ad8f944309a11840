// Cisco's hot standby router protocol (RFC 2281).

import type { Dissector } from "./dissector.ts";
import { duration } from "./numbers.ts";
import { HSRP_STATES } from "./vrrp-names.ts";

const OPERATIONS = ["hello", "coup", "resign"] as const;
const AUTHENTICATION_LENGTH = 8;

export function hsrp(d: Dissector, at: number, length: number): void {
  d.protocol = "hsrp";
  const version = d.u8(at);
  d.text += `HSRPv${version}`;
  if (version !== 0) return;
  d.text += "-";
  const operation = d.u8(at + 1);
  d.text += `${OPERATIONS[operation] ?? `unknown (${operation})`} ${length}: `;
  const state = d.u8(at + 2);
  d.text += `state=${HSRP_STATES.get(state) ?? `Unknown (${state})`} `;
  d.text += `group=${d.u8(at + 6)} `;
  const reserved = d.u8(at + 7);
  if (reserved !== 0) d.text += `[reserved=${reserved}!] `;
  d.text += `addr=${d.ipv4(at + 16)}`;
  if (d.verbose === 0) return;
  d.text += ` hellotime=${duration(d.u8(at + 3))} holdtime=${duration(d.u8(at + 4))} priority=${d.u8(at + 5)}`;
  d.text += ' auth="';
  d.check(at + 8, AUTHENTICATION_LENGTH);
  d.terminatedCharacters(at + 8, AUTHENTICATION_LENGTH);
  d.text += '"';
}
