// ICMPv6 that this host sends of its own: errors (RFC 4443, 2.4: about what, to whom, from which address, how often) and echo
// replies (icmp6_send, icmpv6_echo_reply in net/ipv6/icmp.c).

import { readU8 } from "../../wire/bytes.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { fillIcmpv6Checksum, Icmpv6ParameterProblem, Icmpv6Type, isIcmpv6Error } from "../../wire/icmpv6.ts";
import { writeIcmpv6 } from "../../wire/icmpv6.ts";
import type { Icmpv6Message } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  IPV6_NO_UPPER_LAYER,
  skipIpv6Extensions,
  upperLayerOffset,
  upperLayerProtocol,
} from "../../wire/ipv6-extensions.ts";
import { IPV6_ANY, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_HEADER_LENGTH,
  IPV6_MIN_MTU,
  ipv6Destination,
  ipv6NextHeader,
  ipv6Source,
  ipv6TrafficClass,
} from "../../wire/ipv6.ts";
import { IFF } from "../device.ts";
import { isL3Master, l3MasterOf } from "../l3mdev.ts";
import { Packet, PACKET_HOST } from "../packet.ts";
import { needsDevice } from "./address-type.ts";
import { Route6 } from "./fib-route.ts";
import { noteUnrouted } from "./journey.ts";
import { allowedTo, globallyAllowed } from "./icmp-limit.ts";
import { inet6Device, inet6Netns } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { isAnycast } from "./mcast.ts";
import { countIcmp, countIcmpType } from "./mib.ts";
import { sendPacket, writeHeader } from "./output.ts";
import { routeOutput } from "./route-lookup.ts";
import { selectSource, sourceForRoute } from "./source-selection.ts";

const ERROR_HEADER = 8;
const DEFAULT_MULTICAST_HOPS = 1;

/** ip6_sk_dst_hoplimit() without a socket */
export function hopLimitOf(namespace: Inet6Netns, route: Route6, destination: Ipv6Address): number {
  if (isMulticastIpv6(destination)) return DEFAULT_MULTICAST_HOPS;
  const metric = route.fib.metrics?.hoplimit;
  if (metric !== undefined && metric > 0) return metric;
  return inet6Device.of(route.device)?.configuration.hop_limit ?? namespace.all.hop_limit;
}

/** is_ineligible(): errors are not answered with errors. */
function isAboutError(packet: Packet): boolean {
  const { bytes, network, end } = packet;
  const found = skipIpv6Extensions(bytes, network + IPV6_HEADER_LENGTH, end, ipv6NextHeader(bytes, network));
  if (found === IPV6_NO_UPPER_LAYER) return false;
  if (upperLayerProtocol(found) !== IpProtocol.ICMPV6) return false;
  const at = upperLayerOffset(found);
  return at >= end || isIcmpv6Error(readU8(bytes, at));
}

/** An error about a group may still be sent for these (RFC 4443, 2.4 e.3). */
function isAllowedForGroups(packet: Packet, type: number, code: number, parameter: number): boolean {
  if (type === Icmpv6Type.PACKET_TOO_BIG) return true;
  if (type !== Icmpv6Type.PARAMETER_PROBLEM || code !== Icmpv6ParameterProblem.OPTION) return false;
  // opt_unrec(): the option's own bits ask for it
  return readU8(packet.bytes, packet.network + parameter) >>> 6 === 2;
}

function errorMessage(type: number, code: number, parameter: number, original: Uint8Array): Icmpv6Message {
  switch (type) {
    case Icmpv6Type.PACKET_TOO_BIG:
      return { kind: "packet-too-big", mtu: parameter, original };
    case Icmpv6Type.PARAMETER_PROBLEM:
      return { kind: "parameter-problem", code, pointer: parameter, original };
    case Icmpv6Type.TIME_EXCEEDED:
      return { kind: "time-exceeded", code, originalUnits: 0, original };
    default:
      return { kind: "destination-unreachable", code, originalUnits: 0, original };
  }
}

