// Which routes are listed or flushed. A value that is asked for is not printed again with every route.

import type { RouteMessage } from "../../../netlink/rtnl/route.ts";
import { routeTable } from "../../../netlink/rtnl/route.ts";
import { RT_TABLE, RTM_F, RTN } from "../../../netlink/rtnl/route-constants.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { addressBits } from "../families.ts";
import { samePrefix } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";

export interface RouteFilter {
  /** 0: all tables. */
  table: number;
  /** "no": routes of tables; "yes": cached ones; "any": both (answers to lookups). */
  cloned: "no" | "yes" | "any";
  flush: boolean;
  /** undefined: any value. */
  protocol: number | undefined;
  scope: number | undefined;
  type: number | undefined;
  /** Types that are not printed (those of the local table, in the list of a VRF). */
  hiddenTypes: readonly number[];
  tos: number | undefined;
  iif: number | undefined;
  oif: number | undefined;
  mark: number | undefined;
  metric: number | undefined;
  realm: { readonly value: number; readonly mask: number } | undefined;
  nexthopId: number | undefined;
  via: Prefix | undefined;
  prefsrc: Prefix | undefined;
  /** Destinations inside this prefix, and destinations that contain that one. */
  rootDst: Prefix | undefined;
  matchDst: Prefix | undefined;
  rootSrc: Prefix | undefined;
  matchSrc: Prefix | undefined;
}

export function everyRoute(): RouteFilter {
  return {
    table: 0,
    cloned: "no",
    flush: false,
    protocol: undefined,
    scope: undefined,
    type: undefined,
    hiddenTypes: [],
    tos: undefined,
    iif: undefined,
    oif: undefined,
    mark: undefined,
    metric: undefined,
    realm: undefined,
    nexthopId: undefined,
    via: undefined,
    prefsrc: undefined,
    rootDst: undefined,
    matchDst: undefined,
    rootSrc: undefined,
    matchSrc: undefined,
  };
}

const ZEROS = new Uint8Array(16);

/** `root PREFIX`: the route is inside; `match PREFIX`: the route contains it. */
function fits(
  route: RouteMessage,
  bytes: Uint8Array | undefined,
  length: number,
  root: Prefix | undefined,
  match: Prefix | undefined,
): boolean {
  const address = bytes ?? ZEROS;
  const other = (prefix: Prefix): boolean => prefix.family !== AF.UNSPEC && prefix.family !== route.family;
  if (root !== undefined) {
    if (other(root) || root.bits > length || !samePrefix(address, root.bytes, root.bits)) return false;
  }
  if (match !== undefined) {
    if (other(match) || match.bits < length || !samePrefix(address, match.bytes, length)) return false;
  }
  return true;
}

const equals = (wanted: number | undefined, value: number | undefined): boolean =>
  wanted === undefined || wanted === (value ?? 0);

/** Remembers across the routes of one dump whether IPv6 has more than one table. */
export interface DumpState {
  ipv6HasTables: boolean;
}

function inTable(filter: RouteFilter, route: RouteMessage, state: DumpState): boolean {
  const table = routeTable(route);
  if (route.family === AF.INET6 && table !== RT_TABLE.MAIN) state.ipv6HasTables = true;
  if (filter.table === 0) return true;
  if (route.family !== AF.INET6 || state.ipv6HasTables) return filter.table === table;
  // Kernels without policy routing have all IPv6 routes in one table.
  if (filter.table === RT_TABLE.LOCAL) return route.type === RTN.LOCAL;
  return filter.table === RT_TABLE.MAIN && route.type !== RTN.LOCAL;
}

export function showsRoute(
  filter: RouteFilter,
  family: number,
  route: RouteMessage,
  state: DumpState,
): boolean {
  if (family !== AF.UNSPEC && route.family !== family) return false;
  const cloned = (route.flags & RTM_F.CLONED) !== 0;
  if (filter.cloned !== "any" && cloned !== (filter.cloned === "yes")) return false;
  if (!inTable(filter, route, state)) return false;
  if (!equals(filter.protocol, route.protocol) || !equals(filter.scope, route.scope)) return false;
  if (filter.hiddenTypes.includes(route.type)) return false;
  if (!equals(filter.type, route.type) || !equals(filter.tos, route.tos)) return false;
  if (!fits(route, route.dst, route.dstLen, filter.rootDst, filter.matchDst)) return false;
  if (!fits(route, route.src, route.srcLen, filter.rootSrc, filter.matchSrc)) return false;
  if (filter.via !== undefined) {
    const viaFamily = route.via?.family ?? route.family;
    const gateway = route.via?.address ?? route.gateway ?? ZEROS;
    if (viaFamily !== filter.via.family || !samePrefix(gateway, filter.via.bytes, filter.via.bits))
      return false;
  }
  if (filter.prefsrc !== undefined) {
    if (route.family !== filter.prefsrc.family) return false;
    if (!samePrefix(route.prefsrc ?? ZEROS, filter.prefsrc.bytes, filter.prefsrc.bits)) return false;
  }
  if (filter.realm !== undefined && (((route.flow ?? 0) ^ filter.realm.value) & filter.realm.mask) !== 0)
    return false;
  if (!equals(filter.iif, route.iif) || !equals(filter.oif, route.oif)) return false;
  if (!equals(filter.mark, route.mark) || !equals(filter.metric, route.priority)) return false;
  if (!equals(filter.nexthopId, route.nhId)) return false;
  return !(filter.flush && isNullRoute(route));
}

/** IPv6's last resort, which cannot be deleted. */
function isNullRoute(route: RouteMessage): boolean {
  return (
    route.family === AF.INET6 &&
    route.dstLen === 0 &&
    route.type === RTN.UNREACHABLE &&
    route.priority === 0xffff_ffff
  );
}

/** True if a prefix names one address, which then is not worth repeating. */
export function isWhole(prefix: Prefix | undefined, family: number): boolean {
  return prefix !== undefined && prefix.bits === addressBits(family);
}
