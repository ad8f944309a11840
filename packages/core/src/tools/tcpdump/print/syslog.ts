// Syslog (RFC 3164): facility, severity and text.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { safeCharacter } from "./numbers.ts";
import { FACILITIES, SEVERITIES } from "./syslog-names.ts";

/** "<", up to three digits, ">". */
const MAX_DIGITS = 3;

export function syslog(d: Dissector, at: number, length: number): void {
  d.protocol = "syslog";
  if (d.u8(at) !== 0x3c) {
    d.invalid();
    return;
  }
  let priority = 0;
  let place = 0;
  for (place = 1; place <= MAX_DIGITS + 1; place++) {
    const byte = d.u8(at + place);
    if (byte >= 0x30 && byte <= 0x39) priority = priority * 10 + byte - 0x30;
    else if (byte === 0x3e) break;
    else {
      d.invalid();
      return;
    }
  }
  if (d.u8(at + place) !== 0x3e) {
    d.invalid();
    return;
  }
  const severity = priority & 7;
  const facility = priority >>> 3;
  d.text += "SYSLOG";
  if (d.verbose < 1) {
    d.text += ` ${FACILITIES.get(facility) ?? `unknown (${facility})`}.${SEVERITIES.get(severity) ?? `unknown (${severity})`}`;
    d.text += `, length: ${length}`;
    return;
  }
  d.text += `, length: ${length}\n\tFacility ${FACILITIES.get(facility) ?? `unknown (${facility})`} (${facility})`;
  d.text += `, Severity ${SEVERITIES.get(severity) ?? `unknown (${severity})`} (${severity})\n\tMsg: `;
  for (let index = place + 1; index < length; index++) d.text += safeCharacter(d.u8(at + index));
  if (d.verbose > 1) unknownData(d, at, "\n\t", length);
}
