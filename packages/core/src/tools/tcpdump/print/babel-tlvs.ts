// Messages of Babel (RFC 8966 section 4.6) and what may be behind their fields (section 4.7).

import { ipv6Text } from "./addresses.ts";
import type { Dissector } from "./dissector.ts";
import { hex2, hex4, padded } from "./numbers.ts";

/** The last announced prefixes, which later ones may leave out. */
export interface Prefixes {
  readonly ipv4: Uint8Array;
  readonly ipv6: Uint8Array;
}

/** ::ffff:0:0/96 */
const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0);
const LINK_LOCAL = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
export const NO_PREFIXES: Prefixes = { ipv4: MAPPED, ipv6: new Uint8Array(16) };

const [WILDCARD, IPV4, IPV6, IPV6_LINK_LOCAL] = [0, 1, 2, 3] as const;
const [HELLO, IHU, UPDATE, SOURCE_UPDATE] = [4, 5, 8, 13] as const;
const [SUB_PAD1, SUB_PADN, DIVERSITY, TIMESTAMP] = [0, 1, 2, 3] as const;
const MANDATORY = 0x80;
const UNICAST = 0x8000;
/** Longest challenge (RFC 8967 section 4.3). */
const MAX_CHALLENGE = 192;

interface Prefix {
  readonly bytes: Uint8Array;
  readonly consumed: number;
}

/**
 * A prefix of `bits`, or a whole address without them, of which the first `omitted` bytes are those of `before`. undefined if it
 * is malformed.
 */
function prefixAt(
  d: Dissector,
  encoding: number,
  bits: number | undefined,
  omitted: number,
  at: number,
  length: number,
  before: Uint8Array | undefined,
): Prefix | undefined {
  const size = bits === undefined ? (encoding === IPV4 ? 4 : 16) : Math.floor((bits + 7) / 8);
  if (size > 16) return undefined;
  const bytes = new Uint8Array(16);
  let from = 0;
  let skipped = omitted;
  switch (encoding) {
    case WILDCARD:
      return { bytes, consumed: 0 };
    case IPV4:
      if (omitted > 4 || size > 4) return undefined;
      bytes.set(MAPPED);
      from = 12;
      break;
    case IPV6:
      if (omitted > 16) return undefined;
      break;
    case IPV6_LINK_LOCAL:
      bytes.set(LINK_LOCAL);
      skipped = 8;
      break;
    default:
      return undefined;
  }
  const own = Math.max(0, size - skipped);
  if (length < own) return undefined;
  if (encoding !== IPV6_LINK_LOCAL && omitted > 0) {
    if (before === undefined) return undefined;
    bytes.set(before.subarray(0, from + omitted));
  }
  d.need(at, own);
  bytes.set(d.bytes.subarray(at, at + own), from + skipped);
  return { bytes, consumed: own };
}

function isMapped(bytes: Uint8Array): boolean {
  return MAPPED.subarray(0, 12).every((byte, index) => bytes[index] === byte);
}

function addressText(d: Dissector, bytes: Uint8Array): string {
  if (!isMapped(bytes)) return d.options.numeric ? ipv6Text(bytes, 0) : d.addresses.ipv6(bytes, 0);
  const [a = 0, b = 0, c = 0, e = 0] = bytes.subarray(12);
  return d.addresses.ipv4(((a << 24) | (b << 16) | (c << 8) | e) >>> 0);
}

function prefixText(d: Dissector, bytes: Uint8Array, bits: number): string {
  const mapped = bits >= 96 && isMapped(bytes);
  return mapped
    ? `${addressText(d, bytes)}/${bits - 96}`
    : `${d.options.numeric ? ipv6Text(bytes, 0) : d.addresses.ipv6(bytes, 0)}/${bits}`;
}

/** Centiseconds. */
function interval(value: number): string {
  return value === 0 ? "0.0s (bogus)" : `${Math.floor(value / 100)}.${padded(value % 100, 2)}s`;
}

function updateInterval(value: number): string {
  return value === 0xffff ? "infinity" : interval(value);
}

