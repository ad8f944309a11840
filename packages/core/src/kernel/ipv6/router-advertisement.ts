// Router advertisements (RFC 4861, 6.3.4; ndisc_router_discovery): default routers, timers, MTU. Prefixes are in autoconf.ts.

import { readU32BE, readU8 } from "../../wire/bytes.ts";
import { ICMPV6_ROUTER_PREF, RTN, RTPROT } from "../../netlink/rtnl/route-constants.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Nanoseconds } from "../../system/system.ts";
import { MILLISECOND, SECOND } from "../../system/system.ts";
import { IPV6_ANY, ipv6FromGroups, isLinkLocalIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_MIN_MTU } from "../../wire/ipv6.ts";
import { ND_INFINITY, NdOptionType } from "../../wire/ndisc-options.ts";
import type { NdOption } from "../../wire/ndisc-options.ts";
import type { RouterAdvertisement, RouterPreference } from "../../wire/ndisc.ts";
import { NTF, NUD } from "../../netlink/rtnl/neighbour.ts";
import { UPDATE } from "../neighbour/state.ts";
import { receivePrefix } from "./autoconf.ts";
import { mainTableOf } from "../l3mdev.ts";
import { addRoute, allRoutes, removeRoute, routesTakeMtu, scheduleExpiry } from "./fib-change.ts";
import { Fib6Route, RTF } from "./fib-route.ts";
import { INTERFACE_FLAG } from "./interface.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import { notifyInterface } from "./link-family.ts";
import { linkAddress } from "./nd-packet.ts";
import type { NdPacket } from "./nd-packet.ts";
import { acceptsAdvertisements } from "./router-solicit.ts";

/** Shortest times that an advertisement may set (HZ/100, HZ/10). */
const MIN_RETRANS: Nanoseconds = 10 * MILLISECOND;
const MIN_REACHABLE: Nanoseconds = 100 * MILLISECOND;
/** Longer ones are not believed, milliseconds (a quarter of the kernel's longest timer at HZ 250). */
const MAX_TIMER = 0x7fff_ffff;

/** Preference as a route has it. */
function preferenceOf(owner: Inet6Device, preference: RouterPreference): number {
  if (!owner.configuration.accept_ra_rtr_pref) return ICMPV6_ROUTER_PREF.MEDIUM;
  if (preference === "high") return ICMPV6_ROUTER_PREF.HIGH;
  return preference === "low" ? ICMPV6_ROUTER_PREF.LOW : ICMPV6_ROUTER_PREF.MEDIUM;
}

/** ndisc_router_discovery() */
export function receiveRouterAdvertisement(nd: NdPacket, message: RouterAdvertisement): void {
  const { owner, packet, source } = nd;
  const { device, namespace } = owner;
  if (!isLinkLocalIpv6(source)) {
    device.kernel.drop(packet, "NOT_SPECIFIED", device.name);
    return;
  }
  const accepts = acceptsAdvertisements(owner);
  let changed = false;
  let route: Fib6Route | undefined;
  if (accepts) {
    changed = takeFlags(owner, message);
    route = takeDefaultRouter(owner, source, message);
    changed = takeTimers(owner, message) || changed;
  }
  const router = namespace.stack.neighbours.get(device, source);
  router?.update(
    linkAddress(message.options, "source-link-address"),
    NUD.STALE,
    UPDATE.WEAK_OVERRIDE | UPDATE.OVERRIDE | UPDATE.OVERRIDE_ISROUTER | UPDATE.ISROUTER,
  );
  if (!accepts) return;
  if (route && router) router.flags |= NTF.ROUTER;
  const { configuration } = owner;
  const fromLocal = namespace.hasAddress(source, device);
  for (const option of message.options) {
    if (option.kind === "other" && option.type === NdOptionType.ROUTE_INFORMATION) {
      if (!fromLocal || configuration.accept_ra_from_local) takeRouteInformation(owner, source, option);
    } else if (option.kind === "prefix" && configuration.accept_ra_pinfo) {
      if (!fromLocal || configuration.accept_ra_from_local) {
        receivePrefix(owner, option, linkAddress(message.options, "source-link-address") !== undefined);
      }
    } else if (option.kind === "mtu" && configuration.accept_ra_mtu) {
      changed = takeMtu(owner, route, option.mtu) || changed;
    }
  }
  if (changed) notifyInterface(owner);
}

