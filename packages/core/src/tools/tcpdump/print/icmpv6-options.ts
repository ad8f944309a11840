// Options of neighbour discovery (RFC 4861, 4191, 6275, 8106).

import type { Dissector } from "./dissector.ts";
import { dnsName } from "./dns-name.ts";
import { unknownData } from "./hexdump.ts";
import { ND_OPTIONS, PREFIX_FLAGS } from "./icmpv6-names.ts";

const [SOURCE, TARGET, PREFIX, REDIRECTED, MTU] = [1, 2, 3, 4, 5] as const;
const [ADVERTISEMENT_INTERVAL, HOME_AGENT, ROUTE, DNS_SERVERS, DNS_SEARCH] = [7, 8, 24, 25, 31] as const;
const INFINITE = 0xffff_ffff;
const PREFERENCES = ["medium", "high", "rsv", "low"] as const;

/** Two bits of router preference (RFC 4191 section 2.1). */
export function routePreference(flags: number): string {
  return PREFERENCES[((flags & 0x18) >> 3) as 0 | 1 | 2 | 3];
}

function lifetime(seconds: number): string {
  return seconds === INFINITE ? "infinity" : `${seconds}s`;
}

/** An option's own part; false if the packet ends with it. */
function body(d: Dissector, type: number, at: number, units: number): boolean {
  const size = units * 8;
  switch (type) {
    case SOURCE:
    case TARGET: {
      const length = Math.min(size, d.available(at)) - 2;
      d.text += length === 6 ? d.hexBytes(at + 2, 6, ":") : d.linkAddress(at + 2, length);
      return true;
    }
    case PREFIX: {
      const address = d.ipv6(at + 16);
      d.text += `${address}/${d.u8(at + 2)}${units === 4 ? "" : "badlen"}`;
      d.text += `, Flags [${PREFIX_FLAGS.bits(d.u8(at + 3), "none")}], valid time ${lifetime(d.u32(at + 4))}`;
      d.text += `, pref. time ${lifetime(d.u32(at + 8))}`;
      return true;
    }
    case REDIRECTED:
      unknownData(d, at, "\n\t    ", size);
      return true;
    case MTU:
      d.text += ` ${d.u32(at + 4)}${units === 1 ? "" : "bad option length"}`;
      return true;
    case DNS_SERVERS:
      d.text += ` lifetime ${d.u32(at + 4)}s,`;
      for (let index = 0; index < (units - 1) >> 1; index++)
        d.text += ` addr: ${d.ipv6(at + 8 + 16 * index)}`;
      return true;
    case DNS_SEARCH: {
      d.text += ` lifetime ${d.u32(at + 4)}s, domain(s):`;
      let place = at + 8;
      while (place < at + size && d.u8(place) !== 0) {
        d.text += " ";
        const next = dnsName(d, place, at);
        if (next === undefined) return false;
        place = next;
      }
      return true;
    }
    case ADVERTISEMENT_INTERVAL:
      d.text += ` ${d.u32(at + 4)}ms`;
      return true;
    case HOME_AGENT:
      d.text += ` preference ${d.u16(at + 4)}, lifetime ${d.u16(at + 6)}`;
      return true;
    case ROUTE: {
      if (units > 3) return false;
      const bytes = new Uint8Array(16);
      for (let index = 0; index < (units - 1) * 8; index++) bytes[index] = d.u8(at + 8 + index);
      const value = d.u32(at + 4);
      d.text += ` ${d.addresses.ipv6(bytes, 0)}/${d.u8(at + 2)}, pref=${routePreference(d.u8(at + 3))}`;
      d.text += `, lifetime=${lifetime(value)}`;
      return true;
    }
    default:
      return true;
  }
}

export function neighbourOptions(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  const end = start + total;
  const known: ReadonlySet<number> = new Set([
    SOURCE, TARGET, PREFIX, REDIRECTED, MTU, ADVERTISEMENT_INTERVAL, HOME_AGENT, ROUTE, DNS_SERVERS, DNS_SEARCH,
  ]); // prettier-ignore
  while (at < end && at < d.end) {
    if (!d.has(at, 2)) return bad(d);
    const type = d.u8(at);
    const units = d.u8(at + 1);
    if (left <= 0) break;
    if (units === 0) return bad(d);
    if (!d.has(at, units * 8)) return bad(d);
    const size = units * 8;
    const name = ND_OPTIONS.get(type) ?? "unknown";
    d.text += `\n\t  ${name} option (${type}), length ${size} (${units}): `;
    if (!known.has(type) && d.verbose <= 1) {
      unknownData(d, at + 2, "\n\t  ", size - 2);
      return;
    }
    if (!body(d, type, at, units)) return bad(d);
    if (d.verbose > 1) unknownData(d, at + 2, "\n\t    ", size - 2);
    at += size;
    left -= size;
  }
}

function bad(d: Dissector): void {
  d.truncated();
}
