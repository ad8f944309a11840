// IPv4 routes of tables as netlink messages (fib_dump_info), and their notifications (rtmsg_fib).

import { RTNLGRP } from "../../../netlink/rtnl/multicast-groups.ts";
import { RT_TABLE, RTN, RTNH_F } from "../../../netlink/rtnl/route-constants.ts";
import type { RouteHop, RouteMessage, RouteMetrics, RouteVia } from "../../../netlink/rtnl/route.ts";
import { encodeRoute, routeMetrics } from "../../../netlink/rtnl/route.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import { ipv6ToBytes } from "../../../wire/ipv6-address.ts";
import { hasListeners, notifyGroup } from "../../netlink/endpoint.ts";
import { ipv4Bytes } from "../address-message.ts";
import { inetDevice } from "../in-device.ts";
import type { Ipv4Netns } from "../namespace.ts";
import type { FibInfo, Nexthop } from "./nexthop.ts";
import { METRIC } from "./nexthop.ts";
import type { FibAlias } from "./table.ts";

/** RTAX_* numbers and what they are called in messages. */
const METRIC_NAMES: readonly (readonly [name: keyof typeof routeMetrics.fields, number: number])[] =
  Object.entries(routeMetrics.fields).map(([name, field]) => [
    name as keyof typeof routeMetrics.fields,
    field.type,
  ]);

/** Metrics of a message by number; those with a name instead of a number are left out. */
export function metricsOf(record: RouteMetrics | undefined): ReadonlyMap<number, number> | undefined {
  if (record === undefined) return undefined;
  const metrics = new Map<number, number>();
  for (const [name, number] of METRIC_NAMES) {
    const value = record[name];
    if (typeof value === "number") metrics.set(number, value);
  }
  return metrics.size === 0 ? undefined : metrics;
}

/** Metrics as a message carries them; those that are zero are left out. */
export function metricsRecord(
  metrics: ReadonlyMap<number, number> | undefined,
  congestionControl?: string,
): RouteMetrics | undefined {
  const record: Record<string, number | string> = {};
  for (const [name, number] of METRIC_NAMES) {
    const value = metrics?.get(number) ?? 0;
    if (number === METRIC.CC_ALGO) {
      if (congestionControl !== undefined) record[name] = congestionControl;
    } else if (value !== 0) record[name] = value;
  }
  return Object.keys(record).length === 0 ? undefined : (record as RouteMetrics);
}

export function viaOf(gateway6: Ipv6Address | undefined): RouteVia | undefined {
  if (gateway6 === undefined) return undefined;
  return { family: AF.INET6, address: ipv6ToBytes(gateway6) };
}

/** Flags of a next hop as user space sees them (fib_nexthop_info). */
function visibleFlags(hop: Nexthop): number {
  let flags = hop.flags & (RTNH_F.DEAD | RTNH_F.LINKDOWN | RTNH_F.ONLINK | RTNH_F.OFFLOAD | RTNH_F.TRAP);
  const inDevice = hop.device && inetDevice.of(hop.device);
  if ((flags & RTNH_F.LINKDOWN) !== 0 && inDevice?.either("ignoreRoutesWithLinkdown") === true)
    flags |= RTNH_F.DEAD;
  return flags;
}

function hopRecord(hop: Nexthop, weight: number): RouteHop {
  return {
    flags: visibleFlags(hop) & 0xff,
    hops: (weight - 1) & 0xff,
    ifindex: hop.device?.ifindex ?? 0,
    gateway: hop.gateway === 0 ? undefined : ipv4Bytes(hop.gateway),
    via: viaOf(hop.gateway6),
    flow: hop.realm === 0 ? undefined : hop.realm,
  };
}

function nexthopFields(
  info: FibInfo,
  compatible: boolean,
): Pick<Partial<RouteMessage>, "nhId" | "gateway" | "via" | "oif" | "flow" | "multipath" | "flags"> {
  const { object } = info;
  const nhId = object?.id;
  if (object !== undefined && !compatible) return { flags: info.flags, nhId };
  if (info.nexthops.length > 1) {
    const weights = object?.weights;
    const multipath = info.nexthops.map((hop, index) => hopRecord(hop, weights?.[index] ?? hop.weight));
    return { flags: info.flags, nhId, multipath };
  }
  const hop = info.nexthop;
  return {
    flags: info.flags | visibleFlags(hop),
    nhId,
    gateway: hop.gateway === 0 ? undefined : ipv4Bytes(hop.gateway),
    via: viaOf(hop.gateway6),
    oif: hop.device?.ifindex,
    flow: hop.realm === 0 ? undefined : hop.realm,
  };
}

/** The body of a message about a route. `tableId` and `type` differ from its own only in answers to lookups. */
export function routeBody(
  inet: Ipv4Netns,
  alias: FibAlias,
  tableId: number = alias.tableId,
  type: number = alias.type,
): Uint8Array {
  const { info } = alias;
  return encodeRoute({
    family: AF.INET,
    dstLen: alias.length,
    tos: alias.tos,
    table: tableId < 256 ? tableId : RT_TABLE.COMPAT,
    protocol: info.protocol,
    scope: info.scope,
    type: info.object?.blackhole === true ? RTN.BLACKHOLE : type,
    rtaTable: tableId,
    dst: alias.length === 0 ? undefined : ipv4Bytes(alias.prefix),
    priority: info.priority === 0 ? undefined : info.priority,
    metrics: metricsRecord(info.metrics, info.congestionControl),
    prefsrc: info.preferredSource === 0 ? undefined : ipv4Bytes(info.preferredSource),
    ...nexthopFields(info, inet.settings.nexthopCompatible !== 0),
  });
}

/** RTM_NEWROUTE or RTM_DELROUTE to those who listen. */
export function notifyRoute(inet: Ipv4Netns, alias: FibAlias, change: "new" | "deleted"): void {
  if (!hasListeners(inet.netns, 0, RTNLGRP.IPV4_ROUTE)) return;
  notifyGroup(
    inet.netns,
    0,
    RTNLGRP.IPV4_ROUTE,
    change === "new" ? RTM.NEWROUTE : RTM.DELROUTE,
    routeBody(inet, alias),
  );
}
