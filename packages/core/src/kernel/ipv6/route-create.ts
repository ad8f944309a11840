// Routes of requests: from RTM_NEWROUTE to entries of the FIB, with the kernel's checks in the kernel's order (rtm_to_fib6_config,
// ip6_route_info_create, fib6_nh_init, ip6_validate_gw in net/ipv6/route.c).

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import {
  ICMPV6_ROUTER_PREF,
  RT_TABLE,
  RTM_F,
  RTN,
  RTNH_F,
  RTPROT,
} from "../../netlink/rtnl/route-constants.ts";
import type { RouteHop, RouteMessage, RouteMetrics } from "../../netlink/rtnl/route.ts";
import { routeTable } from "../../netlink/rtnl/route.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { SECOND } from "../../system/system.ts";
import {
  IPV6_ANY,
  IPV6_LOOPBACK,
  ipv6Network,
  isLinkLocalIpv6,
  isMulticastIpv6,
  readIpv6Address,
} from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import type { NetDevice } from "../device.ts";
import { IFF } from "../device.ts";
import type { NexthopObject } from "../nexthop/objects.ts";
import { nexthopObjects } from "../nexthop/objects.ts";
import { convertMetrics } from "../route-metrics.ts";
import { Fib6Route, RTF } from "./fib-route.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { checkObjectPath, followObject } from "./object-route.ts";
import { lookup, LOOKUP, lookupTable } from "./route-lookup.ts";

/** What a request says of a route (struct fib6_config). */
export interface RouteRequest {
  readonly destination: Ipv6Address;
  readonly prefixLength: number;
  readonly source: Ipv6Address;
  readonly sourceLength: number;
  readonly table: number;
  readonly protocol: number;
  readonly type: number;
  /** 0 if none was given. */
  readonly metric: number;
  /** RTF bits. */
  readonly flags: number;
  readonly onlink: boolean;
  readonly preference: number;
  /** Seconds; undefined for ever. */
  readonly lifetime: number | undefined;
  readonly preferredSource: Ipv6Address | undefined;
  readonly metrics: RouteMetrics | undefined;
  readonly ifindex: number;
  readonly gateway: Ipv6Address | undefined;
  readonly hops: readonly RouteHop[] | undefined;
  /** Of a next-hop object; 0 for none. */
  readonly nexthopId: number;
}

/** What finding a next hop takes of it. */
export type HopRequest = Pick<
  RouteRequest,
  "destination" | "table" | "flags" | "onlink" | "ifindex" | "gateway"
>;

function invalid(text?: string): Refusal {
  return new Refusal(ERRNO.EINVAL, text);
}

/** Lifetimes that cannot be counted in ticks are endless (addrconf_timeout_fixup). */
const LONGEST_LIFETIME = 0x7fff_ffff;

/** The first `length` bits of an attribute, which may leave out the rest. Errors: EINVAL. */
function prefixFrom(bytes: Uint8Array | undefined, length: number): Ipv6Address {
  if (bytes === undefined) return IPV6_ANY;
  if (bytes.length < (length + 7) >>> 3) throw invalid();
  const whole = new Uint8Array(16);
  whole.set(bytes.subarray(0, 16));
  return readIpv6Address(whole, 0);
}

function addressFrom(bytes: Uint8Array | undefined): Ipv6Address | undefined {
  if (bytes === undefined) return undefined;
  if (bytes.length < 16) throw invalid();
  return readIpv6Address(bytes, 0);
}

/** rtm_to_fib6_config() */
export function readRequest(message: RouteMessage): RouteRequest {
  if (message.tos !== 0) throw invalid("Invalid dsfield (tos): option not available for IPv6");
  if (message.via !== undefined) throw invalid("IPv6 does not support RTA_VIA attribute");
  const { nhId: nexthopId = 0, oif, encap } = message;
  if (nexthopId !== 0 && (message.gateway ?? oif ?? message.multipath ?? encap) !== undefined)
    throw invalid("Nexthop specification and nexthop id are mutually exclusive");
  const { type } = message;
  let flags: number = RTF.UP;
  if (type === RTN.UNREACHABLE || type === RTN.BLACKHOLE || type === RTN.PROHIBIT || type === RTN.THROW) {
    flags |= RTF.REJECT;
  }
  if (type === RTN.LOCAL) flags |= RTF.LOCAL;
  if ((message.flags & RTM_F.CLONED) !== 0) flags |= RTF.CACHE;
  const gateway = addressFrom(message.gateway);
  if (gateway !== undefined) flags |= RTF.GATEWAY;
  const { pref, expires } = message;
  const known = pref === ICMPV6_ROUTER_PREF.LOW || pref === ICMPV6_ROUTER_PREF.HIGH;
  return {
    destination: prefixFrom(message.dst, message.dstLen),
    prefixLength: message.dstLen,
    source: prefixFrom(message.src, message.srcLen),
    sourceLength: message.srcLen,
    table: routeTable(message) || RT_TABLE.MAIN,
    protocol: message.protocol,
    type,
    metric: message.priority ?? 0,
    flags,
    onlink: (message.flags & RTNH_F.ONLINK) !== 0,
    preference: known ? pref : ICMPV6_ROUTER_PREF.MEDIUM,
    lifetime: expires === undefined || expires > LONGEST_LIFETIME ? undefined : expires,
    preferredSource: addressFrom(message.prefsrc),
    metrics: message.metrics,
    ifindex: message.oif ?? 0,
    gateway,
    hops: message.multipath,
    nexthopId,
  };
}

