// One line about a packet for people: what it is, from whom to whom. Not a dissector; that is tcpdump's business. The bytes may
// be cut anywhere.

import { ArpOperation, arpOperation, arpSenderIp, arpSenderMac, arpTargetIp } from "../../wire/arp.ts";
import { isArpForIpv4 } from "../../wire/arp.ts";
import { readU16BE, readU8 } from "../../wire/bytes.ts";
import {
  EtherType,
  ethDestination,
  ETHERNET_HEADER_LENGTH,
  ethSource,
  ETHERTYPE_MIN,
  ethType,
} from "../../wire/ethernet.ts";
import { icmpCode, icmpId, icmpSequence, IcmpType, icmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import { icmpv6Id, icmpv6Sequence, Icmpv6Type, icmpv6Type } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_NO_UPPER_LAYER,
  skipIpv6Extensions,
  upperLayerOffset,
  upperLayerProtocol,
} from "../../wire/ipv6-extensions.ts";
import {
  IPV4_MIN_HEADER,
  ipv4Destination,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
} from "../../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH, ipv6Destination, ipv6NextHeader, ipv6Source } from "../../wire/ipv6.ts";
import { formatMac } from "../../wire/mac.ts";
import { TCP_MIN_HEADER, TcpFlag, tcpFlags } from "../../wire/tcp.ts";
import { udpDestinationPort, udpSourcePort } from "../../wire/udp.ts";
import { isVlanTpid } from "../../wire/vlan-tag.ts";

/** What ICMP destination unreachable says, by code (RFC 792, RFC 1812). */
const UNREACHABLE: Readonly<Record<number, string>> = {
  [IcmpUnreachable.NET]: "network unreachable",
  [IcmpUnreachable.HOST]: "host unreachable",
  [IcmpUnreachable.PROTOCOL]: "protocol unreachable",
  [IcmpUnreachable.PORT]: "port unreachable",
  [IcmpUnreachable.FRAGMENTATION_NEEDED]: "fragmentation needed",
  [IcmpUnreachable.COMMUNICATION_PROHIBITED]: "communication prohibited",
};

/** Names of IP protocols without a line of their own. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: "ICMP",
  2: "IGMP",
  6: "TCP",
  17: "UDP",
  47: "GRE",
  58: "ICMPv6",
  89: "OSPF",
  132: "SCTP",
};

/** By code of RFC 4443, 3.1. */
const UNREACHABLE6: readonly string[] = [
  "no route",
  "prohibited",
  "beyond scope",
  "address unreachable",
  "port unreachable",
];

/** `protocol` is the EtherType of what `bytes` begin with; 0: with an Ethernet header. */
export function describePacket(bytes: Uint8Array, protocol: number): string {
  if (protocol === 0) return describeFrame(bytes);
  switch (protocol) {
    case EtherType.ARP:
      return describeArp(bytes);
    case EtherType.IPV4:
      return describeIpv4(bytes);
    case EtherType.IPV6:
      return describeIpv6(bytes);
    default:
      return `EtherType 0x${protocol.toString(16).padStart(4, "0")}`;
  }
}

function describeFrame(bytes: Uint8Array): string {
  if (bytes.length < ETHERNET_HEADER_LENGTH) return "frame without a whole header";
  const ends = `${formatMac(ethSource(bytes, 0))} > ${formatMac(ethDestination(bytes, 0))}`;
  let type = ethType(bytes, 0);
  let at = ETHERNET_HEADER_LENGTH;
  let tags = "";
  while (isVlanTpid(type) && at + 4 <= bytes.length) {
    tags += `, VLAN ${readU16BE(bytes, at) & 0xfff}`;
    type = readU16BE(bytes, at + 2);
    at += 4;
  }
  if (type < ETHERTYPE_MIN) return `802.3 frame ${ends}${tags}`;
  return `frame ${ends}${tags}: ${describePacket(bytes.subarray(at), type)}`;
}

function describeArp(bytes: Uint8Array): string {
  if (!isArpForIpv4(bytes, 0, bytes.length)) return "ARP";
  const sender = formatIpv4(arpSenderIp(bytes, 0));
  switch (arpOperation(bytes, 0)) {
    case ArpOperation.REQUEST:
      return `ARP who has ${formatIpv4(arpTargetIp(bytes, 0))}? tell ${sender}`;
    case ArpOperation.REPLY:
      return `ARP ${sender} is at ${formatMac(arpSenderMac(bytes, 0))}`;
    default:
      return "ARP";
  }
}

