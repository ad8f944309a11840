// Path attributes of BGP updates (RFC 4271 section 4.3 and the documents that add to it).

import type { Dissector } from "../dissector.ts";
import { unknownData } from "../hexdump.ts";
import { NETWORK_FAMILIES } from "../network-address.ts";
import { hex, hex8 } from "../numbers.ts";
import { nsap } from "../osi/address.ts";
import { CUT_OFF } from "../prefix.ts";
import { asNumber, distinguisher, extendedCommunity } from "./communities.ts";
import {
  ATTRIBUTE_FLAGS,
  ATTRIBUTES,
  ORIGINS,
  PMSI_TUNNELS,
  SEGMENT_CLOSE,
  SEGMENT_OPEN,
  SUBSEQUENT_FAMILIES,
} from "./names.ts";
import { entry, familyOf, hasPathIdentifiers } from "./nlri.ts";
import type { Family } from "./nlri.ts";

/** False if the attribute is cut off, which ends the message; a number if so many bytes are left for -vv. */
type Printer = (d: Dissector, at: number, length: number, type: number, level: number) => boolean | number;

const AS4_PATH = 17;
const MAX_LEVELS = 10;
const DISTINGUISHER_LENGTH = 8;

function invalidLength(d: Dissector): true {
  d.text += "invalid len";
  return true;
}

function say(d: Dissector, text: string): true {
  d.text += text;
  return true;
}

/** AS numbers have two bytes, if the segments fill the attribute exactly then. */
function asSize(d: Dissector, start: number, length: number, type: number): number {
  if (type === AS4_PATH) return 4;
  let at = start;
  while (at < start + length) {
    const segment = d.u8(at);
    if (segment < 1 || segment > 4) return 4;
    at += 2 + d.u8(at + 1) * 2;
  }
  return at === start + length ? 2 : 4;
}

const asPath: Printer = (d, start, length, type) => {
  if (length % 2 !== 0) return invalidLength(d);
  if (length === 0) return say(d, "empty");
  const size = asSize(d, start, length, type);
  for (let at = start; at < start + length;) {
    const segment = d.u8(at);
    d.text += SEGMENT_OPEN.get(segment) ?? "?";
    const bytes = d.u8(at + 1) * size;
    for (let place = 0; place < bytes; place += size) {
      if (!d.has(at + 2 + place, size)) return false;
      d.text += `${asNumber(d, size === 2 ? d.u16(at + 2 + place) : d.u32(at + 2 + place))} `;
    }
    d.text += SEGMENT_CLOSE.get(segment) ?? "?";
    at += 2 + bytes;
  }
  return true;
};

const aggregator: Printer = (d, at, length, type) => {
  if (length !== 8 && (length !== 6 || type !== 7)) return invalidLength(d);
  const size = length === 6 ? 2 : 4;
  return say(d, ` AS #${asNumber(d, size === 2 ? d.u16(at) : d.u32(at))}, origin ${d.ipv4(at + size)}`);
};

const WELL_KNOWN: ReadonlyMap<number, string> = new Map([
  [0xffff_ff01, " NO_EXPORT"],
  [0xffff_ff02, " NO_ADVERTISE"],
  [0xffff_ff03, " NO_EXPORT_SUBCONFED"],
]);

const communities: Printer = (d, start, length) => {
  if (length % 4 !== 0) return invalidLength(d);
  for (let at = start; at < start + length; at += 4) {
    if (!d.has(at, 4)) return false;
    const value = d.u32(at);
    d.text +=
      WELL_KNOWN.get(value) ?? `${value >>> 16}:${value & 0xffff}${at + 4 < start + length ? ", " : ""}`;
  }
  return true;
};

const clusterList: Printer = (d, start, length) => {
  if (length % 4 !== 0) return invalidLength(d);
  for (let at = start; at < start + length; at += 4) {
    d.text += `${d.ipv4(at)}${at + 4 < start + length ? ", " : ""}`;
  }
  return true;
};

/** The family that an attribute is about; undefined if it is not decoded. */
function family(d: Dissector, at: number, length: number): Family | undefined {
  const number = d.u16(at);
  const subsequent = d.u8(at + 2);
  d.text += `\n\t    AFI: ${NETWORK_FAMILIES.get(number) ?? "Unknown AFI"} (${number}), `;
  d.text += `${subsequent > 128 ? "vendor specific " : ""}SAFI: ${SUBSEQUENT_FAMILIES.get(subsequent) ?? "Unknown SAFI"} (${subsequent})`;
  const known = familyOf(number, subsequent);
  if (known !== undefined) return known;
  d.check(at, length);
  d.text += `\n\t    no AFI ${number} / SAFI ${subsequent} decoder`;
  if (d.verbose <= 1) unknownData(d, at, "\n\t    ", length);
  return undefined;
}