/** Managed and other configuration; true if they are news. */
function takeFlags(owner: Inet6Device, message: RouterAdvertisement): boolean {
  const { RS_SENT, RA_RECEIVED, RA_MANAGED, RA_OTHER_CONFIG } = INTERFACE_FLAG;
  if ((owner.flags & RS_SENT) !== 0) owner.flags |= RA_RECEIVED;
  const old = owner.flags;
  owner.flags &= ~(RA_MANAGED | RA_OTHER_CONFIG);
  if (message.managed) owner.flags |= RA_MANAGED;
  if (message.otherConfig) owner.flags |= RA_OTHER_CONFIG;
  return owner.flags !== old;
}

/** rt6_get_dflt_router() */
function defaultRoute(owner: Inet6Device, router: Ipv6Address): Fib6Route | undefined {
  const wanted = RTF.ADDRCONF | RTF.DEFAULT;
  return owner.namespace.tables
    .find(mainTableOf(owner.device))
    ?.node(IPV6_ANY, 0)
    ?.routes.find(
      (route) =>
        route.device === owner.device && route.gateway === router && (route.flags & wanted) === wanted,
    );
}

function takeDefaultRouter(
  owner: Inet6Device,
  router: Ipv6Address,
  message: RouterAdvertisement,
): Fib6Route | undefined {
  const { configuration, namespace, device } = owner;
  const { lifetime } = message;
  if (!configuration.accept_ra_defrtr) return undefined;
  if (lifetime !== 0 && lifetime < configuration.accept_ra_min_lft) return undefined;
  if (!configuration.accept_ra_from_local && namespace.hasAddress(router, device)) return undefined;
  const preference = preferenceOf(owner, message.preference);
  let route = defaultRoute(owner, router);
  if (route && (lifetime === 0 || route.metric !== configuration.ra_defrtr_metric)) {
    removeRoute(namespace, route);
    route = undefined;
  }
  const expires = namespace.kernel.clock.now + lifetime * SECOND;
  if (!route && lifetime > 0) {
    route = advertised(
      owner,
      router,
      IPV6_ANY,
      0,
      configuration.ra_defrtr_metric,
      preference,
      RTF.DEFAULT,
      expires,
    );
  } else if (route) {
    route.preference = preference;
    route.expires = expires;
    scheduleExpiry(namespace);
  }
  takeHopLimit(owner, route, message.hopLimit);
  return route;
}

function takeHopLimit(owner: Inet6Device, route: Fib6Route | undefined, hopLimit: number): void {
  const { configuration } = owner;
  if (hopLimit === 0 || configuration.accept_ra_min_hop_limit > hopLimit) return;
  configuration.hop_limit = hopLimit;
  if (route) route.metrics = { ...route.metrics, hoplimit: hopLimit };
}

/** rt6_add_dflt_router(), rt6_add_route_info(): a route by a router that has announced it. */
function advertised(
  owner: Inet6Device,
  router: Ipv6Address,
  destination: Ipv6Address,
  prefixLength: number,
  metric: number,
  preference: number,
  flags: number,
  expires: Nanoseconds | undefined,
): Fib6Route | undefined {
  const route = new Fib6Route({
    destination,
    prefixLength,
    table: mainTableOf(owner.device),
    type: RTN.UNICAST,
    protocol: RTPROT.RA,
    metric,
    flags: RTF.UP | RTF.ADDRCONF | flags | (expires === undefined ? 0 : RTF.EXPIRES),
    preference,
    expires,
    device: owner.device,
    gateway: router,
  });
  try {
    addRoute(owner.namespace, route);
    return route;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return undefined;
  }
}

