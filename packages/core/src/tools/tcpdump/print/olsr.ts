// Optimized Link State Routing (RFC 3626) with the messages of olsr.org: link quality and names.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { NameTable } from "./names.ts";
import { decimal, hex4, hexPadded, maskLength } from "./numbers.ts";

const HEADER_LENGTH = 4;
const [HELLO, TC, MID, HNA, NAMES, HELLO_LQ, TC_LQ] = [1, 2, 3, 4, 130, 201, 202] as const;
const MESSAGES = new NameTable([
  [HELLO, "Hello"],
  [TC, "TC"],
  [MID, "MID"],
  [HNA, "HNA"],
  [128, "Powerinfo"],
  [NAMES, "Nameservice"],
  [HELLO_LQ, "Hello-LQ"],
  [TC_LQ, "TC-LQ"],
]);
const LINKS = ["Unspecified", "Asymmetric", "Symmetric", "Lost"] as const;
const NEIGHBORS = ["Not-Neighbor", "Symmetric", "Symmetric-MPR"] as const;

/** What depends on the version of IP. */
interface Family {
  readonly size: number;
  readonly text: (d: Dissector, at: number) => string;
}
const FAMILY_4: Family = { size: 4, text: (d, at) => d.ipv4(at) };
const FAMILY_6: Family = { size: 16, text: (d, at) => d.ipv6(at) };

/** Seconds of a mantissa and an exponent (RFC 3626 section 18.3). */
function seconds(value: number): string {
  return decimal((1 + (value >>> 4) / 16) * 2 ** (value & 15) * 0.0625, 3);
}

function percent(value: number): string {
  return `${(value / 2.55).toFixed(2)}%`;
}

function neighborQualities(d: Dissector, start: number, total: number, family: Family): void {
  const size = family.size + 4;
  for (let at = start; at + size <= start + total; at += size) {
    d.need(at, size);
    d.text += `\n\t      neighbor ${family.text(d, at)}, link-quality ${percent(d.u8(at + family.size))}`;
    d.text += `, neighbor-link-quality ${percent(d.u8(at + family.size + 1))}`;
  }
}

/** The original takes these for IPv4 addresses, whatever carries them. */
function neighborList(d: Dissector, start: number, total: number): void {
  d.text += "\n\t      neighbor\n\t\t";
  for (let at = start; at + 4 <= start + total; at += 4) d.text += `${d.ipv4(at)} `;
}

/** Only 4 networks are on a line. */
const PER_LINE = 4;
const GATEWAY_FLAGS = [
  [0x01, " LINKSPEED"],
  [0x02, " IPV4"],
  [0x04, " IPV4-NAT"],
  [0x08, " IPV6"],
  [0x10, " IPv6-PREFIX"],
] as const;

function gatewaySpeed(value: number): number {
  return value === 0 ? 0 : ((value >>> 3) + 1) * 10 ** (value & 7);
}

function networks4(d: Dissector, start: number, total: number): void {
  d.text += `\n\t  Advertised networks (total ${Math.floor(total / 8)})`;
  let column = 0;
  for (let at = start; at + 8 <= start + total; at += 8) {
    d.need(at, 8);
    d.text += column === 0 ? "\n\t    " : ", ";
    const flags = d.u8(at + 5);
    if (d.u32(at) === 0 && d.u8(at + 4) === 0 && flags !== 0) {
      d.text += "Smart-Gateway:";
      for (const [bit, name] of GATEWAY_FLAGS) if ((flags & bit) !== 0) d.text += name;
      const known = (flags & 0x01) !== 0;
      d.text += ` ${known ? gatewaySpeed(d.u8(at + 6)) : 0}/${known ? gatewaySpeed(d.u8(at + 7)) : 0}`;
    } else d.text += `${d.ipv4(at)}/${maskLength(d.u32(at + 4)) >>> 0}`;
    column = (column + 1) % PER_LINE;
  }
}

/** Prefix length of an IPv6 mask: its bits up to the first byte that is not full. */
function maskLength6(d: Dissector, at: number): number {
  let bits = 0;
  for (let index = 0; index < 16; index++) {
    const byte = d.u8(at + index);
    const inverted = ~byte & 0xff;
    if ((inverted & (inverted + 1)) === 0) bits += 8 - (32 - Math.clz32(inverted));
    if (byte !== 0xff) break;
  }
  return bits;
}

function networks6(d: Dissector, start: number, total: number): void {
  d.text += `\n\t  Advertised networks (total ${Math.floor(total / 32)})`;
  for (let at = start; at + 32 <= start + total; at += 32) {
    d.need(at, 32);
    d.text += `\n\t    #0: ${d.ipv6(at)}/${maskLength6(d, at + 16)}`;
  }
}

