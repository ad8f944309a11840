// RTM_NEWROUTE of IPv6 as the kernel tells it (rt6_fill_node): to dumps, to `ip route get`, and to those who listen.

import { RT_TABLE, RTM_F, RTN, RTNH_F } from "../../netlink/rtnl/route-constants.ts";
import { encodeRoute } from "../../netlink/rtnl/route.ts";
import type { RouteHop, RouteMessage } from "../../netlink/rtnl/route.ts";
import { RTNLGRP } from "../../netlink/rtnl/multicast-groups.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import type { RTM } from "../../netlink/rtnl/types.ts";
import { ipv6ToBytes } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { hasListeners, notifyGroup } from "../netlink/endpoint.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Fib6Route, ObjectPaths, Route6 } from "./fib-route.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";

/** What an answer to RTM_GETROUTE has beside the route. */
export interface RouteAnswer {
  readonly path: Route6;
  readonly destination: Ipv6Address;
  /** Source of the request; `srcLen` is then 128. */
  readonly source: Ipv6Address | undefined;
  /** Source that a sender would take. */
  readonly preferredSource: Ipv6Address | undefined;
  readonly iif: number;
}

/** USER_HZ: what times in netlink count. */
const TICKS_PER_SECOND = 100;

/** Flags of a next hop as rtm_flags and rtnh_flags show them (fib_nexthop_info). */
function hopFlags(namespace: Inet6Netns, route: Fib6Route): number {
  let flags = route.nexthopFlags;
  if ((flags & RTNH_F.LINKDOWN) !== 0) {
    const own = inet6Device.of(route.device)?.configuration.ignore_routes_with_linkdown;
    if (own || namespace.all.ignore_routes_with_linkdown) flags |= RTNH_F.DEAD;
  }
  return flags;
}

function hopOf(namespace: Inet6Netns, route: Fib6Route, weight = route.weight): RouteHop {
  return {
    flags: hopFlags(namespace, route),
    hops: (weight - 1) & 0xff,
    ifindex: route.device.ifindex,
    ...(route.gateway === undefined ? {} : { gateway: ipv6ToBytes(route.gateway) }),
  };
}

/** rt6_fill_node_nexthop(): the object's id, and its paths for those who do not know objects. */
function objectFields(
  namespace: Inet6Netns,
  route: Fib6Route,
  { object, byPath }: ObjectPaths,
): Partial<RouteMessage> {
  const nhId = object.id;
  const type = object.blackhole ? RTN.BLACKHOLE : route.type;
  if (ipv4Of(namespace.netns).settings.nexthopCompatible === 0)
    return { nhId, type, flags: 0, gateway: undefined, oif: undefined };
  if (object.path.kind === "single" || object.blackhole) return { nhId, type };
  const { weights } = object;
  const multipath = [...byPath.values()].map((hop, index) => hopOf(namespace, hop, weights[index]));
  return { nhId, type, flags: 0, gateway: undefined, oif: undefined, multipath };
}

/** The siblings are a ring: they are told from the one that was found. */
function around(siblings: readonly Fib6Route[], first: Fib6Route): readonly Fib6Route[] {
  const at = siblings.indexOf(first);
  return at <= 0 ? siblings : [...siblings.slice(at), ...siblings.slice(0, at)];
}

/** The body of a route message. With `answer`: for one destination, as a sender has it. */
export function fillRoute(
  namespace: Inet6Netns,
  route: Fib6Route,
  answer?: RouteAnswer,
  iif = answer?.iif ?? 0,
): Uint8Array {
  const path = answer?.path;
  const { siblings } = route;
  const object = path === undefined ? route.object : undefined;
  const told = object === undefined ? undefined : objectFields(namespace, route, object);
  const multipath = path === undefined && siblings !== undefined && siblings.length > 1;
  const { now } = namespace.kernel.clock;
  // What a path gets from its route does not end with it; only exceptions have an end of their own (rt6_set_from).
  const expiresAt = path === undefined ? route.expires : path.expires;
  const expires = expiresAt === undefined ? 0 : Math.round(((expiresAt - now) / 1e9) * TICKS_PER_SECOND);
  const gateway = path === undefined ? route.gateway : path.gateway;
  const oif = path === undefined ? route.device.ifindex : path.device.ifindex;
  const destination = answer?.destination ?? route.destination;
  const dstLen = answer ? 128 : route.prefixLength;
  const srcLen = answer?.source === undefined ? route.sourceLength : 128;
  const source = answer?.source ?? route.source;
  const pathMtu = path?.pathMtu ?? 0;
  const metrics = pathMtu > 0 ? { ...route.metrics, mtu: pathMtu } : route.metrics;
  const preferredSource = answer !== undefined && answer.iif === 0 ? answer.preferredSource : undefined;
  const shownSource = preferredSource ?? route.preferredSource;
  return encodeRoute({
    family: AF.INET6,
    dstLen,
    srcLen,
    tos: 0,
    table: route.table < 256 ? route.table : RT_TABLE.COMPAT,
    protocol: route.protocol,
    scope: 0,
    type: route.type === 0 ? 7 : route.type,
    flags:
      (path?.exceptionFor === undefined ? 0 : RTM_F.CLONED) |
      (path !== undefined || multipath ? 0 : hopFlags(namespace, route)),
    rtaTable: route.table,
    dst: dstLen > 0 ? ipv6ToBytes(destination) : undefined,
    src: srcLen > 0 ? ipv6ToBytes(source) : undefined,
    iif: iif === 0 ? undefined : iif,
    prefsrc: shownSource === undefined ? undefined : ipv6ToBytes(shownSource),
    metrics:
      metrics !== undefined && Object.values(metrics).some((value) => value !== undefined)
        ? metrics
        : undefined,
    priority: route.metric,
    multipath: multipath ? around(siblings, route).map((hop) => hopOf(namespace, hop)) : undefined,
    gateway: !multipath && gateway !== undefined ? ipv6ToBytes(gateway) : undefined,
    oif: multipath ? undefined : oif,
    cacheinfo: {
      clntref: 0,
      lastuse: 0,
      expires,
      error: path === undefined ? 0 : -path.error,
      used: 0,
      id: 0,
      ts: 0,
      tsage: 0,
    },
    pref: route.preference,
    ...told,
  });
}

/** inet6_rt_notify() */
export function notifyRoute(
  namespace: Inet6Netns,
  type: typeof RTM.NEWROUTE | typeof RTM.DELROUTE,
  route: Fib6Route,
): void {
  if (!hasListeners(namespace.netns, 0, RTNLGRP.IPV6_ROUTE)) return;
  notifyGroup(namespace.netns, 0, RTNLGRP.IPV6_ROUTE, type, fillRoute(namespace, route));
}
