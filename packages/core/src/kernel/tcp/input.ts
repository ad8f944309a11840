// TCP's way in from IPv4 and IPv6: checks, and whose segment it is (tcp_v4_rcv, tcp_v6_rcv; RFC 9293, 3.10.7).

import { pseudoHeaderSumV4 } from "../../wire/checksum.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4Destination, ipv4Source } from "../../wire/ipv4.ts";
import { isLinkLocalIpv6 } from "../../wire/ipv6-address.ts";
import { ipv6Destination, ipv6PseudoSumAt, ipv6Source, isIpv6MulticastAt } from "../../wire/ipv6.ts";
import { TCP_MIN_HEADER, tcpChecksumOk, tcpHeaderLength, tcpSourcePort } from "../../wire/tcp.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { Ipv4Protocol } from "../ipv4/namespace.ts";
import { receivedBy, Route } from "../ipv4/route.ts";
import { RTCF } from "../ipv4/route-flags.ts";
import type { Inet6Netns } from "../ipv6/interface.ts";
import { noteDelivery } from "../journey.ts";
import { hearsDevice, l3MasterOf } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import type { IpAddress } from "../sockets/ip-address.ts";
import { arrive } from "./arrival.ts";
import type { Conversation } from "./connection-table.ts";
import { connectionTable } from "./connection-table.ts";
import { tcpCounters } from "./counters.ts";
import { errorOverIpv4 } from "./icmp-errors.ts";
import type { Listener } from "./listener.ts";
import { answerWithReset } from "./reset.ts";
import { ArrivedSegment } from "./segment.ts";
import { tcpSetting } from "./settings.ts";
import type { TimeWait } from "./time-wait.ts";

function drop(packet: Packet, reason: DropReason): void {
  packet.device.kernel.drop(packet, reason, packet.device.name);
}

/** False (and dropped) for what is no TCP segment. */
function segmentOk(packet: Packet, pseudoSum: number): boolean {
  const { bytes, start, end } = packet;
  if (packet.packetType !== PACKET_HOST) {
    drop(packet, "NOT_SPECIFIED");
    return false;
  }
  const counters = tcpCounters(packet.device.netns);
  counters.inSegs++;
  const header = packet.length < TCP_MIN_HEADER ? 0 : tcpHeaderLength(bytes, start);
  if (header < TCP_MIN_HEADER || header > packet.length) {
    counters.inErrs++;
    drop(packet, "PKT_TOO_SMALL");
    return false;
  }
  if (tcpChecksumOk(bytes, start, end, pseudoSum)) return true;
  counters.inCsumErrors++;
  counters.inErrs++;
  drop(packet, "TCP_CSUM");
  return false;
}

/** How well a listener fits; -1 if it does not (compute_score). */
function fit(listener: Listener, packet: Packet, local: IpAddress, ifindex: number): number {
  const v4 = typeof local === "number";
  if (v4 ? !listener.takesIpv4 : !listener.takesIpv6) return -1;
  if (listener.local !== undefined && listener.local !== local) return -1;
  const accepts = tcpSetting(listener.netns, "tcp_l3mdev_accept") !== 0;
  if (!hearsDevice(listener.boundDevice, packet.device, ifindex, accepts)) return -1;
  let score = v4 === (listener.family === "inet") ? 2 : 1;
  if (listener.local !== undefined) score += 8;
  if (listener.boundDevice !== 0) score += 4;
  return score;
}

function listenerFor(packet: Packet, port: number, local: IpAddress, ifindex: number): Listener | undefined {
  let best: Listener[] = [];
  let bestScore = 0;
  for (const listener of connectionTable(packet.device.netns).listenersAt(port)) {
    const score = fit(listener, packet, local, ifindex);
    if (score < bestScore) continue;
    if (score > bestScore) best = [];
    best.push(listener);
    bestScore = score;
  }
  // Those that share a port by SO_REUSEPORT share its connections, by the caller's port.
  return best[tcpSourcePort(packet.bytes, packet.start) % best.length];
}

