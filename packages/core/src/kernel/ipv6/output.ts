// The way out of IPv6: ip6_output(), ip6_finish_output2() and ip6_fragment() of net/ipv6/ip6_output.c.
//
// For senders: take a Route6 from `routeOutput`, make a packet that starts at its IPv6 header (`writeHeader` puts one in front of a
// payload), and give it to `sendPacket`. It counts, fragments, loops multicast back to this host, and asks the neighbour cache.
// It returns a positive errno if the sender is to be told (EMSGSIZE, ENETUNREACH, ...), else 0; a lost packet is no error.

import { ERRNO } from "../../netlink/errno.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { ipv6MulticastScope } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_HEADER_LENGTH,
  ipv6Destination,
  ipv6HopLimit,
  isIpv6MulticastAt,
  setIpv6PayloadLength,
  writeIpv6Header,
} from "../../wire/ipv6.ts";
import type { Ipv6Header } from "../../wire/ipv6.ts";
import type { NetDevice } from "../device.ts";
import { IFF } from "../device.ts";
import { born, derived } from "../journey.ts";
import { isL3Master } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { PACKET_LOOPBACK } from "../packet.ts";
import type { PacketOrigin } from "../../trace/packet-event.ts";
import { SCOPE } from "./address-type.ts";
import { fragmentPacket } from "./fragment.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { count } from "./mib.ts";
import type { Route6 } from "./fib-route.ts";
import { noteRoute } from "./journey.ts";
import { mtuOf, nexthopOf } from "./route-lookup.ts";

/** EtherType of IPv6. */
export const ETHERTYPE_IPV6 = 0x86dd;

/** How a packet is sent, beside its route. */
export interface SendOptions {
  /** A packet that is too long may be cut (sockets that do not insist on path MTU discovery). */
  readonly mayFragment?: boolean;
  /** False: own groups do not get a copy (IPV6_MULTICAST_LOOP off). */
  readonly loop?: boolean;
  /** How long it may be, in bytes; otherwise as the path says. */
  readonly mtu?: number;
  /** Kind of socket, for the packet's journey; absent: the kernel itself. */
  readonly by?: string;
  /** The packet that it answers. */
  readonly cause?: Packet;
}

/** Puts an IPv6 header in front of a packet that starts at its payload. */
export function writeHeader(packet: Packet, header: Ipv6Header): void {
  const length = packet.end - packet.start;
  packet.push(IPV6_HEADER_LENGTH);
  packet.network = packet.start;
  packet.transport = packet.start + IPV6_HEADER_LENGTH;
  writeIpv6Header(header, length > 0xffff ? 0 : length, packet.bytes, packet.start);
}

/** ip6_local_out(): sends a packet of this host that starts at its IPv6 header. */
export function sendPacket(
  namespace: Inet6Netns,
  route: Route6,
  packet: Packet,
  options: SendOptions = {},
): number {
  const owner = inet6Device.of(route.fib.device);
  const length = packet.end - packet.start;
  packet.network = packet.start;
  packet.protocol = ETHERTYPE_IPV6;
  if (length - IPV6_HEADER_LENGTH <= 0xffff) {
    packet.writable();
    setIpv6PayloadLength(packet.bytes, packet.start, length - IPV6_HEADER_LENGTH);
  }
  if (namespace.kernel.trace !== undefined) {
    packet.device = route.device;
    born(packet, options.by ?? "kernel", ETHERTYPE_IPV6, options.cause);
    if (packet.traced) noteRoute(packet, route);
  }
  namespace.mib.ip.outRequests++;
  namespace.mib.ip.outOctets += length;
  if (owner) {
    owner.mib.ip.outRequests++;
    owner.mib.ip.outOctets += length;
  }
  return outputPacket(namespace, route, packet, options);
}

/** ip6_output(): own packets and forwarded ones. */
export function outputPacket(
  namespace: Inet6Netns,
  route: Route6,
  packet: Packet,
  { mayFragment = true, loop = true, mtu = mtuOf(route) }: SendOptions,
): number {
  const { device } = route;
  const { kernel } = namespace;
  if (route.action === "reject") {
    count(namespace.mib, inet6Device.of(route.fib.device)?.mib, "outNoRoutes");
    kernel.drop(packet, "IP_OUTNOROUTES", device.name);
    return route.error;
  }
  const owner = inet6Device.of(device);
  if (owner === undefined || owner.configuration.disable_ipv6) {
    if (owner) count(namespace.mib, owner.mib, "outDiscards");
    kernel.drop(packet, "IPV6DISABLED", device.name);
    return 0;
  }
  packet.device = device;
  if (packet.end - packet.start <= mtu) {
    finishOutput(namespace, route, packet, loop);
    return 0;
  }
  if (!mayFragment) {
    count(namespace.mib, owner?.mib, "fragFails");
    namespace.stack.sendError(packet, Icmpv6Type.PACKET_TOO_BIG, 0, mtu);
    kernel.drop(packet, "PKT_TOO_BIG", device.name);
    return ERRNO.EMSGSIZE;
  }
  const pieces = fragmentPacket(packet, mtu, kernel.random.uint32());
  if (pieces === undefined) {
    count(namespace.mib, owner?.mib, "fragFails");
    kernel.drop(packet, "PKT_TOO_BIG", device.name);
    return ERRNO.EMSGSIZE;
  }
  count(namespace.mib, owner?.mib, "fragOks");
  for (const piece of pieces) {
    count(namespace.mib, owner?.mib, "fragCreates");
    finishOutput(namespace, route, piece, loop);
  }
  return 0;
}

