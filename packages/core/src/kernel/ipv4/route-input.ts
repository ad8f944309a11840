// What becomes of a packet that came in (ip_route_input): for this host, to be forwarded, or refused.

import { ERRNO } from "../../netlink/errno.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  IPV4_BROADCAST,
  isLocalMulticastIpv4,
  isLoopbackIpv4,
  isMulticastIpv4,
  isZeroNetIpv4,
} from "../../wire/ipv4-address.ts";
import type { NetDevice } from "../device.ts";
import { onLink } from "./address-select.ts";
import type { FibResult, Flow } from "./fib/tables.ts";
import { flowTo } from "./fib/tables.ts";
import { isMember } from "./igmp-group.ts";
import type { InetDevice } from "./in-device.ts";
import { inetDevice } from "./in-device.ts";
import { selectHop } from "./multipath.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { Route } from "./route.ts";
import { homeOf, ROUTING_TOS, useNexthopOf } from "./route-output.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { RTCF } from "./route-flags.ts";
import { SOURCE_ON_LINK, validateSource } from "./source-validation.ts";

/** What is asked about a packet. */
export interface InputRequest {
  readonly destination: number;
  readonly source: number;
  readonly tos: number;
  readonly mark: number;
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Where it came in. */
  readonly device: NetDevice;
  /** False for ARP, which asks the same question about an address. */
  readonly isIp: boolean;
  /** Chooses among several next hops. */
  hash(): number;
}

/** The route, or an errno: EINVAL for martians, EXDEV where rp_filter refuses. */
export function routeInput(inet: Ipv4Netns, request: InputRequest): Route | number {
  const inDevice = inetDevice.of(request.device);
  if (inDevice === undefined) return ERRNO.EINVAL;
  if (isMulticastIpv4(request.destination)) return multicastRoute(inet, inDevice, request);
  return unicastRoute(inet, inDevice, request);
}

/** ip_route_input_mc() */
function multicastRoute(inet: Ipv4Netns, inDevice: InetDevice, request: InputRequest): Route | number {
  const { source, destination } = request;
  if (!isMember(inDevice, destination)) return ERRNO.EINVAL;
  const errno = multicastSource(inDevice, request);
  if (errno > 0) return errno;
  return new Route({
    type: RTN.MULTICAST,
    flags: RTCF.MULTICAST | RTCF.LOCAL,
    device: inet.netns.loopback,
    input: "deliver",
    isInput: true,
    iif: request.device.ifindex,
    source,
    destination,
  });
}

/** ip_mc_validate_source() */
function multicastSource(
  inDevice: InetDevice,
  { source, destination, protocol, tos, mark, isIp }: InputRequest,
): number {
  if (isMulticastIpv4(source) || source === IPV4_BROADCAST || !isIp) return ERRNO.EINVAL;
  if (isLoopbackIpv4(source) && !inDevice.either("routeLocalnet")) return ERRNO.EINVAL;
  if (isZeroNetIpv4(source)) {
    return isLocalMulticastIpv4(destination) || protocol === IpProtocol.IGMP ? 0 : ERRNO.EINVAL;
  }
  return Math.max(0, validateSource(inDevice, source, 0, tos & ROUTING_TOS, mark, 0));
}

