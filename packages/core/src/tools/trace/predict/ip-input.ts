// IP packets that come in to a namespace, for `trace --dry-run`: for this host, to be sent on, or refused (ip_rcv, ip_route_input,
// ip_forward; ipv6_rcv, ip6_forward). What is for this host goes to deliver.ts.

import { ERRNO } from "../../../netlink/errno.ts";
import { RT_TABLE, RTN } from "../../../netlink/rtnl/route-constants.ts";
import type { DropReason } from "../../../trace/drop-reason.ts";
import { IcmpTimeExceeded, IcmpType, IcmpUnreachable } from "../../../wire/icmpv4.ts";
import { Icmpv6TimeExceeded, Icmpv6Type, Icmpv6Unreachable } from "../../../wire/icmpv6.ts";
import {
  IPV4_MIN_HEADER,
  ipv4ChecksumOk,
  ipv4HeaderLength,
  ipv4TotalLength,
  ipv4Version,
} from "../../../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH, IPV6_MIN_MTU, ipv6PayloadLength, ipv6Version } from "../../../wire/ipv6.ts";
import { readIpv6Address } from "../../../wire/ipv6-address.ts";
import { udpDestinationPort, udpSourcePort } from "../../../wire/udp.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { formatBytes, isLinkLocal } from "../../why/network-state.ts";
import type { LinkState, RouteAnswer, RouteQuestion } from "../../why/network-state.ts";
import { hasAddress } from "../../why/tunnel-state.ts";
import { deliver } from "./deliver.ts";
import { isGroup } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { sendError, sendRedirect } from "./icmp.ts";
import {
  countedDown,
  destinationOf,
  dontFragment,
  isMulticast,
  isV4,
  sourceOf,
  ttlOf,
  upperLayerOf,
} from "./packet.ts";
import type { IpPacket } from "./packet.ts";
import { refusalOf } from "./refusal.ts";
import { conf, either, forwardsIpv4, forwardsIpv6, loopbackOf, refusalEvent, routeEvent } from "./stack.ts";
import type { Incoming, Stack } from "./stack.ts";
import { add, addDrop, traceDeviceOf } from "./tree.ts";
import type { OpenNode } from "./tree.ts";

/** Whether a frame is for this host by its link-layer address. */
function isForHost(link: LinkState, { to, from, vlan }: Frame): boolean {
  return vlan === 0 && (from === "" || link.loopback || to === link.mac);
}

/** A frame for another host, which only a promiscuous device or a bridge brings this far. */
function isForOthers(link: LinkState, frame: Frame): boolean {
  return frame.vlan !== 0 || (!isForHost(link, frame) && !isGroup(frame.to));
}

/** What is wrong with an IPv4 packet as it stands; undefined if it may go on. */
function badIpv4(bytes: Uint8Array): DropReason | undefined {
  const header = bytes.length < IPV4_MIN_HEADER ? 0 : ipv4HeaderLength(bytes, 0);
  if (header < IPV4_MIN_HEADER || ipv4Version(bytes, 0) !== 4 || header > bytes.length)
    return bytes.length < header ? "PKT_TOO_SMALL" : "IP_INHDR";
  if (!ipv4ChecksumOk(bytes, 0)) return "IP_CSUM";
  const total = ipv4TotalLength(bytes, 0);
  if (bytes.length < total) return "PKT_TOO_SMALL";
  return total < header ? "IP_INHDR" : undefined;
}

/** Rules may look at protocols and ports. */
function flowQuestion(packet: IpPacket): Pick<RouteQuestion, "protocol" | "ports"> {
  const { protocol, at, fragment } = upperLayerOf(packet);
  const { bytes } = packet;
  const ported = protocol === IpProtocol.UDP || protocol === IpProtocol.TCP;
  // The kernel takes questions about these protocols only.
  if (ported && fragment === undefined && bytes.length >= at + 4)
    return { protocol, ports: [udpSourcePort(bytes, at), udpDestinationPort(bytes, at)] };
  return protocol === (isV4(packet) ? IpProtocol.ICMP : IpProtocol.ICMPV6) ? { protocol } : {};
}

