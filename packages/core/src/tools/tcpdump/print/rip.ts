// RIP versions 1 and 2 (RFC 1058, 2453, 4822) and RIPng (RFC 2080).

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex4, maskLength, safeCharacter } from "./numbers.ts";
import { COMMANDS } from "./rip-names.ts";

const ENTRY = 20;
const AUTHENTICATION = 0xffff;
const [REQUEST, RESPONSE, TRACE_OFF, POLL, POLL_ENTRY] = [1, 2, 4, 5, 6] as const;
const WITHOUT_BODY: ReadonlySet<number> = new Set([TRACE_OFF, POLL, POLL_ENTRY]);
/** The address family. */
const INTERNET = 2;

function familyName(family: number): string {
  return FAMILIES.get(family) ?? `Unknown (${family})`;
}

/** Numbers of address families as BSD has them. */
const FAMILIES: ReadonlyMap<number, string> = new Map([
  [0, "Unspecified"],
  [2, "IPv4"],
  [7, "DECnet"],
  [16, "Appletalk"],
  [23, "IPX"],
  [24, "IPv6"],
  [26, "IPv6"],
  [28, "IPv6"],
  [30, "IPv6"],
]);

/** Returns the bytes taken; 0 if there is no room for an entry. */
function entryVersion1(d: Dissector, at: number, left: number): number {
  if (left < ENTRY || !d.has(at, ENTRY)) return 0;
  const family = d.u16(at);
  if (family !== INTERNET && family !== 0) {
    d.text += `\n\t AFI ${familyName(family)}, `;
    unknownData(d, at + 4, "\n\t  ", ENTRY - 4);
  } else if (d.u16(at + 2) !== 0 || d.u32(at + 8) !== 0 || d.u32(at + 12) !== 0)
    unknownData(d, at, "\n\t  ", ENTRY);
  else d.text += `\n\t  ${family === 0 ? "AFI 0, " : ""}${d.ipv4(at + 4)}, metric: ${d.u32(at + 16)}`;
  return ENTRY;
}

/** Returns the bytes taken, which may be more than are left; 0 if there is no room for an entry. */
function entryVersion2(d: Dissector, at: number, left: number): number {
  if (left < 4 || !d.has(at, 4)) return 0;
  const family = d.u16(at);
  if (family === AUTHENTICATION) return authentication(d, at, left);
  if (family !== INTERNET && family !== 0) {
    d.text += `\n\t  AFI ${familyName(family)}`;
    unknownData(d, at + 4, "\n\t  ", ENTRY - 4);
    return ENTRY;
  }
  if (left < ENTRY || !d.has(at, ENTRY)) return 0;
  const prefix = `${d.ipv4(at + 4).padStart(15)}/${String(maskLength(d.u32(at + 8))).padEnd(2)}`;
  d.text += `\n\t  AFI ${family === 0 ? "0" : familyName(family)}, ${prefix}, tag 0x${hex4(d.u16(at + 2))}`;
  d.text += `, metric: ${d.u32(at + 16)}, next-hop: `;
  d.text += d.u32(at + 12) === 0 ? "self" : d.ipv4(at + 12);
  return ENTRY;
}

/** Data of a kind that is not known go to the end of the packet. */
function authentication(d: Dissector, at: number, left: number): number {
  const kind = d.u16(at + 2);
  if (kind === 2) {
    d.text += "\n\t  Simple Text Authentication data: ";
    for (let index = 4; index < ENTRY; index++) {
      if (index >= left) return 0;
      const byte = d.u8(at + index);
      if (byte === 0) break;
      d.text += safeCharacter(byte);
    }
    return ENTRY;
  }
  if (kind === 3) {
    if (left < ENTRY || !d.has(at, ENTRY)) return 0;
    d.text += "\n\t  Auth header:";
    d.text += ` Packet Len ${d.u16(at + 4)}, Key-ID ${d.u8(at + 6)}, Auth Data Len ${d.u8(at + 7)}`;
    d.text += `, SeqNo ${d.u32(at + 8)}, MBZ ${d.u32(at + 12)}, MBZ ${d.u32(at + 16)}`;
    return ENTRY;
  }
  d.text += kind === 1 ? "\n\t  Auth trailer:" : `\n\t  Unknown (${kind}) Authentication data:`;
  unknownData(d, at + 4, "\n\t  ", left - 4);
  return left;
}

