// Cisco discovery protocol.

import { CAPABILITIES } from "./cdp-names.ts";
import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex4, hex8 } from "./numbers.ts";

const HEADER_LENGTH = 4;

/** %02x of 16 bits. */
function typeDigits(type: number): string {
  return type > 255 ? type.toString(16) : hex2(type);
}

const DEVICE = 1;

type Printer = (d: Dissector, at: number, length: number) => boolean;

/** name, shortest value, printer; without a printer the value is not decoded. */
const TYPES: ReadonlyMap<number, readonly [string, number, Printer?]> = new Map<
  number,
  readonly [string, number, Printer?]
>([
  [0x01, ["Device-ID", 0, quoted]],
  [0x02, ["Address", 4, (d, at, length) => addresses(d, at, length)]],
  [0x03, ["Port-ID", 0, quoted]],
  [0x04, ["Capability", 4, capability]],
  [0x05, ["Version String", 0, version]],
  [0x06, ["Platform", 0, quoted]],
  [0x07, ["Prefixes", 0, prefixes]],
  [0x08, ["Protocol-Hello option", 0]],
  [0x09, ["VTP Management Domain", 0, quoted]],
  [0x0a, ["Native VLAN ID", 2, (d, at) => say(d, String(d.u16(at)))]],
  [0x0b, ["Duplex", 1, (d, at) => say(d, d.u8(at) === 0 ? "half" : "full")]],
  [0x0e, ["ATA-186 VoIP VLAN assignment", 3, voip]],
  [0x0f, ["ATA-186 VoIP VLAN request", 3, voip]],
  [0x10, ["power consumption", 2, (d, at) => say(d, `${(d.u16(at) / 1000).toFixed(2)}W`)]],
  [0x11, ["MTU", 4, (d, at) => say(d, `${d.u32(at)} bytes`)]],
  [0x12, ["AVVID trust bitmap", 1, (d, at) => say(d, `0x${hex2(d.u8(at))}`)]],
  [0x13, ["AVVID untrusted ports CoS", 1, (d, at) => say(d, `0x${hex2(d.u8(at))}`)]],
  [0x14, ["System Name", 0, quoted]],
  [0x15, ["System Object ID (not decoded)", 0]],
  [0x16, ["Management Addresses", 4, (d, at, length) => addresses(d, at, length)]],
  [0x17, ["Physical Location", 1, location]],
]);

function say(d: Dissector, text: string): true {
  d.text += text;
  return true;
}

function quoted(d: Dissector, at: number, length: number): boolean {
  d.text += "'";
  d.characters(at, length);
  d.text += "'";
  return true;
}

function capability(d: Dissector, at: number): boolean {
  const value = d.u32(at);
  d.text += `(0x${hex8(value)}): ${CAPABILITIES.bits(value, "none")}`;
  return true;
}

/** Lines of its own, indented. */
function version(d: Dissector, at: number, length: number): boolean {
  d.text += "\n\t  ";
  for (let index = 0; index < length; index++) {
    const byte = d.u8(at + index);
    if (byte === 0x0a) d.text += "\n\t  ";
    else d.text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : escaped(byte);
  }
  return true;
}

function escaped(byte: number): string {
  const low = byte & 0x7f;
  const shown = low >= 0x20 && low < 0x7f ? String.fromCharCode(low) : `^${String.fromCharCode(low ^ 0x40)}`;
  return byte >= 0x80 ? `M-${shown}` : shown;
}

function prefixes(d: Dissector, at: number, length: number): boolean {
  if (length % 5 !== 0) {
    d.text += ` [length ${length} is not a multiple of 5]`;
    return false;
  }
  d.text += ` IPv4 Prefixes (${length / 5}):`;
  for (let place = 0; place < length; place += 5) {
    d.text += ` ${d.u8(at + place)}.${d.u8(at + place + 1)}.${d.u8(at + place + 2)}.${d.u8(at + place + 3)}/${d.u8(at + place + 4)}`;
  }
  return true;
}

function voip(d: Dissector, at: number, length: number): boolean {
  if (length === 3) d.text += `app ${d.u8(at)}, vlan ${d.u16(at + 1)}`;
  else unknownData(d, at, "\n\t  ", length);
  return true;
}

