// Where a packet of this host goes (ip_route_output_key): source address, device and gateway for a flow.

import { IFF } from "../device.ts";
import type { NetDevice } from "../device.ts";
import { isL3Master, l3MasterOf } from "../l3mdev.ts";
import {
  IPV4_BROADCAST,
  IPV4_LOOPBACK,
  isLocalMulticastIpv4,
  isLoopbackIpv4,
  isMulticastIpv4,
  isZeroNetIpv4,
} from "../../wire/ipv4-address.ts";
import { ERRNO } from "../../netlink/errno.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { isOwnAddress, selectAddress } from "./address-select.ts";
import type { FibResult, Flow } from "./fib/tables.ts";
import { flowTo } from "./fib/tables.ts";
import { isMember } from "./igmp-group.ts";
import { inetDevice } from "./in-device.ts";
import { flowHash, selectDefault, selectHop } from "./multipath.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { Route } from "./route.ts";
import { RT_SCOPE, RT_TABLE, RTN } from "../../netlink/rtnl/route-constants.ts";
import { RTCF } from "./route-flags.ts";

/** ifindex of the loopback device. */
export const LOOPBACK_IFINDEX = 1;

/** What a sender asks for. Zero or absent means that routing may choose. */
export interface OutputRequest {
  readonly destination: number;
  readonly source?: number;
  readonly oif?: number;
  readonly tos?: number;
  readonly mark?: number;
  readonly protocol?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly uid?: number;
  /** Only directly connected destinations (SO_DONTROUTE). */
  readonly onLink?: boolean;
  /** A source that is not an address of this host is allowed (FLOWI_FLAG_ANYSRC: IP_TRANSPARENT, IP_HDRINCL). */
  readonly anySource?: boolean;
}

/** The tos bits that routing looks at. */
export const ROUTING_TOS = 0x1c;

interface Decision {
  readonly source: number;
  readonly destination: number;
  readonly device: NetDevice;
  readonly type: number;
  readonly flags: number;
  readonly result: FibResult | undefined;
}

/** The route, or a positive errno: ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENODEV. */
export function routeOutput(inet: Ipv4Netns, request: OutputRequest): Route | number {
  const decision = decide(inet, request);
  return typeof decision === "number" ? decision : makeRoute(inet, request, decision);
}

/** fib_result_prefsrc(): the route's own source, or the best address of the next hop's device. */
function preferredSource(inet: Ipv4Netns, { alias, nexthop }: FibResult): number {
  const { info } = alias;
  if (info.preferredSource !== 0) return info.preferredSource;
  if (nexthop.device === undefined) return 0;
  if (nexthop.sourceGeneration !== inet.fib.addressGeneration) {
    nexthop.source = selectAddress(inet, nexthop.device, nexthop.gateway, info.scope);
    nexthop.sourceGeneration = inet.fib.addressGeneration;
  }
  return nexthop.source;
}

function decide(inet: Ipv4Netns, request: OutputRequest): Decision | number {
  const { netns } = inet;
  let { destination } = request;
  let source = request.source ?? 0;
  const oif = request.oif ?? 0;
  const group = isMulticastIpv4(destination);
  const local = (device: NetDevice): Decision => ({
    source,
    destination,
    device,
    type: RTN.UNICAST,
    flags: 0,
    result: undefined,
  });

  if (source !== 0) {
    if (isMulticastIpv4(source) || source === IPV4_BROADCAST || isZeroNetIpv4(source)) return ERRNO.EINVAL;
    if (oif === 0 && (group || destination === IPV4_BROADCAST)) {
      const owner = inet.byAddress.get(source)?.[0]?.owner.device ?? deviceByRoute(inet, source);
      return owner === undefined ? ERRNO.ENETUNREACH : local(owner);
    }
    if (
      request.anySource !== true &&
      !isOwnAddress(inet, source) &&
      deviceByRoute(inet, source) === undefined
    ) {
      return ERRNO.ENETUNREACH;
    }
  }
  let device: NetDevice | undefined;
  if (oif !== 0) {
    device = netns.deviceByIndex(oif);
    if (device === undefined) return ERRNO.ENODEV;
    if (!device.up || inetDevice.of(device) === undefined) return ERRNO.ENETUNREACH;
    if (
      isLocalMulticastIpv4(destination) ||
      destination === IPV4_BROADCAST ||
      request.protocol === IpProtocol.IGMP
    ) {
      if (source === 0) source = selectAddress(inet, device, 0, RT_SCOPE.LINK);
      return local(device);
    }
    if (source === 0) {
      const scope = request.onLink === true ? RT_SCOPE.LINK : RT_SCOPE.UNIVERSE;
      if (group) source = selectAddress(inet, device, 0, scope);
      else if (destination === 0) source = selectAddress(inet, device, 0, RT_SCOPE.HOST);
    }
  }
  if (destination === 0) {
    destination = source;
    if (destination === 0) destination = source = IPV4_LOOPBACK;
    return { ...local(netns.loopback), source, destination, type: RTN.LOCAL, flags: RTCF.LOCAL };
  }
  const flow: Flow = flowTo(destination, {
    source,
    oif,
    iif: LOOPBACK_IFINDEX,
    tos: (request.tos ?? 0) & ROUTING_TOS,
    mark: request.mark ?? 0,
    protocol: request.protocol ?? 0,
    sourcePort: request.sourcePort ?? 0,
    destinationPort: request.destinationPort ?? 0,
    uid: request.uid ?? 0,
    scope: request.onLink === true ? RT_SCOPE.LINK : RT_SCOPE.UNIVERSE,
  });
  let found = inet.fib.lookup(flow);
  if (typeof found === "number") {
    if (device === undefined || (l3MasterOf(device) !== undefined && !group)) return found;
    // Without a route, the destination is taken to be on the link of the device that was asked for.
    if (source === 0) source = selectAddress(inet, device, 0, RT_SCOPE.LINK);
    return local(device);
  }
  if (found.alias.type === RTN.LOCAL) {
    if (source === 0) source = found.alias.info.preferredSource || destination;
    return {
      source,
      destination,
      device: homeOf(inet, found),
      type: RTN.LOCAL,
      flags: RTCF.LOCAL,
      result: found,
    };
  }
  if (found.alias.info.nexthops.length > 1) {
    if (oif === 0 || (device !== undefined && isL3Master(device)))
      selectHop(inet, found, flowHash(inet, flow));
  } else if (found.alias.length === 0) found = selectDefault(inet, found);
  if (source === 0) source = preferredSource(inet, found);
  const out = found.nexthop.device;
  if (out === undefined) return ERRNO.ENETUNREACH;
  return { source, destination, device: out, type: found.alias.type, flags: 0, result: found };
}

