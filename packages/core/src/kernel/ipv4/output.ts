// Packets on their way out (net/ipv4/ip_output.c): headers for what this host sends, copies of multicasts and broadcasts for
// itself, fragments, and the neighbour that gets it.

import { ERRNO } from "../../netlink/errno.ts";
import { writeU8, writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import { EtherType } from "../../wire/ethernet.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  fillIpv4Checksum,
  IPV4_DONT_FRAGMENT,
  IPV4_MAX_PACKET,
  IPV4_MIN_HEADER,
  ipv4Destination,
  ipv4FragmentField,
  ipv4Ttl,
} from "../../wire/ipv4.ts";
import { IFF } from "../device.ts";
import { born, derived } from "../journey.ts";
import { Packet, PACKET_LOOPBACK } from "../packet.ts";
import { fragment } from "./fragment.ts";
import type { Ipv4Netns } from "./namespace.ts";
import type { EchoedOptions } from "./options.ts";
import { fillOptions } from "./options.ts";
import { selectAddress } from "./address-select.ts";
import { noteRoute } from "./journey.ts";
import type { Route } from "./route.ts";
import { RTN, RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { RTCF } from "./route-flags.ts";

/** IP_PMTUDISC_*: what a sender thinks of fragments. */
export const PMTUDISC = { DONT: 0, WANT: 1, DO: 2, PROBE: 3, INTERFACE: 4, OMIT: 5 } as const;

/** What a packet of this host comes from, for its journey, and where it goes beside the network. */
export interface PacketMaking {
  /** Kind of socket; absent: the kernel itself. */
  readonly by?: string;
  /** The packet that it answers. */
  readonly cause?: Packet;
  /** False: no copy of a multicast for this host (IP_MULTICAST_LOOP). */
  readonly loop?: boolean;
}

/** The header of a datagram that this host sends. */
export interface DatagramHeader extends PacketMaking {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly tos?: number;
  /** 0 or absent: the route's. */
  readonly ttl?: number;
  /** PMTUDISC of the sender; absent: DONT. */
  readonly discovery?: number;
  readonly options?: EchoedOptions | undefined;
  /** Identification; absent: chosen here. */
  readonly id?: number;
  readonly mark?: number;
  readonly priority?: number;
}

/** Milliseconds since midnight UT (inet_current_timestamp). */
export function midnightMilliseconds(inet: Ipv4Netns): number {
  return Math.floor(inet.netns.kernel.clock.realtime() / 1000) % 86_400_000;
}

/** The address that options and traceroute see of the outgoing side (ip_rt_get_source). */
export function sourceOf(inet: Ipv4Netns, route: Route, packet: { readonly source: number }): number {
  if (!route.isInput) return packet.source;
  const { info, nexthop } = route;
  if (info !== undefined && info.preferredSource !== 0) return info.preferredSource;
  return selectAddress(inet, route.device, nexthop?.gateway ?? 0, info?.scope ?? RT_SCOPE.UNIVERSE);
}

/** The largest packet that `route` takes now from this host, bytes. */
export function pathMtu(inet: Ipv4Netns, route: Route, discovery: number): number {
  const deviceOnly = discovery === PMTUDISC.PROBE || discovery >= PMTUDISC.INTERFACE;
  return deviceOnly
    ? Math.min(route.device.mtu, IPV4_MAX_PACKET)
    : route.mtu(inet.netns.kernel.clock.now, false, true);
}

/**
 * Puts an IPv4 header in front of `payload` (the transport's header and data) and sends it. Returns 0 or an errno:
 * EMSGSIZE if it may not be fragmented or is beyond 65535 bytes, EHOSTUNREACH, ENETDOWN.
 */
export function sendDatagram(
  inet: Ipv4Netns,
  route: Route,
  header: DatagramHeader,
  payload: Uint8Array,
): number {
  const { options } = header;
  const headerLength = IPV4_MIN_HEADER + (options?.bytes.length ?? 0);
  const length = headerLength + payload.length;
  const discovery = header.discovery ?? PMTUDISC.DONT;
  const mtu = pathMtu(inet, route, discovery);
  if (length > IPV4_MAX_PACKET) return ERRNO.EMSGSIZE;
  const strict =
    discovery === PMTUDISC.DO || discovery === PMTUDISC.PROBE || discovery === PMTUDISC.INTERFACE;
  if (strict && length > mtu) return ERRNO.EMSGSIZE;
  const setDf =
    discovery === PMTUDISC.DO ||
    discovery === PMTUDISC.PROBE ||
    (discovery === PMTUDISC.WANT && length <= mtu && !route.mtuLocked);
  const packet = Packet.allocate(route.device, length);
  const { bytes, start: at } = packet;
  writeU8(bytes, at, 0x40 | (headerLength >>> 2));
  writeU8(bytes, at + 1, header.tos ?? 0);
  writeU16BE(bytes, at + 4, header.id ?? (setDf ? 0 : nextId(inet)));
  writeU16BE(bytes, at + 6, setDf ? IPV4_DONT_FRAGMENT : 0);
  writeU8(bytes, at + 8, ttlOf(inet, route, header.ttl));
  writeU8(bytes, at + 9, header.protocol);
  writeU32BE(bytes, at + 12, header.source);
  const firstHop = options?.options.firstHop ?? 0;
  writeU32BE(bytes, at + 16, firstHop === 0 ? header.destination : firstHop);
  if (options !== undefined) {
    bytes.set(options.bytes, at + IPV4_MIN_HEADER);
    placeFinalHop(options, bytes, at, header.destination);
    fillOptions(
      options.options,
      bytes,
      at,
      () => sourceOf(inet, route, header),
      () => midnightMilliseconds(inet),
    );
  }
  bytes.set(payload, at + headerLength);
  packet.mark = header.mark ?? 0;
  packet.priority = header.priority ?? 0;
  packet.transport = at + headerLength;
  if (header.protocol === IpProtocol.ICMP) inet.icmp.countOut(payload[0] ?? 0);
  return sendLocal(inet, packet, route, header);
}

/** In a source route, the last slot holds where the packet is really for (ip_options_build). */
function placeFinalHop(
  { options }: EchoedOptions,
  bytes: Uint8Array,
  header: number,
  destination: number,
): void {
  if (options.sourceRoute === 0) return;
  const at = header + options.sourceRoute;
  writeU32BE(bytes, at + (bytes[at + 1] ?? 0) - 4, destination);
}

function ttlOf(inet: Ipv4Netns, route: Route, wanted: number | undefined): number {
  if (wanted !== undefined && wanted !== 0) return wanted;
  return route.type === RTN.MULTICAST ? 1 : route.hopLimit(inet.settings.defaultTtl);
}

export function nextId(inet: Ipv4Netns): number {
  inet.nextId = (inet.nextId + 1) >>> 0;
  return inet.nextId & 0xffff;
}

/**
 * ip_local_out(): a packet of this host that starts at its IP header, complete but for total length and checksum.
 * Returns 0 or an errno.
 */
export function sendLocal(
  inet: Ipv4Netns,
  packet: Packet,
  route: Route,
  { by = "kernel", cause, loop = true }: PacketMaking = {},
): number {
  const { bytes, start } = packet;
  writeU16BE(bytes, start + 2, packet.length);
  fillIpv4Checksum(bytes, start);
  packet.device = route.device;
  packet.protocol = EtherType.IPV4;
  packet.network = start;
  packet.route = route;
  if (inet.netns.kernel.trace !== undefined) {
    born(packet, by, EtherType.IPV4, cause);
    if (packet.traced) noteRoute(packet, route);
  }
  inet.ip.outRequests++;
  return output(inet, packet, route, loop, false);
}

/** ip_output(), ip_mc_output(): the packet starts at its IP header. */
export function output(
  inet: Ipv4Netns,
  packet: Packet,
  route: Route,
  loop: boolean,
  forwarded: boolean,
): number {
  const { ip } = inet;
  ip.outputs++;
  if (!inet.countsTransmits) ip.outOctets += packet.length;
  const local = (route.flags & RTCF.LOCAL) !== 0;
  const many = route.flags & (RTCF.MULTICAST | RTCF.BROADCAST);
  if (many !== 0 && local && (route.device.flags & IFF.LOOPBACK) === 0) {
    if ((route.flags & RTCF.BROADCAST) !== 0 || loop) loopBack(packet, route);
    if ((route.flags & RTCF.MULTICAST) !== 0 && ipv4Ttl(packet.bytes, packet.start) === 0) {
      packet.device.kernel.drop(packet, "NOT_SPECIFIED", packet.device.name);
      return 0;
    }
  }
  const { now } = inet.netns.kernel.clock;
  const mtu = route.mtu(now, forwarded, inet.settings.forwardUsePmtu !== 0);
  if (packet.length <= mtu) return toNeighbour(inet, packet, route);
  // A sender that probes may exceed what is known of the path, never the link.
  if ((ipv4FragmentField(packet.bytes, packet.start) & IPV4_DONT_FRAGMENT) !== 0) {
    if (!forwarded && packet.length <= route.device.mtu) return toNeighbour(inet, packet, route);
    inet.ip.fragFails++;
    inet.stack.sendError(packet, 3, 4, mtu);
    packet.device.kernel.drop(packet, "PKT_TOO_BIG", packet.device.name);
    return ERRNO.EMSGSIZE;
  }
  let errno = 0;
  fragment(inet, packet, mtu, (piece) => {
    errno = toNeighbour(inet, piece, route) || errno;
  });
  return errno;
}

/** dev_loopback_xmit(): this host hears its own multicasts and broadcasts. */
function loopBack(packet: Packet, route: Route): void {
  const copy = packet.clone();
  copy.device = route.device;
  copy.mac = copy.start;
  copy.packetType = PACKET_LOOPBACK;
  if (packet.traceId !== 0) derived(copy, packet, "copy");
  const { kernel } = route.device;
  if (!kernel.softirq.enqueue(copy)) kernel.drop(copy, "CPU_BACKLOG", route.device.name);
}

/** ip_finish_output2() */
function toNeighbour(inet: Ipv4Netns, packet: Packet, route: Route): number {
  const { device } = route;
  inet.ip.outTransmits++;
  if (inet.countsTransmits) inet.ip.outOctets += packet.length;
  if (route.type === RTN.MULTICAST) {
    inet.ip.outMcastPkts++;
    inet.ip.outMcastOctets += packet.length;
  } else if (route.type === RTN.BROADCAST) {
    inet.ip.outBcastPkts++;
    inet.ip.outBcastOctets += packet.length;
  }
  packet.device = device;
  const oneNeighbour = (device.flags & (IFF.LOOPBACK | IFF.POINTOPOINT)) !== 0;
  const key = oneNeighbour ? 0 : route.nextHopFor(ipv4Destination(packet.bytes, packet.start));
  const { arp, neighbours6 } = inet.stack;
  const neighbour =
    route.gateway6 === undefined ? arp.get(device, key) : neighbours6?.get(device, route.gateway6);
  if (neighbour === undefined) {
    device.kernel.drop(packet, "NEIGH_CREATEFAIL", device.name);
    return ERRNO.EINVAL;
  }
  neighbour.output(packet);
  return 0;
}