/** Microseconds. */
function timestamp(value: number): string {
  return `${Math.floor(value / 1_000_000)}.${padded(value % 1_000_000, 6)}s`;
}

function routerId(d: Dissector, at: number): string {
  return d.hexBytes(at, 8, ":");
}

/** Sub-TLVs up to `end`. */
function subTlvs(d: Dissector, start: number, end: number, message: number): void {
  let at = start;
  while (at < end) {
    const type = d.u8(at++);
    if (type === SUB_PAD1) {
      d.text += " sub-pad1";
      continue;
    }
    if ((type & MANDATORY) !== 0) d.text += " (M)";
    if (at === end) return d.invalid();
    const length = d.u8(at++);
    if (at + length > end) return d.invalid();
    if (type === SUB_PADN) d.text += " sub-padn";
    else if (type === DIVERSITY) {
      d.text += " sub-diversity";
      if (length === 0) {
        d.text += " empty";
        continue;
      }
      for (let index = 0; index < length; index++) {
        const channel = d.u8(at + index);
        d.text +=
          (index === 0 ? " " : "-") + (channel === 0 ? "reserved" : channel === 255 ? "all" : channel);
      }
      if (message !== UPDATE && message !== SOURCE_UPDATE) d.text += " (bogus)";
    } else if (type === TIMESTAMP) {
      d.text += " sub-timestamp";
      if (message === HELLO) {
        if (length < 4) return d.invalid();
        d.text += ` ${timestamp(d.u32(at))}`;
      } else if (message === IHU) {
        if (length < 8) return d.invalid();
        d.text += ` ${timestamp(d.u32(at))}`;
        d.text += `|${timestamp(d.u32(at + 4))}`;
      } else d.text += " (bogus)";
    } else d.text += ` sub-unknown-0x${hex2(type)}`;
    at += length;
  }
}

const BRIEF: Readonly<Record<number, string>> = {
  1: "padN",
  2: "ack-req",
  3: "ack",
  4: "hello",
  5: "ihu",
  6: "router-id",
  7: "nh",
  8: "update",
  9: "route-request",
  10: "seqno-request",
  11: "tspc",
  12: "hmac",
  13: "ss-update",
  14: "ss-request",
  15: "ss-mh-request",
  16: "mac",
  17: "pc",
  18: "challenge_request",
  19: "challenge_reply",
};

function updateFlags(flags: number): string {
  return (
    ((flags & 0x80) === 0 ? "" : "/prefix") +
    ((flags & 0x40) === 0 ? "" : "/id") +
    ((flags & 0x3f) === 0 ? "" : "/unknown")
  );
}

/** Prints the message at `at`, whose value has `length` bytes. Returns the prefixes for later ones; undefined if it is invalid. */
export function babelTlv(
  d: Dissector,
  type: number,
  at: number,
  length: number,
  prefixes: Prefixes,
): Prefixes | undefined {
  if (d.verbose > 0) return verbose(d, type, at, length, prefixes);
  d.text += ` ${BRIEF[type] ?? "unknown"}`;
  if (type === UPDATE) {
    if (length < 10) return undefined;
    d.text += updateFlags(d.u8(at + 3));
  }
  return prefixes;
}

