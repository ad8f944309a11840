// UDP datagrams that come in (__udp4_lib_rcv, __udp6_lib_rcv): to the socket that fits best, or to all that want a multicast or
// broadcast; ICMP errors about datagrams to the socket that sent them (RFC 1122, 4.1.3).

import { readU16BE } from "../../wire/bytes.ts";
import { IcmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import { Icmpv6Type, Icmpv6Unreachable } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { pseudoHeaderSumV4 } from "../../wire/checksum.ts";
import { ipv4Destination, ipv4Source } from "../../wire/ipv4.ts";
import { isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import { ipv6Destination, ipv6PseudoSumAt, ipv6Source } from "../../wire/ipv6.ts";
import {
  UDP_HEADER_LENGTH,
  udpChecksum,
  udpChecksumOk,
  udpDestinationPort,
  udpLengthField,
  udpSourcePort,
} from "../../wire/udp.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { icmpOf } from "../ipv4/ipv4.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { IcmpErrorReport, Ipv4Protocol } from "../ipv4/namespace.ts";
import { receivedBy, Route } from "../ipv4/route.ts";
import { RTCF } from "../ipv4/route-flags.ts";
import type { Inet6Netns } from "../ipv6/interface.ts";
import type { Icmpv6ErrorReport } from "../ipv6/stack.ts";
import { noteDelivery } from "../journey.ts";
import type { NetDevice } from "../device.ts";
import { hearsDevice } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { ipv4Record, ipv6Record } from "./datagram-record.ts";
import { reportIpv4, reportIpv6 } from "./icmp-report.ts";
import type { IpAddress } from "./ip-address.ts";
import { udpCounters } from "./udp-counters.ts";
import type { UdpCounters } from "./udp-counters.ts";
import type { UdpSocket } from "./udp-socket.ts";
import { udpSockets } from "./udp-socket.ts";

/** How well a socket fits a packet to `local` from `remote`; -1 if it does not (compute_score). */
function fit(
  socket: UdpSocket,
  v4: boolean,
  local: IpAddress,
  remote: IpAddress,
  remotePort: number,
  device: NetDevice,
  ifindex: number,
): number {
  if (v4 ? !socket.takesIpv4 : !socket.takesIpv6) return -1;
  let score = v4 === (socket.family === "inet") ? 2 : 1;
  if (socket.local !== undefined) {
    if (socket.local !== local) return -1;
    score += 4;
  }
  if (socket.remote !== undefined) {
    if (socket.remote !== remote || socket.remotePort !== remotePort) return -1;
    score += 8;
  }
  const { boundDevice } = socket.options;
  const accepts = ipv4Of(socket.netns).settings.udpL3mdevAccept !== 0;
  if (!hearsDevice(boundDevice, device, ifindex, accepts)) return -1;
  if (boundDevice !== 0) score += 4;
  return score;
}

function bestSocket(
  sockets: readonly UdpSocket[],
  v4: boolean,
  local: IpAddress,
  remote: IpAddress,
  remotePort: number,
  device: NetDevice,
  ifindex: number,
): UdpSocket | undefined {
  let best: UdpSocket | undefined;
  let bestScore = -1;
  for (const socket of sockets) {
    const score = fit(socket, v4, local, remote, remotePort, device, ifindex);
    if (score <= bestScore) continue;
    best = socket;
    bestScore = score;
  }
  return best;
}

/** To one of `many` sockets: each that changes the packet gets its own. The packet starts at its UDP header. */
function deliver(packet: Packet, socket: UdpSocket, v4: boolean, many: boolean, counters: UdpCounters): void {
  const from = packet.start + UDP_HEADER_LENGTH;
  if (socket.encapsulation !== undefined) {
    counters.inDatagrams++;
    const own = many ? packet.clone() : packet;
    own.start = from;
    socket.encapsulation(own);
    return;
  }
  const port = udpSourcePort(packet.bytes, packet.start);
  const datagram = v4 ? ipv4Record(packet, socket.family, from, port) : ipv6Record(packet, from, port);
  if (socket.enqueue(datagram)) {
    if (packet.traced) noteDelivery(packet, `UDP socket ${socket.port}`);
    return;
  }
  counters.rcvbufErrors++;
  counters.inErrors++;
  packet.device.kernel.drop(packet, "SOCKET_RCVBUFF", packet.device.name);
}

function drop(packet: Packet, reason: DropReason): void {
  packet.device.kernel.drop(packet, reason, packet.device.name);
}

/** Header and length; false (and dropped) if they are wrong. Cuts the packet to the length that UDP states. */
function headerOk(packet: Packet, counters: UdpCounters): boolean {
  const length = packet.length < UDP_HEADER_LENGTH ? 0 : udpLengthField(packet.bytes, packet.start);
  if (length < UDP_HEADER_LENGTH || length > packet.length) {
    counters.inErrors++;
    drop(packet, "PKT_TOO_SMALL");
    return false;
  }
  packet.end = packet.start + length;
  return true;
}

function badChecksum(packet: Packet, counters: UdpCounters): void {
  counters.inCsumErrors++;
  counters.inErrors++;
  drop(packet, "UDP_CSUM");
}

function receiveIpv4(packet: Packet): void {
  const { netns } = packet.device;
  const counters = udpCounters(netns).ipv4;
  if (!headerOk(packet, counters)) return;
  const { bytes, start, end, network } = packet;
  const source = ipv4Source(bytes, network);
  const destination = ipv4Destination(bytes, network);
  const sum = pseudoHeaderSumV4(source, destination, IpProtocol.UDP, end - start);
  if (udpChecksum(bytes, start) !== 0 && !udpChecksumOk(bytes, start, end, sum)) {
    badChecksum(packet, counters);
    return;
  }
  const port = udpSourcePort(bytes, start);
  const sockets = udpSockets(netns).at(udpDestinationPort(bytes, start));
  const ifindex = receivedBy(packet);
  const many =
    packet.route instanceof Route && (packet.route.flags & (RTCF.BROADCAST | RTCF.MULTICAST)) !== 0;
  if (many) {
    let heard = false;
    for (const socket of sockets) {
      if (fit(socket, true, destination, source, port, packet.device, ifindex) < 0) continue;
      heard = true;
      deliver(packet, socket, true, true, counters);
    }
    if (heard) return;
    counters.ignoredMulti++;
    drop(packet, "NO_SOCKET");
    return;
  }
  const socket = bestSocket(sockets, true, destination, source, port, packet.device, ifindex);
  if (socket !== undefined) {
    deliver(packet, socket, true, false, counters);
    return;
  }
  counters.noPorts++;
  ipv4Of(netns).stack.sendError(packet, IcmpType.DESTINATION_UNREACHABLE, IcmpUnreachable.PORT, 0);
  drop(packet, "NO_SOCKET");
}

function errorIpv4(packet: Packet, error: IcmpErrorReport): void {
  const { bytes, device } = packet;
  const { netns } = device;
  const { transport } = error;
  const port = udpDestinationPort(bytes, transport);
  const sockets = udpSockets(netns).at(udpSourcePort(bytes, transport));
  icmpOf(netns.kernel).learn(ipv4Of(netns), packet, error);
  const socket = bestSocket(sockets, true, error.source, error.destination, port, device, device.ifindex);
  if (socket === undefined) {
    ipv4Of(netns).icmp.inErrors++;
    return;
  }
  reportIpv4(socket, packet, error, transport + UDP_HEADER_LENGTH, port);
}

/** UDP for IPv4's table of protocols. */
export const udpOverIpv4: Ipv4Protocol = { receive: receiveIpv4, error: errorIpv4 };

/** UDP for IPv6's table of transports. */
export function receiveUdpOverIpv6(packet: Packet, namespace: Inet6Netns): boolean {
  const { netns, stack } = namespace;
  const counters = udpCounters(netns).ipv6;
  if (!headerOk(packet, counters)) return true;
  const { bytes, start, end, network } = packet;
  const source = ipv6Source(bytes, network);
  const destination = ipv6Destination(bytes, network);
  const port = udpSourcePort(bytes, start);
  const sockets = udpSockets(netns).at(udpDestinationPort(bytes, start));
  // RFC 8200, 8.1: the checksum is not optional, but for the tunnels of RFC 6935.
  const sum = ipv6PseudoSumAt(bytes, network, IpProtocol.UDP, end - start);
  const omitted = udpChecksum(bytes, start) === 0;
  const mayOmit = omitted && sockets.some(({ acceptsZeroChecksum }) => acceptsZeroChecksum);
  if (omitted ? !mayOmit : !udpChecksumOk(bytes, start, end, sum)) {
    badChecksum(packet, counters);
    return true;
  }
  const ifindex = packet.arrivedOn;
  if (isMulticastIpv6(destination)) {
    let heard = false;
    for (const socket of sockets) {
      if (fit(socket, false, destination, source, port, packet.device, ifindex) < 0) continue;
      heard = true;
      deliver(packet, socket, false, true, counters);
    }
    if (!heard) {
      counters.ignoredMulti++;
      drop(packet, "NO_SOCKET");
    }
    return true;
  }
  const socket = bestSocket(sockets, false, destination, source, port, packet.device, ifindex);
  if (socket !== undefined) {
    deliver(packet, socket, false, false, counters);
    return true;
  }
  counters.noPorts++;
  stack.sendError(packet, Icmpv6Type.DESTINATION_UNREACHABLE, Icmpv6Unreachable.PORT, 0);
  drop(packet, "NO_SOCKET");
  return true;
}

export function udpErrorOverIpv6(report: Icmpv6ErrorReport, namespace: Inet6Netns): void {
  const { packet, quotedNetwork, quotedTransport } = report;
  const { bytes, device } = packet;
  if (packet.end - quotedTransport < UDP_HEADER_LENGTH) return;
  const port = readU16BE(bytes, quotedTransport + 2);
  const sockets = udpSockets(namespace.netns).at(readU16BE(bytes, quotedTransport));
  const local = ipv6Source(bytes, quotedNetwork);
  const remote = ipv6Destination(bytes, quotedNetwork);
  const socket = bestSocket(sockets, false, local, remote, port, device, device.ifindex);
  if (socket === undefined) {
    namespace.mib.icmp.inErrors++;
    return;
  }
  reportIpv6(socket, report, quotedTransport + UDP_HEADER_LENGTH, port);
}
