// Forwarding of IPv6 (ip6_forward in net/ipv6/ip6_output.c; RFC 8200, 3; RFC 4443).

import { Icmpv6TimeExceeded, Icmpv6Type } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { IPV6_ANY, IPV6_LOOPBACK, isLinkLocalIpv6, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_NO_UPPER_LAYER,
  skipIpv6Extensions,
  upperLayerOffset,
  upperLayerProtocol,
} from "../../wire/ipv6-extensions.ts";
import {
  IPV6_HEADER_LENGTH,
  IPV6_MIN_MTU,
  ipv6Destination,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6Source,
  setIpv6HopLimit,
} from "../../wire/ipv6.ts";
import { readU8 } from "../../wire/bytes.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { note } from "../journey.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import type { Route6 } from "./fib-route.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Device, Inet6Netns } from "./interface.ts";
import { count } from "./mib.ts";
import type { Ip6Counters } from "./mib.ts";
import { outputPacket } from "./output.ts";
import { sendRedirect } from "./redirect.ts";
import { mtuOf } from "./route-lookup.ts";

/** Code of "destination unreachable": the source's scope does not reach there. */
const BEYOND_SCOPE = 2;

/**
 * Sends a packet on. True if it is to be delivered to this host instead, because neighbour discovery for its destination
 * is proxied here.
 */
export function forward(namespace: Inet6Netns, route: Route6, packet: Packet): boolean {
  const { bytes, device, network } = packet;
  const owner = inet6Device.of(device);
  if (!mayForward(namespace, owner)) {
    drop(namespace, owner, packet, "inAddrErrors", "IP_INADDRERRORS");
    return false;
  }
  if (packet.packetType !== PACKET_HOST) {
    namespace.kernel.drop(packet, "OTHERHOST", device.name);
    return false;
  }
  if (ipv6HopLimit(bytes, network) <= 1) {
    namespace.stack.sendError(packet, Icmpv6Type.TIME_EXCEEDED, Icmpv6TimeExceeded.HOP_LIMIT, 0);
    drop(namespace, owner, packet, "inHdrErrors", "IP_INHDR");
    return false;
  }
  const destination = ipv6Destination(bytes, network);
  const proxied = proxyVerdict(namespace, owner, packet, destination);
  if (proxied === "deliver") return true;
  if (proxied === "discard") {
    drop(namespace, owner, packet, "inDiscards", "NOT_SPECIFIED");
    return false;
  }
  if (device === route.device) sendRedirect(namespace, packet, route.gateway ?? destination);
  else if (!sourceMayLeave(namespace, owner, packet)) return false;
  send(namespace, owner, route, packet);
  return false;
}

function mayForward(namespace: Inet6Netns, owner: Inet6Device | undefined): boolean {
  return namespace.all.forwarding !== 0 || owner?.configuration.force_forwarding === 1;
}

function drop(
  namespace: Inet6Netns,
  owner: Inet6Device | undefined,
  packet: Packet,
  counter: keyof Ip6Counters,
  reason: DropReason,
): void {
  count(namespace.mib, owner?.mib, counter);
  namespace.kernel.drop(packet, reason, packet.device.name);
}

/** ip6_forward_proxy_check(): neighbour discovery for a proxied address is answered here; link-local does not pass. */
function proxyVerdict(
  namespace: Inet6Netns,
  owner: Inet6Device | undefined,
  packet: Packet,
  destination: Ipv6Address,
): "forward" | "deliver" | "discard" {
  const proxying = namespace.all.proxy_ndp !== 0 || (owner?.configuration.proxy_ndp ?? 0) !== 0;
  if (!proxying) return "forward";
  const { neighbours } = namespace.stack;
  if (!neighbours.findProxy(namespace.netns, destination, packet.device)) return "forward";
  const { bytes, end, network } = packet;
  const found = skipIpv6Extensions(bytes, network + IPV6_HEADER_LENGTH, end, ipv6NextHeader(bytes, network));
  if (found !== IPV6_NO_UPPER_LAYER && upperLayerProtocol(found) === IpProtocol.ICMPV6) {
    const type = readU8(bytes, upperLayerOffset(found));
    // For error messages and the rest the proxy is a router like any other.
    if (type >= Icmpv6Type.ROUTER_SOLICITATION && type <= Icmpv6Type.REDIRECT) return "deliver";
  }
  return isLinkLocalIpv6(destination) ? "discard" : "forward";
}

/** False if the packet is gone: its source means nothing on another link. */
function sourceMayLeave(namespace: Inet6Netns, owner: Inet6Device | undefined, packet: Packet): boolean {
  const source = ipv6Source(packet.bytes, packet.network);
  if (isLinkLocalIpv6(source)) {
    namespace.stack.sendError(packet, Icmpv6Type.DESTINATION_UNREACHABLE, BEYOND_SCOPE, 0);
  } else if (source !== IPV6_ANY && source !== IPV6_LOOPBACK && !isMulticastIpv6(source)) return true;
  drop(namespace, owner, packet, "inAddrErrors", "IP_INADDRERRORS");
  return false;
}

function send(namespace: Inet6Netns, owner: Inet6Device | undefined, route: Route6, packet: Packet): void {
  const out = inet6Device.of(route.device);
  const mtu = Math.max(IPV6_MIN_MTU, forwardMtu(route));
  const length = packet.end - packet.network;
  if (length > mtu) {
    // The error comes from the device that the packet was to leave by.
    packet.device = route.device;
    namespace.stack.sendError(packet, Icmpv6Type.PACKET_TOO_BIG, 0, mtu);
    count(namespace.mib, out?.mib, "fragFails");
    drop(namespace, owner, packet, "inTooBigErrors", "PKT_TOO_BIG");
    return;
  }
  packet.writable();
  packet.start = packet.network;
  const hopLimit = ipv6HopLimit(packet.bytes, packet.network) - 1;
  setIpv6HopLimit(packet.bytes, packet.network, hopLimit);
  if (packet.traced) note(packet, { kind: "forward", netns: namespace.netns.inode, ttl: hopLimit });
  for (const { ip } of out ? [namespace.mib, out.mib] : [namespace.mib]) {
    ip.outForwDatagrams++;
    ip.outOctets += length;
  }
  outputPacket(namespace, route, packet, { mayFragment: false });
}

/** ip6_dst_mtu_maybe_forward(): what was learned for this host's own packets does not bind others'. */
function forwardMtu(route: Route6): number {
  const { metrics } = route.fib;
  if (metrics?.mtu !== undefined && ((metrics.lock ?? 0) & (1 << 2)) !== 0) return metrics.mtu;
  return (
    metrics?.mtu ??
    (route.pathMtu > 0 ? mtuOf(route) : (inet6Device.of(route.device)?.configuration.mtu ?? route.device.mtu))
  );
}
