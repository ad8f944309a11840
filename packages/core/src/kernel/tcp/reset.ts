// Resets for segments that belong to nothing: as for a closed port (RFC 9293, 3.10.7.1; tcp_v4_send_reset, tcp_v6_send_reset).

import { RTN } from "../../netlink/rtnl/route-constants.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4Destination, ipv4Source, ipv4Tos } from "../../wire/ipv4.ts";
import { ipv6Destination, ipv6Source, ipv6TrafficClass, isIpv6MulticastAt } from "../../wire/ipv6.ts";
import { TcpFlag } from "../../wire/tcp.ts";
import { writeTcpSegment } from "../../wire/tcp-write.ts";
import { pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import { PMTUDISC, sendDatagram } from "../ipv4/output.ts";
import { Route } from "../ipv4/route.ts";
import { ROUTING_TOS, routeOutput } from "../ipv4/route-output.ts";
import { hopLimitOf } from "../ipv6/icmp-send.ts";
import { inet6Netns } from "../ipv6/interface.ts";
import { sendPacket, writeHeader } from "../ipv6/output.ts";
import { needsStrictDevice, routeOutput as routeIpv6 } from "../ipv6/route-lookup.ts";
import { l3MasterOf } from "../l3mdev.ts";
import { Packet } from "../packet.ts";
import { tcpCounters } from "./counters.ts";
import type { ArrivedSegment } from "./segment.ts";

const NO_DATA = new Uint8Array(0);

/** The reset for a segment (RFC 9293, 3.5.2). */
function resetFor(segment: ArrivedSegment, pseudoSum: (length: number) => number): Uint8Array {
  const { sourcePort, destinationPort, acknowledgement, end } = segment;
  const ports = { sourcePort: destinationPort, destinationPort: sourcePort, window: 0 };
  const header = segment.ack
    ? { ...ports, sequence: acknowledgement, acknowledgement: 0, flags: TcpFlag.RST }
    : { ...ports, sequence: 0, acknowledgement: end, flags: TcpFlag.RST | TcpFlag.ACK };
  return writeTcpSegment(header, {}, NO_DATA, pseudoSum);
}

/** Answers a segment that belongs to nothing here. Resets and what was not for one host get no answer. */
export function answerWithReset(segment: ArrivedSegment): void {
  if (segment.rst) return;
  const { packet } = segment;
  if ((packet.bytes[packet.network] ?? 0) >>> 4 === 4) resetIpv4(segment, packet);
  else resetIpv6(segment, packet);
}

function count(packet: Packet): void {
  const counters = tcpCounters(packet.device.netns);
  counters.outSegs++;
  counters.outRsts++;
}

function resetIpv4(segment: ArrivedSegment, packet: Packet): void {
  const { bytes, network, route, device } = packet;
  if (!(route instanceof Route) || route.type !== RTN.LOCAL) return;
  const source = ipv4Destination(bytes, network);
  const destination = ipv4Source(bytes, network);
  const inet = ipv4Of(device.netns);
  const tos = ipv4Tos(bytes, network);
  const way = routeOutput(inet, {
    destination,
    source,
    oif: l3MasterOf(device)?.ifindex ?? 0,
    tos: tos & ROUTING_TOS,
    protocol: IpProtocol.TCP,
    sourcePort: segment.destinationPort,
    destinationPort: segment.sourcePort,
  });
  if (typeof way === "number") return;
  count(packet);
  const reset = resetFor(segment, (length) => pseudoHeaderSumV4(source, destination, IpProtocol.TCP, length));
  const header = { source, destination, protocol: IpProtocol.TCP, tos };
  sendDatagram(inet, way, { ...header, discovery: PMTUDISC.DO, cause: packet }, reset);
}

function resetIpv6(segment: ArrivedSegment, packet: Packet): void {
  const { bytes, network, device } = packet;
  if (isIpv6MulticastAt(bytes, network)) return;
  const namespace = inet6Netns.require(device.netns);
  const source = ipv6Destination(bytes, network);
  const destination = ipv6Source(bytes, network);
  const route = routeIpv6(namespace, {
    destination,
    source,
    oif: needsStrictDevice(destination) ? packet.arrivedOn : (l3MasterOf(device)?.ifindex ?? 0),
    protocol: IpProtocol.TCP,
  });
  if (route.error !== 0) return;
  count(packet);
  const reset = resetFor(segment, (length) => pseudoHeaderSumV6(source, destination, IpProtocol.TCP, length));
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
