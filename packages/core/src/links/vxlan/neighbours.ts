// What a VXLAN device does for neighbours that it knows: it answers ARP requests and neighbour solicitations itself (`proxy`), and
// sends what goes to a router straight to the neighbour (`rsc`). Neighbours are those of the host's own tables.

import { ipv4Of } from "../../kernel/ipv4/namespace.ts";
import { inet6Netns } from "../../kernel/ipv6/interface.ts";
import { born } from "../../kernel/journey.ts";
import { NUD_CONNECTED } from "../../kernel/neighbour/state.ts";
import { Packet, PACKET_HOST } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import {
  ARP_HARDWARE_ETHERNET,
  ARP_LENGTH,
  ArpOperation,
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  isArpForIpv4,
  writeArp,
} from "../../wire/arp.ts";
import { pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import {
  ETHERNET_HEADER_LENGTH,
  ethDestination,
  EtherType,
  ethSource,
  setEthDestination,
  setEthSource,
  setEthType,
} from "../../wire/ethernet.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { ipv4Destination } from "../../wire/ipv4.ts";
import { isLoopbackIpv4, isMulticastIpv4 } from "../../wire/ipv4-address.ts";
import { IPV6_ANY, isMulticastIpv6 } from "../../wire/ipv6-address.ts";
import {
  IPV6_HEADER_LENGTH,
  ipv6Destination,
  ipv6NextHeader,
  ipv6Source,
  writeIpv6Header,
} from "../../wire/ipv6.ts";
import type { MacAddress } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeNd, ND_HOP_LIMIT, ndLength, writeNd } from "../../wire/ndisc.ts";
import type { NeighbourAdvertisement } from "../../wire/ndisc.ts";
import { VXLAN_F } from "./config.ts";
import type { VxlanDevice } from "./device.ts";
import { notifyMissingNeighbour } from "./fdb-requests.ts";

/** True if the packet asked for a neighbour and has ended here, answered or not. */
export function answerForNeighbour(device: VxlanDevice, packet: Packet, type: number): boolean {
  if (type === EtherType.ARP) answerArp(device, packet);
  else if (type !== EtherType.IPV6 || !isSolicitation(packet)) return false;
  else answerSolicitation(device, packet);
  return true;
}

/** The neighbour's address, if it is one to answer for: known now, and not on this side of a bridge. */
function knownAddress(
  device: VxlanDevice,
  neighbour: { readonly state: number; readonly address: MacAddress } | undefined,
): MacAddress | undefined {
  if (neighbour === undefined || (neighbour.state & NUD_CONNECTED) === 0) return undefined;
  const entry = device.fdb.find(neighbour.address, 0);
  return entry !== undefined && entry.first?.address === undefined ? undefined : neighbour.address;
}

/** arp_reduce() */
function answerArp(device: VxlanDevice, packet: Packet): void {
  const { bytes, start, end } = packet;
  const at = start + ETHERNET_HEADER_LENGTH;
  const { kernel } = device;
  const asks = isArpForIpv4(bytes, at, end) && arpOperation(bytes, at) === ArpOperation.REQUEST;
  const target = asks ? arpTargetIp(bytes, at) : 0;
  if (!asks || isLoopbackIpv4(target) || isMulticastIpv4(target)) {
    kernel.drop(packet, "ARP_IGNORED", device.name);
    return;
  }
  const neighbour = ipv4Of(device.netns).stack.arp.find(device, target);
  const address = knownAddress(device, neighbour);
  if (address !== undefined) {
    const asker = arpSenderMac(bytes, at);
    const reply = Packet.allocate(device, ETHERNET_HEADER_LENGTH + ARP_LENGTH);
    writeArp(
      {
        kind: "ipv4",
        hardwareType: ARP_HARDWARE_ETHERNET,
        operation: ArpOperation.REPLY,
        senderMac: address,
        senderIp: target,
        targetMac: asker,
        targetIp: arpSenderIp(bytes, at),
      },
      reply.bytes,
      reply.start + ETHERNET_HEADER_LENGTH,
    );
    deliver(packet, device, reply, asker, address, EtherType.ARP);
  } else if (neighbour === undefined && device.has(VXLAN_F.L3MISS)) notifyMissingNeighbour(device, target);
  kernel.drop(packet, "BRIDGE_NEIGH_SUPPRESSED", device.name);
}