function takeTimers(owner: Inet6Device, message: RouterAdvertisement): boolean {
  const { neighbourParameters: parameters } = owner;
  let changed = false;
  if (message.retransTimer > 0 && message.retransTimer < MAX_TIMER) {
    parameters.retransTime = Math.max(MIN_RETRANS, message.retransTimer * MILLISECOND);
    changed = true;
  }
  if (message.reachableTime > 0 && message.reachableTime < MAX_TIMER) {
    const time = Math.max(MIN_REACHABLE, message.reachableTime * MILLISECOND);
    if (time !== parameters.baseReachableTime) {
      parameters.setBaseReachableTime(time);
      parameters.gcStaleTime = 3 * time;
      changed = true;
    }
  }
  if (changed) owner.updated = owner.device.kernel.clock.now;
  return changed;
}

function takeMtu(owner: Inet6Device, route: Fib6Route | undefined, mtu: number): boolean {
  const news = owner.advertisedMtu !== mtu;
  owner.advertisedMtu = mtu;
  if (mtu < IPV6_MIN_MTU || mtu > owner.device.mtu || mtu === owner.configuration.mtu) return news;
  const old = owner.configuration.mtu;
  owner.configuration.mtu = mtu;
  if (route) route.metrics = { ...route.metrics, mtu };
  routesTakeMtu(owner.device, mtu, old);
  return news;
}

/** rt6_route_rcv(): a more specific route (RFC 4191, 2.3). */
function takeRouteInformation(
  owner: Inet6Device,
  router: Ipv6Address,
  option: Extract<NdOption, { kind: "other" }>,
): void {
  const { body } = option;
  const { configuration, namespace } = owner;
  if (body.length < 6) return;
  const length = readU8(body, 0);
  const lifetime = readU32BE(body, 2);
  const bits = (readU8(body, 1) >>> 3) & 3;
  const { accept_ra_rt_info_min_plen: min, accept_ra_rt_info_max_plen: max } = configuration;
  if (length > 128 || length > (body.length - 6) * 8 || length < min || length > max) return;
  if (bits === ICMPV6_ROUTER_PREF.INVALID || (length === 0 && !configuration.accept_ra_defrtr)) return;
  if (lifetime !== 0 && lifetime < configuration.accept_ra_min_lft) return;
  const groups: number[] = [];
  for (let at = 6; at < 22; at += 2) groups.push(((body[at] ?? 0) << 8) | (body[at + 1] ?? 0));
  const prefix = ipv6FromGroups(
    ...(groups as [number, number, number, number, number, number, number, number]),
  );
  const expires = lifetime === ND_INFINITY ? undefined : namespace.kernel.clock.now + lifetime * SECOND;
  const wanted = RTF.ROUTEINFO | RTF.GATEWAY;
  const known = namespace.tables
    .find(mainTableOf(owner.device))
    ?.node(prefix, length)
    ?.routes.find(
      (route) =>
        route.device === owner.device &&
        route.gateway === router &&
        (route.flags & (wanted & ~RTF.GATEWAY)) !== 0,
    );
  if (known && lifetime === 0) removeRoute(namespace, known);
  else if (known) {
    known.preference = bits;
    known.expires = expires;
    if (expires !== undefined) scheduleExpiry(namespace);
  } else if (lifetime > 0) {
    advertised(owner, router, prefix, length, configuration.ra_defrtr_metric, bits, RTF.ROUTEINFO, expires);
  }
}

/** rt6_clean_tohost(): a router has become a host. */
export function dropRoutersVia(namespace: Inet6Netns, router: Ipv6Address): void {
  const wanted = RTF.ADDRCONF;
  for (const route of [...allRoutes(namespace)]) {
    if (route.gateway === router && (route.flags & wanted) !== 0) removeRoute(namespace, route);
  }
}

/** rt6_purge_dflt_routers(): routers do not follow advertisements, unless accept_ra is 2. */
export function purgeDefaultRouters(namespace: Inet6Netns, accepts: (route: Fib6Route) => boolean): void {
  for (const route of [...allRoutes(namespace)]) {
    if (
      (route.flags & (RTF.DEFAULT | RTF.ADDRCONF)) !== 0 &&
      route.protocol === RTPROT.RA &&
      !accepts(route)
    ) {
      removeRoute(namespace, route);
    }
  }
}