function location(d: Dissector, at: number, length: number): boolean {
  d.text += `${d.u8(at)}`;
  if (length > 1) {
    d.text += "/";
    d.paddedCharacters(at + 1, length - 1);
  }
  return true;
}

/** What is missing for the addresses. */
function addresses(d: Dissector, start: number, total: number): boolean {
  let at = start;
  let left = total;
  const count = d.u32(at);
  at += 4;
  left -= 4;
  for (let index = 0; index < count; index++) {
    if (left < 2) return say(d, `${index > 0 ? " " : ""} (not enough space for PT+PL)`);
    const type = d.u8(at);
    const protocolLength = d.u8(at + 1);
    at += 2;
    left -= 2;
    if (left < protocolLength + 2) return say(d, `${index > 0 ? " " : ""} (not enough space for P+AL)`);
    const size = d.u16(at + protocolLength);
    const isIpv4 = type === 1 && protocolLength === 1 && d.u8(at) === 0xcc && size === 4;
    const isIpv6 =
      type === 2 && protocolLength === 8 && size === 16 && d.hexBytes(at, 8) === "aaaa0300000086dd";
    const address = at + protocolLength + 2;
    if (isIpv4 || isIpv6) {
      if (left < protocolLength + 2 + size) return say(d, " (not enough space for A)");
      d.text += `${index > 0 ? " " : ""}${isIpv4 ? "IPv4" : "IPv6"} (${count - index}) ${isIpv4 ? d.ipv4(address) : d.ipv6(address)}`;
    } else {
      d.text += `${index > 0 ? " " : ""}pt=0x${hex2(type)}, pl=${protocolLength}, pb=`;
      for (let place = 0; place < protocolLength; place++) d.text += ` ${hex2(d.u8(at + place))}`;
      if (left < protocolLength + 2 + size) return say(d, " (not enough space for A)");
      d.text += `, al=${size}, a=`;
      for (let place = 0; place < size; place++) d.text += ` ${hex2(d.u8(address + place))}`;
    }
    at = address + size;
    left -= protocolLength + 2 + size;
  }
  if (left > 0) d.text += ` (${left} bytes of stray data)`;
  return true;
}

export function cdp(d: Dissector, start: number, total: number): void {
  d.protocol = "cdp";
  if (total < HEADER_LENGTH) {
    d.text += ` (packet length ${total} < ${HEADER_LENGTH})`;
    d.invalid();
    return;
  }
  const format = d.u8(start);
  d.text += `CDPv${format}, ttl: ${d.u8(start + 1)}s`;
  if (d.verbose > 0) d.text += `, checksum: 0x${hex4(d.u16(start + 2))} (unverified), length ${total}`;
  let at = start + HEADER_LENGTH;
  let left = total - HEADER_LENGTH;
  while (left > 0) {
    if (left < 4) {
      d.text += ` (remaining packet length ${left} < 4)`;
      d.invalid();
      d.check(at, left);
      return;
    }
    const type = d.u16(at);
    const length = d.u16(at + 2);
    const [name, least, print] = TYPES.get(type) ?? ["unknown field type", 0, undefined];
    if (length < 4) {
      if (d.verbose > 0) {
        d.text += `\n\t${name} (0x${typeDigits(type)}), TLV length: ${length} byte${length === 1 ? "" : "s"} (too short)`;
      } else
        d.text += `, ${name} (0x${typeDigits(type)}) TLV length ${length} too short`.replace(/ \(0x..\)/, "");
      return;
    }
    if (length > left) {
      d.text += ` (TLV length ${length} > ${left})`;
      d.invalid();
      d.check(at, left);
      return;
    }
    const value = at + 4;
    const size = length - 4;
    if (d.verbose > 0 || type === DEVICE) {
      if (d.verbose > 0) {
        d.text += `\n\t${name} (0x${typeDigits(type)}), value length: ${size} byte${size === 1 ? "" : "s"}: `;
      } else d.text += ", Device-ID ";
      if (size < least) {
        d.text += " (malformed TLV)";
        unknownData(d, value, "\n\t  ", size);
        at += length;
        left -= length;
        continue;
      }
      if (print !== undefined) {
        print(d, value, size);
      } else if (TYPES.get(type) === undefined) {
        unknownData(d, value, "\n\t  ", size);
      }
    }
    at += length;
    left -= length;
  }
}