/** One next hop of at most `left` bytes. Returns the bytes it takes. */
function nextHop(d: Dissector, { family: number, kind }: Family, at: number, left: number): number {
  if (number === 3) {
    if (kind === "plain") {
      d.text += nsap(d, at, left);
      return left;
    }
    if (left < DISTINGUISHER_LENGTH + 1) {
      invalidLength(d);
      return left;
    }
    d.check(at, left);
    const address = at + DISTINGUISHER_LENGTH;
    d.text += `RD: ${distinguisher(d, at)}, ${nsap(d, address, left - DISTINGUISHER_LENGTH)}`;
    // IPv4 and IPv6 addresses within an NSAP (RFC 986, RFC 1888).
    if (d.u32(address) === 0x4700_0601) d.text += ` = ${d.ipv4(address + 4)}`;
    else if (d.u24(address) === 0x35_0000) d.text += ` = ${d.ipv6(address + 3)}`;
    return left;
  }
  const withDistinguisher = kind === "vpn" ? DISTINGUISHER_LENGTH : 0;
  const size = (number === 2 ? 16 : 4) + withDistinguisher;
  if (left < size) {
    invalidLength(d);
    return left;
  }
  if (withDistinguisher > 0) d.text += `RD: ${distinguisher(d, at)}, `;
  d.text += number === 2 ? d.ipv6(at + withDistinguisher) : d.ipv4(at + withDistinguisher);
  return size;
}

function entries(d: Dissector, kind: Family, start: number, end: number, length: number): boolean {
  const paths = hasPathIdentifiers(d, start, end - start, kind.family === 2 ? 128 : 32);
  for (let at = start; at < end;) {
    const advance = entry(d, kind, at, length, paths);
    if (advance === CUT_OFF) return false;
    if (advance < 0) break;
    at += advance;
  }
  return true;
}

const reach: Printer = (d, start, length) => {
  if (length < 3) return false;
  const known = family(d, start, length);
  if (known === undefined) return true;
  let at = start + 3;
  let left = length - 3;
  if (!d.has(at, 1) || left < 1) return false;
  const hopLength = d.u8(at++);
  left--;
  if (hopLength > 0) {
    if (left < hopLength) return false;
    d.text += "\n\t    nexthop: ";
    for (let rest = hopLength; rest > 0;) {
      if (rest !== hopLength) d.text += ", ";
      const size = nextHop(d, known, at, rest);
      at += size;
      left -= size;
      rest -= size;
    }
  }
  d.text += `, nh-length: ${hopLength}`;
  if (left < 1) return false;
  let points = d.u8(at++);
  left--;
  if (points === 0) d.text += ", no SNPA";
  else d.text += `\n\t    ${points} SNPA`;
  for (; points > 0; points--) {
    if (left < 1) return false;
    const size = d.u8(at++);
    left--;
    d.text += `\n\t      ${size} bytes`;
    if (left < size || !d.has(at, size)) return false;
    at += size;
    left -= size;
  }
  return entries(d, known, at, start + length, length);
};

const MINIMUM_UNREACH = 3;

const unreach: Printer = (d, start, length) => {
  if (!d.has(start, MINIMUM_UNREACH)) return false;
  const known = family(d, start, length);
  if (known === undefined) return true;
  if (length === MINIMUM_UNREACH) d.text += "\n\t      End-of-Rib Marker (empty NLRI)";
  return entries(d, known, start + 3, start + length, length);
};

const extended: Printer = (d, start, length) => {
  if (length % 8 !== 0) return invalidLength(d);
  for (let at = start; at < start + length; at += 8) extendedCommunity(d, at);
  return true;
};

/** RFC 6514 section 5. */
const providerTunnel: Printer = (d, start, length) => {
  if (!d.has(start, 5) || length < 5) return false;
  const type = d.u8(start + 1);
  d.text += `\n\t    Tunnel-type ${PMSI_TUNNELS.get(type) ?? "Unknown"} (${type})`;
  d.text += `, Flags [${(d.u8(start) & 1) === 0 ? "none" : "Leaf Information required"}], MPLS Label ${d.u24(start + 2) >>> 4}`;
  const at = start + 5;
  const indent = "\n\t      ";
  switch (type) {
    case 4:
    case 5:
      d.text += `${indent}Sender ${d.ipv4(at)}, P-Group ${d.ipv4(at + 4)}`;
      break;
    case 3:
      d.text += `${indent}Root-Node ${d.ipv4(at)}, P-Group ${d.ipv4(at + 4)}`;
      break;
    case 6:
      d.text += `${indent}Tunnel-Endpoint ${d.ipv4(at)}`;
      break;
    case 2:
    case 7:
      d.text += `${indent}Root-Node ${d.ipv4(at)}, LSP-ID 0x${hex8(d.u32(at + 4))}`;
      break;
    case 1:
      d.text += `${indent}Extended-Tunnel-ID ${d.ipv4(at)}, P2MP-ID 0x${hex8(d.u32(at + 4))}`;
      break;
    default:
      if (d.verbose <= 1) unknownData(d, at, indent, length - 5);
  }
  return true;
};

