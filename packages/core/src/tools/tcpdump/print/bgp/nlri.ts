// Network layer reachability information by address family (RFC 4760): prefixes, with labels and route distinguishers, and
// what multicast and layer 2 VPNs announce.

import type { Dissector } from "../dissector.ts";
import { nsapText } from "../osi/address.ts";
import { CUT_OFF, ILLEGAL_LENGTH, prefix, prefixAddress, prefixBytes } from "../prefix.ts";
import type { Prefix } from "../prefix.ts";
import { asNumber, distinguisher, routeTargetPrefix } from "./communities.ts";
import { MULTICAST_VPN_ROUTES } from "./names.ts";

/** Characters that an entry has at most: the original's buffer. */
const MAX_TEXT = 163;
const [LABEL_BITS, DISTINGUISHER_BITS] = [24, 64] as const;

type Decoded = Prefix | number;

/** Label of three bytes: 20 bits, experimental bits, and whether it is the last. */
function label(d: Dissector, at: number): string {
  const bottom = (d.u8(at + 2) & 1) === 0 ? "(BOGUS: Bottom of Stack NOT set!)" : "(bottom)";
  return `label:${d.u24(at) >>> 4} ${bottom}`;
}

function labeled(d: Dissector, at: number, left: number, version: 4 | 6): Decoded {
  d.check(at, 4);
  if (left < 4) return -3;
  const bits = d.u8(at) - LABEL_BITS;
  if (bits < 0 || bits > (version === 4 ? 32 : 128)) return ILLEGAL_LENGTH;
  const count = Math.ceil(bits / 8);
  d.check(at + 4, count);
  if (version === 4 && left - 4 < count) return -3;
  return {
    text: `${prefixAddress(d, at + 4, bits, version)}/${bits}, ${label(d, at + 1)}`,
    size: 4 + count,
  };
}

function labeledVpn(d: Dissector, at: number, version: 4 | 6): Decoded {
  const bits = d.u8(at) - LABEL_BITS - DISTINGUISHER_BITS;
  if (bits < 0 || bits > (version === 4 ? 32 : 128)) return ILLEGAL_LENGTH;
  const address = prefixAddress(d, at + 12, bits, version);
  return {
    text: `RD: ${distinguisher(d, at + 4)}, ${address}/${bits}, ${label(d, at + 1)}`,
    size: 12 + Math.ceil(bits / 8),
  };
}

/** The address stands four bytes behind the length, as the original takes it. */
function clnp(d: Dissector, at: number): Decoded {
  const bits = d.u8(at);
  if (bits > 152) return ILLEGAL_LENGTH;
  return { text: `${nsapPrefix(d, at + 4, bits)}/${bits}`, size: 1 + Math.ceil(bits / 8) };
}

function nsapPrefix(d: Dissector, at: number, bits: number): string {
  const count = Math.ceil(bits / 8);
  return nsapText(Array.from(prefixBytes(d, at, bits, count)));
}

function labeledVpnClnp(d: Dissector, at: number): Decoded {
  const bits = d.u8(at) - LABEL_BITS - DISTINGUISHER_BITS;
  if (bits < 0 || bits > 152) return ILLEGAL_LENGTH;
  const address = nsapPrefix(d, at + 12, bits);
  return {
    text: `RD: ${distinguisher(d, at + 4)}, ${address}/${bits}, ${label(d, at + 1)}`,
    size: 12 + Math.ceil(bits / 8),
  };
}

/** RFC 6037: a route distinguisher, the provider edge's address, and the group of the distribution tree. */
function multicastTree(d: Dissector, at: number): Decoded {
  const bytes = 16;
  if (d.u8(at) !== bytes * 8) return ILLEGAL_LENGTH;
  d.check(at + 1, 8);
  return {
    text: `RD: ${distinguisher(d, at + 1)}, VPN IP Address: ${d.ipv4(at + 9)}, MC Group Address: ${d.ipv4(at + 13)}`,
    size: bytes + 1,
  };
}

