// What becomes of an IP packet at the host that it is for, for `trace --dry-run`: fragments wait for each other, tunnels take theirs,
// ICMP and TCP answer, UDP finds a socket or complains (ip_local_deliver, ip6_protocol_deliver_rcu, __udp4_lib_rcv).

import { icmpChecksumOk, IcmpType, IcmpUnreachable } from "../../../wire/icmpv4.ts";
import {
  icmpv6ChecksumOk,
  Icmpv6ParameterProblem,
  Icmpv6Type,
  Icmpv6Unreachable,
} from "../../../wire/icmpv6.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { ipv4Destination, ipv4Source } from "../../../wire/ipv4.ts";
import { ipv6PseudoSumAt } from "../../../wire/ipv6.ts";
import { pseudoHeaderSumV4 } from "../../../wire/checksum.ts";
import {
  UDP_HEADER_LENGTH,
  udpChecksum,
  udpChecksumOk,
  udpDestinationPort,
  udpLengthField,
  udpSourcePort,
} from "../../../wire/udp.ts";
import { answerEcho, sendError } from "./icmp.ts";
import { receiveNd } from "./ndisc.ts";
import { destinationOf, headerLength, isMulticast, isV4, sourceOf, upperLayerOf } from "./packet.ts";
import { socketsFor } from "./sockets.ts";
import type { Incoming, Stack } from "./stack.ts";
import { receiveTcp } from "./tcp.ts";
import { add, addChild, addDrop } from "./tree.ts";

/** ICMP types above are not known (NR_ICMP_TYPES). */
const HIGHEST_ICMP_TYPE = 18;
const ICMP_HEADER = 8;

function delivered({ node, place }: Incoming, to: string): void {
  add(node, { kind: "deliver", netns: place.netns.inode, to });
}

export async function deliver(stack: Stack, incoming: Incoming): Promise<void> {
  const { node, place, link, packet } = incoming;
  const { fragment, at } = upperLayerOf(packet);
  if (fragment === undefined) {
    await deliverWhole(stack, incoming);
    return;
  }
  const netns = place.netns.inode;
  add(node, { kind: "reassemble", netns, offset: fragment });
  const { whole, bytes } = packet;
  if (whole === undefined) return;
  const [length, total] = [bytes.length - at, whole.bytes.length - headerLength(whole)];
  if (!stack.memory.completes(whole, netns, fragment, length, total)) return;
  await deliverWhole(stack, {
    node: addChild(node, "reassembly"),
    place,
    link,
    frame: incoming.frame,
    packet: whole,
  });
}

async function deliverWhole(stack: Stack, incoming: Incoming): Promise<void> {
  const { node, place, link, packet } = incoming;
  const v4 = isV4(packet);
  const { protocol, at } = upperLayerOf(packet);
  if (protocol === undefined) {
    addDrop(node, link, "IP_NOPROTO");
    return;
  }
  const { socket } = stack;
  const icmp = v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
  if (socket.kind === "raw" && socket.place === place && protocol === icmp)
    delivered(incoming, `raw socket for protocol ${protocol}`);
  if (protocol === icmp) await (v4 ? receiveIcmp(stack, incoming, at) : receiveIcmpv6(stack, incoming, at));
  else if (await stack.unwrap(incoming)) return;
  else if (protocol === IpProtocol.UDP) await receiveUdp(stack, incoming, at);
  else if (protocol === IpProtocol.TCP) await receiveTcp(stack, incoming, at);
  else if (protocol === IpProtocol.IGMP) delivered(incoming, "IGMP, which is not followed further");
  else {
    const error = v4
      ? { type: IcmpType.DESTINATION_UNREACHABLE, code: IcmpUnreachable.PROTOCOL }
      : { type: Icmpv6Type.PARAMETER_PROBLEM, code: Icmpv6ParameterProblem.NEXT_HEADER, info: 6 };
    await sendError(stack, node, packet, error, link, incoming.frame);
    addDrop(node, link, "IP_NOPROTO");
  }
}

