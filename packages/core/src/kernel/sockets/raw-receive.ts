// What raw sockets see (raw_local_deliver, raw_icmp_error, ipv6_raw_deliver, rawv6_err): each a copy of every packet for this
// host that its protocol, addresses, device and ICMP filter let through.

import { IpProtocol } from "../../wire/ip-protocol.ts";
import { icmpv6ChecksumOk } from "../../wire/icmpv6.ts";
import { ipv4Destination, ipv4HeaderLength, ipv4Source } from "../../wire/ipv4.ts";
import { ipv6Destination, ipv6PseudoSumAt, ipv6Source } from "../../wire/ipv6.ts";
import { icmpOf } from "../ipv4/ipv4.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { IcmpErrorReport, RawReceiver } from "../ipv4/namespace.ts";
import { receivedBy } from "../ipv4/route.ts";
import type { Inet6Netns } from "../ipv6/interface.ts";
import type { Icmpv6ErrorReport } from "../ipv6/stack.ts";
import { noteDelivery } from "../journey.ts";
import type { NetDevice } from "../device.ts";
import { hearsDevice } from "../l3mdev.ts";
import type { Packet } from "../packet.ts";
import { ipv4Record, ipv6Record } from "./datagram-record.ts";
import { reportIpv4, reportIpv6 } from "./icmp-report.ts";
import type { IpAddress } from "./ip-address.ts";
import type { QueuedDatagram } from "./socket-queues.ts";
import type { RawSocket } from "./raw-socket.ts";
import { rawSockets } from "./raw-socket.ts";

function matches(
  socket: RawSocket,
  protocol: number,
  local: IpAddress,
  remote: IpAddress,
  device: NetDevice,
  ifindex: number,
): boolean {
  if (socket.protocol !== protocol) return false;
  if (socket.remote !== undefined && socket.remote !== remote) return false;
  if (socket.local !== undefined && socket.local !== local) return false;
  const accepts = ipv4Of(socket.netns).settings.rawL3mdevAccept !== 0;
  return hearsDevice(socket.options.boundDevice, device, ifindex, accepts);
}

function deliver(packet: Packet, socket: RawSocket, datagram: QueuedDatagram): void {
  if (!socket.enqueue(datagram)) {
    packet.device.kernel.drop(packet, "SOCKET_RCVBUFF", packet.device.name);
  } else if (packet.traced) noteDelivery(packet, `raw socket for protocol ${socket.protocol}`);
}

function receiveIpv4(packet: Packet, protocol: number): boolean {
  const { bytes, network, device } = packet;
  const sockets = rawSockets(device.netns, "inet");
  if (sockets.length === 0) return false;
  const local = ipv4Destination(bytes, network);
  const remote = ipv4Source(bytes, network);
  let wanted = false;
  for (const socket of sockets) {
    if (!matches(socket, protocol, local, remote, device, receivedBy(packet))) continue;
    wanted = true;
    if (
      protocol === IpProtocol.ICMP &&
      isFiltered(socket, bytes[network + ipv4HeaderLength(bytes, network)] ?? 0)
    ) {
      continue;
    }
    deliver(packet, socket, ipv4Record(packet, "inet", network, 0));
  }
  return wanted;
}

/** ICMP_FILTER knows the types below 32. */
function isFiltered(socket: RawSocket, type: number): boolean {
  return type < 32 && (socket.options.icmpFilter & (1 << type)) !== 0;
}

function errorIpv4(packet: Packet, error: IcmpErrorReport): void {
  const { device } = packet;
  const ipv4 = ipv4Of(device.netns);
  for (const socket of rawSockets(device.netns, "inet")) {
    if (!matches(socket, error.protocol, error.source, error.destination, device, device.ifindex)) continue;
    // ICMP and UDP learn path MTUs and redirects themselves; of other protocols only the sender knows.
    if (ipv4.stack.protocols[error.protocol] === undefined) icmpOf(device.kernel).learn(ipv4, packet, error);
    reportIpv4(socket, packet, error, socket.options.headerIncluded ? packet.start : error.transport, 0);
  }
}

/** Raw sockets for IPv4's list of receivers. */
export const rawOverIpv4: RawReceiver = { receive: receiveIpv4, error: errorIpv4 };

/** Raw sockets for IPv6's set of hooks. */
export function receiveRawOverIpv6(packet: Packet, protocol: number, namespace: Inet6Netns): boolean {
  const sockets = rawSockets(namespace.netns, "inet6");
  if (sockets.length === 0) return false;
  const { bytes, network, start, end, device } = packet;
  const local = ipv6Destination(bytes, network);
  const remote = ipv6Source(bytes, network);
  let wanted = false;
  for (const socket of sockets) {
    if (!matches(socket, protocol, local, remote, device, packet.arrivedOn)) continue;
    wanted = true;
    if (protocol === IpProtocol.ICMPV6) {
      const type = bytes[start] ?? 0;
      if (((socket.options.icmp6Filter[type >>> 5] ?? 0) & (1 << (type & 31))) !== 0) continue;
      if (!icmpv6ChecksumOk(bytes, start, end, ipv6PseudoSumAt(bytes, network, protocol, end - start))) {
        socket.queues.drops++;
        device.kernel.drop(packet, "ICMP_CSUM", device.name);
        continue;
      }
    }
    deliver(packet, socket, ipv6Record(packet, start, 0));
  }
  return wanted;
}

export function rawErrorOverIpv6(report: Icmpv6ErrorReport, namespace: Inet6Netns): void {
  const { packet, quotedNetwork, quotedTransport, protocol } = report;
  const { bytes, device } = packet;
  const local = ipv6Source(bytes, quotedNetwork);
  const remote = ipv6Destination(bytes, quotedNetwork);
  for (const socket of rawSockets(namespace.netns, "inet6")) {
    if (!matches(socket, protocol, local, remote, device, device.ifindex)) continue;
    reportIpv6(socket, report, quotedTransport, 0);
  }
}
