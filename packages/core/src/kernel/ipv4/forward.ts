// Packets that pass through this host (ip_forward; RFC 1812, 5.2 and 5.3).

import { IcmpRedirect, IcmpTimeExceeded, IcmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import {
  decrementIpv4Ttl,
  fillIpv4Checksum,
  IPV4_DONT_FRAGMENT,
  ipv4Destination,
  ipv4FragmentField,
  ipv4Source,
  ipv4Tos,
  ipv4Ttl,
} from "../../wire/ipv4.ts";
import { note } from "../journey.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import { inetDevice } from "./in-device.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { fillOptions, IpOptions } from "./options.ts";
import { output, sourceOf } from "./output.ts";
import type { Route } from "./route.ts";
import { advanceSourceRoute } from "./source-route.ts";

/** rt_tos2priority(): skb->priority by the old type-of-service bits. */
const PRIORITY_OF_TOS: readonly number[] = [0, 1, 0, 0, 2, 2, 2, 2, 6, 6, 6, 6, 4, 4, 4, 4];

export function forward(inet: Ipv4Netns, packet: Packet, route: Route): void {
  const { bytes, network, device } = packet;
  const { kernel } = device;
  if (packet.packetType !== PACKET_HOST) {
    kernel.drop(packet, "OTHERHOST", device.name);
    return;
  }
  packet.start = network;
  if (ipv4Ttl(bytes, network) <= 1) {
    inet.ip.inHdrErrors++;
    inet.stack.sendError(packet, IcmpType.TIME_EXCEEDED, IcmpTimeExceeded.TTL, 0);
    kernel.drop(packet, "IP_INHDR", device.name);
    return;
  }
  const options = packet.control instanceof IpOptions ? packet.control : undefined;
  if (options?.strict === true && route.gateway !== 0) {
    inet.stack.sendError(packet, IcmpType.DESTINATION_UNREACHABLE, IcmpUnreachable.SOURCE_ROUTE_FAILED, 0);
    kernel.drop(packet, "IP_OPTIONS", device.name);
    return;
  }
  if (inet.countsTransmits) inet.ip.forwDatagrams++;
  const mtu = route.mtu(kernel.clock.now, true, inet.settings.forwardUsePmtu !== 0);
  if (packet.length > mtu && (ipv4FragmentField(bytes, network) & IPV4_DONT_FRAGMENT) !== 0) {
    inet.ip.fragFails++;
    inet.stack.sendError(packet, IcmpType.DESTINATION_UNREACHABLE, IcmpUnreachable.FRAGMENTATION_NEEDED, mtu);
    kernel.drop(packet, "PKT_TOO_BIG", device.name);
    return;
  }
  packet.writable();
  decrementIpv4Ttl(packet.bytes, packet.network);
  if (packet.traced)
    note(packet, { kind: "forward", netns: device.netns.inode, ttl: ipv4Ttl(packet.bytes, packet.network) });
  if (route.redirect && (options === undefined || options.sourceRoute === 0))
    sendRedirect(inet, packet, route);
  if (inet.settings.forwardUpdatePriority !== 0) {
    packet.priority = PRIORITY_OF_TOS[(ipv4Tos(packet.bytes, packet.network) & 0x1e) >>> 1] ?? 0;
  }
  if (!inet.countsTransmits) {
    inet.ip.forwDatagrams++;
    inet.ip.outOctets += packet.length;
  }
  if (options !== undefined && options.length > 0) forwardOptions(inet, packet, route, options);
  output(inet, packet, route, false, true);
}

/** ip_forward_options() */
function forwardOptions(inet: Ipv4Netns, packet: Packet, route: Route, options: IpOptions): void {
  const { bytes, network } = packet;
  const own = sourceOf(inet, route, { source: 0 });
  // Times were written when the packet came in. So was this host's address beside them, and it stays unless the sender
  // chose the way.
  const waiting = options.timestampNeedsAddress;
  options.timestampNeedsAddress = waiting && options.routeHit;
  fillOptions(options, bytes, network, () => own, undefined);
  options.timestampNeedsAddress = waiting;
  if (options.routeHit) advanceSourceRoute(packet, options, own);
  fillIpv4Checksum(bytes, network);
}

/** Redirects without effect after which the host gives up for a while (net.ipv4.route.redirect_number). */
const REDIRECT_LIMIT = 9;

/** ip_rt_send_redirect(): with growing pauses, so that a host that does not listen is left alone. */
function sendRedirect(inet: Ipv4Netns, packet: Packet, route: Route): void {
  const inDevice = inetDevice.of(route.device);
  if (inDevice === undefined || !inDevice.either("sendRedirects")) return;
  const { bytes, network } = packet;
  const { jiffies, profile } = inet.netns.kernel;
  const { hz } = profile;
  const load = Math.floor(hz / 50); // ip_rt_redirect_load: 20 ms
  const silence = load << (REDIRECT_LIMIT + 1);
  const peer = inet.peers.get(ipv4Source(bytes, network), jiffies, hz);
  if (jiffies > peer.last + silence) {
    peer.tokens = 0;
    peer.redirects = 0;
  }
  if (peer.redirects >= REDIRECT_LIMIT) {
    peer.last = jiffies;
    return;
  }
  if (peer.redirects === 0 || jiffies > peer.last + (load << peer.redirects)) {
    const gateway = route.nextHopFor(ipv4Destination(bytes, network));
    inet.stack.sendError(packet, IcmpType.REDIRECT, IcmpRedirect.HOST, gateway);
    peer.last = jiffies;
    peer.redirects++;
  }
}
