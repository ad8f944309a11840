// Routes that follow from addresses and devices: to own addresses, to prefixes on the link, to multicast (addrconf_f6i_alloc,
// addrconf_prefix_route, addrconf_add_mroute in net/ipv6/addrconf.c).

import { IFA_F } from "../../netlink/rtnl/address.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTN, RTPROT } from "../../netlink/rtnl/route-constants.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { ipv6FromGroups, ipv6InPrefix, ipv6Network } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { RTNH_F } from "../../netlink/rtnl/route-constants.ts";
import { localTableOf, mainTableOf } from "../l3mdev.ts";
import { addRoute } from "./fib-change.ts";
import { Fib6Route, ROUTE_METRIC, RTF } from "./fib-route.ts";
import type { InterfaceAddress } from "./interface-address.ts";
import { INFINITE_LIFETIME } from "./interface-address.ts";
import type { Inet6Device } from "./interface.ts";

/** The route that delivers to an own address. */
export function hostRoute(owner: Inet6Device, address: Ipv6Address, anycast: boolean): Fib6Route {
  return new Fib6Route({
    destination: address,
    prefixLength: 128,
    table: localTableOf(owner.device),
    type: anycast ? RTN.ANYCAST : RTN.LOCAL,
    protocol: RTPROT.KERNEL,
    metric: 0,
    flags: RTF.UP | RTF.NONEXTHOP | (anycast ? RTF.ANYCAST : RTF.LOCAL),
    device: owner.device,
  });
}

/** Adds a route of the kernel's own by a device that is up; an equal one that is there already is as good. */
function addOwnRoute(
  owner: Inet6Device,
  setup: {
    readonly destination: Ipv6Address;
    readonly prefixLength: number;
    readonly table: number;
    readonly type: number;
    readonly metric: number;
    readonly flags: number;
    readonly expires?: Nanoseconds | undefined;
  },
): void {
  const { device, namespace } = owner;
  if (!device.up || owner.configuration.disable_ipv6) return;
  const route = new Fib6Route({
    ...setup,
    protocol: RTPROT.KERNEL,
    device,
    nexthopFlags: device.carrier ? 0 : RTNH_F.LINKDOWN,
  });
  try {
    addRoute(namespace, route);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
}

/** addrconf_prefix_route(). `metric` 0 takes the standard one; `flags` are RTF bits beside UP. */
export function addPrefixRoute(
  owner: Inet6Device,
  prefix: Ipv6Address,
  length: number,
  metric: number,
  expires?: Nanoseconds,
  flags = 0,
): void {
  addOwnRoute(owner, {
    destination: ipv6Network(prefix, length),
    prefixLength: length,
    table: mainTableOf(owner.device),
    type: RTN.UNICAST,
    metric: metric || ROUTE_METRIC.ADDRCONF,
    flags: RTF.UP | flags | (expires === undefined ? 0 : RTF.EXPIRES),
    expires,
  });
}

const ALL_MULTICAST = ipv6FromGroups(0xff00, 0, 0, 0, 0, 0, 0, 0);

/** addrconf_add_mroute() */
export function addMulticastRoute(owner: Inet6Device): void {
  addOwnRoute(owner, {
    destination: ALL_MULTICAST,
    prefixLength: 8,
    table: localTableOf(owner.device),
    type: RTN.MULTICAST,
    metric: ROUTE_METRIC.ADDRCONF,
    flags: RTF.UP,
  });
}

/**
 * addrconf_get_prefix_route(): the route to a prefix on the device's link that has all of the flags `wanted` and none of
 * `banned`. `withGateway` false passes over routes by a router.
 */
export function findPrefixRoute(
  owner: Inet6Device,
  prefix: Ipv6Address,
  length: number,
  wanted: number,
  banned: number,
  withGateway: boolean,
): Fib6Route | undefined {
  const table = owner.namespace.tables.find(mainTableOf(owner.device));
  const node = table?.node(ipv6Network(prefix, length), length);
  return node?.routes.find(
    (route) =>
      route.device === owner.device &&
      (withGateway || route.gateway === undefined) &&
      (route.flags & wanted) === wanted &&
      (route.flags & banned) === 0,
  );
}

/** What becomes of the prefix route of an address that is removed: it stays, ends with another's lifetime, or goes. */
export type PrefixRouteFate =
  { readonly action: "keep" | "delete" } | { readonly action: "expire"; readonly at: Nanoseconds };

/** check_cleanup_prefix_route() */
export function fateOfPrefixRoute(removed: InterfaceAddress): PrefixRouteFate {
  let at: Nanoseconds | undefined;
  for (const other of removed.owner.addresses) {
    if (other === removed || other.prefixLength !== removed.prefixLength) continue;
    if (!ipv6InPrefix(other.address, removed.address, removed.prefixLength)) continue;
    if ((other.flags & (IFA_F.PERMANENT | IFA_F.NOPREFIXROUTE)) !== 0) return { action: "keep" };
    const lifetime = other.validLifetime === INFINITE_LIFETIME ? 0x7fff_ffff : other.validLifetime;
    at = Math.max(at ?? 0, other.updated + lifetime * 1e9);
  }
  return at === undefined ? { action: "delete" } : { action: "expire", at };
}
