// Locator/ID Separation Protocol's control messages (RFC 6833): map registers and notifies.

import type { Dissector } from "./dissector.ts";
import { hexOnly, hexOrTruncated } from "./hexdump.ts";
import { NameTable } from "./names.ts";

const [HEADER_LENGTH, RECORD_LENGTH, LOCATOR_LENGTH, SITE_LENGTH] = [16, 12, 8, 24] as const;
const [REGISTER, NOTIFY] = [3, 4] as const;
const TYPES: Readonly<Record<number, string>> = {
  0: "LISP-Reserved",
  1: "LISP-Map-Request",
  2: "LISP-Map-Reply",
  [REGISTER]: "LISP-Map-Register",
  [NOTIFY]: "LISP-Map-Notify",
  8: "LISP-Encapsulated-Contol-Message",
};
const REGISTER_FLAGS = new NameTable([
  [0x0800_0000, "P-Proxy-Map-Reply"],
  [0x0400_0000, "S-LISP-SEC-Capable"],
  [0x0200_0000, "I-xTR-ID-Present"],
  [0x0100_0000, "R-Build-For-RTR"],
  [0x0000_0100, "M-Want-Map-Notify"],
]);
const NOTIFY_FLAGS = new NameTable([
  [0x0800_0000, "I-xTR-ID-Present"],
  [0x0400_0000, "R-Build-For-RTR"],
]);
const LOCATOR_FLAGS = new NameTable([
  [0x0004, "Local-Locator"],
  [0x0002, "RLoc-Probed"],
  [0x0001, "Reachable"],
]);
const AUTHENTICATIONS = ["None", "SHA1", "SHA256"] as const;
const ACTIONS = ["No-Action", "Natively-Forward", "Send-Map-Request", "Drop"] as const;
const [IPV4, IPV6] = [1, 2] as const;

export function lisp(d: Dissector, start: number, total: number): void {
  d.protocol = "lisp";
  if (!d.has(start, HEADER_LENGTH)) return d.truncated();
  const first = d.u8(start);
  const type = first >>> 4;
  d.text += `${TYPES[type] ?? `unknown-type-${type}`},`;
  if (d.verbose > 0) {
    if (type === REGISTER) d.text += ` flags [${REGISTER_FLAGS.bits(d.u32(start), "none")}],`;
    else if (type === NOTIFY) d.text += ` flags [${NOTIFY_FLAGS.bits(d.u32(start), "none")}],`;
  }
  if (type !== REGISTER && type !== NOTIFY) return;
  const siteFollows = (first & (type === REGISTER ? 2 : 8)) !== 0;
  const count = d.u8(start + 3);
  const authenticationLength = d.u16(start + 14);
  let at = start + HEADER_LENGTH;
  if (d.verbose > 0) {
    d.text += `\n    ${count} record(s), Authentication ${AUTHENTICATIONS[d.u16(start + 12)] ?? "unknown-type"},`;
    hexOrTruncated(d, "\n    Authentication-Data: ", at, authenticationLength);
  } else d.text += ` ${count} record(s),`;
  // The original counts in 16 bits.
  at = start + ((HEADER_LENGTH + authenticationLength) & 0xffff);
  if (count === 0) return d.invalid();
  const end = records(d, start, at, total, count);
  if (end === undefined) return;
  if (siteFollows) {
    if (!d.has(end, SITE_LENGTH)) return d.invalid();
    hexOnly(d, "\n    xTR-ID: ", end, 16);
    d.text += `\n    SITE-ID: ${d.u64(end + 16)}`;
  } else if (end < d.end) hexOnly(d, "\n    Data: ", end, d.available(end));
}

/** Records of endpoints. Returns the offset after them; undefined if nothing can follow. */
function records(
  d: Dissector,
  start: number,
  first: number,
  total: number,
  count: number,
): number | undefined {
  let at = first;
  for (let left = count; total > at - start && left !== 0; left--) {
    if (!d.has(at, RECORD_LENGTH)) {
      d.truncated();
      return undefined;
    }
    d.text += "\n";
    const [locators, bits, family] = [d.u8(at + 4), d.u8(at + 5), d.u16(at + 10)];
    if (d.verbose > 0) {
      const action = d.u8(at + 6);
      d.text += `      Record TTL ${d.u32(at)},${(action & 0x10) === 0 ? " Non-Authoritative," : " Authoritative,"}`;
      d.text += ` ${ACTIONS[action >>> 5] ?? "unknown"}, Map Version: ${d.u16(at + 8) & 0xfff},`;
    }
    at += RECORD_LENGTH;
    if (family !== IPV4 && family !== IPV6) return undefined;
    d.text += ` EID ${family === IPV4 ? d.ipv4(at) : d.ipv6(at)}/${bits},`;
    at += family === IPV4 ? 4 : 16;
    d.text += ` ${locators} locator(s)`;
    for (let index = 0; index < locators; index++) {
      const next = locator(d, at);
      if (next === undefined) return undefined;
      at = next;
    }
  }
  return at;
}

/** Returns the offset after it; undefined if it is cut off. */
function locator(d: Dissector, at: number): number | undefined {
  if (!d.has(at, LOCATOR_LENGTH)) {
    d.truncated();
    return undefined;
  }
  const family = d.u16(at + 6);
  if (d.verbose > 0) d.text += "\n       ";
  const size = family === IPV4 ? 4 : family === IPV6 ? 16 : 0;
  if (!d.has(at + LOCATOR_LENGTH, size)) {
    d.truncated();
    return undefined;
  }
  if (size > 0) d.text += ` LOC ${size === 4 ? d.ipv4(at + LOCATOR_LENGTH) : d.ipv6(at + LOCATOR_LENGTH)}`;
  if (d.verbose > 0) {
    d.text += `\n          Priority/Weight ${d.u8(at)}/${d.u8(at + 1)},`;
    d.text += ` Multicast Priority/Weight ${d.u8(at + 2)}/${d.u8(at + 3)},`;
    d.text += ` flags [${LOCATOR_FLAGS.bits(d.u16(at + 4), "none")}],`;
  }
  return at + LOCATOR_LENGTH + size;
}