/** RFC 4684: prints itself. */
function routeTarget(d: Dissector, at: number): number {
  const bits = d.u8(at);
  if (bits === 0) {
    d.text += "\n\t      default route target";
    return 1;
  }
  if (bits < 32) {
    d.text += "\n\t      (illegal prefix length)";
    return ILLEGAL_LENGTH;
  }
  const origin = asNumber(d, d.u32(at + 1));
  const rest = bits - 32;
  if (rest > 64) {
    d.text += "\n\t      (illegal prefix length)";
    return ILLEGAL_LENGTH;
  }
  const target = prefixBytes(d, at + 5, rest, 8);
  d.text += `\n\t      origin AS: ${origin}, ${routeTargetPrefix(d, target, rest)}`;
  return 5 + Math.ceil(rest / 8);
}

/** An address of as many bits as the route says. */
function vpnAddress(d: Dissector, at: number, bits: number): string {
  if (bits === 32) return d.ipv4(at);
  if (bits === 128) return d.ipv6(at);
  return `bogus address length ${bits >>> 0}`;
}

/** Source and group, each with a length in bits. Returns the bytes read, less if it is cut off. */
function sourceAndGroup(d: Dissector, start: number): { readonly text: string; readonly size: number } {
  let at = start;
  let size = 0;
  let text = "";
  for (const name of ["Source", "Group"]) {
    const bits = d.u8(at++);
    const bytes = bits >>> 3;
    if (!d.has(at, bytes)) break;
    size += bytes + 1;
    if (bits !== 0) {
      text += `, ${name} ${vpnAddress(d, at, bits)}`;
      at += bytes;
    }
  }
  return { text, size };
}

const RD_LENGTH = 8;

/** RFC 6514 section 4. */
function multicastVpn(d: Dissector, start: number): Decoded {
  const type = d.u8(start);
  const length = d.u8(start + 1);
  const at = start + 2;
  let text = `Route-Type: ${MULTICAST_VPN_ROUTES.get(type) ?? "Unknown"} (${type}), length: ${length}`;
  const needed = type === 2 || type === 6 || type === 7 ? RD_LENGTH + 4 : RD_LENGTH;
  if (type !== 4 && type >= 1 && type <= 7) {
    if (!d.has(at, needed)) return CUT_OFF;
    text += `, RD: ${distinguisher(d, at)}`;
  }
  if (type === 1) text += `, Originator ${vpnAddress(d, at + RD_LENGTH, (length - RD_LENGTH) << 3)}`;
  if (needed > RD_LENGTH) text += `, Source-AS ${asNumber(d, d.u32(at + RD_LENGTH))}`;
  if (type === 3) {
    const pair = sourceAndGroup(d, at + RD_LENGTH);
    const left = (length - pair.size) >>> 0;
    if (!d.has(at + RD_LENGTH, left)) return CUT_OFF;
    text += `${pair.text}, Originator ${vpnAddress(d, at + RD_LENGTH, left << 3)}`;
  } else if (type >= 5 && type <= 7) text += sourceAndGroup(d, at + needed).text;
  return { text: text.slice(0, MAX_TEXT), size: length + 2 };
}

/** Layer 2 VPNs (RFC 4761, RFC 6074): discovery only with 12 bytes, else a block of labels and TLVs. */
function layer2Vpn(d: Dissector, start: number): Decoded {
  const length = d.u16(start);
  let at = start + 2;
  const size = length + 2;
  if (length === 12) {
    if (!d.has(at, 12)) return CUT_OFF;
    return { text: `RD: ${distinguisher(d, at)}, BGPNH: ${d.ipv4(at + 8)}`, size };
  }
  if (length <= 17 || !d.has(at, 15)) return CUT_OFF;
  let text = `RD: ${distinguisher(d, at)}, CE-ID: ${d.u16(at + 8)}, Label-Block Offset: ${d.u16(at + 10)}, Label Base ${d.u24(at + 12) >>> 4}`;
  const done = (more: string): Decoded => ({ text: (text + more).slice(0, MAX_TEXT), size });
  at += 15;
  let left = length - 15;
  while (left > 0) {
    if (left < 3) return done("\n\t\tran past the end");
    const type = d.u8(at);
    const bits = d.u16(at + 1);
    let bytes = Math.floor((bits + 7) / 8);
    at += 3;
    if (type === 1) {
      text += `\n\t\tcircuit status vector (${type}) length: ${bits}: 0x`;
      for (; bytes > 0; bytes--, left--) {
        if (left < 1) return done(" (ran past the end)");
        if (!d.has(at, 1)) return CUT_OFF;
        if (text.length < MAX_TEXT + 1) text += d.hexBytes(at++, 1);
      }
    } else {
      text += `\n\t\tunknown TLV #${type}, length: ${bits}`;
      if (left < bytes) return done(" (ran past the end)");
      left -= bytes;
    }
  }
  return done("");
}