export async function receiveIpv4(
  stack: Stack,
  node: OpenNode,
  link: LinkState,
  frame: Frame,
): Promise<void> {
  const { place } = link;
  if (isForOthers(link, frame)) {
    addDrop(node, link, "OTHERHOST");
    return;
  }
  const bad = badIpv4(frame.payload.bytes);
  if (bad !== undefined) {
    addDrop(node, link, bad);
    return;
  }
  const packet = {
    ...frame.payload,
    bytes: frame.payload.bytes.subarray(0, ipv4TotalLength(frame.payload.bytes, 0)),
  };
  const incoming = { node, place, link, frame, packet };
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  // What comes back keeps the route that it was sent with.
  const looped = link.loopback ? {} : { out: link };
  const back = link.loopback || frame.looped === true;
  const question = back ? looped : { source, came: link, ...flowQuestion(packet) };
  const way = place.routeTo(destination, question);
  if (typeof way === "number") {
    await refuseIpv4(stack, incoming, way);
    return;
  }
  const entry = isMulticast(destination) ? undefined : place.routeEntry(destination, question);
  add(node, routeEvent(place, destination, way, entry, !back));
  if (way.type === RTN.UNICAST) await forwardIpv4(stack, incoming, way);
  else if (isGroup(frame.to) && way.local && either(link, "drop_unicast_in_l2_multicast"))
    addDrop(node, link, "UNICAST_IN_L2_MULTICAST");
  else await deliver(stack, incoming);
}

/** Why the addresses of a packet are refused before routing; undefined if routing refuses it. */
function martian(link: LinkState, source: Uint8Array, destination: Uint8Array): DropReason | undefined {
  const { place } = link;
  if (hasAddress(place, source) && !either(link, "accept_local")) return "IP_LOCAL_SOURCE";
  if ((source[0] === 127 || destination[0] === 127) && !either(link, "route_localnet")) return "IP_LOCALNET";
  if (destination[0] === 0) return "IP_INVALID_DEST";
  if (isMulticast(source) || source[0] === 0 || isMulticast(destination)) return "IP_INVALID_SOURCE";
  const { all, own } = conf(link, "rp_filter");
  const strict = Math.max(all, own);
  if (strict === 0) return undefined;
  const back = place.routeTo(source);
  return typeof back === "number" || (strict === 1 && back.link !== link) ? "IP_RPFILTER" : undefined;
}

