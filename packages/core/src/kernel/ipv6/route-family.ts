// Requests about IPv6 routes: RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE (inet6_rtm_newroute and its neighbours in
// net/ipv6/route.c, inet6_dump_fib in net/ipv6/ip6_fib.c).

import { ERRNO } from "../../netlink/errno.ts";
import { NLM_F } from "../../netlink/message.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { RTM_F } from "../../netlink/rtnl/route-constants.ts";
import { decodeRoute, routeTable } from "../../netlink/rtnl/route.ts";
import type { RouteMessage } from "../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../netlink/rtnl/types.ts";
import { IPV6_ANY, readIpv6Address } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Kernel } from "../kernel.ts";
import { nexthopObjects } from "../nexthop/objects.ts";
import type { DumpResult, Request } from "../netlink/handlers.ts";
import { addRoute, removeRoute, removeWithSiblings, sameNexthop } from "./fib-change.ts";
import type { Fib6Table } from "./fib-table.ts";
import type { Fib6Route } from "./fib-route.ts";
import { ROUTE_METRIC, RTF } from "./fib-route.ts";
import { inet6Netns } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { createRoute, readRequest, requestForHop } from "./route-create.ts";
import type { RouteRequest } from "./route-create.ts";
import { fillRoute, notifyRoute } from "./route-fill.ts";
import { nullRoute, routeInput, routeOutput } from "./route-lookup.ts";
import { sourceForRoute } from "./source-selection.ts";
import { canonicalPrefix, hasSourceRoutes } from "./fib-table.ts";

