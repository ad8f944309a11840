// ICMP errors that this host sends (icmp_send): about what, to whom, from which address, and how often.
// RFC 792; RFC 1122, 3.2.2; RFC 1812, 4.3.2.

import type { IcmpMessage } from "../../wire/icmpv4-message.ts";
import { writeIcmp } from "../../wire/icmpv4-message.ts";
import { IcmpType, isIcmpError } from "../../wire/icmpv4.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import {
  IPV4_FRAGMENT_MASK,
  IPV4_MIN_HEADER,
  ipv4Destination,
  ipv4FragmentField,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Tos,
} from "../../wire/ipv4.ts";
import { IFF } from "../device.ts";
import { l3MasterOf } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import { addressType } from "./address-type.ts";
import { selectAddress } from "./address-select.ts";
import type { Ipv4Netns, Ipv4Stack } from "./namespace.ts";
import { ipv4Of } from "./namespace.ts";
import type { EchoedOptions } from "./options.ts";
import { echoOptions, IpOptions } from "./options.ts";
import { sendDatagram } from "./output.ts";
import { allowError } from "./peers.ts";
import { Route } from "./route.ts";
import { ROUTING_TOS, routeOutput } from "./route-output.ts";
import { RTN, RT_SCOPE } from "../../netlink/rtnl/route-constants.ts";
import { RTCF } from "./route-flags.ts";

/** IPTOS_PREC_INTERNETCONTROL: precedence of ICMP errors (RFC 1812, 4.3.2.5). */
const ERROR_PRECEDENCE = 0xc0;
const HIGHEST_TYPE = 18; // NR_ICMP_TYPES
/** RFC 1812, 4.3.2.3: an error carries as much of the packet as fits into 576 bytes. */
const ERROR_LIMIT = 576;
const ICMP_HEADER = 8;
/** 192.0.0.8, for hosts that have no address (RFC 7600). */
const DUMMY_ADDRESS = 0xc000_0008;
const FRAGMENTATION_NEEDED = 4;

export function installIcmpErrors(stack: Ipv4Stack): void {
  stack.sendError = sendError;
}

/** `packet` starts at its IP header (or below it) with `network` set, and has a route; it is not ended here. */
function sendError(packet: Packet, type: number, code: number, info: number): void {
  const route = packet.route;
  if (!(route instanceof Route)) return;
  const inet = ipv4Of(route.device.netns);
  const { bytes, network } = packet;
  if (packet.packetType !== PACKET_HOST || (route.flags & (RTCF.BROADCAST | RTCF.MULTICAST)) !== 0) return;
  if ((ipv4FragmentField(bytes, network) & IPV4_FRAGMENT_MASK) !== 0) return;
  if (isAboutError(packet)) return;
  const fromLoopback = (packet.device.flags & IFF.LOOPBACK) !== 0;
  if (!fromLoopback && !globallyAllowed(inet, type, code)) return;

  const source = errorSource(inet, packet, route);
  const echoed = echoedOptions(inet, packet, source);
  if (echoed === "impossible") return;
  const tos = (ipv4Tos(bytes, network) & 0x1e) | ERROR_PRECEDENCE;
  const destination = ipv4Source(bytes, network);
  const firstHop = echoed?.options.firstHop ?? 0;
  const way = routeOutput(inet, {
    destination: firstHop === 0 ? destination : firstHop,
    source,
    oif: l3MasterOf(packet.device)?.ifindex ?? 0,
    tos: tos & ROUTING_TOS,
    protocol: IpProtocol.ICMP,
    mark: inet.settings.fwmarkReflect === 0 ? 0 : packet.mark,
  });
  if (typeof way === "number" || !allowedTo(inet, way, destination, type, code)) return;
  const optionsLength = echoed?.bytes.length ?? 0;
  const mtu = Math.min(ERROR_LIMIT, way.mtu(inet.netns.kernel.clock.now, false, true));
  const room = mtu - IPV4_MIN_HEADER - optionsLength - ICMP_HEADER;
  if (room <= IPV4_MIN_HEADER) return;
  const quoted = bytes.subarray(network, Math.min(packet.end, network + room));
  const message = new Uint8Array(ICMP_HEADER + quoted.length);
  writeIcmp(errorMessage(type, code, info, quoted), message, 0);
  sendDatagram(
    inet,
    way,
    {
      source: way.source === 0 ? DUMMY_ADDRESS : way.source,
      destination,
      protocol: IpProtocol.ICMP,
      tos,
      options: echoed,
      mark: inet.settings.fwmarkReflect === 0 ? 0 : packet.mark,
      cause: packet,
    },
    message,
  );
}

