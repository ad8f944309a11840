// Making a route out of a request (fib_create_info, fib_check_nh): what may be combined with what, where the gateway is,
// and the texts of the refusals.

import { ERRNO } from "../../../netlink/errno.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import { IPV6_ANY } from "../../../wire/ipv6-address.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import type { NetDevice } from "../../device.ts";
import { localTableOf } from "../../l3mdev.ts";
import type { NexthopPath } from "../../nexthop/objects.ts";
import { nexthopObjects } from "../../nexthop/objects.ts";
import { inet6Netns } from "../../ipv6/interface.ts";
import { resolveHop } from "../../ipv6/route-create.ts";
import { addressType } from "../address-type.ts";
import { inetDevice } from "../in-device.ts";
import type { Ipv4Netns } from "../namespace.ts";
import { RTN, RTNH_F, RT_SCOPE, RT_TABLE } from "../../../netlink/rtnl/route-constants.ts";
import { RTN_MAX } from "../route-flags.ts";
import { FibInfo, Nexthop } from "./nexthop.ts";
import { flowTo } from "./tables.ts";

/** One next hop of a request. */
export interface NexthopConfiguration {
  readonly oif: number;
  /** 0: none. */
  readonly gateway: number;
  readonly gateway6?: Ipv6Address | undefined;
  /** RTNH_F_* */
  readonly flags: number;
  /** 1 and more. */
  readonly weight: number;
  readonly realm?: number;
}

/** What a request says about a route (struct fib_config). */
export interface RouteConfiguration {
  readonly destination: number;
  readonly length: number;
  readonly tos: number;
  readonly protocol: number;
  readonly scope: number;
  /** RTN_*; 0 in a deletion matches any. */
  readonly type: number;
  readonly table: number;
  readonly priority: number;
  readonly preferredSource: number;
  readonly flags: number;
  readonly oif: number;
  readonly gateway: number;
  readonly gateway6?: Ipv6Address | undefined;
  readonly realm?: number;
  readonly metrics?: ReadonlyMap<number, number> | undefined;
  readonly congestionControl?: string | undefined;
  readonly multipath?: readonly NexthopConfiguration[] | undefined;
  /** Id of a next-hop object; 0 or absent for none. */
  readonly nexthopId?: number;
}

/** The farthest scope that a type may have (fib_props). */
function scopeLimit(type: number): number {
  switch (type) {
    case RTN.UNSPEC:
    case RTN.NAT:
    case RTN.XRESOLVE:
      return RT_SCOPE.NOWHERE;
    case RTN.LOCAL:
      return RT_SCOPE.HOST;
    case RTN.BROADCAST:
    case RTN.ANYCAST:
      return RT_SCOPE.LINK;
    default:
      return RT_SCOPE.UNIVERSE;
  }
}

function goesNowhere(type: number): boolean {
  return type >= RTN.BLACKHOLE;
}

function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

/** The route, not yet in a table. Errors: Refusal with the kernel's text. */
export function createInfo(inet: Ipv4Netns, wanted: RouteConfiguration): FibInfo {
  const { type, scope } = wanted;
  if (type > RTN_MAX) throw new Refusal(ERRNO.EINVAL);
  if (scopeLimit(type) > scope) throw invalid("Invalid scope");
  if ((wanted.flags & (RTNH_F.DEAD | RTNH_F.LINKDOWN)) !== 0) {
    throw invalid("Invalid rtm_flags - can not contain DEAD or LINKDOWN");
  }
  const info = new FibInfo({
    protocol: wanted.protocol,
    scope,
    type,
    preferredSource: wanted.preferredSource,
    priority: wanted.priority,
    tableId: wanted.table,
    flags: wanted.flags,
    metrics: wanted.metrics,
    congestionControl: wanted.congestionControl,
  });
  if (wanted.nexthopId) {
    info.object = nexthopObjects.require(inet.netns).find(wanted.nexthopId);
    if (info.object === undefined) throw invalid("Nexthop id does not exist");
    useObject(info);
  } else if (wanted.multipath === undefined) {
    info.nexthops.push(makeNexthop(info, { ...wanted, weight: 1 }));
  } else {
    for (const hop of wanted.multipath) {
      if ((hop.flags & (RTNH_F.DEAD | RTNH_F.LINKDOWN)) !== 0) {
        throw invalid("Invalid flags for nexthop - can not contain DEAD or LINKDOWN");
      }
      info.nexthops.push(makeNexthop(info, { ...hop, flags: (wanted.flags & ~0xff) | hop.flags }));
    }
    checkFirst(info, wanted);
  }
  if (goesNowhere(type)) {
    if (
      wanted.gateway !== 0 ||
      wanted.gateway6 !== undefined ||
      wanted.oif !== 0 ||
      wanted.multipath !== undefined
    ) {
      throw invalid("Gateway, device and multipath can not be specified for this route type");
    }
    return info;
  }
  if (type === RTN.UNSPEC) throw invalid("Invalid route type");
  if (scope > RT_SCOPE.HOST) throw invalid("Invalid scope");
  if (info.object !== undefined) checkObjectPath(info.object.path, scope);
  else if (scope === RT_SCOPE.HOST) placeOnHost(inet, info);
  else {
    for (const hop of info.nexthops) checkNexthop(inet, hop, wanted.table, scope);
    if (info.nexthops.every((hop) => (hop.flags & RTNH_F.LINKDOWN) !== 0)) info.flags |= RTNH_F.LINKDOWN;
  }
  if (wanted.preferredSource !== 0 && !isValidSource(inet, wanted)) throw invalid("Invalid prefsrc address");
  rebalance(info);
  return info;
}