/** ip_rt_get_dev(): what stays on this host goes by the loopback device, or by the master of its routing domain. */
export function homeOf({ netns }: Ipv4Netns, { nexthop }: FibResult): NetDevice {
  return (nexthop.device && l3MasterOf(nexthop.device)) ?? netns.loopback;
}

/** The device of an address that only the local table knows: 127.0.0.2, or `ip route add local ...` (__ip_dev_find). */
function deviceByRoute(inet: Ipv4Netns, address: number): NetDevice | undefined {
  const found = inet.fib.lookupIn(inet.fib.make(RT_TABLE.LOCAL), flowTo(address));
  return typeof found === "object" && found.alias.type === RTN.LOCAL ? found.nexthop.device : undefined;
}

/** __mkroute_output() */
function makeRoute(inet: Ipv4Netns, request: OutputRequest, decision: Decision): Route | number {
  const { source, destination, device, result } = decision;
  const inDevice = inetDevice.of(device);
  if (inDevice === undefined) return ERRNO.EINVAL;
  const loopback = (device.flags & IFF.LOOPBACK) !== 0;
  const home = loopback || isL3Master(device);
  if (!inDevice.either("routeLocalnet") && isLoopbackIpv4(source) && !home) return ERRNO.EINVAL;
  let { type, flags } = decision;
  if (destination === IPV4_BROADCAST) type = RTN.BROADCAST;
  else if (isMulticastIpv4(destination)) type = RTN.MULTICAST;
  else if (isZeroNetIpv4(destination)) return ERRNO.EINVAL;
  if (loopback) flags |= RTCF.LOCAL;
  let useNexthop = true;
  if (type === RTN.BROADCAST) {
    flags |= RTCF.BROADCAST | RTCF.LOCAL;
    useNexthop = false;
  } else if (type === RTN.MULTICAST) {
    flags |= RTCF.MULTICAST | RTCF.LOCAL;
    if (!isMember(inDevice, destination)) flags &= ~RTCF.LOCAL;
    if (result !== undefined && result.alias.length < 4) useNexthop = false;
  }
  const route = new Route({
    type,
    flags,
    device,
    input: (flags & RTCF.LOCAL) !== 0 ? "deliver" : "refuse",
    isInput: false,
    // What stays on this host counts as received by the device that has the address.
    iif: (decision.type === RTN.LOCAL ? result?.nexthop.oif : undefined) ?? request.oif ?? 0,
    result,
    useNexthop,
    source,
    destination,
  });
  useNexthopOf(inet, route);
  return route;
}

/** rt_set_nexthop(): the gateway, and what has been learned about this destination. */
export function useNexthopOf(inet: Ipv4Netns, route: Route): void {
  const { nexthop } = route;
  if (nexthop === undefined) return;
  if (nexthop.hasGateway && nexthop.scope === RT_SCOPE.LINK) {
    route.gateway = nexthop.gateway;
    route.gateway6 = nexthop.gateway6;
  }
  const { now } = inet.netns.kernel.clock;
  const exception = nexthop.exceptions?.find(route.destination, now, inet.exceptionGeneration);
  if (exception === undefined) return;
  route.exception = exception;
  exception.used = true;
  if (exception.gateway !== 0) {
    route.flags |= RTCF.REDIRECTED;
    route.gateway = exception.gateway;
    route.gateway6 = undefined;
  }
}
