// IP addresses as Open vSwitch keeps them for its own tunnels (lib/packets.h, in6_addr_mapped_ipv4): an IPv4 address is mapped
// into ::ffff:0:0/96, so that routes and neighbours of both versions are in one table.

import { formatIpv4, parseIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, ipv4OfIpv6, ipv6FromIpv4, isV4MappedIpv6, parseIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";

/** Bits before a mapped IPv4 address. */
export const MAPPED_LENGTH = 96;

export function parseMapped(text: string): Ipv6Address | undefined {
  const v4 = parseIpv4(text);
  return v4 === undefined ? parseIpv6(text) : ipv6FromIpv4(v4);
}

export function formatMapped(address: Ipv6Address): string {
  return isV4MappedIpv6(address) ? formatIpv4(ipv4OfIpv6(address)) : formatIpv6(address);
}

export interface Prefix {
  readonly address: Ipv6Address;
  /** Of the mapped address: 96 more than users say for IPv4. */
  readonly length: number;
}

/** `10.0.0.0/8`, `fc00::/64`; an address alone is as long as it can be. Undefined for what is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const [host = "", lengthText] = text.split("/");
  const address = parseMapped(host);
  if (address === undefined) return undefined;
  const most = isV4MappedIpv6(address) ? 32 : 128;
  const length = lengthText === undefined ? most : /^\d+$/.test(lengthText) ? Number(lengthText) : -1;
  return length < 0 || length > most ? undefined : { address, length: length + 128 - most };
}
