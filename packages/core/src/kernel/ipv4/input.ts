// IPv4 packets that come in (ip_rcv, ip_local_deliver): checked, routed, put together, and handed to who they are for.

import { readU16BE } from "../../wire/bytes.ts";
import { IcmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  IPV4_MIN_HEADER,
  ipv4ChecksumOk,
  ipv4Destination,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
  ipv4TotalLength,
  ipv4Version,
  isIpv4Fragment,
} from "../../wire/ipv4.ts";
import { ERRNO } from "../../netlink/errno.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { isLoopbackIpv4, isZeroNetIpv4 } from "../../wire/ipv4-address.ts";
import { IFF } from "../device.ts";
import { countInDomain } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { PACKET_BROADCAST, PACKET_LOOPBACK, PACKET_MULTICAST, PACKET_OTHERHOST } from "../packet.ts";
import { isOwnAddress } from "./address-select.ts";
import { addressType } from "./address-type.ts";
import { forward } from "./forward.ts";
import { inetDevice } from "./in-device.ts";
import { packetHash } from "./multipath.ts";
import type { Ipv4Netns } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";
import { compileOptions } from "./options.ts";
import { noteRoute } from "./journey.ts";
import { midnightMilliseconds } from "./output.ts";
import { ownAddressFor } from "./own-address.ts";
import { takeTokens } from "./peers.ts";
import { reassemble } from "./reassembly.ts";
import { Route } from "./route.ts";
import { routeInput } from "./route-input.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { routeBySourceRoute } from "./source-route.ts";

/** The handler for EtherType 0x0800: a packet that starts at its IP header. */
export function receiveIpv4(packet: Packet): void {
  const { device, bytes, start } = packet;
  const { kernel } = device;
  if (packet.packetType === PACKET_OTHERHOST) {
    kernel.drop(packet, "OTHERHOST", device.name);
    return;
  }
  const inet = ipv4Of(device.netns);
  const { ip } = inet;
  ip.inReceives++;
  ip.inOctets += packet.end - start;
  const available = packet.end - start;
  const headerLength = available < IPV4_MIN_HEADER ? 0 : ipv4HeaderLength(bytes, start);
  if (headerLength < IPV4_MIN_HEADER || ipv4Version(bytes, start) !== 4 || headerLength > available) {
    ip.inHdrErrors++;
    kernel.drop(packet, available < headerLength ? "PKT_TOO_SMALL" : "IP_INHDR", device.name);
    return;
  }
  ip[ECN_COUNTERS[ipv4Tos(bytes, start) & 3] as EcnCounter]++;
  if (!ipv4ChecksumOk(bytes, start)) {
    ip.inCsumErrors++;
    ip.inHdrErrors++;
    kernel.drop(packet, "IP_CSUM", device.name);
    return;
  }
  const totalLength = ipv4TotalLength(bytes, start);
  if (available < totalLength) {
    ip.inTruncatedPkts++;
    kernel.drop(packet, "PKT_TOO_SMALL", device.name);
    return;
  }
  if (totalLength < headerLength) {
    ip.inHdrErrors++;
    kernel.drop(packet, "IP_INHDR", device.name);
    return;
  }
  packet.end = start + totalLength;
  packet.network = start;
  packet.transport = start + headerLength;
  packet.control = undefined;
  const route = routeOf(inet, packet);
  if (typeof route === "number") {
    dropUnrouted(inet, packet, route);
    return;
  }
  packet.route = route;
  if (device.master !== undefined && route.type !== RTN.MULTICAST) countInDomain(packet);
  if (packet.traced) noteRoute(packet, route);
  if (headerLength > IPV4_MIN_HEADER && !receiveOptions(inet, packet)) return;
  if (!countByType(inet, packet, route)) return;
  proceed(inet, packet, packet.route as Route);
}

type EcnCounter = "inNoEctPkts" | "inEct1Pkts" | "inEct0Pkts" | "inCePkts";
const ECN_COUNTERS: readonly EcnCounter[] = ["inNoEctPkts", "inEct1Pkts", "inEct0Pkts", "inCePkts"];

