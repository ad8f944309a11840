// The way in of IPv6 (ip6_rcv_core, ip6_input, ip6_mc_input, ip6_protocol_deliver_rcu in net/ipv6/ip6_input.c): checks of the header,
// then to this host, to group members, or on to the next hop.

import { readU8 } from "../../wire/bytes.ts";
import { Icmpv6ParameterProblem, Icmpv6Type, Icmpv6Unreachable } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { IPV6_ANY, IPV6_LOOPBACK, isIpv6At, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_DESTINATION_OFFSET,
  IPV6_HEADER_LENGTH,
  IPV6_SOURCE_OFFSET,
  ipv6Destination,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6Source,
  ipv6TrafficClass,
  ipv6Version,
  isIpv6MulticastAt,
} from "../../wire/ipv6.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { IFF } from "../device.ts";
import { countInDomain, isL3Master } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { PACKET_BROADCAST, PACKET_LOOPBACK, PACKET_MULTICAST, PACKET_OTHERHOST } from "../packet.ts";
import { PACKET_GONE, readDestinationOptions, readHopByHop, readRouting } from "./extension-input.ts";
import { forward } from "./forward.ts";
import { Route6 } from "./fib-route.ts";
import { incomingIndex } from "./icmp-send.ts";
import { noteRoute } from "./journey.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import { count } from "./mib.ts";
import type { Ip6Counters } from "./mib.ts";
import { receiveFragment } from "./reassembly.ts";
import { needsStrictDevice, routeInput } from "./route-lookup.ts";

/** Counters by the two ECN bits of the traffic class (RFC 3168, 5). */
const ECN_COUNTERS = ["inNoEctPkts", "inEct1Pkts", "inEct0Pkts", "inCePkts"] as const;

/** ipv6_rcv(): the handler for EtherType 0x86dd. `packet.start` is at the IPv6 header. */
export function receive(packet: Packet): void {
  const { device } = packet;
  const { kernel } = device;
  if (packet.packetType === PACKET_OTHERHOST) {
    kernel.drop(packet, "OTHERHOST", device.name);
    return;
  }
  const namespace = inet6Netns.require(device.netns);
  const owner = inet6Device.of(device);
  const length = packet.end - packet.start;
  namespace.mib.ip.inReceives++;
  namespace.mib.ip.inOctets += length;
  if (owner === undefined || owner.configuration.disable_ipv6) {
    count(namespace.mib, owner?.mib, "inDiscards");
    kernel.drop(packet, "IPV6DISABLED", device.name);
    return;
  }
  owner.mib.ip.inReceives++;
  owner.mib.ip.inOctets += length;
  packet.network = packet.start;
  const reason = checkHeader(packet, owner);
  if (reason !== undefined) {
    count(namespace.mib, owner.mib, "inHdrErrors");
    kernel.drop(packet, reason, device.name);
    return;
  }
  const { bytes, network } = packet;
  const payload = ipv6PayloadLength(bytes, network);
  const next = ipv6NextHeader(bytes, network);
  if (payload !== 0 || next !== IpProtocol.HOP_BY_HOP) {
    const end = network + IPV6_HEADER_LENGTH + payload;
    if (end > packet.end) {
      count(namespace.mib, owner.mib, "inTruncatedPkts");
      kernel.drop(packet, "PKT_TOO_SMALL", device.name);
      return;
    }
    packet.end = end;
  }
  let at = network + IPV6_HEADER_LENGTH;
  let announcedAt = network + 6;
  if (next === IpProtocol.HOP_BY_HOP) {
    announcedAt = at;
    at = readHopByHop(namespace, packet);
    if (at === PACKET_GONE) return;
  }
  routePacket(namespace, owner, packet, at, announcedAt);
}