/** A conversation of a socket that is bound to a device hears that one only. */
function hears({ way }: Conversation, packet: Packet, ifindex: number): boolean {
  const { device } = way.options;
  return device === 0 || hearsDevice(device, packet.device, ifindex, true);
}

function deliver(
  packet: Packet,
  local: IpAddress,
  remote: IpAddress,
  ifindex: number,
  single: boolean,
): void {
  const segment = new ArrivedSegment(packet);
  const { netns } = packet.device;
  const { sourcePort, destinationPort } = segment;
  const table = connectionTable(netns);
  const found = table.find(local, destinationPort, remote, sourcePort);
  const conversation = found !== undefined && hears(found, packet, ifindex) ? found : undefined;
  const ends = { local, localPort: destinationPort, remote, remotePort: sourcePort };
  const listen = (iss?: number): DropReason | undefined => {
    const listener = listenerFor(packet, destinationPort, local, ifindex);
    if (listener === undefined || !single) {
      if (single) answerWithReset(segment);
      return "NO_SOCKET";
    }
    const told = packet.traced ? () => noteDelivery(packet, `TCP socket ${destinationPort}`) : undefined;
    return listener.arrive(segment, ends, deviceOf(packet, remote, ifindex, listener), iss, told);
  };
  let refused: DropReason | undefined;
  if (conversation === undefined) refused = listen();
  else if (conversation.kind === "connection") {
    conversation.refused = undefined;
    arrive(conversation, segment);
    refused = conversation.refused;
  } else if (conversation.kind === "request") refused = conversation.arrive(segment);
  else refused = arriveInTimeWait(conversation, segment, listen);
  if (refused !== undefined) drop(packet, refused);
  else if (packet.traced && conversation !== undefined) noteDelivery(packet, `TCP socket ${destinationPort}`);
}

/** ifindex that a new connection is bound to: of a domain, or of the link of a link-local address. */
function deviceOf(packet: Packet, remote: IpAddress, ifindex: number, { netns }: Listener): number {
  if (typeof remote === "string" && isLinkLocalIpv6(remote)) return ifindex;
  if (tcpSetting(netns, "tcp_l3mdev_accept") === 0) return 0;
  return l3MasterOf(packet.device)?.ifindex ?? 0;
}

function arriveInTimeWait(
  left: TimeWait,
  segment: ArrivedSegment,
  listen: (iss?: number) => DropReason | undefined,
): DropReason | undefined {
  switch (left.judge(segment)) {
    case "done":
      return undefined;
    case "acknowledge":
      left.acknowledge(segment.packet);
      return undefined;
    case "reset":
      answerWithReset(segment);
      return "TCP_RESET";
    case "new-connection": {
      const iss = left.nextIss;
      left.end();
      return listen(iss);
    }
    default:
      return undefined;
  }
}

function receiveIpv4(packet: Packet): void {
  const { bytes, network, start, end, route } = packet;
  const source = ipv4Source(bytes, network);
  const destination = ipv4Destination(bytes, network);
  if (!segmentOk(packet, pseudoHeaderSumV4(source, destination, IpProtocol.TCP, end - start))) return;
  const single = !(route instanceof Route) || (route.flags & (RTCF.BROADCAST | RTCF.MULTICAST)) === 0;
  deliver(packet, destination, source, receivedBy(packet), single);
}

/** For IPv4's table of protocols. */
export const tcpOverIpv4: Ipv4Protocol = { receive: receiveIpv4, error: errorOverIpv4 };

/** For IPv6's table of transports. */
export function receiveTcpOverIpv6(packet: Packet, _namespace: Inet6Netns): boolean {
  const { bytes, network, start, end } = packet;
  if (!segmentOk(packet, ipv6PseudoSumAt(bytes, network, IpProtocol.TCP, end - start))) return true;
  const single = !isIpv6MulticastAt(bytes, network);
  deliver(packet, ipv6Destination(bytes, network), ipv6Source(bytes, network), packet.arrivedOn, single);
  return true;
}
