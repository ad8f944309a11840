// An ICMP error about something that a socket sent, as the socket tells it: the errno, and in the error queue the payload of
// the datagram that was quoted (ip_icmp_error, ipv6_icmp_error). Path MTUs are learned below, by IPv4 and IPv6.

import type { ReceivedError } from "../../system/sockets.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { ipv4Ttl } from "../../wire/ipv4.ts";
import { isLinkLocalIpv6 } from "../../wire/ipv6-address.ts";
import { ipv6Destination, ipv6HopLimit } from "../../wire/ipv6.ts";
import type { IcmpErrorReport } from "../ipv4/namespace.ts";
import type { Icmpv6ErrorReport } from "../ipv6/stack.ts";
import type { Packet } from "../packet.ts";
import { icmpErrno, icmpv6Errno, isFragmentationNeeded } from "./icmp-errno.ts";
import type { SocketError } from "./icmp-errno.ts";
import { addressBytes, socketAddress } from "./ip-address.ts";
import type { IpSocket } from "./ip-socket.ts";
import { PMTU } from "./socket-options.ts";

/**
 * Tells a socket of an IPv4 error. Without IP_RECVERR only connected sockets hear, and only of hard errors
 * (RFC 1122, 4.1.3.3).
 * @param payload offset of what the socket sees as its data in the quoted packet
 * @param port destination port of the quoted packet; 0 where there are none
 */
export function reportIpv4(
  socket: IpSocket,
  packet: Packet,
  error: IcmpErrorReport,
  payload: number,
  port: number,
  found: SocketError | undefined = icmpErrno(error.type, error.code),
): void {
  if (found === undefined) return;
  const { options } = socket;
  let { hard } = found;
  if (isFragmentationNeeded(error.type, error.code)) {
    if (options.mtuDiscover === PMTU.DONT) return;
    hard = true;
  }
  if (!options.receiveErrors && (!hard || !socket.connected)) return;
  const report: ReceivedError = {
    errno: found.errno,
    origin: "icmp",
    type: error.type,
    code: error.code,
    info: error.info,
    offender: addressBytes(socket.family, error.from),
    bytes: packet.bytes.slice(Math.min(payload, packet.end), packet.end),
    to: socketAddress(socket.family, error.destination, port),
    timestamp: socket.kernel.clock.realtime(),
    ...(options.receiveTtl && { ttl: ipv4Ttl(packet.bytes, packet.network) }),
  };
  socket.enqueueError(report, options.receiveErrors);
}

/** Tells a socket of an IPv6 error. */
export function reportIpv6(socket: IpSocket, report: Icmpv6ErrorReport, payload: number, port: number): void {
  const { options } = socket;
  const { packet, type, code } = report;
  const found = icmpv6Errno(type, code);
  let { hard } = found;
  if (type === Icmpv6Type.PACKET_TOO_BIG) {
    if (options.mtuDiscover6 === PMTU.DONT) return;
    hard = true;
  } else if (type === Icmpv6Type.REDIRECT) return;
  if (!options.receiveErrors6 && (!hard || !socket.connected)) return;
  const destination = ipv6Destination(packet.bytes, report.quotedNetwork);
  const error: ReceivedError = {
    errno: found.errno,
    origin: "icmp6",
    type,
    code,
    info: report.parameter,
    offender: addressBytes("inet6", report.from),
    bytes: packet.bytes.slice(Math.min(payload, packet.end), packet.end),
    to: socketAddress("inet6", destination, port, isLinkLocalIpv6(destination) ? packet.device.ifindex : 0),
    timestamp: socket.kernel.clock.realtime(),
    ...(options.receiveHopLimit && { ttl: ipv6HopLimit(packet.bytes, packet.network) }),
  };
  socket.enqueueError(error, options.receiveErrors6);
}