/** The request for one next hop of a multipath route. */
export function requestForHop(request: RouteRequest, hop: RouteHop): RouteRequest {
  const gateway = hop.gateway === undefined ? request.gateway : addressFrom(hop.gateway);
  return {
    ...request,
    hops: undefined,
    ifindex: hop.ifindex === 0 ? request.ifindex : hop.ifindex,
    gateway,
    flags: gateway === undefined ? request.flags : request.flags | RTF.GATEWAY,
    onlink: request.onlink || (hop.flags & RTNH_F.ONLINK) !== 0,
  };
}

/** ip6_route_info_create(): a route that is in no table yet. Errors: EINVAL, ENODEV, ENETDOWN, EHOSTUNREACH, EACCES. */
export function createRoute(namespace: Inet6Netns, request: RouteRequest, weight = 1): Fib6Route {
  if ((request.flags & RTF.CACHE) !== 0) throw invalid("Userspace can not set RTF_CACHE");
  if (request.type > RTN.XRESOLVE) throw invalid("Invalid route type");
  if (request.prefixLength > 128) throw invalid("Invalid prefix length");
  if (request.sourceLength > 128) throw invalid("Invalid source address length");
  const type = request.type === RTN.UNSPEC ? RTN.UNICAST : request.type;
  const metrics = convertMetrics(request.metrics);
  const object = objectOf(namespace, request);
  const hop = object === undefined ? resolveHop(namespace, request) : hopOf(object);
  const { preferredSource } = request;
  if (preferredSource !== undefined && preferredSource !== IPV6_ANY) {
    if (!namespace.hasAddress(preferredSource, hop.device)) throw invalid("Invalid source address");
  }
  const expires: Nanoseconds | undefined =
    request.lifetime === undefined ? undefined : namespace.kernel.clock.now + request.lifetime * SECOND;
  const flags = (request.flags & ~RTF.GATEWAY) | (expires === undefined ? 0 : RTF.EXPIRES);
  const route = new Fib6Route({
    destination: ipv6Network(request.destination, request.prefixLength),
    prefixLength: request.prefixLength,
    source: ipv6Network(request.source, request.sourceLength),
    sourceLength: request.sourceLength,
    table: request.table,
    type,
    protocol: request.protocol === RTPROT.UNSPEC ? RTPROT.BOOT : request.protocol,
    metric: request.metric,
    flags: object === undefined && hop.rejects ? RTF.REJECT | RTF.NONEXTHOP : flags,
    preference: request.preference,
    expires,
    preferredSource: preferredSource === IPV6_ANY ? undefined : preferredSource,
    metrics,
    device: hop.device,
    gateway: hop.gateway,
    nexthopFlags: hop.flags,
    weight,
  });
  if (object !== undefined) followObject(namespace, route, object);
  return route;
}

/** fib6_check_nexthop(): the object that a request names. */
function objectOf({ netns }: Inet6Netns, request: RouteRequest): NexthopObject | undefined {
  if (request.nexthopId === 0) return undefined;
  if (request.sourceLength !== 0) throw invalid("Nexthops can not be used with source routing");
  const object = nexthopObjects.require(netns).find(request.nexthopId);
  if (object === undefined) throw invalid("Nexthop id does not exist");
  checkObjectPath(object.path);
  return object;
}

function hopOf({ single: { hop, blackhole } }: NexthopObject): Hop {
  const { device, gateway6, flags } = hop;
  if (device === undefined) throw new Refusal(ERRNO.ENODEV); // only objects for forwarding databases have none
  return { device, gateway: gateway6, flags, rejects: blackhole };
}

interface Hop {
  readonly device: NetDevice;
  readonly gateway: Ipv6Address | undefined;
  /** RTNH_F bits. */
  readonly flags: number;
  readonly rejects: boolean;
}

