// Finding the path of a packet: ip6_pol_route() and what is around it in net/ipv6/route.c. Longest match first; among routes of
// equal prefix and metric the best score (device, RFC 4191 preference, reachability of the router); then the exceptions that
// path MTU discovery and redirects have left.
//
// For senders: `routeOutput` gives a Route6 always. Its `error` is 0, or the errno for the sender; `device` is where packets go
// out (loopback for own addresses); `nexthopOf` tells the first hop.

import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_ANY,
  IPV6_LOOPBACK,
  ipv6Group,
  ipv6InPrefix,
  isLinkLocalIpv6,
  isMulticastIpv6,
} from "../../wire/ipv6-address.ts";
import { RT_TABLE, RTN, RTNH_F, RTPROT } from "../../netlink/rtnl/route-constants.ts";
import { NUD } from "../../netlink/rtnl/neighbour.ts";
import type { SinglePath } from "../nexthop/objects.ts";
import { selectPath } from "../nexthop/objects.ts";
import { NUD_VALID } from "../neighbour/state.ts";
import type { Fib6Node, Fib6Table } from "./fib-table.ts";
import { hasSourceRoutes } from "./fib-table.ts";
import { Fib6Route, RTF } from "./fib-route.ts";
import type { Route6 } from "./fib-route.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";

/** What is asked. Absent members do not restrict. */
export interface Flow6 {
  readonly destination: Ipv6Address;
  /** `::` if it is still to be chosen. */
  readonly source?: Ipv6Address;
  /** ifindex of the device that the packet must leave by; 0 for any. */
  readonly oif?: number;
  /** ifindex of the device that it came in on; 0 for own packets. */
  readonly iif?: number;
  readonly mark?: number;
  readonly trafficClass?: number;
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** A socket bound to `oif` by SO_BINDTODEVICE. */
  readonly boundToDevice?: boolean;
  /** Chooses among multipath routes; absent: worked out from the rest. */
  readonly hash?: number;
  readonly uid?: number;
}

/** Restrictions of a lookup (RT6_LOOKUP_F_*). */
export const LOOKUP = {
  /** Only routes of the wanted device. */
  DEVICE: 1,
  /** Prefer routers that are not known to be dead. */
  REACHABLE: 2,
  IGNORE_LINKSTATE: 4,
} as const;

/** Scores below 0 never win: the device is wrong or down; the router did not answer. */
const SCORE = { FAIL_HARD: -3, FAIL_PROBE: -2 } as const;

/** rt6_need_strict(): destinations that mean nothing without a device. */
export function needsStrictDevice(destination: Ipv6Address): boolean {
  return isMulticastIpv6(destination) || isLinkLocalIpv6(destination) || destination === IPV6_LOOPBACK;
}

/** The best route of a table, before exceptions; undefined if there is none. Allocates nothing. */
export function lookupTable(
  namespace: Inet6Netns,
  table: Fib6Table,
  flow: Flow6,
  oif: number,
  flags: number,
): Fib6Route | undefined {
  const nodes = table.matches(flow.destination);
  if (nodes.length === 0) return undefined;
  const source = flow.source ?? IPV6_ANY;
  let strict = flags;
  for (;;) {
    for (const node of nodes) {
      const route = selectFromNode(namespace, node, source, oif, strict);
      if (route !== undefined) return selectSibling(namespace, route, flow, oif, strict);
    }
    if ((strict & LOOKUP.REACHABLE) === 0) return undefined;
    strict &= ~LOOKUP.REACHABLE;
  }
}

/**
 * rt6_select(): routes of one prefix. Those for a source that holds the packet's come before the others, the longest first,
 * as if they were in a subtree (CONFIG_IPV6_SUBTREES).
 */