/** What EHOSTUNREACH and its kin tell the sender; -1: nothing. */
function unreachableCode(errno: number): number {
  switch (errno) {
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

async function refuseIpv4(stack: Stack, incoming: Incoming, errno: number): Promise<void> {
  const { node, place, link, packet, frame } = incoming;
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  const checked = errno === ERRNO.EXDEV ? "IP_RPFILTER" : undefined;
  const reason = checked ?? (errno === ERRNO.EINVAL ? martian(link, source, destination) : undefined);
  if (reason !== undefined) {
    addDrop(node, link, reason);
    return;
  }
  const refusal = refusalOf(errno);
  add(node, refusalEvent(place, destination, refusal.outcome, undefined, loopbackOf(place)));
  if (!forwardsIpv4(link)) {
    addDrop(node, link, errno === ERRNO.ENETUNREACH ? "IP_INNOROUTES" : "IP_NOT_FORWARDING");
    return;
  }
  const code = unreachableCode(errno);
  if (code >= 0) {
    const error = { type: IcmpType.DESTINATION_UNREACHABLE, code };
    await sendError(stack, node, packet, error, link, frame);
  }
  addDrop(node, link, refusal.reason);
}

function mtuOf({ mtu, link }: RouteAnswer): number {
  return Math.min(mtu ?? Infinity, link?.mtu ?? Infinity);
}

/** ip_forward() */
async function forwardIpv4(stack: Stack, incoming: Incoming, way: RouteAnswer): Promise<void> {
  const { node, place, link, packet, frame } = incoming;
  if (!isForHost(link, frame)) {
    addDrop(node, link, "OTHERHOST");
    return;
  }
  if (ttlOf(packet) <= 1) {
    const error = { type: IcmpType.TIME_EXCEEDED, code: IcmpTimeExceeded.TTL };
    await sendError(stack, node, packet, error, link, frame);
    addDrop(node, link, "IP_INHDR");
    return;
  }
  const mtu = mtuOf(way);
  if (packet.bytes.length > mtu && dontFragment(packet)) {
    const error = {
      type: IcmpType.DESTINATION_UNREACHABLE,
      code: IcmpUnreachable.FRAGMENTATION_NEEDED,
      info: mtu,
    };
    await sendError(stack, node, packet, error, link, frame);
    addDrop(node, link, "PKT_TOO_BIG");
    return;
  }
  const onward = countedDown(packet);
  add(node, { kind: "forward", netns: place.netns.inode, ttl: ttlOf(onward) });
  if (way.redirects)
    await sendRedirect(stack, { ...incoming, packet: onward }, way.gateway ?? destinationOf(packet));
  await stack.output(node, place, onward, way);
}

const MULTICAST_ENTRY = {
  prefix: readIpv6Address(Uint8Array.of(0xff, ...Array<number>(15).fill(0)), 0),
  prefixLength: 8,
  table: RT_TABLE.LOCAL,
} as const;

export async function receiveIpv6(
  stack: Stack,
  node: OpenNode,
  link: LinkState,
  frame: Frame,
): Promise<void> {
  const { place } = link;
  if (isForOthers(link, frame)) {
    addDrop(node, link, "OTHERHOST");
    return;
  }
  const { bytes } = frame.payload;
  if (place.sysctl(`ipv6/conf/${link.name}/disable_ipv6`) !== "0") {
    addDrop(node, link, "IPV6DISABLED");
    return;
  }
  if (bytes.length < IPV6_HEADER_LENGTH) {
    addDrop(node, link, "PKT_TOO_SMALL");
    return;
  }
  const end = IPV6_HEADER_LENGTH + ipv6PayloadLength(bytes, 0);
  if (ipv6Version(bytes, 0) !== 6 || end > bytes.length) {
    addDrop(node, link, ipv6Version(bytes, 0) === 6 ? "PKT_TOO_SMALL" : "UNHANDLED_PROTO");
    return;
  }
  const packet = { ...frame.payload, bytes: bytes.subarray(0, end) };
  const incoming = { node, place, link, frame, packet };
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  if (isMulticast(source)) {
    addDrop(node, link, "IP_INHDR");
    return;
  }
  if (isMulticast(destination)) {
    add(node, {
      kind: "route",
      netns: place.netns.inode,
      destination: readIpv6Address(destination, 0),
      outcome: "multicast",
      entry: MULTICAST_ENTRY,
      via: undefined,
      device: traceDeviceOf(link),
    });
    if (place.groups(link).includes(formatBytes(destination))) await deliver(stack, incoming);
    else addDrop(node, link, "OTHERHOST");
    return;
  }
  const question = link.loopback ? {} : { source, came: link, ...flowQuestion(packet) };
  const way = place.routeTo(destination, question);
  const entry = place.routeEntry(destination, question);
  if (typeof way === "number") {
    await refuseIpv6(stack, incoming, way, entry);
    return;
  }
  add(node, routeEvent(place, destination, way, entry, true));
  if (way.type === RTN.UNICAST) await forwardIpv6(stack, incoming, way);
  else await deliver(stack, incoming);
}

/** ip6_pkt_drop() */
async function refuseIpv6(
  stack: Stack,
  { node, place, link, packet, frame }: Incoming,
  errno: number,
  entry: ReturnType<Incoming["place"]["routeEntry"]>,
): Promise<void> {
  const { outcome } = refusalOf(errno);
  add(node, refusalEvent(place, destinationOf(packet), outcome, outcome === "no-route" ? undefined : entry));
  if (outcome !== "blackhole") {
    const code = outcome === "prohibit" ? Icmpv6Unreachable.PROHIBITED : Icmpv6Unreachable.NO_ROUTE;
    const error = { type: Icmpv6Type.DESTINATION_UNREACHABLE, code };
    await sendError(stack, node, packet, error, link, frame);
  }
  addDrop(node, link, "IP_INNOROUTES");
}

/** Destination unreachable: the source's scope does not reach there (RFC 4443, 3.1). */
const BEYOND_SCOPE = 2;

/** ip6_forward() */
async function forwardIpv6(stack: Stack, incoming: Incoming, way: RouteAnswer): Promise<void> {
  const { node, place, link, packet, frame } = incoming;
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  if (!forwardsIpv6(link)) {
    addDrop(node, link, "IP_INADDRERRORS");
    return;
  }
  if (!isForHost(link, frame)) {
    addDrop(node, link, "OTHERHOST");
    return;
  }
  if (ttlOf(packet) <= 1) {
    const error = { type: Icmpv6Type.TIME_EXCEEDED, code: Icmpv6TimeExceeded.HOP_LIMIT };
    await sendError(stack, node, packet, error, link, frame);
    addDrop(node, link, "IP_INHDR");
    return;
  }
  if (way.link === link) await sendRedirect(stack, incoming, way.gateway ?? destination);
  else if (isLinkLocal(source)) {
    const error = { type: Icmpv6Type.DESTINATION_UNREACHABLE, code: BEYOND_SCOPE };
    await sendError(stack, node, packet, error, link, frame);
    addDrop(node, link, "IP_INADDRERRORS");
    return;
  }
  const mtu = Math.max(IPV6_MIN_MTU, mtuOf(way));
  if (packet.bytes.length > mtu) {
    const error = { type: Icmpv6Type.PACKET_TOO_BIG, code: 0, info: mtu };
    await sendError(stack, node, packet, error, link, frame);
    addDrop(node, way.link ?? link, "PKT_TOO_BIG");
    return;
  }
  const onward = countedDown(packet);
  add(node, { kind: "forward", netns: place.netns.inode, ttl: ttlOf(onward) });
  await stack.output(node, place, onward, way);
}
