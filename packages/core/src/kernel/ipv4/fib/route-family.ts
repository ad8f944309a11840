// RTM_NEWROUTE and RTM_DELROUTE, and dumps of tables (inet_rtm_newroute, inet_rtm_delroute, inet_dump_fib).

import { ERRNO } from "../../../netlink/errno.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { RT_TABLE, RTM_F, RTN } from "../../../netlink/rtnl/route-constants.ts";
import type { RouteHop, RouteMessage, RouteMetrics, RouteVia } from "../../../netlink/rtnl/route.ts";
import { decodeRoute, routeTable } from "../../../netlink/rtnl/route.ts";
import { AF, readFamily, RTM } from "../../../netlink/rtnl/types.ts";
import type { Ipv6Address } from "../../../wire/ipv6-address.ts";
import { readIpv6Address } from "../../../wire/ipv6-address.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import type { Kernel } from "../../kernel.ts";
import type { DumpResult, Request } from "../../netlink/handlers.ts";
import { nexthopObjects } from "../../nexthop/objects.ts";
import { convertMetrics } from "../../route-metrics.ts";
import { readIpv4Bytes } from "../address-message.ts";
import { ipv4Of } from "../namespace.ts";
import { RTN_MAX } from "../route-flags.ts";
import { exceptionBodies } from "./route-answer.ts";
import { deleteRoute, insertRoute } from "./change.ts";
import type { NexthopConfiguration, RouteConfiguration } from "./create-info.ts";
import { metricsOf, routeBody } from "./route-message.ts";
import type { FibAlias } from "./table.ts";