/** What a packet that came back from the loopback device was sent by is its route still (skb_valid_dst). */
function routeOf(inet: Ipv4Netns, packet: Packet): Route | number {
  const { device, bytes, start, route } = packet;
  const looped = packet.packetType === PACKET_LOOPBACK || (device.flags & IFF.LOOPBACK) !== 0;
  if (looped && route instanceof Route && !route.isInput) return route;
  const destination = ipv4Destination(bytes, start);
  const source = ipv4Source(bytes, start);
  const tos = ipv4Tos(bytes, start);
  const known = inet.routes.find(destination, source, device.ifindex, tos, packet.mark);
  if (known !== undefined) return known;
  const protocol = ipv4Protocol(bytes, start);
  const ports = portsOffset(packet, protocol);
  const made = routeInput(inet, {
    destination,
    source,
    tos,
    mark: packet.mark,
    protocol,
    sourcePort: ports < 0 ? 0 : readU16BE(bytes, ports),
    destinationPort: ports < 0 ? 0 : readU16BE(bytes, ports + 2),
    device,
    isIp: true,
    hash: () => packetHash(inet, packet),
  });
  if (typeof made === "number") return made;
  // Rules and hashes that look at ports decide for each packet; so do groups of next-hop objects, by which neighbours
  // answer and which buckets are idle.
  const byPorts = inet.fib.customRules || inet.settings.multipathHashPolicy !== 0;
  const byGroup = made.info?.object?.path.kind === "group";
  if (!byPorts && !byGroup) inet.routes.remember(destination, source, device.ifindex, tos, packet.mark, made);
  return made;
}

function portsOffset(packet: Packet, protocol: number): number {
  const ported = protocol === IpProtocol.UDP || protocol === IpProtocol.TCP || protocol === IpProtocol.SCTP;
  if (!ported || isIpv4Fragment(packet.bytes, packet.start) || packet.transport + 4 > packet.end) return -1;
  return packet.transport;
}

function dropUnrouted(inet: Ipv4Netns, packet: Packet, errno: number): void {
  const { device } = packet;
  if (errno === ERRNO.EXDEV) {
    inet.extended.ipReversePathFilter++;
    device.kernel.drop(packet, "IP_RPFILTER", device.name);
  } else device.kernel.drop(packet, martian(inet, packet), device.name);
}

/** What is wrong with a packet's addresses, as newer kernels name it. */
function martian(inet: Ipv4Netns, { bytes, start }: Packet): DropReason {
  const [source, destination] = [ipv4Source(bytes, start), ipv4Destination(bytes, start)];
  if (isOwnAddress(inet, source)) return "IP_LOCAL_SOURCE";
  if (isLoopbackIpv4(source) || isLoopbackIpv4(destination)) return "IP_LOCALNET";
  return isZeroNetIpv4(destination) ? "IP_INVALID_DEST" : "IP_INVALID_SOURCE";
}

/** ip_rcv_options(): false if the packet has ended here. */
function receiveOptions(inet: Ipv4Netns, packet: Packet): boolean {
  const { device } = packet;
  packet.writable();
  const options = compileOptions(packet.bytes, packet.network, packet.transport, {
    ownAddress: () => ownAddressFor(inet, packet),
    isOwn: (address) => addressType(inet, address) !== RTN.UNICAST,
    timestamp: () => midnightMilliseconds(inet),
    received: true,
  });
  if (typeof options === "number") {
    inet.ip.inHdrErrors++;
    inet.stack.sendError(packet, IcmpType.PARAMETER_PROBLEM, 0, options);
    device.kernel.drop(packet, "IP_OPTIONS", device.name);
    return false;
  }
  packet.control = options;
  if (options.sourceRoute === 0) return true;
  if (inetDevice.of(device)?.both("acceptSourceRoute") === true && routeBySourceRoute(inet, packet, options))
    return true;
  device.kernel.drop(packet, "IP_OPTIONS", device.name);
  return false;
}

