// Values of HNCP that are made of others: prefixes, names, and the options of DHCP.

import type { Dissector } from "../dissector.ts";
import { hex2, padded, safeCharacter } from "../numbers.ts";
import { prefix, prefixBytes } from "../prefix.ts";
import { DHCP4_OPTIONS, DHCP6_OPTIONS } from "./names.ts";

const MAPPED_LENGTH = 12; // bytes of an IPv6 address in front of a mapped IPv4 address

function isMapped(d: Dissector, at: number): boolean {
  if (!d.has(at, MAPPED_LENGTH)) return false;
  for (let index = 0; index < MAPPED_LENGTH; index++) {
    if (d.u8(at + index) !== (index < 10 ? 0 : 0xff)) return false;
  }
  return true;
}

export function address(d: Dissector, at: number): string {
  return isMapped(d, at) ? d.ipv4(at + MAPPED_LENGTH) : d.ipv6(at);
}

/** Milliseconds as seconds. */
export function interval(d: Dissector, at: number): string {
  const milliseconds = d.u32(at);
  return `${Math.floor(milliseconds / 1000)}.${padded(milliseconds % 1000, 3)}s`;
}

export function nodeId(d: Dissector, at: number): string {
  return Array.from({ length: 4 }, (_, index) => hex2(d.u8(at + index))).join(":");
}

/** Prints a prefix. Returns its bytes; negative if it is wrong, -1 if its length alone is. */
export function printPrefix(d: Dissector, at: number, left: number): number {
  const bits = d.u8(at);
  if (bits >= 96 && left >= MAPPED_LENGTH + 1 && isMapped(d, at + 1)) {
    const length = bits - 96;
    if (length > 32) return -1;
    const size = Math.ceil(length / 8);
    if (left - 1 < size + MAPPED_LENGTH) return -3;
    const [a = 0, b = 0, c = 0, e = 0] = prefixBytes(d, at + 1 + MAPPED_LENGTH, length, 4);
    d.text += `${d.addresses.ipv4(((a << 24) | (b << 16) | (c << 8) | e) >>> 0)}/${length}`;
    return size + 1 + MAPPED_LENGTH;
  }
  const found = prefix(d, at, left, 6);
  if (typeof found === "number") return found;
  d.text += found.text;
  return found.size;
}

/** Prints text up to a zero. */
export function paddedText(d: Dissector, at: number, length: number): void {
  for (let index = 0; index < length; index++) {
    const byte = d.u8(at + index);
    if (byte === 0) return;
    d.text += safeCharacter(byte);
  }
}

/** Prints a domain name that is not compressed. Returns its bytes, -1 if it does not fit. */
export function domainLabels(d: Dissector, at: number, left: number): number {
  let length = 0;
  while (length < left) {
    const label = d.u8(at + length);
    length++;
    if (label === 0) return length;
    if (length > 1) d.text += ".";
    if (length + label > left) {
      paddedText(d, at + length, left - length);
      break;
    }
    paddedText(d, at + length, label);
    length += label;
  }
  d.text += "[|DNS]";
  return -1;
}

/** Domain names one after the other. False if one is wrong. */
function names(d: Dissector, start: number, end: number): boolean {
  for (let at: number | undefined = start; at < end;) {
    d.text += " ";
    at = d.layers.domainName(d, at, end);
    if (at === undefined) return false;
  }
  return true;
}

function newLine(d: Dissector, indent: number): void {
  d.text += `\n${"\t".repeat(indent)}`;
}

/** False if the options do not fit. */
export function dhcp4Options(d: Dissector, start: number, total: number, indent: number): boolean {
  for (let offset = 0; offset < total;) {
    if (offset + 2 > total) return false;
    const at = start + offset;
    const [type, length] = [d.u8(at), d.u8(at + 1)];
    newLine(d, indent);
    d.text += `${DHCP4_OPTIONS.get(type) ?? "Unknown"} (${length + 2})`;
    if (offset + 2 + length > total) return false;
    const value = at + 2;
    if (type === 6 || type === 42) {
      if (length < 4 || length % 4 !== 0) return false;
      for (let index = 0; index < length; index += 4) d.text += ` ${d.ipv4(value + index)}`;
    } else if (type === 119 && !names(d, value, value + length)) return false;
    offset += 2 + length;
  }
  return true;
}

/** False if the options do not fit. */
export function dhcp6Options(d: Dissector, start: number, total: number, indent: number): boolean {
  for (let offset = 0; offset < total;) {
    if (offset + 4 > total) return false;
    const at = start + offset;
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    newLine(d, indent);
    d.text += `${DHCP6_OPTIONS.get(type) ?? "Unknown"} (${length + 4})`;
    if (offset + 4 + length > total) return false;
    const value = at + 4;
    if (type === 23 || type === 31) {
      if (length % 16 !== 0) {
        d.invalid();
        return false;
      }
      for (let index = 0; index < length; index += 16) d.text += ` ${d.ipv6(value + index)}`;
    } else if (type === 24 && !names(d, value, value + length)) return false;
    offset += 4 + length;
  }
  return true;
}
