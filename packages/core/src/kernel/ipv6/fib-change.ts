// Changes of the IPv6 FIB: adding and removing routes by the kernel's rules about duplicates, replacement and multipath
// (fib6_add_rt2node, fib6_del_route in net/ipv6/ip6_fib.c), and what the state of a device does to its routes.

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTNH_F } from "../../netlink/rtnl/route-constants.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { SECOND } from "../../system/system.ts";
import type { NetDevice } from "../device.ts";
import type { Fib6Node, Fib6Table } from "./fib-table.ts";
import { routesBy, routesInOrder } from "./fib-table.ts";
import type { Fib6Route } from "./fib-route.ts";
import { RTF } from "./fib-route.ts";
import type { Inet6Netns } from "./interface.ts";
import { notifyRoute } from "./route-fill.ts";

/** rt6_qualify_for_ecmp(): routes by a gateway that nobody advertised may share a destination. */
function isMultipathCandidate(route: Fib6Route): boolean {
  return (
    route.gateway !== undefined &&
    route.object === undefined &&
    (route.flags & (RTF.ADDRCONF | RTF.DYNAMIC)) === 0
  );
}

/** rt6_duplicate_nexthop() */
export function sameNexthop(a: Fib6Route, b: Fib6Route): boolean {
  if (a.object !== undefined || b.object !== undefined) return a.object?.object === b.object?.object;
  return a.device === b.device && a.gateway === b.gateway;
}

function sameSource(a: Fib6Route, b: Fib6Route): boolean {
  return a.sourceLength === b.sourceLength && a.source === b.source;
}

/**
 * fib6_add(). `flags` are NLM_F bits of a request, undefined for routes of the kernel's own.
 * Errors: EEXIST for a duplicate (its lifetime is renewed), ENOENT if there is nothing to replace.
 */
export function addRoute(namespace: Inet6Netns, route: Fib6Route, flags?: number, quiet = false): void {
  const table = namespace.tables.ensure(route.table);
  const replace = flags !== undefined && (flags & NLM_F.REPLACE) !== 0;
  const create = flags === undefined || (flags & NLM_F.CREATE) !== 0;
  // The root of a table is always there.
  const isRoot = route.prefixLength === 0;
  if (replace && !create && !isRoot && table.node(route.destination, route.prefixLength) === undefined) {
    throw new Refusal(ERRNO.ENOENT, "Can not replace route - no match found");
  }
  const node = table.ensure(route.destination, route.prefixLength);
  try {
    placeRoute(namespace, table, node, route, flags, quiet);
  } finally {
    if (node.routes.length === 0) table.dropEmpty(node);
  }
  namespace.tables.generation++;
  if (route.expires !== undefined) scheduleExpiry(namespace);
}

function placeRoute(
  namespace: Inet6Netns,
  table: Fib6Table,
  node: Fib6Node,
  route: Fib6Route,
  flags: number | undefined,
  quiet: boolean,
): void {
  const exclusive = flags !== undefined && (flags & NLM_F.EXCL) !== 0;
  const replace = flags !== undefined && (flags & NLM_F.REPLACE) !== 0;
  const candidate = isMultipathCandidate(route);
  let index = 0;
  let replaced: number | undefined;
  let fallback: number | undefined;
  let sibling: Fib6Route | undefined;
  for (; index < node.routes.length; index++) {
    const other = node.routes[index] as Fib6Route;
    if (other.metric > route.metric) break;
    if (other.metric !== route.metric || !sameSource(other, route)) continue;
    if (exclusive) throw new Refusal(ERRNO.EEXIST);
    if (replace) {
      if (candidate === isMultipathCandidate(other)) {
        replaced = index;
        break;
      }
      fallback ??= index;
      continue;
    }
    if (sameNexthop(other, route)) {
      renewLifetime(namespace, other, route);
      throw new Refusal(ERRNO.EEXIST);
    }
    if (candidate && isMultipathCandidate(other)) sibling ??= other;
  }
  if (replace) {
    const at = replaced ?? fallback;
    if (at !== undefined) {
      replaceAt(namespace, table, node, at, route, quiet);
      return;
    }
    if (flags !== undefined && (flags & NLM_F.CREATE) === 0) throw new Refusal(ERRNO.ENOENT);
  }
  if (sibling !== undefined) joinSiblings(sibling, route);
  table.insert(node, route, index);
  if (!quiet) notifyRoute(namespace, RTM.NEWROUTE, route);
}

/** A duplicate of a route that expires takes over the newcomer's end. */
function renewLifetime(namespace: Inet6Netns, known: Fib6Route, newcomer: Fib6Route): void {
  if (known.expires === undefined) return;
  known.expires = newcomer.expires;
  if (newcomer.expires === undefined) known.flags &= ~RTF.EXPIRES;
  else scheduleExpiry(namespace);
}

/** The routes of a multipath group, in order; all share the list. */
function joinSiblings(first: Fib6Route, route: Fib6Route): void {
  const group = first.siblings ?? [first];
  group.push(route);
  first.siblings = group;
  route.siblings = group;
}

function leaveSiblings(route: Fib6Route): void {
  const group = route.siblings;
  if (group === undefined) return;
  route.siblings = undefined;
  group.splice(group.indexOf(route), 1);
  if (group.length === 1) for (const last of group) last.siblings = undefined;
}