function makeNexthop(info: FibInfo, from: NexthopConfiguration): Nexthop {
  const hop = new Nexthop(info);
  hop.oif = from.oif;
  hop.gateway = from.gateway;
  hop.gateway6 = from.gateway6;
  hop.flags = from.flags;
  hop.weight = from.weight;
  hop.realm = from.realm ?? 0;
  return hop;
}

/** Takes over the paths of the route's next-hop object. */
export function useObject({ nexthops, object }: FibInfo): void {
  nexthops.splice(0, Infinity, ...(object?.singles ?? []).map(({ hop }) => hop));
}

/** fib_check_nexthop(): whether a route of this scope can go by an object with this path. */
export function checkObjectPath(path: NexthopPath, scope: number): void {
  if (path.fdb) throw invalid("Route cannot point to a fdb nexthop");
  if (path.kind === "group" && scope === RT_SCOPE.HOST)
    throw invalid("Route with host scope can not have multiple nexthops");
  // All members of a group have the same scope.
  const first = path.kind === "group" ? path.members[0]?.object.path : path;
  if (first?.kind !== "single") return;
  if (scope === RT_SCOPE.HOST && first.hop.hasGateway)
    throw invalid("Route with host scope can not have a gateway");
  if ((first.hop.flags & RTNH_F.ONLINK) !== 0 && scope >= RT_SCOPE.LINK)
    throw invalid("Scope mismatch with nexthop");
}

/** What stands beside RTA_MULTIPATH must agree with its first next hop. */
function checkFirst(info: FibInfo, wanted: RouteConfiguration): void {
  const { nexthop } = info;
  if (wanted.oif !== 0 && nexthop.oif !== wanted.oif)
    throw invalid("Nexthop device index does not match RTA_OIF");
  if (wanted.gateway !== 0 && nexthop.gateway !== wanted.gateway) {
    throw invalid("Nexthop gateway does not match RTA_GATEWAY or RTA_VIA");
  }
  if (wanted.realm && nexthop.realm !== wanted.realm)
    throw invalid("Nexthop class id does not match RTA_FLOW");
}

/** Routes to addresses of this host. */
function placeOnHost(inet: Ipv4Netns, info: FibInfo): void {
  if (info.nexthops.length !== 1) throw invalid("Route with host scope can not have multiple nexthops");
  const { nexthop } = info;
  if (nexthop.hasGateway) throw invalid("Route with host scope can not have a gateway");
  nexthop.scope = RT_SCOPE.NOWHERE;
  nexthop.device = inet.netns.deviceByIndex(nexthop.oif);
  if (nexthop.device === undefined) throw new Refusal(ERRNO.ENODEV);
}

/** fib_check_nh(): finds device and scope of a next hop. */
export function checkNexthop(inet: Ipv4Netns, hop: Nexthop, table: number, scope: number): void {
  if (hop.gateway !== 0) checkGateway(inet, hop, table, scope);
  else if (hop.gateway6 !== undefined) checkGateway6(inet, hop, table);
  else checkLink(inet, hop);
}

function isUp(device: NetDevice): boolean {
  return device.up;
}

function noteCarrier(hop: Nexthop, device: NetDevice): void {
  if (!device.carrier) hop.flags |= RTNH_F.LINKDOWN;
}

function checkLink(inet: Ipv4Netns, hop: Nexthop): void {
  if ((hop.flags & (RTNH_F.PERVASIVE | RTNH_F.ONLINK)) !== 0) {
    throw invalid("Invalid flags for nexthop - PERVASIVE and ONLINK can not be set");
  }
  const device = inet.netns.deviceByIndex(hop.oif);
  if (device === undefined || inetDevice.of(device) === undefined) throw new Refusal(ERRNO.ENODEV);
  if (!isUp(device)) throw new Refusal(ERRNO.ENETDOWN, "Device for nexthop is not up");
  hop.device = device;
  hop.scope = RT_SCOPE.HOST;
  noteCarrier(hop, device);
}