/** Multicasts and broadcasts are counted; unicasts inside a link-layer broadcast may be unwanted (RFC 1122, 3.3.6). */
function countByType(inet: Ipv4Netns, packet: Packet, route: Route): boolean {
  const { ip } = inet;
  if (route.type === RTN.MULTICAST) {
    ip.inMcastPkts++;
    ip.inMcastOctets += packet.length;
  } else if (route.type === RTN.BROADCAST) {
    ip.inBcastPkts++;
    ip.inBcastOctets += packet.length;
  } else if (packet.packetType === PACKET_BROADCAST || packet.packetType === PACKET_MULTICAST) {
    const inDevice = inetDevice.of(packet.device);
    if (inDevice !== undefined && inDevice.either("dropUnicastInL2Multicast")) {
      packet.device.kernel.drop(packet, "UNICAST_IN_L2_MULTICAST", packet.device.name);
      return false;
    }
  }
  return true;
}

function proceed(inet: Ipv4Netns, packet: Packet, route: Route): void {
  switch (route.input) {
    case "deliver":
      deliver(inet, packet);
      return;
    case "forward":
      forward(inet, packet, route);
      return;
    case "refuse":
      refuse(inet, packet, route);
      return;
    default: {
      const never: never = route.input;
      return never;
    }
  }
}

/** Seconds' worth of errors that ip_error sends at once (net.ipv4.route.error_burst), one a second after that. */
const ERROR_BURST = 5;

/** ip_error(): no route, or one that says no. */
function refuse(inet: Ipv4Netns, packet: Packet, route: Route): void {
  const { device } = packet;
  const { kernel } = device;
  const inDevice = inetDevice.of(device);
  const { error } = route;
  const unreachable = error === ERRNO.ENETUNREACH;
  if (inDevice === undefined || !inDevice.forwarding) {
    if (error === ERRNO.EHOSTUNREACH) inet.ip.inAddrErrors++;
    else if (unreachable) inet.ip.inNoRoutes++;
    kernel.drop(packet, unreachable ? "IP_INNOROUTES" : "IP_NOT_FORWARDING", device.name);
    return;
  }
  if (unreachable) inet.ip.inNoRoutes++;
  const code = unreachableCode(error);
  if (code >= 0) {
    const peer = inet.peers.get(ipv4Source(packet.bytes, packet.network), kernel.jiffies, kernel.profile.hz);
    const { hz } = kernel.profile;
    if (takeTokens(peer, hz, ERROR_BURST * hz, kernel.jiffies)) {
      inet.stack.sendError(packet, IcmpType.DESTINATION_UNREACHABLE, code, 0);
    }
  }
  kernel.drop(packet, refusalReason(error), device.name);
}

function unreachableCode(error: number): number {
  switch (error) {
    case ERRNO.EHOSTUNREACH:
      return IcmpUnreachable.HOST;
    case ERRNO.ENETUNREACH:
      return IcmpUnreachable.NET;
    case ERRNO.EACCES:
      return IcmpUnreachable.COMMUNICATION_PROHIBITED;
    default:
      return -1;
  }
}

function refusalReason(error: number) {
  switch (error) {
    case ERRNO.EHOSTUNREACH:
      return "ROUTE_UNREACHABLE";
    case ERRNO.ENETUNREACH:
      return "IP_INNOROUTES";
    case ERRNO.EACCES:
      return "ROUTE_PROHIBIT";
    default:
      return "ROUTE_BLACKHOLE";
  }
}

/** ip_local_deliver() */
function deliver(inet: Ipv4Netns, received: Packet): void {
  let packet = received;
  if (isIpv4Fragment(packet.bytes, packet.network)) {
    packet.start = packet.network;
    const whole = reassemble(inet, packet);
    if (whole === undefined) return;
    packet = whole;
  }
  const { bytes, network, device } = packet;
  const protocol = ipv4Protocol(bytes, network);
  packet.transport = network + ipv4HeaderLength(bytes, network);
  packet.start = network;
  let raw = false;
  for (const receiver of inet.stack.rawReceivers) if (receiver.receive(packet, protocol)) raw = true;
  const handler = inet.stack.protocols[protocol];
  packet.start = packet.transport;
  if (handler !== undefined) {
    inet.ip.inDelivers++;
    handler.receive(packet);
  } else if (raw) inet.ip.inDelivers++;
  else {
    inet.ip.inUnknownProtos++;
    inet.stack.sendError(packet, IcmpType.DESTINATION_UNREACHABLE, IcmpUnreachable.PROTOCOL, 0);
    device.kernel.drop(packet, "IP_NOPROTO", device.name);
  }
}