/** icmp6_send(): about a packet whose `network` is set and which came in, or was to go out, by `packet.device`. */
export function sendError(packet: Packet, type: number, code: number, parameter: number): void {
  const { bytes, device, network, end } = packet;
  const namespace = inet6Netns.of(device.netns);
  if (namespace === undefined || end - network < IPV6_HEADER_LENGTH) return;
  const destination = ipv6Destination(bytes, network);
  const sender = ipv6Source(bytes, network);
  let source: Ipv6Address | undefined;
  if (namespace.hasAddress(destination, device)) source = destination;
  if (isMulticastIpv6(destination) || packet.packetType !== PACKET_HOST) {
    if (!isAllowedForGroups(packet, type, code, parameter)) return;
    source = undefined;
  }
  if (sender === IPV6_ANY || isMulticastIpv6(sender) || isAboutError(packet)) return;
  if ((device.flags & IFF.LOOPBACK) === 0 && !globallyAllowed(namespace, type)) return;
  const oif = needsDevice(sender) ? incomingIndex(packet) : (l3MasterOf(device)?.ifindex ?? 0);
  const flow = { destination: sender, source: source ?? IPV6_ANY, oif, mark: replyMark(namespace, packet) };
  if (!allowedTo(namespace, flow, type)) return;
  const route = routeOutput(namespace, flow);
  if (route.error !== 0) return;
  source ??= errorSource(namespace, packet, route, sender);
  if (source === undefined) return;
  const room = IPV6_MIN_MTU - IPV6_HEADER_LENGTH - ERROR_HEADER;
  const original = bytes.subarray(network, Math.min(end, network + room));
  const length = ERROR_HEADER + original.length;
  const answer = Packet.allocate(route.device, length);
  writeIcmpv6(
    errorMessage(type, code, parameter, original),
    answer.bytes,
    answer.start,
    pseudoHeaderSumV6(source, sender, IpProtocol.ICMPV6, length),
  );
  answer.mark = flow.mark;
  sendIcmp(namespace, route, answer, source, sender, 0, packet);
}

/** A source that tells where the packet was lost: of the device that it came in by, unless the route has its own. */
function errorSource(
  namespace: Inet6Netns,
  packet: Packet,
  route: Route6,
  sender: Ipv6Address,
): Ipv6Address | undefined {
  if (route.fib.preferredSource !== undefined) return route.fib.preferredSource;
  const incoming = namespace.netns.deviceByIndex(packet.arrivedOn);
  return (incoming && selectSource(namespace, incoming, sender)) ?? sourceForRoute(namespace, route, sender);
}

/** icmp6_iif(): the device that the packet is about; what came by loopback has the device of its address. */
export function incomingIndex(packet: Packet): number {
  const { device, route } = packet;
  const home = (device.flags & IFF.LOOPBACK) !== 0 || isL3Master(device);
  if (home && route instanceof Route6) return route.fib.device.ifindex;
  return device.ifindex;
}

function replyMark(namespace: Inet6Netns, packet: Packet): number {
  return namespace.settings.fwmark_reflect ? packet.mark : 0;
}

function sendIcmp(
  namespace: Inet6Netns,
  route: Route6,
  packet: Packet,
  source: Ipv6Address,
  destination: Ipv6Address,
  trafficClass: number,
  cause: Packet,
): void {
  const type = readU8(packet.bytes, packet.start);
  const owner = inet6Device.of(route.fib.device);
  countIcmp(namespace.mib, owner?.mib, "outMsgs");
  countIcmpType(namespace.mib, owner?.mib, "outTypes", type);
  writeHeader(packet, {
    trafficClass,
    flowLabel: 0,
    nextHeader: IpProtocol.ICMPV6,
    hopLimit: hopLimitOf(namespace, route, destination),
    source,
    destination,
  });
  sendPacket(namespace, route, packet, { cause });
}

/** icmpv6_echo_reply(): answers an echo request; `packet.start` is at its ICMPv6 header. */
export function sendEchoReply(namespace: Inet6Netns, packet: Packet): void {
  const { bytes, network, start, end } = packet;
  const { settings } = namespace;
  const asked = ipv6Destination(bytes, network);
  const sender = ipv6Source(bytes, network);
  const multicast = isMulticastIpv6(asked);
  if (multicast && settings["icmp/echo_ignore_multicast"]) return;
  const anycast = isAnycast(inet6Device.of(packet.device), asked);
  if (anycast && settings["icmp/echo_ignore_anycast"]) return;
  const own = !multicast && (!anycast || settings.anycast_src_echo_reply !== 0);
  const oif = incomingIndex(packet);
  const flow = {
    destination: sender,
    source: own ? asked : IPV6_ANY,
    oif,
    mark: replyMark(namespace, packet),
  };
  const route = routeOutput(namespace, flow);
  if (route.error !== 0) {
    if (packet.traced) noteUnrouted(packet, sender, route);
    return;
  }
  const source = own ? asked : sourceForRoute(namespace, route, sender);
  if (source === undefined) return;
  const length = end - start;
  const answer = Packet.allocate(route.device, length);
  answer.bytes.set(bytes.subarray(start, end), answer.start);
  answer.bytes[answer.start] = Icmpv6Type.ECHO_REPLY;
  const sum = pseudoHeaderSumV6(source, sender, IpProtocol.ICMPV6, length);
  fillIcmpv6Checksum(answer.bytes, answer.start, answer.end, sum);
  answer.mark = flow.mark;
  sendIcmp(namespace, route, answer, source, sender, ipv6TrafficClass(bytes, network), packet);
}