const [IPV4, IPV6, NSAP, L2VPN, VPLS] = [1, 2, 3, 196, 25] as const;

/** How a family's entries look. */
export type Kind = "plain" | "labeled" | "vpn" | "target" | "multicast-vpn" | "tree" | "layer2";

export interface Family {
  readonly family: number;
  readonly subsequent: number;
  readonly kind: Kind;
}

const PLAIN: readonly number[] = [1, 2, 3];
const VPN: readonly number[] = [128, 129, 130];

/** undefined if nothing of the family is decoded. */
export function familyOf(family: number, subsequent: number): Family | undefined {
  const known = (kind: Kind): Family => ({ family, subsequent, kind });
  if (family === IPV4 || family === IPV6 || family === NSAP) {
    if (PLAIN.includes(subsequent)) return known("plain");
    if (VPN.includes(subsequent)) return known("vpn");
    if (subsequent === 4 && family !== NSAP) return known("labeled");
    if (family !== IPV4) return undefined;
    if (subsequent === 132) return known("target");
    if (subsequent === 5) return known("multicast-vpn");
    if (subsequent === 66) return known("tree");
  }
  if ((family === L2VPN && VPN.includes(subsequent)) || (family === VPLS && subsequent === 65)) {
    return known("layer2");
  }
  return undefined;
}

function decode(d: Dissector, { family, kind }: Family, at: number, left: number): Decoded {
  const version = family === IPV6 ? 6 : 4;
  switch (kind) {
    case "plain":
      return family === NSAP ? clnp(d, at) : prefix(d, at, left, version);
    case "labeled":
      return labeled(d, at, left, version);
    case "vpn":
      return family === NSAP ? labeledVpnClnp(d, at) : labeledVpn(d, at, version);
    case "tree":
      return multicastTree(d, at);
    case "multicast-vpn":
      return multicastVpn(d, at);
    case "layer2":
      return layer2Vpn(d, at);
    case "target":
      return routeTarget(d, at);
    default:
      return kind satisfies never;
  }
}

/** Prints an entry. Returns the bytes it takes, or what is wrong; CUT_OFF ends the message. */
export function entry(d: Dissector, family: Family, start: number, left: number, withPath: boolean): number {
  const hasPath = withPath && family.kind === "plain" && family.family !== NSAP;
  const path = hasPath ? d.u32(start) : 0;
  const decoded = decode(d, family, hasPath ? start + 4 : start, left);
  if (family.kind === "target") return decoded as number;
  if (typeof decoded === "number") {
    if (decoded !== ILLEGAL_LENGTH) return decoded;
    const what = family.kind === "layer2" ? "length" : "prefix length";
    d.text += `\n\t    (illegal ${what})`;
    if (!hasPath) return decoded;
    d.text += `   Path Id: ${path}`;
    return decoded + 4;
  }
  d.text += `\n\t      ${decoded.text}`;
  if (!hasPath) return decoded.size;
  d.text += `   Path Id: ${path}`;
  return decoded.size + 4;
}

/**
 * Whether prefixes seem to have path identifiers before them (RFC 7911): only the capability tells for sure, so it is
 * believed if they make sense with identifiers and none without.
 */
export function hasPathIdentifiers(d: Dissector, at: number, length: number, maxBits: number): boolean {
  if (length < 5) return false;
  let offset = 0;
  while (offset < length) {
    offset += 4;
    if (!d.has(at + offset, 1)) break;
    const bits = d.u8(at + offset);
    if (bits > maxBits) return false;
    offset += 1 + Math.ceil(bits / 8);
  }
  if (offset > length) return false;
  offset = 0;
  while (offset < length) {
    if (!d.has(at + offset, 1)) break;
    const bits = d.u8(at + offset);
    if (bits < 1 || bits > maxBits) return true;
    offset += 1 + Math.ceil(bits / 8);
  }
  return offset > length;
}