const ECN_MASK = 0x3;
function invalid(text: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

export function decodeRequest(request: Request): RouteMessage {
  const message = decodeRoute(request.message.body);
  if (isMalformed(message)) throw new Refusal(ERRNO.EINVAL);
  return message;
}

/** Addresses must have four bytes (rtm_ipv4_policy). */
export function checkLengths(message: RouteMessage): void {
  for (const bytes of [message.dst, message.src, message.gateway, message.prefsrc]) {
    if (bytes !== undefined && bytes.length < 4)
      throw new Refusal(ERRNO.ERANGE, "Attribute failed policy validation");
  }
}

interface Gateway {
  readonly gateway: number;
  readonly gateway6: Ipv6Address | undefined;
}

/** fib_gw_from_via() */
function gatewayOf(gateway: Uint8Array | undefined, via: RouteVia | undefined): Gateway {
  if (gateway !== undefined && via !== undefined) {
    throw invalid("Nexthop configuration can not contain both GATEWAY and VIA");
  }
  if (via === undefined) return { gateway: readIpv4Bytes(gateway), gateway6: undefined };
  switch (via.family) {
    case AF.INET:
      if (via.address.length !== 4) throw invalid("Invalid IPv4 address in RTA_VIA");
      return { gateway: readIpv4Bytes(via.address), gateway6: undefined };
    case AF.INET6:
      if (via.address.length !== 16) throw invalid("Invalid IPv6 address in RTA_VIA");
      return { gateway: 0, gateway6: readIpv6Address(via.address, 0) };
    default:
      throw invalid("Unsupported address family in RTA_VIA");
  }
}

function hopOf(hop: RouteHop): NexthopConfiguration {
  return {
    oif: hop.ifindex,
    ...gatewayOf(hop.gateway, hop.via),
    flags: hop.flags,
    weight: hop.hops + 1,
    realm: hop.flow ?? 0,
  };
}

/** rtm_to_fib_config() */
function configurationOf(message: RouteMessage, metrics: RouteMetrics | undefined): RouteConfiguration {
  checkLengths(message);
  if ((message.tos & ECN_MASK) !== 0) throw invalid("Invalid dsfield (tos): ECN bits must be 0");
  if (message.type > RTN_MAX) throw invalid("Invalid route type");
  const gateway = gatewayOf(message.gateway, message.via);
  const hasGateway = gateway.gateway !== 0 || gateway.gateway6 !== undefined;
  if (message.nhId && (message.oif || hasGateway || message.multipath !== undefined)) {
    throw invalid("Nexthop specification and nexthop id are mutually exclusive");
  }
  const table = routeTable(message);
  return {
    destination: readIpv4Bytes(message.dst),
    length: message.dstLen,
    tos: message.tos,
    protocol: message.protocol,
    scope: message.scope,
    type: message.type,
    table: table === RT_TABLE.UNSPEC ? RT_TABLE.MAIN : table,
    priority: message.priority ?? 0,
    preferredSource: readIpv4Bytes(message.prefsrc),
    flags: message.flags,
    oif: message.oif ?? 0,
    ...gateway,
    realm: message.flow ?? 0,
    metrics: metricsOf(metrics),
    congestionControl: metrics?.ccAlgo,
    multipath: message.multipath?.map(hopOf),
    nexthopId: message.nhId ?? 0,
  };
}

function newRoute(request: Request): void {
  const inet = ipv4Of(request.netns);
  const message = decodeRequest(request);
  const wanted = configurationOf(message, convertMetrics(message.metrics));
  if (wanted.multipath?.length === 0)
    throw invalid("Invalid nexthop configuration - extra data after nexthop");
  insertRoute(inet, inet.fib.make(wanted.table), wanted, request.message.flags);
  if (wanted.type === RTN.LOCAL) inet.customLocalRoutes = true;
}

function removeRoute(request: Request): void {
  const inet = ipv4Of(request.netns);
  const message = decodeRequest(request);
  const wanted = configurationOf(message, message.metrics);
  if (wanted.nexthopId && nexthopObjects.require(request.netns).find(wanted.nexthopId) === undefined)
    throw invalid("Nexthop id does not exist");
  const table = inet.fib.get(wanted.table);
  if (table === undefined) throw new Refusal(ERRNO.ESRCH, "FIB table does not exist");
  deleteRoute(inet, table, wanted);
}

/** What of the tables a dump asks for (struct fib_dump_filter). */
interface DumpFilter {
  readonly table: number;
  readonly protocol: number;
  readonly type: number;
  readonly oif: number;
  readonly routes: boolean;
  readonly exceptions: boolean;
  readonly set: boolean;
}

/** ip_valid_fib_dump_req() */
function dumpFilter(request: Request): DumpFilter {
  const everything = { table: 0, protocol: 0, type: 0, oif: 0, routes: true, exceptions: true, set: false };
  if (request.message.body.length < 12) return everything; // struct rtgenmsg alone
  const message = decodeRequest(request);
  if (!request.endpoint.options.strictCheck) {
    return { ...everything, routes: (message.flags & RTM_F.CLONED) === 0 };
  }
  if (message.dstLen !== 0 || message.srcLen !== 0 || message.tos !== 0 || message.scope !== 0) {
    throw invalid("Invalid values in header for FIB dump request");
  }
  if ((message.flags & ~(RTM_F.CLONED | RTM_F.PREFIX)) !== 0)
    throw invalid("Invalid flags for FIB dump request");
  const oif = message.oif ?? 0;
  if (oif !== 0 && request.netns.deviceByIndex(oif) === undefined) throw new Refusal(ERRNO.ENODEV);
  const table = routeTable(message);
  const cloned = (message.flags & RTM_F.CLONED) !== 0;
  return {
    table,
    protocol: message.protocol,
    type: message.type,
    oif,
    routes: !cloned,
    exceptions: cloned,
    set: table !== 0 || message.protocol !== 0 || message.type !== 0 || oif !== 0 || message.flags !== 0,
  };
}

function passes({ info, type }: FibAlias, filter: DumpFilter): boolean {
  return (
    (filter.type === 0 || type === filter.type) &&
    (filter.protocol === 0 || info.protocol === filter.protocol) &&
    (filter.oif === 0 || info.nexthops.some((hop) => hop.oif === filter.oif))
  );
}

function dumpRoutes(request: Request): DumpResult {
  const inet = ipv4Of(request.netns);
  const filter = dumpFilter(request);
  let tables = inet.fib.inDumpOrder();
  if (filter.table !== 0) {
    const table = inet.fib.get(filter.table);
    if (table === undefined) {
      if (readFamily(request.message.body) !== AF.INET) return { type: RTM.NEWROUTE, bodies: [] };
      throw new Refusal(ERRNO.ENOENT, "ipv4: FIB table does not exist");
    }
    tables = [table];
  }
  const bodies: Uint8Array[] = [];
  for (const table of tables) {
    for (const alias of table.all()) {
      if (!passes(alias, filter)) continue;
      if (filter.routes) bodies.push(routeBody(inet, alias));
      if (filter.exceptions) bodies.push(...exceptionBodies(inet, alias));
    }
  }
  return { type: RTM.NEWROUTE, filtered: filter.set, bodies };
}

export function installRoutes(kernel: Kernel): void {
  kernel.rtnetlink.register(AF.INET, RTM.NEWROUTE, { doit: newRoute });
  kernel.rtnetlink.register(AF.INET, RTM.DELROUTE, { doit: removeRoute });
  kernel.rtnetlink.register(AF.INET, RTM.GETROUTE, { dump: dumpRoutes });
}
