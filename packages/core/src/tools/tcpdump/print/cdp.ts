// Cisco discovery protocol.

import { CAPABILITIES } from "./cdp-names.ts";
import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { decimal, hex2, hex4, hex8, hexPadded, safeCharacter } from "./numbers.ts";

const [HEADER_LENGTH, TLV_HEADER] = [4, 4] as const;
const DEVICE = 1;
const IPV4_NLPID = 0xcc;
/** LLC and SNAP of IPv6. */
const IPV6_HEADER = "aaaa0300000086dd";

interface Field {
  readonly name: string;
  /** Without one the value is passed over. */
  readonly print?: (d: Dissector, at: number, length: number) => void;
  readonly shortest?: number;
  readonly longest?: number;
}

const exactly = (length: number): Pick<Field, "shortest" | "longest"> => ({
  shortest: length,
  longest: length,
});

const UNKNOWN = "unknown field type";

const FIELDS: ReadonlyMap<number, Field> = new Map<number, Field>([
  // Numbers between the known ones, whose values the original passes over.
  ...[0x00, 0x0c, 0x0d].map((unused): [number, Field] => [unused, { name: UNKNOWN }]),
  [DEVICE, { name: "Device-ID", print: quoted }],
  [0x02, { name: "Address", print: addresses }],
  [0x03, { name: "Port-ID", print: quoted }],
  [0x04, { name: "Capability", print: capability, ...exactly(4) }],
  [0x05, { name: "Version String", print: version }],
  [0x06, { name: "Platform", print: quoted }],
  [0x07, { name: "Prefixes", print: prefixes }],
  [0x08, { name: "Protocol-Hello option" }],
  [0x09, { name: "VTP Management Domain", print: quoted }],
  [0x0a, { name: "Native VLAN ID", print: (d, at) => d.print(String(d.u16(at))), ...exactly(2) }],
  [0x0b, { name: "Duplex", print: (d, at) => d.print(d.u8(at) === 0 ? "half" : "full"), ...exactly(1) }],
  [0x0e, { name: "ATA-186 VoIP VLAN assignment", print: voice, ...exactly(3) }],
  [0x0f, { name: "ATA-186 VoIP VLAN request", print: voice, shortest: 2, longest: 3 }],
  [0x10, { name: "power consumption", print: power, shortest: 1, longest: 3 }],
  [0x11, { name: "MTU", print: (d, at) => d.print(`${d.u32(at)} bytes`), ...exactly(4) }],
  [0x12, { name: "AVVID trust bitmap", print: bits, ...exactly(1) }],
  [0x13, { name: "AVVID untrusted ports CoS", print: bits, ...exactly(1) }],
  [0x14, { name: "System Name", print: quoted }],
  [0x15, { name: "System Object ID (not decoded)" }],
  [0x16, { name: "Management Addresses", print: addresses, shortest: 4 }],
  [0x17, { name: "Physical Location", print: location, shortest: 1 }],
]);

function quoted(d: Dissector, at: number, length: number): void {
  d.text += "'";
  d.characters(at, length);
  d.text += "'";
}

function capability(d: Dissector, at: number): void {
  const value = d.u32(at);
  d.text += `(0x${hex8(value)}): ${CAPABILITIES.bits(value, "none")}`;
}

/** Lines of its own, indented. */
function version(d: Dissector, at: number, length: number): void {
  d.text += "\n\t  ";
  for (let index = 0; index < length; index++) {
    const byte = d.u8(at + index);
    d.text += byte === 0x0a ? "\n\t  " : safeCharacter(byte);
  }
}

/** Milliwatts. */
function power(d: Dissector, at: number, length: number): void {
  let value = 0;
  for (let index = 0; index < length; index++) value = value * 256 + d.u8(at + index);
  d.text += `${decimal(value / 1000, 2)}W`;
}

function bits(d: Dissector, at: number): void {
  d.text += `0x${hex2(d.u8(at))}`;
}

function voice(d: Dissector, at: number, length: number): void {
  d.text += length === 2 ? `unknown 0x${hex4(d.u16(at))}` : `app ${d.u8(at)}, vlan ${d.u16(at + 1)}`;
}

function location(d: Dissector, at: number, length: number): void {
  d.text += `0x${hex2(d.u8(at))}`;
  if (length <= 1) return;
  d.text += "/";
  d.characters(at + 1, length - 1);
}

function prefixes(d: Dissector, at: number, length: number): void {
  if (length % 5 !== 0) {
    d.text += ` [length ${length} is not a multiple of 5]`;
    d.check(at, length);
    return;
  }
  d.text += ` IPv4 Prefixes (${length / 5}):`;
  for (let place = at; place < at + length; place += 5) {
    d.check(place, 5);
    d.text += ` ${d.u8(place)}.${d.u8(place + 1)}.${d.u8(place + 2)}.${d.u8(place + 3)}/${d.u8(place + 4)}`;
  }
}

