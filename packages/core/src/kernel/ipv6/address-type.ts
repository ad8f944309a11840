// What kind of address an IPv6 address is, as Linux classifies it (net/ipv6/addrconf_core.c; RFC 4291, RFC 4007).

import { IPV6_ANY, IPV6_LOOPBACK, ipv6Group, ipv6MulticastScope } from "../../wire/ipv6-address.ts";
import { isLinkLocalIpv6, isMulticastIpv6, isSiteLocalIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";

/** Scopes of RFC 4007 as numbers that compare: the wider the larger. */
export const SCOPE = { NODE: 1, LINK: 2, SITE: 5, ORGANIZATION: 8, GLOBAL: 14 } as const;

/** `scope` of an interface address (IFA_HOST, IFA_LINK, IFA_SITE), as /proc/net/if_inet6 shows it. */
export const IFA_SCOPE = { GLOBAL: 0, HOST: 0x10, LINK: 0x20, SITE: 0x40 } as const;

/** RT_SCOPE_* of netlink. */
const RT_SCOPE = { UNIVERSE: 0, SITE: 200, LINK: 253, HOST: 254 } as const;

/** ipv6_addr_src_scope(): the loopback address counts as link-local. */
export function sourceScope(address: Ipv6Address): number {
  if (isMulticastIpv6(address)) return ipv6MulticastScope(address);
  if (address === IPV6_LOOPBACK || isLinkLocalIpv6(address)) return SCOPE.LINK;
  if (address === IPV6_ANY) return 0;
  return isSiteLocalIpv6(address) ? SCOPE.SITE : SCOPE.GLOBAL;
}

/** ipv6_addr_scope() */
export function interfaceScope(address: Ipv6Address): number {
  if (isMulticastIpv6(address)) {
    const scope = ipv6MulticastScope(address);
    if (scope === SCOPE.NODE) return IFA_SCOPE.HOST;
    if (scope === SCOPE.LINK) return IFA_SCOPE.LINK;
    return scope === SCOPE.SITE ? IFA_SCOPE.SITE : IFA_SCOPE.GLOBAL;
  }
  if (address === IPV6_LOOPBACK) return IFA_SCOPE.HOST;
  if (isLinkLocalIpv6(address)) return IFA_SCOPE.LINK;
  return isSiteLocalIpv6(address) ? IFA_SCOPE.SITE : IFA_SCOPE.GLOBAL;
}

/** rt_scope() */
export function netlinkScope(scope: number): number {
  if ((scope & IFA_SCOPE.HOST) !== 0) return RT_SCOPE.HOST;
  if ((scope & IFA_SCOPE.LINK) !== 0) return RT_SCOPE.LINK;
  return (scope & IFA_SCOPE.SITE) !== 0 ? RT_SCOPE.SITE : RT_SCOPE.UNIVERSE;
}

/** Addresses that mean nothing without a device: link-local ones, and groups of that scope or smaller. */
export function needsDevice(address: Ipv6Address): boolean {
  if (isLinkLocalIpv6(address)) return true;
  return isMulticastIpv6(address) && ipv6MulticastScope(address) <= SCOPE.LINK;
}

/** ::a.b.c.d, the deprecated IPv4-compatible form; `::` and `::1` are not. */
export function isV4Compatible(address: Ipv6Address): boolean {
  for (let group = 0; group < 6; group++) if (ipv6Group(address, group) !== 0) return false;
  return address !== IPV6_ANY && address !== IPV6_LOOPBACK;
}