function selectFromNode(
  namespace: Inet6Netns,
  node: Fib6Node,
  source: Ipv6Address,
  oif: number,
  strict: number,
): Fib6Route | undefined {
  let sourceLength = nextSourceLength(node, source, 129);
  // Where there are routes for sources, those for all are only found by way of one that fits.
  if (sourceLength === 0 && hasSourceRoutes(node)) return undefined;
  for (; sourceLength >= 0; sourceLength = nextSourceLength(node, source, sourceLength)) {
    const found = bestOf(namespace, node, source, sourceLength, oif, strict);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The longest source prefix below `limit` that matches; -1 for none. */
function nextSourceLength(node: Fib6Node, source: Ipv6Address, limit: number): number {
  let longest = -1;
  for (const route of node.routes) {
    const length = route.sourceLength;
    if (length <= longest || length >= limit) continue;
    if (length === 0 || ipv6InPrefix(source, route.source, length)) longest = length;
  }
  return longest;
}

/** find_rr_leaf(): the best score among the routes of the lowest metric that has one. Routes are sorted by metric. */
function bestOf(
  namespace: Inet6Netns,
  node: Fib6Node,
  source: Ipv6Address,
  sourceLength: number,
  oif: number,
  strict: number,
): Fib6Route | undefined {
  const { now } = namespace.kernel.clock;
  let best: Fib6Route | undefined;
  let bestScore = -1;
  for (const route of node.routes) {
    if (route.sourceLength !== sourceLength) continue;
    if (sourceLength > 0 && !ipv6InPrefix(source, route.source, sourceLength)) continue;
    if (best !== undefined && route.metric !== best.metric) break;
    if (route.isExpired(now)) continue;
    const score = scoreOf(namespace, route, oif, strict);
    if (score <= bestScore) continue;
    best = route;
    bestScore = score;
  }
  return best;
}

/** find_match() and rt6_score_route(). Below 0: a SCORE. Of a route by a next-hop object: the best of its paths. */
function scoreOf(namespace: Inet6Netns, route: Fib6Route, oif: number, strict: number): number {
  if (route.object !== undefined) {
    if (route.object.object.blackhole) return Infinity; // whatever the device
    let best: number = SCORE.FAIL_HARD;
    for (const path of route.object.byPath.values())
      best = Math.max(best, scoreOf(namespace, path, oif, strict));
    return best;
  }
  const { nexthopFlags, device } = route;
  if (nexthopFlags !== 0) {
    if ((nexthopFlags & RTNH_F.DEAD) !== 0) return SCORE.FAIL_HARD;
    if ((nexthopFlags & RTNH_F.LINKDOWN) !== 0 && (strict & LOOKUP.IGNORE_LINKSTATE) === 0) {
      const owner = inet6Device.of(device);
      const ignores =
        namespace.all.ignore_routes_with_linkdown || owner?.configuration.ignore_routes_with_linkdown;
      if (ignores) return SCORE.FAIL_HARD;
    }
  }
  let score = oif === 0 || device.ifindex === oif ? 2 : 0;
  if (score === 0 && (strict & LOOKUP.DEVICE) !== 0) return SCORE.FAIL_HARD;
  score |= preferenceRank(route.preference) << 2;
  if ((strict & LOOKUP.REACHABLE) !== 0 && route.gateway !== undefined) {
    const neighbour = namespace.stack.neighbours.find(device, route.gateway);
    const failed = neighbour !== undefined && (neighbour.state & NUD.FAILED) !== 0;
    if (neighbour === undefined || (neighbour.state & NUD_VALID) === 0) probe(namespace, route);
    if (failed) return SCORE.FAIL_PROBE;
  }
  return score;
}

/** IPV6_DECODE_PREF(): high 3, medium 2, low 1. */
function preferenceRank(preference: number): number {
  return preference ^ 2;
}

/** rt6_probe(): asks a router that is not known to be reachable, once an interval (RFC 4191, 3.5). */
function probe(namespace: Inet6Netns, route: Fib6Route): void {
  const owner = inet6Device.of(route.device);
  const { now } = namespace.kernel.clock;
  if (owner === undefined || route.gateway === undefined) return;
  const neighbour = namespace.stack.neighbours.find(route.device, route.gateway);
  const interval = owner.configuration.router_probe_interval * 1e9;
  if (neighbour !== undefined) {
    if ((neighbour.state & NUD_VALID) !== 0 || now <= neighbour.updated + interval) return;
    neighbour.updated = now;
  } else if (now < route.probed + interval) return;
  route.probed = now;
  namespace.stack.probeRouter(route.device, route.gateway);
}

/** fib6_select_path(): one of the routes of a multipath group, by the flow's hash and the weights (RFC 2992). */
function selectSibling(
  namespace: Inet6Netns,
  match: Fib6Route,
  flow: Flow6,
  oif: number,
  strict: number,
): Fib6Route {
  const { siblings, object } = match;
  if (object !== undefined) {
    const hash = (flow.hash ?? multipathHash(namespace, flow)) >>> 1;
    const path = selectPath(object.object, hash, (each) => isGoodPath(namespace, each));
    return object.byPath.get(path) ?? match;
  }
  if (siblings === undefined || siblings.length < 2) return match;
  const alive = siblings.filter((route) => (route.nexthopFlags & RTNH_F.DEAD) === 0);
  const usable = alive.filter((route) => scoreOf(namespace, route, oif, strict) >= 0);
  let total = 0;
  for (const route of usable) total += route.weight;
  if (total === 0) return match;
  let place = ((flow.hash ?? multipathHash(namespace, flow)) >>> 1) / 0x8000_0000;
  place *= total;
  for (const route of usable) {
    place -= route.weight;
    if (place < 0) return route;
  }
  return match;
}

/** ipv6_good_nh(): the gateway of an object's path is not known to be dead. */
function isGoodPath({ stack }: Inet6Netns, { hop }: SinglePath): boolean {
  if (hop.device === undefined || hop.gateway6 === undefined) return true;
  const neighbour = stack.neighbours.find(hop.device, hop.gateway6);
  return neighbour === undefined || (neighbour.state & NUD_VALID) !== 0;
}

/** rt6_multipath_hash(): policy 0 hashes addresses, 1 ports too. FNV-1a, since the kernel's own is keyed at random. */
function multipathHash(namespace: Inet6Netns, flow: Flow6): number {
  let hash = 0x811c_9dc5;
  const mix = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x0100_0193) >>> 0;
  };
  for (let group = 0; group < 8; group++) {
    mix(ipv6Group(flow.destination, group));
    if (flow.source !== undefined) mix(ipv6Group(flow.source, group));
  }
  mix(flow.protocol ?? 0);
  if (namespace.settings.fib_multipath_hash_policy === 1) {
    mix(flow.sourcePort ?? 0);
    mix(flow.destinationPort ?? 0);
  }
  // The last bits of FNV mix badly upwards; fold once.
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b_3c6d) >>> 0;
}

