// Packets as OpenBSD's packet filter logs them (pflog(4)), and as its enc(4) interface shows what IPsec carries.

import type { Dissector } from "./dissector.ts";
import { defaultPrint } from "./ethernet.ts";
import { hex8 } from "./numbers.ts";

/** Of older headers, without the direction. */
const PFLOG_MINIMUM = 45;
/** With the direction and what fills it up. */
const PFLOG_LENGTH = 64;
const [AT_AF, AT_ACTION, AT_REASON, AT_INTERFACE, AT_RULESET, AT_RULE, AT_SUBRULE, AT_DIRECTION] = [
  1, 2, 3, 4, 20, 36, 40, 60,
] as const;
const NAME_LENGTH = 16;
const NO_SUBRULE = 0xffff_ffff;

/** The original has one number wrong, and shows it. */
const REASONS = [
  "0(match)", "1(bad-offset)", "2(fragment)", undefined, "3(short)", "5(memory)", "6(bad-timestamp)", "7(congestion)",
  "8(ip-option)", "9(proto-cksum)", "10(state-mismatch)", "11(state-insert)", "12(state-limit)", "13(src-limit)",
  "14(synproxy)",
] as const; // prettier-ignore
const ACTIONS = [
  "pass", "block", "scrub", undefined, "nat", "nonat", "binat", "nobinat", "rdr", "nordr", "synproxy-drop",
] as const; // prettier-ignore
const DIRECTIONS: readonly string[] = ["in/out", "in", "out"];

const IPV4 = 2;
const IPV6_FAMILIES: ReadonlySet<number> = new Set([24, 28, 30]);

function describe(d: Dissector, at: number): void {
  d.protocol = "pflog";
  const [rule, subrule] = [d.u32(at + AT_RULE), d.u32(at + AT_SUBRULE)];
  d.text += `rule ${rule}`;
  if (subrule === NO_SUBRULE) d.text += "/";
  else {
    d.text += ".";
    d.paddedCharacters(at + AT_RULESET, NAME_LENGTH);
    d.text += `.${subrule}/`;
  }
  const [reason, action, direction] = [d.u8(at + AT_REASON), d.u8(at + AT_ACTION), d.u8(at + AT_DIRECTION)];
  d.text += `${REASONS[reason] ?? `unkn(${reason})`}: `;
  d.text += `${ACTIONS[action] ?? `unkn(${action})`} ${DIRECTIONS[direction] ?? `unkn(${direction})`} on `;
  d.paddedCharacters(at + AT_INTERFACE, NAME_LENGTH);
  d.text += ": ";
}

/** DLT_PFLOG */
export function pflog(d: Dissector, start: number, total: number, captured: number): number {
  d.protocol = "pflog";
  const field = d.u8(start);
  if (field < PFLOG_MINIMUM) {
    d.text += "[pflog: invalid header length!]";
    return field;
  }
  const header = (field + 3) & 0xfc;
  if (captured < header) {
    d.truncated();
    return header;
  }
  if (!d.has(start, PFLOG_LENGTH)) {
    d.truncated();
    return header;
  }
  if (d.linkHeaders) describe(d, start);
  const family = d.u8(start + AT_AF);
  if (family === IPV4) d.layers.ipv4(d, start + header, total - header);
  else if (IPV6_FAMILIES.has(family)) d.layers.ipv6(d, start + header, total - header);
  else {
    if (!d.linkHeaders) describe(d, start);
    defaultPrint(d, start + header, captured - header);
  }
  return header;
}

const ENC_LENGTH = 12;
const [AUTHENTIC, CONFIDENTIAL] = [0x0800, 0x0400] as const;

/** DLT_ENC: family and flags in the byte order of the host, which is taken for little-endian unless the family says otherwise. */
export function enc(d: Dissector, start: number, total: number): number {
  d.protocol = "enc";
  d.check(start, ENC_LENGTH);
  let family = d.u32le(start);
  let flags = d.u32le(start + 8);
  if ((family & 0xffff_0000) !== 0) {
    family = d.u32(start);
    flags = d.u32(start + 8);
  }
  d.text += flags === 0 ? "(unprotected): " : "(";
  for (const [bit, name] of [
    [AUTHENTIC, "authentic"],
    [CONFIDENTIAL, "confidential"],
  ] as const) {
    if ((flags & bit) === 0) continue;
    d.text += name + (flags === bit ? "): " : ",");
    flags = (flags & ~bit) >>> 0;
  }
  d.text += `SPI 0x${hex8(d.u32(start + 4))}: `;
  const at = start + ENC_LENGTH;
  const length = total - ENC_LENGTH;
  if (family === IPV4) d.layers.ipv4(d, at, length);
  else if (IPV6_FAMILIES.has(family)) d.layers.ipv6(d, at, length);
  return ENC_LENGTH;
}