/** What a title stands before: undefined if it is shorter than `minimum`. */
function verbose(
  d: Dissector,
  type: number,
  at: number,
  length: number,
  prefixes: Prefixes,
): Prefixes | undefined {
  const encoding = length > 0 ? d.u8(at + 2) : 0;
  const shorter = (title: string, minimum: number): boolean => {
    d.text += `\n\t${title}`;
    return length < minimum;
  };
  switch (type) {
    case 1:
      d.text += `\n\tPad ${length + 2}`;
      return prefixes;
    case 2:
      if (shorter("Acknowledgment Request ", 6)) return undefined;
      d.text += `${hex4(d.u16(at + 4))} ${interval(d.u16(at + 6))}`;
      return prefixes;
    case 3:
      if (shorter("Acknowledgment ", 2)) return undefined;
      d.text += hex4(d.u16(at + 2));
      return prefixes;
    case HELLO: {
      if (shorter("Hello ", 6)) return undefined;
      if ((d.u16(at + 2) & UNICAST) !== 0) d.text += "(Unicast) ";
      d.text += `seqno ${d.u16(at + 4)} `;
      const every = d.u16(at + 6);
      d.text += every === 0 ? "unscheduled" : `interval ${interval(every)}`;
      if (length > 6) subTlvs(d, at + 8, at + 2 + length, type);
      return prefixes;
    }
    case IHU: {
      if (shorter("IHU ", 6)) return undefined;
      const address = prefixAt(d, encoding, undefined, 0, at + 8, length - 6, undefined);
      if (address === undefined) {
        d.truncated();
        return prefixes;
      }
      d.text += `${encoding === WILDCARD ? "any" : addressText(d, address.bytes)} rxcost ${d.u16(at + 4)} interval ${interval(d.u16(at + 6))}`;
      if (address.consumed < length - 6) subTlvs(d, at + 8 + address.consumed, at + 2 + length, type);
      return prefixes;
    }
    case 6:
      if (shorter("Router Id", 10)) return undefined;
      d.text += ` ${routerId(d, at + 4)}`;
      return prefixes;
    case 7: {
      if (shorter("Next Hop", 2)) return undefined;
      const hop = prefixAt(d, encoding, undefined, 0, at + 4, length - 2, undefined);
      if (hop === undefined) return undefined;
      d.text += ` ${encoding === WILDCARD ? "invalid AE 0" : addressText(d, hop.bytes)}`;
      return prefixes;
    }
    case UPDATE:
      if (shorter("Update", 10)) return undefined;
      return update(d, at, length, encoding, prefixes);
    case 9: {
      if (shorter("Route Request ", 2)) return undefined;
      const bits = d.u8(at + 3);
      const prefix = prefixAt(d, encoding, bits, 0, at + 4, length - 2, undefined);
      if (prefix === undefined) return undefined;
      d.text += `for ${encoding === WILDCARD ? "any" : prefixText(d, prefix.bytes, wide(encoding, bits))}`;
      return prefixes;
    }
    case 10: {
      if (shorter("Seqno Request ", 14)) return undefined;
      const bits = d.u8(at + 3);
      const prefix = prefixAt(d, encoding, bits, 0, at + 16, length - 14, undefined);
      if (prefix === undefined) return undefined;
      const shown =
        encoding === WILDCARD ? "invalid AE 0" : prefixText(d, prefix.bytes, wide(encoding, bits));
      d.text += `(${d.u8(at + 6)} hops) for ${shown} seqno ${d.u16(at + 4)} id ${routerId(d, at + 8)}`;
      return prefixes;
    }
    case 11:
      if (shorter("TS/PC ", 6)) return undefined;
      d.text += `timestamp ${d.u32(at + 4)} packetcounter ${d.u16(at + 2)}`;
      return prefixes;
    case 12:
      if (shorter("HMAC ", 18)) return undefined;
      d.text += `key-id ${d.u16(at + 2)} digest-${length - 2} ${d.hexBytes(at + 4, length - 2).toUpperCase()}`;
      return prefixes;
    case SOURCE_UPDATE:
      if (shorter("SS-Update", 10)) return undefined;
      return sourceUpdate(d, at, length, encoding, prefixes) ? prefixes : undefined;
    case 14:
      if (shorter("SS-Request ", 3)) return undefined;
      return sourceRequest(d, at, length, encoding) ? prefixes : undefined;
    case 15:
      if (shorter("SS-MH-Request ", 14)) return undefined;
      return multihopRequest(d, at, length, encoding) ? prefixes : undefined;
    case 16:
      d.text += `\n\tMAC len ${length}`;
      return prefixes;
    case 17:
      if (shorter("PC", 4)) return undefined;
      d.text += ` value ${d.u32(at + 2)}`;
      d.text += ` index len ${length - 4}`;
      return prefixes;
    case 18:
    case 19:
      d.text += type === 18 ? "\n\tChallenge Request" : "\n\tChallenge Reply";
      if (length > MAX_CHALLENGE) return undefined;
      d.text += ` len ${length}`;
      return prefixes;
    default:
      d.text += `\n\tUnknown message type ${type}`;
      return prefixes;
  }
}