function describeIpv4(bytes: Uint8Array): string {
  if (bytes.length < IPV4_MIN_HEADER) return "IPv4 without a whole header";
  const from = formatIpv4(ipv4Source(bytes, 0));
  const to = formatIpv4(ipv4Destination(bytes, 0));
  const offset = ipv4FragmentOffset(bytes, 0);
  if (offset > 0) return `IPv4 fragment at ${offset}, ${from} > ${to}`;
  const at = ipv4HeaderLength(bytes, 0);
  const protocol = ipv4Protocol(bytes, 0);
  if (protocol === IpProtocol.ICMP && bytes.length >= at + 8)
    return `${describeIcmp(bytes, at)}, ${from} > ${to}`;
  return describeTransport(bytes, at, protocol, from, to);
}

/** The flags that open, end and reset connections. */
function flagWords(bytes: Uint8Array, at: number): string {
  if (bytes.length < at + TCP_MIN_HEADER) return "";
  const flags = tcpFlags(bytes, at);
  return FLAGS.map((name) => ((flags & TcpFlag[name]) === 0 ? "" : ` ${name}`)).join("");
}

const FLAGS = ["SYN", "FIN", "RST", "ACK"] as const;

function describeTransport(
  bytes: Uint8Array,
  at: number,
  protocol: number,
  from: string,
  to: string,
): string {
  const ports = protocol === IpProtocol.UDP || protocol === IpProtocol.TCP;
  if (ports && bytes.length >= at + 4) {
    const name = protocol === IpProtocol.UDP ? "UDP" : `TCP${flagWords(bytes, at)}`;
    return `${name} ${from} port ${udpSourcePort(bytes, at)} > ${to} port ${udpDestinationPort(bytes, at)}`;
  }
  return `${PROTOCOLS[protocol] ?? `IP protocol ${protocol}`} ${from} > ${to}`;
}

function describeIcmp(bytes: Uint8Array, at: number): string {
  const code = icmpCode(bytes, at);
  switch (icmpType(bytes, at)) {
    case IcmpType.ECHO_REQUEST:
      return `ICMP echo request id ${icmpId(bytes, at)} seq ${icmpSequence(bytes, at)}`;
    case IcmpType.ECHO_REPLY:
      return `ICMP echo reply id ${icmpId(bytes, at)} seq ${icmpSequence(bytes, at)}`;
    case IcmpType.DESTINATION_UNREACHABLE:
      return `ICMP ${UNREACHABLE[code] ?? `unreachable, code ${code}`}`;
    case IcmpType.TIME_EXCEEDED:
      return "ICMP time exceeded";
    case IcmpType.REDIRECT:
      return "ICMP redirect";
    default:
      return `ICMP type ${icmpType(bytes, at)} code ${code}`;
  }
}

function describeIpv6(bytes: Uint8Array): string {
  if (bytes.length < IPV6_HEADER_LENGTH) return "IPv6 without a whole header";
  const from = formatIpv6(ipv6Source(bytes, 0));
  const to = formatIpv6(ipv6Destination(bytes, 0));
  const found = skipIpv6Extensions(bytes, IPV6_HEADER_LENGTH, bytes.length, ipv6NextHeader(bytes, 0));
  if (found === IPV6_NO_UPPER_LAYER) return `IPv6 ${from} > ${to}`;
  const at = upperLayerOffset(found);
  const protocol = upperLayerProtocol(found);
  if (protocol === IpProtocol.ICMPV6 && bytes.length >= at + 8)
    return `${describeIcmpv6(bytes, at)}, ${from} > ${to}`;
  return describeTransport(bytes, at, protocol, from, to);
}

function describeIcmpv6(bytes: Uint8Array, at: number): string {
  const target = (): string => (bytes.length >= at + 24 ? formatIpv6(readIpv6Address(bytes, at + 8)) : "?");
  switch (icmpv6Type(bytes, at)) {
    case Icmpv6Type.ECHO_REQUEST:
      return `ICMPv6 echo request id ${icmpv6Id(bytes, at)} seq ${icmpv6Sequence(bytes, at)}`;
    case Icmpv6Type.ECHO_REPLY:
      return `ICMPv6 echo reply id ${icmpv6Id(bytes, at)} seq ${icmpv6Sequence(bytes, at)}`;
    case Icmpv6Type.NEIGHBOUR_SOLICITATION:
      return `ND who has ${target()}?`;
    case Icmpv6Type.NEIGHBOUR_ADVERTISEMENT:
      return `ND ${target()} is here`;
    case Icmpv6Type.DESTINATION_UNREACHABLE:
      return `ICMPv6 ${UNREACHABLE6[readU8(bytes, at + 1)] ?? "unreachable"}`;
    case Icmpv6Type.PACKET_TOO_BIG:
      return "ICMPv6 packet too big";
    case Icmpv6Type.TIME_EXCEEDED:
      return "ICMPv6 time exceeded";
    default:
      return `ICMPv6 type ${icmpv6Type(bytes, at)}`;
  }
}
