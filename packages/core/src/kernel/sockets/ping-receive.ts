// Echo replies and errors for ping sockets (ping_rcv, ping_err; the same for both families). They get ICMP messages without
// the IP header.

import { ERRNO } from "../../netlink/errno.ts";
import { ICMP_HEADER_LENGTH, icmpId, IcmpType } from "../../wire/icmpv4.ts";
import { icmpv6ChecksumOk, icmpv6Id, Icmpv6Type } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4Destination } from "../../wire/ipv4.ts";
import { ipv6Destination, ipv6PseudoSumAt, ipv6Source } from "../../wire/ipv6.ts";
import type { EchoReceiver } from "../ipv4/icmp.ts";
import type { IcmpErrorReport, RawReceiver } from "../ipv4/namespace.ts";
import { receivedBy } from "../ipv4/route.ts";
import type { Icmpv6ErrorReport } from "../ipv6/stack.ts";
import { noteDelivery } from "../journey.ts";
import type { NetDevice } from "../device.ts";
import { hearsDevice } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { ipv4Record, ipv6Record } from "./datagram-record.ts";
import { icmpErrno } from "./icmp-errno.ts";
import { reportIpv4, reportIpv6 } from "./icmp-report.ts";
import type { IpAddress } from "./ip-address.ts";
import type { PingSocket } from "./ping-socket.ts";
import { pingSockets } from "./ping-socket.ts";
import type { QueuedDatagram } from "./socket-queues.ts";

function socketFor(device: NetDevice, id: number, local: IpAddress, ifindex: number): PingSocket | undefined {
  return pingSockets(device.netns)
    .at(id)
    .find((socket) => {
      if (socket.family !== (typeof local === "number" ? "inet" : "inet6")) return false;
      if (socket.local !== undefined && socket.local !== local) return false;
      return hearsDevice(socket.options.boundDevice, device, ifindex, true);
    });
}

function deliver(packet: Packet, socket: PingSocket, datagram: QueuedDatagram): void {
  const { device } = packet;
  if (!socket.enqueue(datagram)) device.kernel.drop(packet, "SOCKET_RCVBUFF", device.name);
  else if (packet.traced) noteDelivery(packet, `ping socket ${socket.port}`);
}

/** The checksum is right: ICMP has looked at it. `packet.start` is the ICMP header. */
function receiveIpv4(packet: Packet): void {
  const { bytes, network, start, device } = packet;
  const socket = socketFor(device, icmpId(bytes, start), ipv4Destination(bytes, network), receivedBy(packet));
  if (socket === undefined) return;
  deliver(packet, socket, ipv4Record(packet, "inet", start, 0));
}

function errorIpv4(packet: Packet, error: IcmpErrorReport): void {
  const { bytes, device } = packet;
  const { transport } = error;
  if (error.protocol !== IpProtocol.ICMP || bytes[transport] !== IcmpType.ECHO_REQUEST) return;
  const socket = socketFor(device, icmpId(bytes, transport), error.source, device.ifindex);
  if (socket === undefined) return;
  // Redirects and source quenches are no errors; ping wants to see them all the same.
  const shown = icmpErrno(error.type, error.code) ?? { errno: ERRNO.EREMOTEIO, hard: false };
  reportIpv4(socket, packet, error, transport, 0, shown);
}

/** Takes echo replies from ICMP. */
export const pingEchoes: EchoReceiver = { echoReply: receiveIpv4 };

/** Hears of errors beside raw sockets; wants no packets. */
export const pingErrors: RawReceiver = { receive: () => false, error: errorIpv4 };

/** Always false: with or without a ping socket, ICMP itself goes on with the packet. */
export function receivePingOverIpv6(packet: Packet, protocol: number): boolean {
  if (protocol !== IpProtocol.ICMPV6) return false;
  const { bytes, network, start, end } = packet;
  if (end - start < ICMP_HEADER_LENGTH || bytes[start] !== Icmpv6Type.ECHO_REPLY) return false;
  const socket = socketFor(
    packet.device,
    icmpv6Id(bytes, start),
    ipv6Destination(bytes, network),
    packet.arrivedOn,
  );
  const sum = ipv6PseudoSumAt(bytes, network, protocol, end - start);
  if (socket === undefined || !icmpv6ChecksumOk(bytes, start, end, sum)) return false;
  deliver(packet, socket, ipv6Record(packet, start, 0));
  return false;
}

export function pingErrorOverIpv6(report: Icmpv6ErrorReport): void {
  const { packet, quotedNetwork, quotedTransport } = report;
  const { bytes, device } = packet;
  if (packet.end - quotedTransport < ICMP_HEADER_LENGTH || bytes[quotedTransport] !== Icmpv6Type.ECHO_REQUEST)
    return;
  const local = ipv6Source(bytes, quotedNetwork);
  const socket = socketFor(device, icmpv6Id(bytes, quotedTransport), local, device.ifindex);
  if (socket !== undefined) reportIpv6(socket, report, quotedTransport, 0);
}