/** Bits as if an IPv4 prefix was mapped; one byte holds them. */
function wide(encoding: number, bits: number): number {
  return (bits + (encoding === IPV4 ? 96 : 0)) & 0xff;
}

function update(
  d: Dissector,
  at: number,
  length: number,
  encoding: number,
  prefixes: Prefixes,
): Prefixes | undefined {
  const bits = d.u8(at + 4);
  const before = encoding === IPV4 ? prefixes.ipv4 : prefixes.ipv6;
  const prefix = prefixAt(d, encoding, bits, d.u8(at + 5), at + 12, length - 10, before);
  if (prefix === undefined) return undefined;
  const flags = d.u8(at + 3);
  d.text += `${updateFlags(flags)} ${encoding === WILDCARD ? "any" : prefixText(d, prefix.bytes, wide(encoding, bits))}`;
  d.text += ` metric ${d.u16(at + 10)} seqno ${d.u16(at + 8)} interval ${updateInterval(d.u16(at + 6))}`;
  if (prefix.consumed < length - 10) subTlvs(d, at + 12 + prefix.consumed, at + 2 + length, UPDATE);
  if ((flags & 0x80) === 0) return prefixes;
  return encoding === IPV4 ? { ...prefixes, ipv4: prefix.bytes } : { ...prefixes, ipv6: prefix.bytes };
}

/** A destination and a source prefix that follow each other. undefined if one is malformed. */
function prefixPair(
  d: Dissector,
  at: number,
  length: number,
  encoding: number,
  fixed: number,
  bits: number,
  sourceBits: number,
  omitted = 0,
  before?: Uint8Array,
): { readonly destination: string; readonly source: string; readonly taken: number } | undefined {
  const prefix = prefixAt(d, encoding, bits, omitted, at + 2 + fixed, length - fixed, before);
  if (prefix === undefined) return undefined;
  const taken = fixed + prefix.consumed;
  const source = prefixAt(d, encoding, sourceBits, 0, at + 2 + taken, length - taken, undefined);
  if (source === undefined) return undefined;
  return {
    destination: prefixText(d, prefix.bytes, wide(encoding, bits)),
    source: prefixText(d, source.bytes, wide(encoding, sourceBits)),
    taken: taken + source.consumed,
  };
}

function sourceUpdate(
  d: Dissector,
  at: number,
  length: number,
  encoding: number,
  prefixes: Prefixes,
): boolean {
  const before = encoding === IPV4 ? prefixes.ipv4 : prefixes.ipv6;
  const pair = prefixPair(d, at, length, encoding, 10, d.u8(at + 4), d.u8(at + 3), d.u8(at + 5), before);
  if (pair === undefined) return false;
  d.text += ` ${pair.destination} from ${pair.source}`;
  d.text += ` metric ${d.u16(at + 10)} seqno ${d.u16(at + 8)} interval ${updateInterval(d.u16(at + 6))}`;
  if (pair.taken < length) subTlvs(d, at + 2 + pair.taken, at + 2 + length, SOURCE_UPDATE);
  return true;
}

function sourceRequest(d: Dissector, at: number, length: number, encoding: number): boolean {
  const pair = prefixPair(d, at, length, encoding, 3, d.u8(at + 3), d.u8(at + 4));
  if (pair === undefined) return false;
  d.text += encoding === WILDCARD ? "for any" : `for (${pair.destination}, ${pair.source})`;
  return true;
}

function multihopRequest(d: Dissector, at: number, length: number, encoding: number): boolean {
  const pair = prefixPair(d, at, length, encoding, 14, d.u8(at + 3), d.u8(at + 7));
  if (pair === undefined) return false;
  d.text += `(${d.u8(at + 6)} hops) for (${pair.destination}, ${pair.source})`;
  d.text += ` seqno ${d.u16(at + 4)} id ${routerId(d, at + 8)}`;
  return true;
}