/** Bytes as " 01 02". */
function spaced(d: Dissector, at: number, length: number): void {
  for (let index = 0; index < length; index++) d.text += ` ${hex2(d.u8(at + index))}`;
}

function addresses(d: Dissector, start: number, total: number): void {
  let at = start;
  let left = total;
  const cutShort = (what: string): void => {
    d.text += ` (not enough space for ${what})`;
    d.check(at, left);
  };
  if (left < 4) return cutShort("num");
  const count = d.u32(at);
  at += 4;
  left -= 4;
  for (let number = count; number > 0; number--) {
    if (left < 2) return cutShort("PT+PL");
    const [type, protocolLength] = [d.u8(at), d.u8(at + 1)];
    at += 2;
    left -= 2;
    if (left < protocolLength + 2) return cutShort("P+AL");
    const size = d.u16(at + protocolLength);
    const isIpv4 = type === 1 && protocolLength === 1 && d.u8(at) === IPV4_NLPID && size === 4;
    const isIpv6 = type === 2 && protocolLength === 8 && size === 16 && d.hexBytes(at, 8) === IPV6_HEADER;
    if (!isIpv4 && !isIpv6) {
      d.text += `pt=0x${hex2(type)}, pl=${protocolLength}, pb=`;
      spaced(d, at, protocolLength);
      d.text += `, al=${size}, a=`;
    }
    at += protocolLength + 2;
    left -= protocolLength + 2;
    if (left < size) return cutShort("A");
    if (isIpv4) d.text += `IPv4 (${number}) ${d.ipv4(at)}`;
    else if (isIpv6) d.text += `IPv6 (${number}) ${d.ipv6(at)}`;
    else spaced(d, at, size);
    at += size;
    left -= size;
    if (number > 1) d.text += " ";
  }
  if (left > 0) d.text += ` (${left} bytes of stray data)`;
}

function plural(count: number): string {
  return count === 1 ? "" : "s";
}

/** Prints a field whose value is at `at`. */
function value(d: Dissector, type: number, field: Field | undefined, at: number, length: number): void {
  if (d.verbose > 0) {
    const name = field?.name ?? UNKNOWN;
    d.text += `\n\t${name} (0x${hexPadded(type, 2)}), value length: ${length} byte${plural(length)}: `;
  } else if (type === DEVICE) d.text += ", Device-ID ";
  if (field !== undefined) {
    const malformed = length < (field.shortest ?? 0) || length > (field.longest ?? Infinity);
    if (malformed) d.text += " (malformed TLV)";
    else if (d.verbose > 0 || type === DEVICE) {
      if (field.print === undefined) d.check(at, length);
      else field.print(d, at, length);
      return;
    }
  }
  d.check(at, length);
  unknownData(d, at, "\n\t  ", length);
}

export function cdp(d: Dissector, start: number, total: number): void {
  d.protocol = "cdp";
  let at = start;
  let left = total;
  const wrong = (fault: string): void => {
    d.text += fault;
    d.invalid();
    d.check(at, left);
  };
  if (total < HEADER_LENGTH) return wrong(` (packet length ${total} < ${HEADER_LENGTH})`);
  const [protocolVersion, lifetime] = [d.u8(at), d.u8(at + 1)];
  d.text += `CDPv${protocolVersion}, ttl: ${lifetime}s`;
  const checksum = d.u16(at + 2);
  if (d.verbose > 0) d.text += `, checksum: 0x${hex4(checksum)} (unverified), length ${total}`;
  at += HEADER_LENGTH;
  left -= HEADER_LENGTH;
  while (left > 0) {
    if (left < TLV_HEADER) return wrong(` (remaining packet length ${left} < ${TLV_HEADER})`);
    const [type, length] = [d.u16(at), d.u16(at + 2)];
    const field = FIELDS.get(type);
    if (length < TLV_HEADER) {
      const name = field?.name ?? UNKNOWN;
      return wrong(
        d.verbose > 0
          ? `\n\t${name} (0x${hexPadded(type, 2)}), TLV length: ${length} byte${plural(length)} (too short)`
          : `, ${name} TLV length ${length} too short`,
      );
    }
    if (length > left) return wrong(` (TLV length ${length} > ${left})`);
    value(d, type, field, at + TLV_HEADER, length - TLV_HEADER);
    at += length;
    left -= length;
  }
  if (d.verbose === 0) d.text += `, length ${total}`;
}