function replaceAt(
  namespace: Inet6Netns,
  table: Fib6Table,
  node: Fib6Node,
  index: number,
  route: Fib6Route,
  quiet: boolean,
): void {
  const old = node.routes[index] as Fib6Route;
  const group = old.siblings ?? [old];
  table.insert(node, route, index);
  if (!quiet) notifyRoute(namespace, RTM.NEWROUTE, route);
  for (const gone of [...group]) {
    leaveSiblings(gone);
    table.remove(gone);
  }
}

/** fib6_del(). False if it is in no table. */
export function removeRoute(namespace: Inet6Netns, route: Fib6Route, quiet = false): boolean {
  if (!route.linked) return false;
  leaveSiblings(route);
  namespace.tables.find(route.table)?.remove(route);
  route.exceptions = undefined;
  namespace.tables.generation++;
  if (!quiet) notifyRoute(namespace, RTM.DELROUTE, route);
  return true;
}

/** Removes a whole multipath group with one notification (__ip6_del_rt_siblings). */
export function removeWithSiblings(namespace: Inet6Netns, route: Fib6Route): void {
  const group = route.siblings;
  if (group === undefined) {
    removeRoute(namespace, route);
    return;
  }
  notifyRoute(namespace, RTM.DELROUTE, route);
  for (const each of [...group]) removeRoute(namespace, each, true);
}

/** fib6_clean_all(): every route of the namespace, in the order of a dump. */
export function* allRoutes(namespace: Inet6Netns): Generator<Fib6Route> {
  for (const table of namespace.tables.all()) yield* table.routes();
}

/** rt6_sync_down_dev() for a device that goes down (`gone`: for good). Parts of multipath routes stay as dead. */
export function routesDown(namespace: Inet6Netns, device: NetDevice, gone: boolean): void {
  const quiet = namespace.settings["route/skip_notify_on_dev_down"] !== 0;
  for (const route of routesInOrder(namespace.tables, device)) {
    if (!route.linked) continue;
    const group = route.siblings;
    if (gone || group === undefined) {
      removeRoute(namespace, route, quiet);
      continue;
    }
    const alive = group.some((each) => each.device !== device && (each.nexthopFlags & RTNH_F.DEAD) === 0);
    if (alive) route.nexthopFlags |= RTNH_F.DEAD | RTNH_F.LINKDOWN;
    else for (const each of [...group]) removeRoute(namespace, each, quiet);
  }
  namespace.tables.generation++;
}

/** rt6_sync_down_dev() for a device without carrier. */
export function routesLoseCarrier(namespace: Inet6Netns, device: NetDevice): void {
  for (const route of routesBy(device)) {
    if ((route.flags & (RTF.LOCAL | RTF.ANYCAST)) === 0) route.nexthopFlags |= RTNH_F.LINKDOWN;
  }
  namespace.tables.generation++;
}

/** rt6_sync_up(): takes `flags` (RTNH_F) off the routes of a device. */
export function routesUp(namespace: Inet6Netns, device: NetDevice, flags: number): void {
  const cleared = (flags & RTNH_F.DEAD) !== 0 && device.carrier ? flags | RTNH_F.LINKDOWN : flags;
  for (const route of routesBy(device)) route.nexthopFlags &= ~cleared;
  namespace.tables.generation++;
}

/** rt6_mtu_change(): metrics and learned path MTUs follow the device's. */
export function routesTakeMtu(device: NetDevice, mtu: number, old: number): void {
  for (const route of routesBy(device)) {
    const own = route.metrics?.mtu;
    const locked = ((route.metrics?.lock ?? 0) & (1 << 2)) !== 0;
    if (own !== undefined && own > 0 && !locked && (own >= mtu || own === old))
      route.metrics = { ...route.metrics, mtu };
    for (const exception of route.exceptions?.values() ?? []) {
      if (exception.pathMtu > 0 && (exception.pathMtu >= mtu || exception.pathMtu === old))
        exception.pathMtu = mtu;
    }
  }
}

/**
 * Makes sure that the collector runs (fib6_run_gc). Linux looks every route/gc_interval; so does this, but only while there
 * is something to expire. Lookups pass over an expired route at once.
 */
export function scheduleExpiry(namespace: Inet6Netns): void {
  if (namespace.routeTimer !== undefined) return;
  const interval = Math.max(1, namespace.settings["route/gc_interval"]) * SECOND;
  namespace.routeTimer = namespace.kernel.clock.after(interval, () => {
    namespace.routeTimer = undefined;
    collectExpired(namespace);
  });
}

/** fib6_age() over all tables. */
export function collectExpired(namespace: Inet6Netns): void {
  const { now } = namespace.kernel.clock;
  let waiting = false;
  for (const route of [...allRoutes(namespace)]) {
    for (const [destination, exception] of route.exceptions ?? []) {
      if (exception.expires !== undefined && exception.expires < now) route.exceptions?.delete(destination);
      else waiting = true;
    }
    if (route.isExpired(now)) removeRoute(namespace, route);
    else if (route.expires !== undefined) waiting = true;
  }
  if (waiting) scheduleExpiry(namespace);
}
