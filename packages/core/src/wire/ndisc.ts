/**
 * Neighbour discovery for IPv6 (RFC 4861): router and neighbour solicitations and advertisements, redirects. Their
 * options are in `ndisc-options.ts`. Validity rules that need the IP header (hop limit 255, addresses) are the
 * receiver's.
 */
import { readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "./bytes.ts";
import { fillIcmpv6Checksum, Icmpv6Type } from "./icmpv6.ts";
import { readIpv6Address, writeIpv6Address } from "./ipv6-address.ts";
import type { Ipv6Address } from "./ipv6-address.ts";
import { Malformed } from "./malformed.ts";
import type { Decoded } from "./malformed.ts";
import { decodeNdOptions, ndOptionsLength, writeNdOptions } from "./ndisc-options.ts";
import type { NdOption } from "./ndisc-options.ts";

/** Hop limit of every message; a lower one has passed a router and is ignored (RFC 4861, 3.1). */
export const ND_HOP_LIMIT = 255;

/** Flags of a neighbour advertisement, first byte of its flags word (RFC 4861, 4.4). */
export const NA_ROUTER = 0x80;
export const NA_SOLICITED = 0x40;
export const NA_OVERRIDE = 0x20;

/** The target address of a neighbour solicitation or advertisement, or of a redirect, at ICMPv6 offset `off`. */
export function ndTarget(buf: Uint8Array, off: number): Ipv6Address {
  return readIpv6Address(buf, off + 8);
}

/** NA_ROUTER, NA_SOLICITED, NA_OVERRIDE bits of a neighbour advertisement. */
export function naFlags(buf: Uint8Array, off: number): number {
  return readU8(buf, off + 4);
}

/** Preference of a default router (RFC 4191, 2.1); the reserved value reads as medium. */
export type RouterPreference = "high" | "medium" | "low";

interface WithOptions {
  readonly options: readonly NdOption[];
}

export interface RouterSolicitation extends WithOptions {
  readonly kind: "router-solicitation";
}

export interface RouterAdvertisement extends WithOptions {
  readonly kind: "router-advertisement";
  /** 0: the router leaves it to the host. */
  readonly hopLimit: number;
  /** Addresses from DHCPv6. */
  readonly managed: boolean;
  /** Other configuration from DHCPv6. */
  readonly otherConfig: boolean;
  readonly preference: RouterPreference;
  /** Seconds; 0: not a default router. */
  readonly lifetime: number;
  /** Milliseconds; 0: left to the host, as the timer that follows. */
  readonly reachableTime: number;
  readonly retransTimer: number;
}

export interface NeighbourSolicitation extends WithOptions {
  readonly kind: "neighbour-solicitation";
  readonly target: Ipv6Address;
}

export interface NeighbourAdvertisement extends WithOptions {
  readonly kind: "neighbour-advertisement";
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly target: Ipv6Address;
}

export interface NdRedirect extends WithOptions {
  readonly kind: "redirect";
  /** The better first hop, or the destination itself when it is on the link. */
  readonly target: Ipv6Address;
  readonly destination: Ipv6Address;
}

export type NdMessage =
  RouterSolicitation | RouterAdvertisement | NeighbourSolicitation | NeighbourAdvertisement | NdRedirect;

/** Bytes before the options. */
const FIXED_LENGTH = {
  "router-solicitation": 8,
  "router-advertisement": 16,
  "neighbour-solicitation": 24,
  "neighbour-advertisement": 24,
  redirect: 40,
} as const;

const TYPE_OF_KIND = {
  "router-solicitation": Icmpv6Type.ROUTER_SOLICITATION,
  "router-advertisement": Icmpv6Type.ROUTER_ADVERTISEMENT,
  "neighbour-solicitation": Icmpv6Type.NEIGHBOUR_SOLICITATION,
  "neighbour-advertisement": Icmpv6Type.NEIGHBOUR_ADVERTISEMENT,
  redirect: Icmpv6Type.REDIRECT,
} as const;

function kindOfType(type: number): NdMessage["kind"] | undefined {
  switch (type) {
    case Icmpv6Type.ROUTER_SOLICITATION:
      return "router-solicitation";
    case Icmpv6Type.ROUTER_ADVERTISEMENT:
      return "router-advertisement";
    case Icmpv6Type.NEIGHBOUR_SOLICITATION:
      return "neighbour-solicitation";
    case Icmpv6Type.NEIGHBOUR_ADVERTISEMENT:
      return "neighbour-advertisement";
    case Icmpv6Type.REDIRECT:
      return "redirect";
    default:
      return undefined;
  }
}

/** Flags of a router advertisement. */
const RA_MANAGED = 0x80;
const RA_OTHER = 0x40;
const PREFERENCE_BITS = { high: 0x08, medium: 0x00, low: 0x18 } as const;

function preferenceOf(flags: number): RouterPreference {
  if ((flags & 0x18) === PREFERENCE_BITS.high) return "high";
  return (flags & 0x18) === PREFERENCE_BITS.low ? "low" : "medium";
}

/** Decodes the ICMPv6 message in `[off, end)`, which must be of one of the five types and have code 0. */
export function decodeNd(buf: Uint8Array, off: number, end: number): Decoded<NdMessage> {
  if (end - off < 8) return new Malformed("truncated", off, "ND message");
  const kind = kindOfType(readU8(buf, off));
  if (kind === undefined) return new Malformed("bad-type", off, "ND message type");
  if (readU8(buf, off + 1) !== 0) return new Malformed("bad-value", off + 1, "ND message code");
  const fixed = FIXED_LENGTH[kind];
  if (end - off < fixed) return new Malformed("truncated", off, "ND message");
  const options = decodeNdOptions(buf, off + fixed, end);
  if (options instanceof Malformed) return options;
  switch (kind) {
    case "router-solicitation":
      return { kind, options };
    case "router-advertisement": {
      const flags = readU8(buf, off + 5);
      return {
        kind,
        hopLimit: readU8(buf, off + 4),
        managed: (flags & RA_MANAGED) !== 0,
        otherConfig: (flags & RA_OTHER) !== 0,
        preference: preferenceOf(flags),
        lifetime: readU16BE(buf, off + 6),
        reachableTime: readU32BE(buf, off + 8),
        retransTimer: readU32BE(buf, off + 12),
        options,
      };
    }
    case "neighbour-solicitation":
      return { kind, target: ndTarget(buf, off), options };
    case "neighbour-advertisement": {
      const flags = naFlags(buf, off);
      return {
        kind,
        router: (flags & NA_ROUTER) !== 0,
        solicited: (flags & NA_SOLICITED) !== 0,
        override: (flags & NA_OVERRIDE) !== 0,
        target: ndTarget(buf, off),
        options,
      };
    }
    case "redirect":
      return { kind, target: ndTarget(buf, off), destination: readIpv6Address(buf, off + 24), options };
  }
}

export function ndLength(message: NdMessage): number {
  return FIXED_LENGTH[message.kind] + ndOptionsLength(message.options);
}

/**
 * Writes the message with its checksum.
 * @param pseudoSum `pseudoHeaderSumV6` of the packet
 * @returns the offset after it
 */
export function writeNd(message: NdMessage, buf: Uint8Array, off: number, pseudoSum: number): number {
  writeU8(buf, off, TYPE_OF_KIND[message.kind]);
  writeU8(buf, off + 1, 0);
  writeU32BE(buf, off + 4, 0);
  switch (message.kind) {
    case "router-solicitation":
      break;
    case "router-advertisement":
      writeU8(buf, off + 4, message.hopLimit);
      writeU8(
        buf,
        off + 5,
        (message.managed ? RA_MANAGED : 0) |
          (message.otherConfig ? RA_OTHER : 0) |
          PREFERENCE_BITS[message.preference],
      );
      writeU16BE(buf, off + 6, message.lifetime);
      writeU32BE(buf, off + 8, message.reachableTime);
      writeU32BE(buf, off + 12, message.retransTimer);
      break;
    case "neighbour-advertisement":
      writeU8(
        buf,
        off + 4,
        (message.router ? NA_ROUTER : 0) |
          (message.solicited ? NA_SOLICITED : 0) |
          (message.override ? NA_OVERRIDE : 0),
      );
      writeIpv6Address(buf, off + 8, message.target);
      break;
    case "neighbour-solicitation":
      writeIpv6Address(buf, off + 8, message.target);
      break;
    case "redirect":
      writeIpv6Address(buf, off + 8, message.target);
      writeIpv6Address(buf, off + 24, message.destination);
      break;
  }
  const end = writeNdOptions(message.options, buf, off + FIXED_LENGTH[message.kind]);
  fillIcmpv6Checksum(buf, off, end, pseudoSum);
  return end;
}
