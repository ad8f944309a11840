// TCP segments for a host without TCP sockets: every one is answered with a reset, as for a closed port (RFC 9293, 3.10.7.1;
// tcp_v4_send_reset, tcp_v6_send_reset). This is where TCP will be put in.

import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { addToSum, checksumOfSum, pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4Destination, ipv4Source, ipv4Tos } from "../../wire/ipv4.ts";
import {
  ipv6Destination,
  ipv6PseudoSumAt,
  ipv6Source,
  ipv6TrafficClass,
  isIpv6MulticastAt,
} from "../../wire/ipv6.ts";
import {
  TCP_MIN_HEADER,
  tcpAcknowledgement,
  tcpChecksumOk,
  tcpDestinationPort,
  TcpFlag,
  tcpFlags,
  tcpHeaderLength,
  tcpSequence,
  tcpSourcePort,
} from "../../wire/tcp.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Ipv4Protocol } from "../ipv4/namespace.ts";
import { PMTUDISC, sendDatagram } from "../ipv4/output.ts";
import { Route } from "../ipv4/route.ts";
import { ROUTING_TOS, routeOutput } from "../ipv4/route-output.ts";
import { hopLimitOf } from "../ipv6/icmp-send.ts";
import type { Inet6Netns } from "../ipv6/interface.ts";
import { sendPacket, writeHeader } from "../ipv6/output.ts";
import { needsStrictDevice, routeOutput as routeIpv6 } from "../ipv6/route-lookup.ts";
import { l3MasterOf } from "../l3mdev.ts";
import { Packet, PACKET_HOST } from "../packet.ts";

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
  const header = packet.length < TCP_MIN_HEADER ? 0 : tcpHeaderLength(bytes, start);
  if (header < TCP_MIN_HEADER || header > packet.length) {
    drop(packet, "PKT_TOO_SMALL");
    return false;
  }
  if (tcpChecksumOk(bytes, start, end, pseudoSum)) return true;
  drop(packet, "TCP_CSUM");
  return false;
}

/** The reset for a segment; undefined for a reset, which is never answered. The checksum is left out. */
function resetFor({ bytes, start, end }: Packet): Uint8Array | undefined {
  const flags = tcpFlags(bytes, start);
  if ((flags & TcpFlag.RST) !== 0) return undefined;
  const reset = new Uint8Array(TCP_MIN_HEADER);
  writeU16BE(reset, 0, tcpDestinationPort(bytes, start));
  writeU16BE(reset, 2, tcpSourcePort(bytes, start));
  writeU8(reset, 12, (TCP_MIN_HEADER / 4) << 4);
  if ((flags & TcpFlag.ACK) !== 0) {
    writeU32BE(reset, 4, tcpAcknowledgement(bytes, start));
    writeU8(reset, 13, TcpFlag.RST);
    return reset;
  }
  // SYN and FIN count as one byte each.
  const controls = ((flags & TcpFlag.SYN) !== 0 ? 1 : 0) + ((flags & TcpFlag.FIN) !== 0 ? 1 : 0);
  const length = end - start - tcpHeaderLength(bytes, start) + controls;
  writeU32BE(reset, 8, (tcpSequence(bytes, start) + length) >>> 0);
  writeU8(reset, 13, TcpFlag.RST | TcpFlag.ACK);
  return reset;
}

function fillChecksum(segment: Uint8Array, pseudoSum: number): void {
  writeU16BE(segment, 16, checksumOfSum(addToSum(pseudoSum, segment, 0, segment.length)));
}

function receiveIpv4(packet: Packet): void {
  const { bytes, network, start, end, route } = packet;
  const source = ipv4Source(bytes, network);
  const destination = ipv4Destination(bytes, network);
  if (!segmentOk(packet, pseudoHeaderSumV4(source, destination, IpProtocol.TCP, end - start))) return;
  const reset = route instanceof Route && route.type === RTN.LOCAL ? resetFor(packet) : undefined;
  if (reset !== undefined) {
    const inet = ipv4Of(packet.device.netns);
    const tos = ipv4Tos(bytes, network);
    const way = routeOutput(inet, {
      destination: source,
      source: destination,
      oif: l3MasterOf(packet.device)?.ifindex ?? 0,
      tos: tos & ROUTING_TOS,
      protocol: IpProtocol.TCP,
      sourcePort: tcpDestinationPort(bytes, start),
      destinationPort: tcpSourcePort(bytes, start),
    });
    fillChecksum(reset, pseudoHeaderSumV4(destination, source, IpProtocol.TCP, reset.length));
    if (typeof way !== "number") {
      const header = { source: destination, destination: source, protocol: IpProtocol.TCP, tos };
      sendDatagram(inet, way, { ...header, discovery: PMTUDISC.DO, cause: packet }, reset);
    }
  }
  drop(packet, "NO_SOCKET");
}

/** For IPv4's table of protocols. */
export const tcpOverIpv4: Ipv4Protocol = { receive: receiveIpv4 };

/** For IPv6's table of transports. */
export function receiveTcpOverIpv6(packet: Packet, namespace: Inet6Netns): boolean {
  const { bytes, network, start, end } = packet;
  if (!segmentOk(packet, ipv6PseudoSumAt(bytes, network, IpProtocol.TCP, end - start))) return true;
  const reset = isIpv6MulticastAt(bytes, network) ? undefined : resetFor(packet);
  if (reset !== undefined) sendReset6(packet, namespace, reset);
  drop(packet, "NO_SOCKET");
  return true;
}

function sendReset6(packet: Packet, namespace: Inet6Netns, reset: Uint8Array): void {
  const { bytes, network } = packet;
  const source = ipv6Destination(bytes, network);
  const destination = ipv6Source(bytes, network);
  const route = routeIpv6(namespace, {
    destination,
    source,
    oif: needsStrictDevice(destination) ? packet.arrivedOn : (l3MasterOf(packet.device)?.ifindex ?? 0),
    protocol: IpProtocol.TCP,
  });
  if (route.error !== 0) return;
  fillChecksum(reset, pseudoHeaderSumV6(source, destination, IpProtocol.TCP, reset.length));
  const answer = Packet.allocate(route.device, reset.length);
  answer.bytes.set(reset, answer.start);
  writeHeader(answer, {
    trafficClass: ipv6TrafficClass(bytes, network) & 0xfc,
    flowLabel: 0,
    nextHeader: IpProtocol.TCP,
    hopLimit: hopLimitOf(namespace, route, destination),
    source,
    destination,
  });
  sendPacket(namespace, route, answer, { cause: packet });
}