/** Checks of RFC 4291 that need no route; undefined if the packet may go on. */
function checkHeader(packet: Packet, owner: Inet6Device): DropReason | undefined {
  const { bytes, device, network, end, packetType } = packet;
  if (end - network < IPV6_HEADER_LENGTH) return "PKT_TOO_SMALL";
  if (ipv6Version(bytes, network) !== 6) return "UNHANDLED_PROTO";
  const counter = ECN_COUNTERS[ipv6TrafficClass(bytes, network) & 3] ?? "inNoEctPkts";
  owner.namespace.mib.ip[counter]++;
  owner.mib.ip[counter]++;
  const loopback = (device.flags & IFF.LOOPBACK) !== 0;
  if (!loopback) {
    // 2.5.3: the loopback address never leaves a node
    if (isIpv6At(bytes, network + IPV6_SOURCE_OFFSET, IPV6_LOOPBACK)) return "IP_INHDR";
    if (isIpv6At(bytes, network + IPV6_DESTINATION_OFFSET, IPV6_LOOPBACK)) return "IP_INHDR";
  }
  // 2.7: no multicast sources
  if (readU8(bytes, network + IPV6_SOURCE_OFFSET) === 0xff) return "IP_INHDR";
  if (!isIpv6MulticastAt(bytes, network)) {
    const inGroupFrame = packetType === PACKET_BROADCAST || packetType === PACKET_MULTICAST;
    if (inGroupFrame && owner.configuration.drop_unicast_in_l2_multicast) return "UNICAST_IN_L2_MULTICAST";
    return undefined;
  }
  // 2.7: scope 0 is reserved; scope 1 (errata 3480) does not come from outside
  const scope = readU8(bytes, network + IPV6_DESTINATION_OFFSET + 1) & 0xf;
  if (scope === 0) return "IP_INHDR";
  if (scope === 1 && !loopback && packetType !== PACKET_LOOPBACK) return "IP_INHDR";
  return undefined;
}

/** ip6_rcv_finish(): what came back over the loopback device keeps the route that it was sent with. */
function routePacket(
  namespace: Inet6Netns,
  owner: Inet6Device,
  packet: Packet,
  at: number,
  announcedAt: number,
): void {
  const { bytes, device, network } = packet;
  const looped = (device.flags & IFF.LOOPBACK) !== 0 || isL3Master(device);
  const kept = looped && packet.route instanceof Route6 ? packet.route : undefined;
  const destination = ipv6Destination(bytes, network);
  const route =
    kept ??
    routeInput(namespace, {
      destination,
      source: ipv6Source(bytes, network),
      iif: device.ifindex,
      mark: packet.mark,
      trafficClass: ipv6TrafficClass(bytes, network),
    });
  packet.route = route;
  if (packet.traced) noteRoute(packet, route);
  packet.arrivedOn = incomingIndex(packet);
  if (device.master !== undefined && !needsStrictDevice(destination)) {
    const message = readU8(bytes, announcedAt) === IpProtocol.ICMPV6 && at < packet.end;
    if (!message || !isNeighbourDiscovery(readU8(bytes, at))) countInDomain(packet);
  }
  switch (route.action) {
    case "deliver":
      deliver(namespace, route, packet, at, announcedAt);
      return;
    case "multicast":
      receiveMulticast(namespace, owner, route, packet, destination, at, announcedAt);
      return;
    case "forward": {
      const proxied = forward(namespace, route, packet);
      if (proxied) deliver(namespace, route, packet, at, announcedAt);
      return;
    }
    case "reject":
      reject(namespace, route, packet, destination);
      return;
    default: {
      const never: never = route.action;
      return never;
    }
  }
}

/** ip6_mc_input() */
function receiveMulticast(
  namespace: Inet6Netns,
  owner: Inet6Device,
  route: Route6,
  packet: Packet,
  destination: Ipv6Address,
  at: number,
  announcedAt: number,
): void {
  const length = packet.end - packet.network;
  for (const { ip } of [namespace.mib, owner.mib]) {
    ip.inMcastPkts++;
    ip.inMcastOctets += length;
  }
  if (owner.multicast.find(destination) !== undefined) deliver(namespace, route, packet, at, announcedAt);
  else namespace.kernel.drop(packet, "OTHERHOST", packet.device.name);
}

/** ip6_pkt_drop(): no route, or one that refuses. A blackhole says nothing. */
function reject(namespace: Inet6Netns, route: Route6, packet: Packet, destination: Ipv6Address): void {
  const owner = inet6Device.of(packet.device);
  const { type } = route.fib;
  if (type === RTN.BLACKHOLE) {
    namespace.kernel.drop(packet, "IP_INNOROUTES", packet.device.name);
    return;
  }
  if (destination === IPV6_ANY) {
    count(namespace.mib, owner?.mib, "inAddrErrors");
    namespace.kernel.drop(packet, "IP_INADDRERRORS", packet.device.name);
    return;
  }
  count(namespace.mib, owner?.mib, "inNoRoutes");
  const code = type === RTN.PROHIBIT ? Icmpv6Unreachable.PROHIBITED : Icmpv6Unreachable.NO_ROUTE;
  namespace.stack.sendError(packet, Icmpv6Type.DESTINATION_UNREACHABLE, code, 0);
  namespace.kernel.drop(packet, "IP_INNOROUTES", packet.device.name);
}