function decode(request: Request): RouteMessage {
  const message = decodeRoute(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

/** inet6_rtm_newroute() */
function newRoute(request: Request): void {
  const namespace = inet6Netns.require(request.netns);
  const asked = readRequest(decode(request));
  const wanted = asked.metric === 0 ? { ...asked, metric: ROUTE_METRIC.USER } : asked;
  const { flags } = request.message;
  if (wanted.hops !== undefined && wanted.hops.length > 0) addMultipath(namespace, wanted, flags);
  else addRoute(namespace, createRoute(namespace, wanted), flags);
}

/** ip6_route_multipath_add(): all next hops or none. */
function addMultipath(namespace: Inet6Netns, wanted: RouteRequest, flags: number): void {
  const routes: Fib6Route[] = [];
  for (const hop of wanted.hops ?? []) {
    const request = requestForHop(wanted, hop);
    const route = createRoute(namespace, request, hop.hops + 1);
    if (request.gateway === undefined) {
      throw new Refusal(
        ERRNO.EINVAL,
        "Device only routes can not be added for IPv6 using the multipath API.",
      );
    }
    if (routes.some((other) => sameNexthop(other, route))) throw new Refusal(ERRNO.EEXIST);
    routes.push(route);
  }
  const added: Fib6Route[] = [];
  let how = flags;
  try {
    for (const route of routes) {
      addRoute(namespace, route, how, true);
      added.push(route);
      // Only the first next hop may replace, or must be the first of its kind.
      how = (how & ~(NLM_F.EXCL | NLM_F.REPLACE)) | NLM_F.CREATE;
    }
  } catch (refusal) {
    for (const route of added) removeRoute(namespace, route, true);
    throw refusal;
  }
  const [first] = routes;
  if (first) notifyRoute(namespace, RTM.NEWROUTE, first);
}

/** inet6_rtm_delroute() */
function deleteRoute(request: Request): void {
  const namespace = inet6Netns.require(request.netns);
  const wanted = readRequest(decode(request));
  if (wanted.nexthopId !== 0 && nexthopObjects.require(request.netns).find(wanted.nexthopId) === undefined)
    throw new Refusal(ERRNO.EINVAL, "Nexthop id does not exist");
  if (wanted.hops === undefined || wanted.hops.length === 0) {
    deleteOne(namespace, wanted, true);
    return;
  }
  let failure: unknown;
  for (const hop of wanted.hops) {
    try {
      deleteOne(namespace, requestForHop(wanted, hop), false);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      failure = refusal;
    }
  }
  if (failure !== undefined) throw failure;
}

/** ip6_route_del(): the first route that fits; without a gateway, all next hops of a multipath route. */
function deleteOne(namespace: Inet6Netns, wanted: RouteRequest, allHops: boolean): void {
  const table = namespace.tables.find(wanted.table);
  if (!table) throw new Refusal(ERRNO.ESRCH, "FIB table does not exist");
  const node = table.node(canonicalPrefix(wanted.destination, wanted.prefixLength), wanted.prefixLength);
  // Where no route is for a source, one for a source means those for all.
  const bySource = wanted.sourceLength > 0 && hasSourceRoutes(node);
  for (const route of node?.routes ?? []) {
    if (!isOfSource(route, wanted, bySource)) continue;
    if (wanted.nexthopId !== 0 && route.object?.object.id !== wanted.nexthopId) continue;
    if (route.object !== undefined && (wanted.flags & RTF.CACHE) === 0) {
      if (!hasNumbers(route, wanted)) continue;
      removeRoute(namespace, route);
      return;
    }
    if (!isMeant(route, wanted)) continue;
    if ((wanted.flags & RTF.CACHE) !== 0) {
      if (deleteExceptions(namespace, route, wanted)) return;
      continue;
    }
    if (allHops && wanted.gateway === undefined) removeWithSiblings(namespace, route);
    else removeRoute(namespace, route);
    return;
  }
  // The root of a table without default routes holds the path to nowhere, which is found and cannot be removed.
  const hasPlain = node?.routes.some(({ sourceLength }) => sourceLength === 0) ?? false;
  if (
    wanted.prefixLength === 0 &&
    !hasPlain &&
    !bySource &&
    wanted.nexthopId === 0 &&
    isMeant(nullRoute(namespace), wanted)
  )
    throw new Refusal(ERRNO.ENOENT);
  throw new Refusal(ERRNO.ESRCH);
}

/** fib6_locate() */
function isOfSource(route: Fib6Route, wanted: RouteRequest, bySource: boolean): boolean {
  if (!bySource) return route.sourceLength === 0;
  const { source, sourceLength } = wanted;
  return route.sourceLength === sourceLength && route.source === canonicalPrefix(source, sourceLength);
}

function isMeant(route: Fib6Route, wanted: RouteRequest): boolean {
  if (wanted.ifindex !== 0 && route.device.ifindex !== wanted.ifindex) return false;
  const cache = (wanted.flags & RTF.CACHE) !== 0;
  if (!cache && wanted.gateway !== undefined && route.gateway !== wanted.gateway) return false;
  return hasNumbers(route, wanted);
}

function hasNumbers(route: Fib6Route, { metric, protocol }: RouteRequest): boolean {
  return (metric === 0 || route.metric === metric) && (protocol === 0 || route.protocol === protocol);
}

/** ip6_del_cached_rt(): forgets what was learned about one destination. */
function deleteExceptions(namespace: Inet6Netns, route: Fib6Route, wanted: RouteRequest): boolean {
  const exception = route.exceptions?.get(wanted.destination);
  if (!exception || (wanted.gateway !== undefined && exception.gateway !== wanted.gateway)) return false;
  route.exceptions?.delete(wanted.destination);
  namespace.tables.generation++;
  return true;
}

function addressOf(bytes: Uint8Array | undefined): Ipv6Address {
  if (bytes === undefined) return IPV6_ANY;
  if (bytes.length < 16) throw new Refusal(ERRNO.EINVAL);
  return readIpv6Address(bytes, 0);
}

/** inet6_rtm_valid_getroute_req() */
function checkGetRequest(message: RouteMessage): void {
  const { srcLen, dstLen, table, protocol, scope, type } = message;
  if (
    (srcLen !== 0 && srcLen !== 128) ||
    (dstLen !== 0 && dstLen !== 128) ||
    table ||
    protocol ||
    scope ||
    type
  ) {
    throw new Refusal(ERRNO.EINVAL, "Invalid values in header for get route request");
  }
  if ((message.flags & ~RTM_F.FIB_MATCH) !== 0) {
    throw new Refusal(ERRNO.EINVAL, "Invalid flags for get route request");
  }
  if ((message.src !== undefined && srcLen === 0) || (message.dst !== undefined && dstLen === 0)) {
    throw new Refusal(ERRNO.EINVAL, "rtm_src_len and rtm_dst_len must be 128 for IPv6");
  }
}

/** inet6_rtm_getroute(): the path that a packet would take. */
function getRoute(request: Request): void {
  const namespace = inet6Netns.require(request.netns);
  const message = decode(request);
  if (request.endpoint.options.strictCheck) checkGetRequest(message);
  const destination = addressOf(message.dst);
  const source = addressOf(message.src);
  const iif = message.iif ?? 0;
  const flow = {
    destination,
    source,
    mark: message.mark ?? 0,
    protocol: message.ipProto ?? 0,
    sourcePort: message.sport ?? 0,
    destinationPort: message.dport ?? 0,
    uid: message.uid ?? 0,
    trafficClass: message.tos,
  };
  if (iif !== 0 && !request.netns.deviceByIndex(iif)) throw new Refusal(ERRNO.ENODEV);
  const path =
    iif === 0
      ? routeOutput(namespace, { ...flow, oif: message.oif ?? 0 })
      : routeInput(namespace, { ...flow, iif });
  if (path.error !== 0) throw new Refusal(path.error);
  if ((message.flags & RTM_F.FIB_MATCH) !== 0) {
    request.reply(RTM.NEWROUTE, fillRoute(namespace, path.fib.whole ?? path.fib, undefined, iif));
    return;
  }
  const preferredSource = iif === 0 ? sourceForRoute(namespace, path, destination) : undefined;
  request.reply(
    RTM.NEWROUTE,
    fillRoute(namespace, path.fib, { path, destination, source, preferredSource, iif }),
  );
}

/** What a dump is to show. */
interface DumpFilter {
  readonly table: number;
  readonly protocol: number;
  readonly type: number;
  readonly ifindex: number;
  /** Prefixes that advertisements brought. */
  readonly prefixes: boolean;
  readonly routes: boolean;
  readonly exceptions: boolean;
  readonly filtered: boolean;
}

const EVERYTHING: DumpFilter = {
  table: 0,
  protocol: 0,
  type: 0,
  ifindex: 0,
  prefixes: false,
  routes: true,
  exceptions: true,
  filtered: false,
};

/** ip_valid_fib_dump_req() */
function dumpFilter(request: Request): DumpFilter {
  const { body } = request.message;
  if (!request.endpoint.options.strictCheck) {
    const message = body.length < 12 ? undefined : decodeRoute(body);
    if (message === undefined || isMalformed(message)) return EVERYTHING;
    return { ...EVERYTHING, prefixes: (message.flags & RTM_F.PREFIX) !== 0 };
  }
  const message = decodeRoute(body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL, "Invalid header for FIB dump request");
  if (message.dstLen || message.srcLen || message.tos || message.scope) {
    throw new Refusal(ERRNO.EINVAL, "Invalid values in header for FIB dump request");
  }
  if ((message.flags & ~(RTM_F.CLONED | RTM_F.PREFIX)) !== 0) {
    throw new Refusal(ERRNO.EINVAL, "Invalid flags for FIB dump request");
  }
  const { dst, src, gateway, priority, prefsrc, metrics, multipath, iif } = message;
  if (dst ?? src ?? gateway ?? priority ?? prefsrc ?? metrics ?? multipath ?? iif) {
    throw new Refusal(ERRNO.EINVAL, "Unsupported attribute in dump request");
  }
  const ifindex = message.oif ?? 0;
  if (ifindex !== 0 && !request.netns.deviceByIndex(ifindex)) throw new Refusal(ERRNO.ENODEV);
  const cloned = (message.flags & RTM_F.CLONED) !== 0;
  const table = routeTable(message);
  return {
    table,
    protocol: message.protocol,
    type: message.type,
    ifindex,
    prefixes: (message.flags & RTM_F.PREFIX) !== 0,
    routes: !cloned,
    exceptions: cloned,
    filtered: true,
  };
}

function shows(filter: DumpFilter, route: Fib6Route): boolean {
  if (filter.prefixes && (route.flags & RTF.PREFIX_RT) === 0) return false;
  if (filter.type !== 0 && route.type !== filter.type) return false;
  if (filter.protocol !== 0 && route.protocol !== filter.protocol) return false;
  if (filter.ifindex === 0) return true;
  const paths = route.siblings ?? route.object?.byPath.values() ?? [route];
  return [...paths].some((each) => each.device.ifindex === filter.ifindex);
}

/** inet6_dump_fib() */
function dumpRoutes(request: Request): DumpResult {
  const namespace = inet6Netns.require(request.netns);
  const filter = dumpFilter(request);
  let tables: Fib6Table[];
  if (filter.table === 0) tables = namespace.tables.all();
  else {
    const table = namespace.tables.find(filter.table);
    if (!table) {
      // A dump for all families passes over the one that lacks the table.
      if (request.message.body[0] !== AF.INET6) return { type: RTM.NEWROUTE, bodies: [] };
      throw new Refusal(ERRNO.ENOENT, "ipv6: FIB table does not exist");
    }
    tables = [table];
  }
  const bodies: Uint8Array[] = [];
  for (const table of tables) {
    for (const route of table.routes()) {
      // A multipath route is told once, by its first next hop.
      if (route.siblings !== undefined && route.siblings[0] !== route) continue;
      if (!shows(filter, route)) continue;
      if (filter.routes) bodies.push(fillRoute(namespace, route));
      if (filter.exceptions) bodies.push(...exceptionBodies(namespace, route));
    }
  }
  return { type: RTM.NEWROUTE, bodies, filtered: filter.filtered };
}

function exceptionBodies(namespace: Inet6Netns, route: Fib6Route): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  for (const each of route.object?.byPath.values() ?? [route]) {
    for (const [destination, path] of each.exceptions ?? []) {
      const answer = { path, destination, source: undefined, preferredSource: undefined, iif: 0 };
      bodies.push(fillRoute(namespace, each, answer));
    }
  }
  return bodies;
}

export function installRouteFamily(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.INET6, RTM.NEWROUTE, { doit: newRoute });
  kernel.rtnetlink.register(AF.INET6, RTM.DELROUTE, { doit: deleteRoute });
  kernel.rtnetlink.register(AF.INET6, RTM.GETROUTE, { doit: getRoute, dump: dumpRoutes });
}