function isSolicitation({ bytes, start, end }: Packet): boolean {
  const at = start + ETHERNET_HEADER_LENGTH;
  if (end - at < IPV6_HEADER_LENGTH + 24 || ipv6NextHeader(bytes, at) !== IpProtocol.ICMPV6) return false;
  return (
    bytes[at + IPV6_HEADER_LENGTH] === Icmpv6Type.NEIGHBOUR_SOLICITATION &&
    bytes[at + IPV6_HEADER_LENGTH + 1] === 0
  );
}

/** neigh_reduce() */
function answerSolicitation(device: VxlanDevice, packet: Packet): void {
  const { bytes, start, end } = packet;
  const at = start + ETHERNET_HEADER_LENGTH;
  const asker = ipv6Source(bytes, at);
  const question = decodeNd(bytes, at + IPV6_HEADER_LENGTH, end);
  const namespace = inet6Netns.of(device.netns);
  const { kernel } = device;
  if (
    isMalformed(question) ||
    question.kind !== "neighbour-solicitation" ||
    namespace === undefined ||
    isMulticastIpv6(question.target)
  ) {
    kernel.drop(packet, "NDISC_INVALID", device.name);
    return;
  }
  const neighbour = namespace.stack.neighbours.find(device, question.target);
  const address = knownAddress(device, neighbour);
  if (address !== undefined && asker !== IPV6_ANY) {
    const answer: NeighbourAdvertisement = {
      kind: "neighbour-advertisement",
      router: false,
      solicited: true,
      override: true,
      target: question.target,
      options: [{ kind: "target-link-address", mac: address }],
    };
    const length = ndLength(answer);
    const reply = Packet.allocate(device, ETHERNET_HEADER_LENGTH + IPV6_HEADER_LENGTH + length);
    const header = reply.start + ETHERNET_HEADER_LENGTH;
    writeIpv6Header(
      {
        trafficClass: 0,
        flowLabel: 0,
        nextHeader: IpProtocol.ICMPV6,
        hopLimit: ND_HOP_LIMIT,
        source: question.target,
        destination: asker,
      },
      length,
      reply.bytes,
      header,
    );
    const sum = pseudoHeaderSumV6(question.target, asker, IpProtocol.ICMPV6, length);
    writeNd(answer, reply.bytes, header + IPV6_HEADER_LENGTH, sum);
    deliver(packet, device, reply, ethSource(bytes, start), address, EtherType.IPV6);
  } else if (neighbour === undefined && device.has(VXLAN_F.L3MISS)) {
    notifyMissingNeighbour(device, question.target);
  }
  kernel.drop(packet, "BRIDGE_NEIGH_SUPPRESSED", device.name);
}

/** The answer comes in as if the neighbour had sent it. */
function deliver(
  question: Packet,
  device: VxlanDevice,
  reply: Packet,
  to: MacAddress,
  from: MacAddress,
  type: number,
): void {
  setEthDestination(reply.bytes, reply.start, to);
  setEthSource(reply.bytes, reply.start, from);
  setEthType(reply.bytes, reply.start, type);
  if (question.traceId !== 0) born(reply, "kernel", 0, question);
  if (!netifRx(reply, device)) return;
  reply.packetType = PACKET_HOST;
}

/** route_shortcircuit(): true if the frame now goes to the neighbour instead of the router. */
export function shortCircuit(device: VxlanDevice, packet: Packet, type: number): boolean {
  const at = packet.start + ETHERNET_HEADER_LENGTH;
  let neighbour: { readonly address: MacAddress } | undefined;
  if (type === EtherType.IPV4) {
    const destination = ipv4Destination(packet.bytes, at);
    if (isMulticastIpv4(destination)) return false;
    neighbour = ipv4Of(device.netns).stack.arp.find(device, destination);
    if (neighbour === undefined && device.has(VXLAN_F.L3MISS)) notifyMissingNeighbour(device, destination);
  } else if (type === EtherType.IPV6) {
    const destination = ipv6Destination(packet.bytes, at);
    if (isMulticastIpv6(destination)) return false;
    neighbour = inet6Netns.of(device.netns)?.stack.neighbours.find(device, destination);
    if (neighbour === undefined && device.has(VXLAN_F.L3MISS)) notifyMissingNeighbour(device, destination);
  }
  const router = ethDestination(packet.bytes, packet.start);
  if (neighbour === undefined || neighbour.address === router) return false;
  packet.writable();
  setEthSource(packet.bytes, packet.start, router);
  setEthDestination(packet.bytes, packet.start, neighbour.address);
  return true;
}