/** RFC 7311. */
const accumulatedMetric: Printer = (d, start, total) => {
  let at = start;
  let left = total;
  while (left >= 3) {
    const type = d.u8(at);
    let length = d.u16(at + 1);
    at += 3;
    left -= 3;
    d.text += `\n\t    ${type === 1 ? "AIGP" : "Unknown"} TLV (${type}), length ${length}`;
    if (length < 3) return false;
    length -= 3;
    if (left < length) return false;
    if (type === 1) {
      if (length < 8) return false;
      d.text += `, metric ${d.u64(at)}`;
    } else if (d.verbose <= 1) unknownData(d, at, "\n\t      ", length);
    at += length;
    left -= length;
  }
  return true;
};

/** ": " stands behind the flags in an update, and behind everything in a set of attributes. */
export function attributeTitle(
  d: Dissector,
  type: number,
  length: number,
  flags: number,
  indent: string,
): void {
  d.text += `${indent}${ATTRIBUTES.get(type) ?? "Unknown Attribute"} (${type}), length: ${length}`;
  if (flags === 0) return;
  d.text += `, Flags [${ATTRIBUTE_FLAGS.bits(flags, "", "")}`;
  if ((flags & 0xf) !== 0) d.text += `+${hex(flags & 0xf)}`;
  d.text += "]";
}

/** Bytes of the length field, by the flags. */
export function lengthSize(flags: number): number {
  return (flags & 0x10) === 0 ? 1 : 2;
}

/** RFC 6368: attributes within an attribute. */
function attributeSet(d: Dissector, start: number, total: number, level: number): false | number {
  if (!d.has(start, 4) || total < 4) return false;
  d.text += `\n\t    Origin AS: ${asNumber(d, d.u32(start))}`;
  let at = start + 4;
  let left = total - 4;
  const tooShort = (): number => {
    d.text += " [path attr too short]";
    return left;
  };
  while (left > 0) {
    if (!d.has(at, 2)) return false;
    if (left < 2) return tooShort();
    const flags = d.u8(at);
    const type = d.u8(at + 1);
    at += 2;
    left -= 2;
    const size = lengthSize(flags);
    if (!d.has(at, size)) return false;
    if (left < size) return tooShort();
    const length = size === 2 ? d.u16(at) : d.u8(at);
    at += size;
    left -= size;
    attributeTitle(d, type, length, flags, "\n\t      ");
    d.text += ": ";
    if (left < length) return tooShort();
    if (level === MAX_LEVELS) d.text += "(too many nested levels, not recursing)";
    else if (!attribute(d, type, at, length, level + 1)) return false;
    at += length;
    left -= length;
  }
  return 0;
}

const largeCommunities: Printer = (d, start, length) => {
  if (length === 0 || length % 12 !== 0) return invalidLength(d);
  d.text += "\n\t    ";
  for (let at = start; at < start + length; at += 12) {
    d.text += `${d.u32(at)}:${d.u32(at + 4)}:${d.u32(at + 8)}${at + 12 < start + length ? ", " : ""}`;
  }
  return 0;
};

/** Attributes of one fixed length. */
function fixed(size: number, text: (d: Dissector, at: number) => string): Printer {
  return (d, at, length) => (length === size ? say(d, text(d, at)) : invalidLength(d));
}

const address = fixed(4, (d, at) => d.ipv4(at));
const number = fixed(4, (d, at) => String(d.u32(at)));

const PRINTERS: ReadonlyMap<number, Printer> = new Map<number, Printer>([
  [1, fixed(1, (d, at) => ORIGINS.get(d.u8(at)) ?? "Unknown Origin Typecode")],
  [2, asPath],
  [AS4_PATH, asPath],
  [3, address],
  [4, number],
  [5, number],
  [6, fixed(0, () => "")],
  [7, aggregator],
  [18, aggregator],
  [8, communities],
  [9, address],
  [10, clusterList],
  [14, reach],
  [15, unreach],
  [16, extended],
  [22, providerTunnel],
  [26, accumulatedMetric],
  [32, largeCommunities],
  [128, (d, at, length, _type, level) => attributeSet(d, at, length, level)],
]);

/** Prints the value of an attribute. False if it is cut off. */
export function attribute(d: Dissector, type: number, at: number, length: number, level = 0): boolean {
  const print = PRINTERS.get(type);
  let left = length;
  if (print === undefined) {
    if (!d.has(at, length)) return false;
    d.text += `\n\t    no Attribute ${type} decoder`;
    if (d.verbose <= 1) unknownData(d, at, "\n\t    ", length);
  } else {
    const result = print(d, at, length, type, level);
    if (result === false) return false;
    if (typeof result === "number") left = result;
  }
  if (d.verbose > 1 && left > 0) {
    if (!d.has(at, left)) return false;
    unknownData(d, at, "\n\t    ", left);
  }
  return true;
}