/** ip6_finish_output2() */
function finishOutput(namespace: Inet6Netns, route: Route6, packet: Packet, loop: boolean): void {
  const { device } = route;
  const { bytes, start } = packet;
  const destination = ipv6Destination(bytes, start);
  if (isIpv6MulticastAt(bytes, start) && !leavesHost(namespace, device, packet, destination, loop)) return;
  packet.route = (device.flags & IFF.LOOPBACK) !== 0 || isL3Master(device) ? route : undefined;
  countTransmit(namespace, device);
  sendToNeighbour(namespace, device, nexthopOf(route, destination), packet);
}

/** Sends a packet of this host to a neighbour on a device, without a route (icmp6_dst_alloc). */
export function sendOnLink(
  namespace: Inet6Netns,
  device: NetDevice,
  nexthop: Ipv6Address,
  packet: Packet,
  cause?: Packet,
  origin?: PacketOrigin,
): void {
  const owner = inet6Device.of(device);
  const length = packet.end - packet.start;
  packet.device = device;
  packet.protocol = ETHERTYPE_IPV6;
  if (namespace.kernel.trace !== undefined) born(packet, "kernel", ETHERTYPE_IPV6, cause, origin);
  namespace.mib.ip.outRequests++;
  namespace.mib.ip.outOctets += length;
  if (owner === undefined || owner.configuration.disable_ipv6) {
    namespace.kernel.drop(packet, "IPV6DISABLED", device.name);
    return;
  }
  owner.mib.ip.outRequests++;
  owner.mib.ip.outOctets += length;
  if (isIpv6MulticastAt(packet.bytes, packet.start) && !leavesHost(namespace, device, packet, nexthop, false))
    return;
  countTransmit(namespace, device);
  sendToNeighbour(namespace, device, nexthop, packet);
}

/** Multicast: a copy for this host's own members; false if that was all. */
function leavesHost(
  namespace: Inet6Netns,
  device: NetDevice,
  packet: Packet,
  destination: Ipv6Address,
  loop: boolean,
): boolean {
  const { kernel } = namespace;
  const owner = inet6Device.of(device);
  const onLoopback = (device.flags & IFF.LOOPBACK) !== 0;
  const length = packet.end - packet.start;
  if (!onLoopback && loop && owner?.multicast.find(destination) !== undefined) loopBack(packet, device);
  if (ipv6HopLimit(packet.bytes, packet.start) === 0) {
    count(namespace.mib, owner?.mib, "outDiscards");
    kernel.drop(packet, "NOT_SPECIFIED", device.name);
    return false;
  }
  namespace.mib.ip.outMcastPkts++;
  namespace.mib.ip.outMcastOctets += length;
  if (owner) {
    owner.mib.ip.outMcastPkts++;
    owner.mib.ip.outMcastOctets += length;
  }
  return onLoopback || ipv6MulticastScope(destination) > SCOPE.NODE;
}

/** dev_loopback_xmit(): a copy comes in as if it had been received, but is marked. */
function loopBack(packet: Packet, device: NetDevice): void {
  const copy = packet.clone();
  copy.device = device;
  copy.packetType = PACKET_LOOPBACK;
  if (packet.traceId !== 0) derived(copy, packet, "copy");
  copy.protocol = ETHERTYPE_IPV6;
  copy.mac = copy.start;
  copy.network = copy.start;
  copy.arrivedOn = device.ifindex;
  if (!device.kernel.softirq.enqueue(copy)) {
    device.statistics.rxDropped++;
    device.kernel.drop(copy, "CPU_BACKLOG", device.name);
  }
}

function countTransmit(namespace: Inet6Netns, device: NetDevice): void {
  namespace.mib.ip.outTransmits++;
  const owner = inet6Device.of(device);
  if (owner) owner.mib.ip.outTransmits++;
}

/** Hands a packet that starts at its IPv6 header to the neighbour cache. */
function sendToNeighbour(
  namespace: Inet6Netns,
  device: NetDevice,
  nexthop: Ipv6Address,
  packet: Packet,
): void {
  const neighbour = namespace.stack.neighbours.get(device, nexthop);
  if (neighbour === undefined) {
    count(namespace.mib, inet6Device.of(device)?.mib, "outNoRoutes");
    namespace.kernel.drop(packet, "NEIGH_CREATEFAIL", device.name);
    return;
  }
  neighbour.output(packet);
}