/** rt6_find_cached_rt(): the exception for this destination, or the route's own path. */
export function pathOf(namespace: Inet6Netns, route: Fib6Route, destination: Ipv6Address): Route6 {
  const exception = route.exceptions?.get(destination);
  if (exception === undefined) return route.path;
  if (exception.expires !== undefined && exception.expires < namespace.kernel.clock.now) {
    route.exceptions?.delete(destination);
    return route.path;
  }
  return exception;
}

/** The path to nowhere of a namespace (ip6_null_entry). */
export function nullRoute(namespace: Inet6Netns): Fib6Route {
  return (namespace.nullRoute ??= new Fib6Route({
    destination: IPV6_ANY,
    prefixLength: 0,
    table: RT_TABLE.UNSPEC,
    type: RTN.UNSPEC,
    protocol: RTPROT.KERNEL,
    metric: 0xffff_ffff,
    flags: RTF.REJECT | RTF.NONEXTHOP,
    device: namespace.netns.loopback,
  }));
}

const EAGAIN = 11;

/** fib6_rule_lookup(): asks the tables in the order of the rules. */
export function lookup(namespace: Inet6Netns, flow: Flow6, oif: number, flags: number): Fib6Route {
  const { rules, tables } = namespace;
  if (rules !== undefined) return rules(flow, oif, flags) ?? nullRoute(namespace);
  const local = lookupTable(namespace, tables.local, flow, oif, flags);
  if (local !== undefined && local.path.error !== EAGAIN) return local;
  const main = lookupTable(namespace, tables.main, flow, oif, flags);
  if (main !== undefined && main.path.error !== EAGAIN) return main;
  return nullRoute(namespace);
}

function reachableFlag(namespace: Inet6Netns): number {
  return namespace.all.forwarding ? 0 : LOOKUP.REACHABLE;
}

/** ip6_route_output(): the path of a packet of this host. */
export function routeOutput(namespace: Inet6Netns, flow: Flow6): Route6 {
  const oif = flow.oif ?? 0;
  const anySource = flow.source === undefined || flow.source === IPV6_ANY;
  let flags = reachableFlag(namespace);
  if (flow.boundToDevice || needsStrictDevice(flow.destination) || (oif !== 0 && anySource))
    flags |= LOOKUP.DEVICE;
  const route = lookup(namespace, flow, oif, flags);
  return pathOf(namespace, route, flow.destination);
}

/** ip6_route_input(): the path of a packet that came in by `flow.iif`. */
export function routeInput(namespace: Inet6Netns, flow: Flow6): Route6 {
  const iif = flow.iif ?? 0;
  let flags = reachableFlag(namespace);
  const loopback = iif === namespace.netns.loopback.ifindex;
  if (needsStrictDevice(flow.destination) && !loopback) flags |= LOOKUP.DEVICE;
  const route = lookup(namespace, flow, iif, flags);
  return pathOf(namespace, route, flow.destination);
}

/** rt6_nexthop(): whom to send to. */
export function nexthopOf(route: Route6, destination: Ipv6Address): Ipv6Address {
  if (route.gateway !== undefined) return route.gateway;
  return destination;
}

/** ip6_mtu(): how long packets on this path may be, in bytes. */
export function mtuOf(route: Route6): number {
  if (route.pathMtu > 0) return Math.min(route.pathMtu, route.device.mtu);
  const own = route.fib.metrics?.mtu;
  if (own !== undefined && own > 0) return own;
  return inet6Device.of(route.device)?.configuration.mtu ?? route.device.mtu;
}
