// Packets that do not fit a tunnel that is a port of a switch: the switch has no address to complain from, so the answer is made
// as if the receiver had sent it (skb_tunnel_check_pmtu and iptunnel_pmtud_build_icmp of net/ipv4/ip_tunnel_core.c).

import { writeU16BE, writeU32BE, writeU48BE, writeU8 } from "../../wire/bytes.ts";
import { internetChecksum, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import {
  ethDestination,
  ETHERNET_HEADER_LENGTH,
  ethSource,
  ethType,
  EtherType,
} from "../../wire/ethernet.ts";
import { fillIcmpv6Checksum, icmpv6Type, isIcmpv6Error } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { IPV4_BROADCAST, isLoopbackIpv4, isMulticastIpv4, isZeroNetIpv4 } from "../../wire/ipv4-address.ts";
import {
  fillIpv4Checksum,
  IPV4_DONT_FRAGMENT,
  IPV4_MIN_HEADER,
  ipv4Destination,
  ipv4FragmentField,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Source,
  ipv4Ttl,
} from "../../wire/ipv4.ts";
import { IPV6_ANY, isMulticastIpv6, writeIpv6Address } from "../../wire/ipv6-address.ts";
import {
  IPV6_HEADER_LENGTH,
  ipv6Destination,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6Source,
} from "../../wire/ipv6.ts";
import type { NetDevice } from "../device.ts";
import { Packet } from "../packet.ts";

/** Least MTUs that the protocols promise. */
const MIN_MTU_V4 = 576;
const MIN_MTU_V6 = 1280;
const ICMP_HEADER = 8;
/** Types of ICMP that report errors (icmp_is_err). */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/** netif_is_any_bridge_port() */
export function isSwitchPort({ master }: NetDevice): boolean {
  return master?.kind?.isSwitch === true;
}

/**
 * The answer to a frame, which starts at its link-layer header, if it is too big for `mtu` and its sender is to hear of it. The
 * answer starts at its own link-layer header.
 */
export function tooBigAnswer(device: NetDevice, packet: Packet, mtu: number): Packet | undefined {
  const { bytes, start, end } = packet;
  const network = start + ETHERNET_HEADER_LENGTH;
  if (end - network <= mtu) return undefined;
  switch (ethType(bytes, start)) {
    case EtherType.IPV4:
      return mtu >= MIN_MTU_V4 ? fragmentationNeeded(device, packet, network, mtu) : undefined;
    case EtherType.IPV6:
      return mtu >= MIN_MTU_V6 ? packetTooBig(device, packet, network, mtu) : undefined;
    default:
      return undefined;
  }
}

function fragmentationNeeded(device: NetDevice, packet: Packet, at: number, mtu: number): Packet | undefined {
  const { bytes, end } = packet;
  const source = ipv4Source(bytes, at);
  const destination = ipv4Destination(bytes, at);
  if (ipv4FragmentField(bytes, at) !== IPV4_DONT_FRAGMENT) return undefined;
  if (destination === IPV4_BROADCAST || isMulticastIpv4(destination)) return undefined;
  if (isZeroNetIpv4(source) || isLoopbackIpv4(source)) return undefined;
  if (source === IPV4_BROADCAST || isMulticastIpv4(source)) return undefined;
  const transport = at + ipv4HeaderLength(bytes, at);
  if (ipv4Protocol(bytes, at) === IpProtocol.ICMP && ICMP_ERRORS.has(bytes[transport] ?? 0)) return undefined;
  const quoted = Math.min(end - at, MIN_MTU_V4 - IPV4_MIN_HEADER - ICMP_HEADER);
  const answer = answerFrame(device, packet, IPV4_MIN_HEADER + ICMP_HEADER + quoted);
  const out = answer.bytes;
  const ip = answer.start + ETHERNET_HEADER_LENGTH;
  const icmp = ip + IPV4_MIN_HEADER;
  out.set(bytes.subarray(at, at + quoted), icmp + ICMP_HEADER);
  writeU16BE(out, icmp, 0x0304);
  writeU32BE(out, icmp + 2, 0);
  writeU16BE(out, icmp + 6, mtu);
  writeU16BE(out, icmp + 2, internetChecksum(out, icmp, answer.end));
  writeU16BE(out, ip, 0x4500);
  writeU16BE(out, ip + 2, answer.end - ip);
  writeU16BE(out, ip + 4, 0);
  writeU16BE(out, ip + 6, IPV4_DONT_FRAGMENT);
  writeU8(out, ip + 8, ipv4Ttl(bytes, at));
  writeU8(out, ip + 9, IpProtocol.ICMP);
  writeU32BE(out, ip + 12, destination);
  writeU32BE(out, ip + 16, source);
  fillIpv4Checksum(out, ip);
  return answer;
}

function packetTooBig(device: NetDevice, packet: Packet, at: number, mtu: number): Packet | undefined {
  const { bytes, end } = packet;
  const source = ipv6Source(bytes, at);
  const destination = ipv6Destination(bytes, at);
  if (source === IPV6_ANY || isMulticastIpv6(source) || isMulticastIpv6(destination)) return undefined;
  const payload = at + IPV6_HEADER_LENGTH;
  if (ipv6NextHeader(bytes, at) === IpProtocol.ICMPV6 && isIcmpv6Error(icmpv6Type(bytes, payload)))
    return undefined;
  const quoted = Math.min(end - at, MIN_MTU_V6 - IPV6_HEADER_LENGTH - ICMP_HEADER);
  const answer = answerFrame(device, packet, IPV6_HEADER_LENGTH + ICMP_HEADER + quoted);
  const out = answer.bytes;
  const ip = answer.start + ETHERNET_HEADER_LENGTH;
  const icmp = ip + IPV6_HEADER_LENGTH;
  out.set(bytes.subarray(at, at + quoted), icmp + ICMP_HEADER);
  writeU16BE(out, icmp, 0x0200);
  writeU32BE(out, icmp + 4, mtu);
  writeU32BE(out, ip, 0x6000_0000);
  writeU16BE(out, ip + 4, answer.end - icmp);
  writeU8(out, ip + 6, IpProtocol.ICMPV6);
  writeU8(out, ip + 7, ipv6HopLimit(bytes, at));
  writeIpv6Address(out, ip + 8, destination);
  writeIpv6Address(out, ip + 24, source);
  const sum = pseudoHeaderSumV6(destination, source, IpProtocol.ICMPV6, answer.end - icmp);
  fillIcmpv6Checksum(out, icmp, answer.end, sum);
  return answer;
}

/** A frame back to the sender, with `length` bytes behind its header. */
function answerFrame(device: NetDevice, packet: Packet, length: number): Packet {
  const answer = Packet.allocate(device, ETHERNET_HEADER_LENGTH + length);
  const { bytes, start } = packet;
  writeU48BE(answer.bytes, answer.start, ethSource(bytes, start));
  writeU48BE(answer.bytes, answer.start + 6, ethDestination(bytes, start));
  writeU16BE(answer.bytes, answer.start + 12, ethType(bytes, start));
  answer.mac = answer.start;
  return answer;
}
