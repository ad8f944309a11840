// Routes that come with addresses (fib_add_ifaddr, fib_del_ifaddr): the address itself and its broadcast addresses in the
// local table, its prefix in the main table.

import { NLM_F } from "../../../netlink/message.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { IFA_F } from "../../../netlink/rtnl/address.ts";
import { IPV4_BROADCAST, isZeroNetIpv4 } from "../../../wire/ipv4-address.ts";
import { IFF } from "../../device.ts";
import { localTableOf, mainTableOf } from "../../l3mdev.ts";
import { addressType } from "../address-type.ts";
import type { InetDevice, InterfaceAddress } from "../in-device.ts";
import { RTN, RTNH_F, RTPROT, RT_SCOPE } from "../../../netlink/rtnl/route-constants.ts";
import { deleteRoute, flushDead, insertRoute } from "./change.ts";
import type { RouteConfiguration } from "./create-info.ts";

/** One of those routes. */
interface AddressRoute {
  readonly type: number;
  readonly destination: number;
  readonly length: number;
  readonly source: number;
  readonly metric: number;
}

/** The primary address of the prefix that a secondary one is in (inet_ifa_byprefix); itself for a primary one. */
function primaryOf(address: InterfaceAddress): InterfaceAddress | undefined {
  if ((address.flags & IFA_F.SECONDARY) === 0) return address;
  return address.owner.addresses.find(
    (other) =>
      (other.flags & IFA_F.SECONDARY) === 0 && other.mask === address.mask && other.covers(address.prefix),
  );
}

function isSubnet(address: InterfaceAddress): boolean {
  const { prefix } = address;
  return (
    !isZeroNetIpv4(prefix) &&
    (address.flags & IFA_F.SECONDARY) === 0 &&
    (prefix !== address.local || address.prefixLength < 32)
  );
}

function directedBroadcast(address: InterfaceAddress): number {
  return (address.address | ~address.mask) >>> 0;
}

/** Everything that an address brings along. `primary` gives the routes their source. */
function* routesOf(address: InterfaceAddress, primary: InterfaceAddress): Generator<AddressRoute> {
  const source = primary.local;
  const host = { length: 32, source, metric: 0 };
  yield { ...host, type: RTN.LOCAL, destination: address.local };
  if (address.broadcast !== 0 && address.broadcast !== IPV4_BROADCAST) {
    yield { ...host, type: RTN.BROADCAST, destination: address.broadcast };
  }
  if (!isSubnet(address)) return;
  const loopback = (address.owner.device.flags & IFF.LOOPBACK) !== 0;
  if ((address.flags & IFA_F.NOPREFIXROUTE) === 0) {
    yield {
      type: loopback ? RTN.LOCAL : RTN.UNICAST,
      destination: address.prefix,
      length: address.prefixLength,
      source,
      metric: address.metric,
    };
  }
  if (address.prefixLength < 31)
    yield { ...host, type: RTN.BROADCAST, destination: directedBroadcast(address) };
}

function configurationOf(inDevice: InetDevice, route: AddressRoute): RouteConfiguration {
  // Spelled out: a spread costs ten times as much, and every address that comes or goes is several routes.
  return {
    destination: route.destination,
    length: route.length,
    tos: 0,
    protocol: RTPROT.KERNEL,
    scope: route.type === RTN.LOCAL ? RT_SCOPE.HOST : RT_SCOPE.LINK,
    type: route.type,
    table: (route.type === RTN.UNICAST ? mainTableOf : localTableOf)(inDevice.device),
    priority: route.metric,
    preferredSource: route.source,
    flags: 0,
    oif: inDevice.device.ifindex,
    gateway: 0,
  };
}

/** fib_magic(): a route that cannot be added or is gone already is no matter. */
function change(inDevice: InetDevice, route: AddressRoute, add: boolean): void {
  const { inet } = inDevice;
  const wanted = configurationOf(inDevice, route);
  const table = inet.fib.make(wanted.table);
  try {
    if (add) insertRoute(inet, table, wanted, NLM_F.CREATE | NLM_F.APPEND);
    else deleteRoute(inet, table, wanted);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
  }
}