/** RFC 1122, 3.2.2: no error about an error, or about what cannot be told apart from one. */
function isAboutError({ bytes, network, end }: Packet): boolean {
  if (ipv4Protocol(bytes, network) !== IpProtocol.ICMP) return false;
  const at = network + ipv4HeaderLength(bytes, network);
  const type = at < end ? (bytes[at] ?? 0) : HIGHEST_TYPE + 1;
  return type > HIGHEST_TYPE || isIcmpError(type);
}

/** The address that was asked for; for what passes through, the one that routing chooses. */
function errorSource(inet: Ipv4Netns, packet: Packet, route: Route): number {
  if ((route.flags & RTCF.LOCAL) !== 0) return ipv4Destination(packet.bytes, packet.network);
  if (!route.isInput || inet.settings.icmpErrorsUseInboundAddress === 0) return 0;
  const inbound = inet.netns.deviceByIndex(route.iif);
  return inbound === undefined
    ? 0
    : selectAddress(inet, inbound, ipv4Source(packet.bytes, packet.network), RT_SCOPE.LINK);
}

/** Options of the packet, turned around. */
export function echoedOptions(
  inet: Ipv4Netns,
  packet: Packet,
  own: number,
): EchoedOptions | "impossible" | undefined {
  const { control } = packet;
  if (!(control instanceof IpOptions) || control.length === 0) return undefined;
  const isOwn = (address: number): boolean => addressType(inet, address) !== RTN.UNICAST;
  return echoOptions(control, packet.bytes, packet.network, own, isOwn) ?? "impossible";
}

function errorMessage(type: number, code: number, info: number, original: Uint8Array): IcmpMessage {
  switch (type) {
    case IcmpType.DESTINATION_UNREACHABLE:
      return { kind: "destination-unreachable", code, mtu: info, originalWords: 0, original };
    case IcmpType.REDIRECT:
      return { kind: "redirect", code, gateway: info, original };
    case IcmpType.TIME_EXCEEDED:
      return { kind: "time-exceeded", code, originalWords: 0, original };
    default:
      return { kind: "parameter-problem", code, pointer: info, originalWords: 0, original };
  }
}

/** icmpv4_mask_allow(): types that no limit is for. */
function isUnlimited(inet: Ipv4Netns, type: number, code: number): boolean {
  if (type > HIGHEST_TYPE) return true;
  if (type === IcmpType.DESTINATION_UNREACHABLE && code === FRAGMENTATION_NEEDED) return true;
  return ((1 << type) & inet.settings.icmpRateMask) === 0;
}

/** icmp_global_allow(): a bucket for the whole host. */
function globallyAllowed(inet: Ipv4Netns, type: number, code: number): boolean {
  if (isUnlimited(inet, type, code)) return true;
  const { stack } = inet;
  const { jiffies, profile } = stack.kernel;
  const elapsed = Math.min(jiffies - stack.icmpCreditAt, profile.hz);
  if (elapsed >= profile.hz / 50) {
    const earned = Math.floor((stack.icmpMessagesPerSecond * elapsed) / profile.hz);
    if (earned > 0) {
      stack.icmpCreditAt = jiffies;
      stack.icmpCredit = Math.min(stack.icmpCredit + earned, stack.icmpMessagesBurst);
    }
  }
  if (stack.icmpCredit > 0) {
    // One on average; at random, so that nobody can count what others get (CVE-2020-25705).
    stack.icmpCredit = Math.max(0, stack.icmpCredit - stack.kernel.random.below(3));
    return true;
  }
  inet.icmp.outRateLimitGlobal++;
  return false;
}

/** icmpv4_xrlim_allow(): a bucket for each destination. */
export function allowedTo(
  inet: Ipv4Netns,
  route: Route,
  destination: number,
  type: number,
  code: number,
): boolean {
  if (isUnlimited(inet, type, code) || (route.device.flags & IFF.LOOPBACK) !== 0) return true;
  const { jiffies, profile } = inet.netns.kernel;
  const interval = Math.floor((inet.settings.icmpRateLimit * profile.hz) / 1000);
  // An interval of 0 lets everything pass, yet empties the bucket: ip_error() draws on it too.
  if (allowError(inet.peers.get(destination, jiffies, profile.hz), interval, jiffies)) return true;
  inet.icmp.outRateLimitHost++;
  return false;
}