function isNeighbourDiscovery(type: number): boolean {
  return type >= Icmpv6Type.ROUTER_SOLICITATION && type <= Icmpv6Type.REDIRECT;
}

function isMld(type: number): boolean {
  return (
    type === Icmpv6Type.MLD_QUERY ||
    type === Icmpv6Type.MLD_REPORT ||
    type === Icmpv6Type.MLD_DONE ||
    type === Icmpv6Type.MLDV2_REPORT
  );
}

/** ip6_protocol_deliver_rcu(): walks the extension headers to the transport protocol. */
function deliver(
  namespace: Inet6Netns,
  route: Route6,
  incoming: Packet,
  firstAt: number,
  firstAnnouncedAt: number,
): void {
  let packet = incoming;
  let at = firstAt;
  let announcedAt = firstAnnouncedAt;
  let fragmented = false;
  for (;;) {
    const next = readU8(packet.bytes, announcedAt);
    const here = at;
    switch (next) {
      case IpProtocol.DESTINATION:
        at = readDestinationOptions(namespace, packet, at);
        break;
      case IpProtocol.ROUTING:
        at = readRouting(namespace, packet, at);
        break;
      case IpProtocol.FRAGMENT: {
        if (fragmented) {
          countFor(namespace, route, "inHdrErrors");
          const code = Icmpv6ParameterProblem.HEADER_FIELD;
          namespace.stack.sendError(packet, Icmpv6Type.PARAMETER_PROBLEM, code, at - packet.network);
          namespace.kernel.drop(packet, "IPV6_BAD_EXTHDR", packet.device.name);
          return;
        }
        const whole = receiveFragment(namespace, packet, at, announcedAt);
        if (whole === undefined) return;
        ({ packet, at, announcedAt } = whole);
        fragmented = true;
        continue;
      }
      default:
        deliverUpper(namespace, route, packet, next, at, announcedAt, fragmented);
        return;
    }
    if (at === PACKET_GONE) return;
    announcedAt = here;
  }
}

function countFor(namespace: Inet6Netns, route: Route6, counter: keyof Ip6Counters): void {
  count(namespace.mib, inet6Device.of(route.fib.device)?.mib, counter);
}

/** The upper layer's part: raw sockets, then the protocol. */
function deliverUpper(
  namespace: Inet6Netns,
  route: Route6,
  packet: Packet,
  protocol: number,
  at: number,
  announcedAt: number,
  fragmented: boolean,
): void {
  const { kernel, stack } = namespace;
  const { bytes, device, network } = packet;
  packet.start = at;
  packet.transport = at;
  if (protocol === IpProtocol.NO_NEXT_HEADER) {
    kernel.drop(packet, "IP_NOPROTO", device.name);
    return;
  }
  if (protocol === IpProtocol.ICMPV6 && at < packet.end) {
    const type = readU8(bytes, at);
    if (
      fragmented &&
      isNeighbourDiscovery(type) &&
      inet6Device.of(device)?.configuration.suppress_frag_ndisc
    ) {
      kernel.drop(packet, "IPV6_NDISC_FRAG", device.name);
      return;
    }
  }
  const destination = ipv6Destination(bytes, network);
  if (isMulticastIpv6(destination) && !isForMember(packet, destination, protocol, at)) {
    kernel.drop(packet, "OTHERHOST", device.name);
    return;
  }
  let raw = false;
  for (const hook of stack.rawHooks) raw = hook(packet, protocol, namespace) || raw;
  const handler = stack.transports.get(protocol);
  if (handler !== undefined) {
    handler(packet, namespace);
    countFor(namespace, route, "inDelivers");
    return;
  }
  if (raw) {
    countFor(namespace, route, "inDelivers");
    return;
  }
  countFor(namespace, route, "inUnknownProtos");
  const code = Icmpv6ParameterProblem.NEXT_HEADER;
  stack.sendError(packet, Icmpv6Type.PARAMETER_PROBLEM, code, announcedAt - network);
  kernel.drop(packet, "IP_NOPROTO", device.name);
}

/** The device is a member of the group, or the message is one of those that find out who is. */
function isForMember(packet: Packet, destination: Ipv6Address, protocol: number, at: number): boolean {
  if (inet6Device.of(packet.device)?.multicast.find(destination) !== undefined) return true;
  return protocol === IpProtocol.ICMPV6 && at < packet.end && isMld(readU8(packet.bytes, at));
}