/** fib6_is_reject(): true routes by the loopback device would make packets go round. */
function isReject(request: HopRequest, device: NetDevice | undefined): boolean {
  if ((request.flags & RTF.REJECT) !== 0) return true;
  if (device === undefined || (device.flags & IFF.LOOPBACK) === 0 || request.gateway !== undefined)
    return false;
  return request.destination !== IPV6_LOOPBACK && (request.flags & (RTF.ANYCAST | RTF.LOCAL)) === 0;
}

/** fib6_nh_init(). `mayReject`: a way by the loopback device is one to nowhere, as for routes that are no objects'. */
export function resolveHop(namespace: Inet6Netns, request: HopRequest, mayReject = true): Hop {
  const { netns } = namespace;
  let device: NetDevice | undefined;
  if (request.ifindex !== 0) {
    device = netns.deviceByIndex(request.ifindex);
    if (!device || !inet6Device.of(device)) throw new Refusal(ERRNO.ENODEV);
  }
  let flags = 0;
  if (request.onlink) {
    if (!device) throw new Refusal(ERRNO.ENODEV, "Nexthop device required for onlink");
    if (!device.up) throw new Refusal(ERRNO.ENETDOWN, "Nexthop device is not up");
    flags |= RTNH_F.ONLINK;
  }
  if (mayReject && isReject(request, device)) {
    if (!inet6Device.of(netns.loopback)) throw new Refusal(ERRNO.ENODEV);
    return { device: netns.loopback, gateway: undefined, flags, rejects: true };
  }
  const { gateway } = request;
  if (gateway !== undefined) device = validateGateway(namespace, request, gateway, device);
  if (!device) throw new Refusal(ERRNO.ENODEV);
  if (inet6Device.of(device)?.configuration.disable_ipv6) {
    throw new Refusal(ERRNO.EACCES, "IPv6 is disabled on nexthop device");
  }
  if (!device.up) throw new Refusal(ERRNO.ENETDOWN, "Nexthop device is not up");
  if ((request.flags & (RTF.LOCAL | RTF.ANYCAST)) === 0 && !device.carrier) flags |= RTNH_F.LINKDOWN;
  return { device, gateway, flags, rejects: false };
}

/** ip6_validate_gw(): the device that leads to the gateway. */
function validateGateway(
  namespace: Inet6Netns,
  request: HopRequest,
  gateway: Ipv6Address,
  given: NetDevice | undefined,
): NetDevice {
  const linkLocal = isLinkLocalIpv6(gateway);
  // Without a device, which addresses count is known only when the gateway's is found.
  const checkNow = given !== undefined;
  const isOwn = (device: NetDevice | undefined): boolean =>
    namespace.hasAddress(gateway, linkLocal ? device : undefined, linkLocal, 0);
  if (checkNow && isOwn(given)) throw invalid("Gateway can not be a local address");
  let device = given;
  if (!linkLocal) {
    if (gateway === IPV6_ANY || isMulticastIpv6(gateway)) throw invalid("Invalid gateway address");
    device = request.onlink
      ? checkOnlink(namespace, request, gateway, given)
      : checkReachable(namespace, request, gateway, given);
  }
  if (!device) throw invalid("Egress device not specified");
  if ((device.flags & IFF.LOOPBACK) !== 0)
    throw invalid("Egress device can not be loopback device for this route");
  if (!checkNow && isOwn(device)) throw invalid("Gateway can not be a local address");
  return device;
}

/** ip6_route_check_nh_onlink() */
function checkOnlink(
  namespace: Inet6Netns,
  request: HopRequest,
  gateway: Ipv6Address,
  device: NetDevice | undefined,
): NetDevice | undefined {
  const table = namespace.tables.find(request.table);
  const found = table && lookupTable(namespace, table, { destination: gateway }, device?.ifindex ?? 0, 0);
  if (!found || found.rejects || found.destination === IPV6_ANY) return device;
  if (found.type !== RTN.UNICAST || found.device !== device) {
    throw invalid("Nexthop has invalid gateway or device mismatch");
  }
  return device;
}

/** ip6_route_check_nh(): the gateway must be a neighbour, by the route's own table or by the rules. */
function checkReachable(
  namespace: Inet6Netns,
  request: HopRequest,
  gateway: Ipv6Address,
  device: NetDevice | undefined,
): NetDevice {
  const flow = { destination: gateway };
  const oif = request.ifindex;
  const fits = (route: Fib6Route | undefined): route is Fib6Route =>
    route !== undefined && !route.rejects && route.gateway === undefined;
  const table = request.table === 0 ? undefined : namespace.tables.find(request.table);
  const first = table && lookupTable(namespace, table, flow, oif, LOOKUP.DEVICE);
  if (fits(first) && (device === undefined || device === first.device)) return first.device;
  const found = lookup(namespace, flow, oif, LOOKUP.DEVICE);
  if (!fits(found) || (device !== undefined && device !== found.device))
    throw new Refusal(ERRNO.EHOSTUNREACH);
  return found.device;
}