async function receiveIcmp(stack: Stack, incoming: Incoming, at: number): Promise<void> {
  const { node, place, link, packet } = incoming;
  const { bytes } = packet;
  if (!icmpChecksumOk(bytes, at, bytes.length)) {
    addDrop(node, link, "ICMP_CSUM");
    return;
  }
  if (bytes.length < at + ICMP_HEADER) {
    addDrop(node, link, "ICMP_INVALID");
    return;
  }
  const type = bytes[at] ?? 0;
  if (type > HIGHEST_ICMP_TYPE) {
    addDrop(node, link, "UNHANDLED_PROTO");
    return;
  }
  const asks = type === IcmpType.ECHO_REQUEST;
  const way = place.routeTo(destinationOf(packet));
  const many = typeof way !== "number" && !way.local;
  if (many && (!asks || place.sysctl("ipv4/icmp_echo_ignore_broadcasts") === "1")) {
    addDrop(node, link, "INVALID_PROTO");
    return;
  }
  if (asks && place.sysctl("ipv4/icmp_echo_ignore_all") === "1") {
    addDrop(node, link, "ICMP_IGNORED");
    return;
  }
  delivered(incoming, "ICMP");
  if (asks) await answerEcho(stack, incoming, at);
  else if (type === IcmpType.ECHO_REPLY) toPingSocket(stack, incoming);
}

function toPingSocket({ socket }: Stack, incoming: Incoming): void {
  if (socket.kind === "ping" && socket.place === incoming.place) delivered(incoming, "ping socket");
}

function isNd(type: number): boolean {
  return type >= Icmpv6Type.ROUTER_SOLICITATION && type <= Icmpv6Type.REDIRECT;
}

async function receiveIcmpv6(stack: Stack, incoming: Incoming, at: number): Promise<void> {
  const { node, place, link, packet } = incoming;
  const { bytes } = packet;
  const sum = ipv6PseudoSumAt(bytes, 0, IpProtocol.ICMPV6, bytes.length - at);
  if (!icmpv6ChecksumOk(bytes, at, bytes.length, sum)) {
    addDrop(node, link, "ICMP_CSUM");
    return;
  }
  if (bytes.length < at + ICMP_HEADER) {
    addDrop(node, link, "PKT_TOO_SMALL");
    return;
  }
  const type = bytes[at] ?? 0;
  if (type === Icmpv6Type.ECHO_REQUEST && place.sysctl("ipv6/icmp/echo_ignore_all") === "1") {
    addDrop(node, link, "ICMP_IGNORED");
    return;
  }
  delivered(incoming, "ICMPv6");
  if (type === Icmpv6Type.ECHO_REQUEST) await answerEcho(stack, incoming, at);
  else if (type === Icmpv6Type.ECHO_REPLY) toPingSocket(stack, incoming);
  else if (isNd(type)) await receiveNd(stack, incoming, at);
}

async function receiveUdp(stack: Stack, incoming: Incoming, at: number): Promise<void> {
  const { node, place, link, packet, frame } = incoming;
  const { bytes } = packet;
  const v4 = isV4(packet);
  const length = bytes.length < at + UDP_HEADER_LENGTH ? 0 : udpLengthField(bytes, at);
  if (length < UDP_HEADER_LENGTH || at + length > bytes.length) {
    addDrop(node, link, "PKT_TOO_SMALL");
    return;
  }
  const sum = v4
    ? pseudoHeaderSumV4(ipv4Source(bytes, 0), ipv4Destination(bytes, 0), IpProtocol.UDP, length)
    : ipv6PseudoSumAt(bytes, 0, IpProtocol.UDP, length);
  const unsummed = v4 && udpChecksum(bytes, at) === 0;
  if (!unsummed && !udpChecksumOk(bytes, at, at + length, sum)) {
    addDrop(node, link, "UDP_CSUM");
    return;
  }
  const [source, destination] = [sourceOf(packet), destinationOf(packet)];
  const [from, to] = [udpSourcePort(bytes, at), udpDestinationPort(bytes, at)];
  const way = v4 && !isMulticast(destination) ? place.routeTo(destination) : undefined;
  const many = isMulticast(destination) || (typeof way === "object" && !way.local);
  // A tunnel's socket is the kernel's own, and takes nothing but the tunnel's packets.
  const tunnel = place.links.find((one) => one.tunnel !== undefined && one.tunnel.port === to && to !== 0);
  if (tunnel !== undefined) {
    addDrop(node, link, tunnel.tunnel?.kind === "vxlan" ? "VXLAN_INVALID_HDR" : "NOT_SPECIFIED");
    return;
  }
  const taking = socketsFor(link, { source, destination, ports: [from, to] }, many);
  for (const socket of taking) delivered(incoming, `UDP socket ${socket.port}`);
  if (taking.length > 0) return;
  if (!many) {
    const error = v4
      ? { type: IcmpType.DESTINATION_UNREACHABLE, code: IcmpUnreachable.PORT }
      : { type: Icmpv6Type.DESTINATION_UNREACHABLE, code: Icmpv6Unreachable.PORT };
    await sendError(stack, node, packet, error, link, frame);
  }
  addDrop(node, link, "NO_SOCKET");
}