/** fib_add_ifaddr(): while the device is down, only the address itself is routed. */
export function addAddressRoutes(address: InterfaceAddress): void {
  const inDevice = address.owner;
  const primary = primaryOf(address);
  if (primary === undefined) return;
  for (const route of routesOf(address, primary)) {
    if (route.type !== RTN.LOCAL && !inDevice.device.up) continue;
    if (route.type === RTN.LOCAL && route.length < 32 && !inDevice.device.up) continue;
    change(inDevice, route, true);
    if (route.type === RTN.BROADCAST) forgetNeighbour(inDevice, route.destination);
  }
}

/** arp_invalidate(): a broadcast address has no neighbour that was resolved before. */
function forgetNeighbour({ device, inet }: InetDevice, address: number): void {
  const { arp } = inet.stack;
  const neighbour = arp.find(device, address);
  if (neighbour !== undefined) arp.remove(neighbour);
}

/**
 * fib_del_ifaddr(): takes away what no other address of the device brings along as well. `promoting` is the primary address
 * that is about to go while secondary ones of its prefix stay and get a new one: those do not count.
 */
export function removeAddressRoutes(address: InterfaceAddress, promoting?: InterfaceAddress): void {
  const inDevice = address.owner;
  const primary =
    (address.flags & IFA_F.SECONDARY) !== 0 && promoting !== undefined ? promoting : primaryOf(address);
  if (primary === undefined) return;
  const kept = new Set<string>();
  let present = false;
  if (!inDevice.dead) {
    for (const other of inDevice.addresses) {
      if (other === address) {
        present = true;
        continue;
      }
      if (promoting !== undefined && other.sharesPrefix(promoting)) continue;
      const source = primaryOf(other);
      if (source === undefined) continue;
      for (const route of routesOf(other, source))
        if (route.type !== RTN.UNICAST && route.length === 32) kept.add(keyOf(route));
    }
  }
  const routes = [...routesOf(address, primary)].sort((a, b) => deletionOrder(a) - deletionOrder(b));
  for (const route of routes) {
    if (kept.has(keyOf(route))) continue;
    change(inDevice, { ...route, metric: route.type === RTN.UNICAST ? 0 : route.metric }, false);
    if (route.type === RTN.LOCAL && route.length === 32 && !present) forgetLocal(inDevice, address.local);
  }
}

/** The prefix goes first, the address itself last. */
function deletionOrder(route: AddressRoute): number {
  if (route.length < 32 || route.type === RTN.UNICAST) return 0;
  return route.type === RTN.BROADCAST ? 1 : 2;
}

function keyOf(route: AddressRoute): string {
  return `${route.type} ${route.destination} ${route.length} ${route.source}`;
}

/** fib_sync_down_addr(): routes that prefer a source address that the host no longer has. */
function forgetLocal({ inet, device }: InetDevice, local: number): void {
  if (addressType(inet, local, undefined, localTableOf(device)) === RTN.LOCAL) return;
  const stray = [...inet.fib.infos.values()].filter(({ preferredSource }) => preferredSource === local);
  for (const info of stray) info.flags |= RTNH_F.DEAD;
  flushDead(inet, stray);
}

/** fib_modify_prefix_metric(): the route of the prefix gets another metric. */
export function changePrefixMetric(address: InterfaceAddress, metric: number): void {
  const inDevice = address.owner;
  const old = address.metric;
  address.metric = metric;
  const quiet = (address.flags & (IFA_F.SECONDARY | IFA_F.NOPREFIXROUTE)) !== 0;
  if (!inDevice.device.up || quiet || isZeroNetIpv4(address.prefix)) return;
  if (address.prefix === address.local && address.prefixLength === 32) return;
  for (const route of routesOf(address, address)) {
    if (route.destination !== address.prefix || route.length !== address.prefixLength) continue;
    if (route.type !== RTN.UNICAST && route.length === 32) continue;
    change(inDevice, route, true);
    change(inDevice, { ...route, metric: old }, false);
  }
}
