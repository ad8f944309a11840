// RPKI to Router (RFC 6810), shown with -v.

import type { Dissector } from "./dissector.ts";
import { unknownData } from "./hexdump.ts";
import { hex2, hex4 } from "./numbers.ts";

const HEADER_LENGTH = 8;
const [SERIAL_NOTIFY, SERIAL_QUERY, RESET_QUERY, CACHE_RESPONSE, IPV4_PREFIX, IPV6_PREFIX] = [
  0, 1, 2, 3, 4, 6,
] as const;
const [END_OF_DATA, CACHE_RESET, ERROR_REPORT] = [7, 8, 10] as const;

const UNITS: ReadonlyMap<number, string> = new Map([
  [SERIAL_NOTIFY, "Serial Notify"],
  [SERIAL_QUERY, "Serial Query"],
  [RESET_QUERY, "Reset Query"],
  [CACHE_RESPONSE, "Cache Response"],
  [IPV4_PREFIX, "IPV4 Prefix"],
  [IPV6_PREFIX, "IPV6 Prefix"],
  [END_OF_DATA, "End of Data"],
  [CACHE_RESET, "Cache Reset"],
  [ERROR_REPORT, "Error Report"],
]);
const ERRORS = ["Corrupt Data", "Internal Error", "No Data Available", "Invalid Request", "Unsupported Protocol Version",
  "Unsupported PDU Type", "Withdrawal of Unknown Record", "Duplicate Announcement Received"]; // prettier-ignore

function indentation(columns: number): string {
  return `\n${"\t".repeat(columns >> 3)}${" ".repeat(columns & 7)}`;
}

/** An error report with what it is about. False if its lengths do not fit. */
function errorReport(d: Dissector, at: number, size: number, inner: boolean, indent: number): boolean {
  let place = HEADER_LENGTH + 4;
  if (size < place) return false;
  d.check(at, place);
  const encapsulated = d.u32(at + HEADER_LENGTH);
  const code = d.u16(at + 2);
  d.text += `${indentation(indent + 2)}Error code: ${ERRORS[code] ?? "Unknown"} (${code})`;
  d.text += `, Encapsulated PDU length: ${encapsulated}`;
  if (encapsulated > 0) {
    if (size < place + encapsulated) return false;
    if (inner) d.check(at, place + encapsulated);
    else {
      d.text += `${indentation(indent + 4)}-----encapsulated PDU-----`;
      unit(d, at + place, encapsulated, true, indent + 2);
    }
    place += encapsulated;
  }
  if (size < place + 4) return false;
  d.check(at, place + 4);
  const text = d.u32(at + place);
  place += 4;
  if (text > 0) {
    if (size < place + text) return false;
    d.text += `${indentation(indent + 2)}Error text: `;
    d.characters(at + place, text);
  }
  return true;
}

function prefix(d: Dissector, at: number, version: number): string {
  const address = version === 4 ? d.ipv4(at + 12) : d.ipv6(at + 12);
  const number = d.u32(at + (version === 4 ? 16 : 28));
  return `IPv${version} Prefix ${address}/${d.u8(at + 9)}-${d.u8(at + 10)}, origin-as ${number}, flags 0x${hex2(d.u8(at + 8))}`;
}

/** Prints what the kind of unit has. False if its length is wrong. */
function body(d: Dissector, type: number, at: number, size: number, inner: boolean, indent: number): boolean {
  const start = indentation(indent + 2);
  switch (type) {
    case SERIAL_NOTIFY:
    case SERIAL_QUERY:
    case END_OF_DATA:
      if (size !== HEADER_LENGTH + 4) return false;
      d.text += `${start}Session ID: 0x${hex4(d.u16(at + 2))}, Serial: ${d.u32(at + 8)}`;
      return true;
    case RESET_QUERY:
    case CACHE_RESET:
      return size === HEADER_LENGTH;
    case CACHE_RESPONSE:
      if (size !== HEADER_LENGTH) return false;
      d.text += `${start}Session ID: 0x${hex4(d.u16(at + 2))}`;
      return true;
    case IPV4_PREFIX:
    case IPV6_PREFIX: {
      const version = type === IPV4_PREFIX ? 4 : 6;
      if (size !== (version === 4 ? 20 : 32)) return false;
      d.text += start + prefix(d, at, version);
      return true;
    }
    case ERROR_REPORT:
      return errorReport(d, at, size, inner, indent);
    default:
      d.check(at, size);
      return true;
  }
}

/** One protocol data unit. Returns the bytes that are done with. */
function unit(d: Dissector, at: number, length: number, inner: boolean, indent: number): number {
  const version = d.u8(at);
  if (version !== 0) {
    d.text += `${indentation(8)}RPKI-RTRv${version} (unknown)`;
    return length;
  }
  const invalid = (): number => {
    d.invalid();
    d.check(at, length);
    return length;
  };
  if (length < HEADER_LENGTH) {
    d.text += `(${length} bytes is too few to decode)`;
    return invalid();
  }
  d.check(at, HEADER_LENGTH);
  const type = d.u8(at + 1);
  const size = d.u32(at + 4);
  d.text += `${indentation(8)}RPKI-RTRv${version}, ${UNITS.get(type) ?? "Unknown"} PDU (${type}), length: ${size}`;
  if (size < HEADER_LENGTH || size > length) return invalid();
  if (!body(d, type, at, size, inner, indent)) return invalid();
  if (d.verbose > 1 || !UNITS.has(type)) unknownData(d, at, "\n\t  ", size);
  return size;
}

export function rpki(d: Dissector, start: number, length: number): void {
  d.protocol = "rpki_rtr";
  if (d.verbose === 0) {
    d.text += ", RPKI-RTR";
    return;
  }
  for (let at = start, left = length; left > 0;) {
    const used = unit(d, at, left, false, 8);
    at += used;
    left -= used;
  }
}