/** ip_route_input_slow() */
function unicastRoute(inet: Ipv4Netns, inDevice: InetDevice, request: InputRequest): Route | number {
  const { source, destination, tos, mark } = request;
  if (isMulticastIpv4(source) || source === IPV4_BROADCAST) return ERRNO.EINVAL;
  if (destination === IPV4_BROADCAST || (source === 0 && destination === 0)) {
    return broadcastRoute(inet, inDevice, request);
  }
  if (isZeroNetIpv4(source) || isZeroNetIpv4(destination)) return ERRNO.EINVAL;
  if ((isLoopbackIpv4(destination) || isLoopbackIpv4(source)) && !inDevice.either("routeLocalnet"))
    return ERRNO.EINVAL;
  const flow: Flow = flowTo(destination, {
    source,
    iif: request.device.ifindex,
    tos: tos & ROUTING_TOS,
    mark,
    protocol: request.protocol,
    sourcePort: request.sourcePort,
    destinationPort: request.destinationPort,
  });
  const found = inet.fib.lookup(flow);
  if (typeof found === "number") {
    return refusal(inet, request, inDevice.forwarding ? found : ERRNO.EHOSTUNREACH);
  }
  const { type } = found.alias;
  if (type === RTN.BROADCAST) {
    return inDevice.both("bcForwarding")
      ? forwardingRoute(inet, inDevice, request, found)
      : broadcastRoute(inet, inDevice, request, found);
  }
  if (type === RTN.LOCAL) {
    const errno = validateSource(inDevice, source, destination, tos & ROUTING_TOS, mark, 0);
    return errno > 0 ? errno : localRoute(inet, request, RTN.LOCAL, RTCF.LOCAL, found);
  }
  if (!inDevice.forwarding) return refusal(inet, request, ERRNO.EHOSTUNREACH);
  if (type !== RTN.UNICAST) return ERRNO.EINVAL;
  return forwardingRoute(inet, inDevice, request, found);
}

function localRoute(
  inet: Ipv4Netns,
  request: InputRequest,
  type: number,
  flags: number,
  result: FibResult | undefined,
): Route {
  return new Route({
    type,
    flags,
    device: result === undefined ? inet.netns.loopback : homeOf(inet, result),
    input: "deliver",
    isInput: true,
    iif: request.device.ifindex,
    result,
    source: request.source,
    destination: request.destination,
  });
}

function broadcastRoute(
  inet: Ipv4Netns,
  inDevice: InetDevice,
  request: InputRequest,
  result?: FibResult,
): Route | number {
  if (!request.isIp) return ERRNO.EINVAL;
  if (!isZeroNetIpv4(request.source)) {
    const errno = validateSource(inDevice, request.source, 0, request.tos & ROUTING_TOS, request.mark, 0);
    if (errno > 0) return errno;
  }
  return localRoute(inet, request, RTN.BROADCAST, RTCF.BROADCAST | RTCF.LOCAL, result);
}

function refusal(inet: Ipv4Netns, request: InputRequest, error: number): Route {
  return new Route({
    type: RTN.UNREACHABLE,
    flags: 0,
    device: inet.netns.loopback,
    input: "refuse",
    isInput: true,
    iif: request.device.ifindex,
    error,
    source: request.source,
    destination: request.destination,
  });
}

/** ip_mkroute_input() */
function forwardingRoute(
  inet: Ipv4Netns,
  inDevice: InetDevice,
  request: InputRequest,
  result: FibResult,
): Route | number {
  if (result.alias.info.nexthops.length > 1) selectHop(inet, result, request.hash());
  const { source, destination, tos, mark, isIp } = request;
  const { device } = result.nexthop;
  const outDevice = device && inetDevice.of(device);
  if (device === undefined || outDevice === undefined) return ERRNO.EINVAL;
  const verdict = validateSource(inDevice, source, destination, tos & ROUTING_TOS, mark, device.ifindex);
  if (verdict > 0) return verdict;
  const sameDevice = outDevice === inDevice;
  if (!isIp && sameDevice && !inDevice.either("proxyArpPvlan")) return ERRNO.EINVAL;
  const route = new Route({
    type: result.alias.type,
    flags: 0,
    device,
    input: "forward",
    isInput: true,
    iif: request.device.ifindex,
    result,
    source,
    destination,
  });
  useNexthopOf(inet, route);
  if (sameDevice && verdict === SOURCE_ON_LINK && outDevice.either("sendRedirects")) {
    route.redirect = outDevice.either("sharedMedia") || onLink(outDevice, source, result.nexthop.gateway);
  }
  return route;
}