function entries(d: Dissector, start: number, total: number, version: number): void {
  const entry = version === 1 ? entryVersion1 : entryVersion2;
  let at = start;
  for (let left = total; left > 0;) {
    const taken = entry(d, at, left);
    if (taken === 0) return d.truncated();
    if (left < taken) {
      d.text += ` [remaining entries length ${left} < ${taken}]`;
      return d.invalid();
    }
    at += taken;
    left -= taken;
  }
}

export function rip(d: Dissector, at: number, length: number): void {
  d.protocol = "rip";
  const available = Math.min(length, d.available(at));
  if (available < 4) return d.truncated();
  const command = d.u8(at);
  const version = d.u8(at + 1);
  d.text += `${d.verbose >= 1 ? "\n\t" : ""}RIPv${version}`;
  if (version === 0) {
    unknownData(d, at, "\n\t", length);
    return;
  }
  const name = COMMANDS.get(command) ?? `unknown command (${command})`;
  d.text += `, ${name}, length: ${length}`;
  if (d.verbose < 1) return;
  let showBytes = d.verbose > 1;
  if (command === REQUEST || command === RESPONSE) {
    if (version > 2) d.text += ", unknown version";
    else {
      d.text += `, routes: ${Math.floor(length / ENTRY)}${version === 2 ? " or less" : ""}`;
      entries(d, at + 4, available - 4, version);
    }
  } else if (!WITHOUT_BODY.has(command)) showBytes = true;
  if (showBytes) unknownData(d, at, "\n\t", length);
}

const NG_VERSION = 1;
const NG_HEADER = 4;
const INFINITY = 16;

function entryNg(d: Dissector, at: number, showMetric: boolean): void {
  d.text += `${d.verbose > 1 ? "\n\t" : " "}`;
  d.text += `${d.ipv6(at)}/${d.u8(at + 18)}`;
  const tag = d.u16(at + 16);
  if (tag !== 0) d.text += ` [${tag}]`;
  const metric = d.u8(at + 19);
  if (metric !== 0 && showMetric) d.text += ` (${metric})`;
}

/** A request for the whole table: one entry, infinitely far, without an address. */
function isWholeTable(d: Dissector, at: number): boolean {
  return d.u8(at + 19) === INFINITY && /^0*$/.test(d.hexBytes(at, 16));
}

export function ripng(d: Dissector, at: number, length: number): void {
  d.protocol = "ripng";
  const version = d.u8(at + 1);
  if (version !== NG_VERSION) {
    d.text += ` [vers ${version}]`;
    return d.invalid();
  }
  const command = d.u8(at);
  if (command !== REQUEST && command !== RESPONSE) {
    d.text += ` ripng-${command} ?? ${length}`;
    return d.invalid();
  }
  if (length < NG_HEADER) return d.invalid();
  let left = length - NG_HEADER;
  let place = at + NG_HEADER;
  const count = Math.floor(left / ENTRY);
  if (command === REQUEST && count === 1 && isWholeTable(d, place)) {
    d.text += " ripng-req dump";
    return;
  }
  d.text += ` ripng-${command === REQUEST ? "req" : "resp"} ${count}${left % ENTRY === 0 ? "" : `[${length}]`}:`;
  for (; left >= ENTRY; left -= ENTRY, place += ENTRY) entryNg(d, place, command === RESPONSE);
  if (left !== 0) d.invalid();
}