/** False if it is too short. */
function names(d: Dissector, start: number, total: number, family: Family): boolean {
  if (total < 4) return false;
  const count = d.u16(start + 2);
  const enough = count > 0 && count * (4 + family.size) <= total;
  d.text += `\n\t  Version ${d.u16(start)}, Entries ${count}${enough ? "" : " (invalid)"}`;
  if (!enough) return true;
  let at = start + 4;
  let left = total - 4;
  for (let index = 0; index < count && left >= 4; index++) {
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    at += 4;
    left -= 4;
    const valid = length > 0 && family.size + length <= left;
    d.text += `\n\t    #${index}: type ${type === 0 ? "000000" : `0x${hex4(type)}`}, length ${length}${valid ? "" : " (invalid)"}`;
    if (!valid) return true;
    const size = family.size + length + ((4 - (length % 4)) % 4);
    if (left < size) return false;
    d.need(at, size);
    d.text += `, address ${family.text(d, at)}, name "`;
    d.characters(at + family.size, length);
    d.text += '"';
    at += size;
    left -= size;
  }
  return true;
}

/** False if it is too short. */
function hello(d: Dissector, type: number, start: number, total: number, family: Family): boolean {
  if (total < 4) return false;
  d.need(start, 4);
  d.text += `\n\t  hello-time ${seconds(d.u8(start + 2))}s, MPR willingness ${d.u8(start + 3)}`;
  let at = start + 4;
  let left = total - 4;
  while (left >= 4) {
    d.need(at, 4);
    const [code, length] = [d.u8(at), d.u16(at + 2)];
    const valid = length <= left && length >= 4;
    d.text += `\n\t    link-type ${LINKS[(code & 3) as 0 | 1 | 2 | 3]}, neighbor-type ${NEIGHBORS[code >>> 2] ?? "Unknown"}`;
    d.text += `, len ${length}${valid ? "" : " (invalid)"}`;
    if (!valid) break;
    d.need(at + 4, length - 4);
    if (type === HELLO) neighborList(d, at + 4, length - 4);
    else neighborQualities(d, at + 4, length - 4, family);
    at += length;
    left -= length;
  }
  return true;
}

/** False if it is too short. */
function message(d: Dissector, type: number, at: number, length: number, family: Family): boolean {
  switch (type) {
    case HELLO:
    case HELLO_LQ:
      return hello(d, type, at, length, family);
    case TC:
    case TC_LQ:
      if (length < 4) return false;
      d.need(at, 4);
      d.text += `\n\t    advertised neighbor seq 0x${hex4(d.u16(at))}`;
      if (type === TC) neighborList(d, at + 4, length - 4);
      else neighborQualities(d, at + 4, length - 4, family);
      return true;
    case MID:
      for (let index = 0; index + family.size <= length; index += family.size) {
        d.need(at + index, family.size);
        d.text += `\n\t  interface address ${family.text(d, at + index)}`;
      }
      return true;
    case HNA:
      if (family === FAMILY_6) networks6(d, at, length);
      else networks4(d, at, length);
      return true;
    case NAMES:
      return names(d, at, length, family);
    default:
      unknownData(d, at, "\n\t    ", length);
      return true;
  }
}

function packet(d: Dissector, start: number, total: number, version: 4 | 6): void {
  d.text += `OLSRv${version}`;
  if (total < HEADER_LENGTH || !d.has(start, HEADER_LENGTH)) return d.truncated();
  const length = Math.min(total, d.u16(start));
  d.text += `, seq 0x${hex4(d.u16(start + 2))}, length ${length}`;
  if (d.verbose === 0) return;
  const family = version === 6 ? FAMILY_6 : FAMILY_4;
  const header = 8 + family.size;
  let at = start + HEADER_LENGTH;
  while (at < start + length) {
    d.need(at, header);
    const [type, size] = [d.u8(at), d.u16(at + 2)];
    if (type === 0 || size === 0) return;
    const valid = size >= header && size <= length;
    const behind = at + 4 + family.size;
    d.text += `\n\t${MESSAGES.get(type) ?? "Unknown"} Message (0x${hexPadded(type, 2)}), originator ${family.text(d, at + 4)}`;
    d.text += `, ttl ${d.u8(behind)}, hop ${d.u8(behind + 1)}\n\t  vtime ${seconds(d.u8(at + 1))}s`;
    d.text += `, msg-seq 0x${hex4(d.u16(behind + 2))}, length ${size}${valid ? "" : " (invalid)"}`;
    if (!valid) return;
    if (!message(d, type, at + header, size - header, family)) return d.truncated();
    at += size;
  }
}

export function olsr(d: Dissector, start: number, total: number, version: 4 | 6): void {
  d.protocol = "olsr";
  d.untilCut(() => packet(d, start, total, version));
}