function onlinkDevice(inet: Ipv4Netns, hop: Nexthop): NetDevice {
  const device = inet.netns.deviceByIndex(hop.oif);
  if (device === undefined) throw new Refusal(ERRNO.ENODEV, "Nexthop device required for onlink");
  if (!isUp(device)) throw new Refusal(ERRNO.ENETDOWN, "Nexthop device is not up");
  return device;
}

/** An IPv4 gateway must be reached by a nearer route, unless the request says that it is on the link. */
function checkGateway(inet: Ipv4Netns, hop: Nexthop, tableId: number, scope: number): void {
  if ((hop.flags & RTNH_F.ONLINK) !== 0) {
    if (scope >= RT_SCOPE.LINK) throw invalid("Nexthop has invalid scope");
    const device = onlinkDevice(inet, hop);
    if (addressType(inet, hop.gateway, undefined, localTableOf(device)) !== RTN.UNICAST)
      throw invalid("Nexthop has invalid gateway");
    noteCarrier(hop, device);
    hop.device = device;
    hop.scope = RT_SCOPE.LINK;
    return;
  }
  const flow = flowTo(hop.gateway, {
    scope: Math.max(scope + 1, RT_SCOPE.LINK),
    oif: hop.oif,
    iif: 1,
    ignoreLinkState: true,
  });
  const whole = tableId === RT_TABLE.UNSPEC || tableId === RT_TABLE.MAIN;
  const table = whole ? undefined : inet.fib.get(tableId);
  let found = table === undefined ? undefined : inet.fib.lookupIn(table, flow);
  if (found === undefined || typeof found === "number") found = inet.fib.lookup(flow);
  if (typeof found === "number") throw new Refusal(found, "Nexthop has invalid gateway");
  const { alias, nexthop } = found;
  if (alias.type !== RTN.UNICAST && alias.type !== RTN.LOCAL) throw invalid("Nexthop has invalid gateway");
  hop.scope = alias.info.scope;
  hop.oif = nexthop.oif;
  const { device } = nexthop;
  if (device === undefined) throw invalid("No egress device for nexthop gateway");
  hop.device = device;
  noteCarrier(hop, device);
  if (!isUp(device)) throw new Refusal(ERRNO.ENETDOWN);
}

/** fib_check_nh_v6_gw(): an IPv6 gateway (RTA_VIA) must be a neighbour as for IPv6 routes. */
function checkGateway6({ netns }: Ipv4Netns, hop: Nexthop, table: number): void {
  const wanted = {
    ...{ destination: IPV6_ANY, table, flags: 0, ifindex: hop.oif, gateway: hop.gateway6 },
    onlink: (hop.flags & RTNH_F.ONLINK) !== 0,
  };
  const { device } = resolveHop(inet6Netns.require(netns), wanted);
  hop.device = device;
  hop.oif = device.ifindex;
  hop.scope = RT_SCOPE.LINK;
  noteCarrier(hop, device);
}

/** fib_valid_prefsrc() */
function isValidSource(inet: Ipv4Netns, wanted: RouteConfiguration): boolean {
  const { preferredSource } = wanted;
  if (wanted.type === RTN.LOCAL && wanted.destination !== 0 && preferredSource === wanted.destination)
    return true;
  const table = wanted.table === RT_TABLE.MAIN ? RT_TABLE.LOCAL : wanted.table;
  if (addressType(inet, preferredSource, undefined, table) === RTN.LOCAL) return true;
  return table !== RT_TABLE.LOCAL && addressType(inet, preferredSource) === RTN.LOCAL;
}

const HASH_SPACE = 0x8000_0000;

/** fib_rebalance(): shares the 31-bit hash space between usable next hops by weight (RFC 2992, hash-threshold). */
export function rebalance(info: FibInfo): void {
  if (info.nexthops.length < 2 || info.object !== undefined) return;
  const usable = (hop: Nexthop): boolean =>
    !hop.dead &&
    !(
      (hop.flags & RTNH_F.LINKDOWN) !== 0 &&
      hop.device !== undefined &&
      inetDevice.of(hop.device)?.either("ignoreRoutesWithLinkdown") === true
    );
  let total = 0;
  for (const hop of info.nexthops) if (usable(hop)) total += hop.weight;
  let sum = 0;
  for (const hop of info.nexthops) {
    if (!usable(hop)) {
      hop.upperBound = -1;
      continue;
    }
    sum += hop.weight;
    hop.upperBound = Math.round((HASH_SPACE * sum) / total) - 1;
  }
}
