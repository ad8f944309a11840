// Extension headers of packets that came in: options, routing headers (RFC 8200, 4.2 to 4.4; net/ipv6/exthdrs.c). Fragments are
// in reassembly.ts. Offsets are into `packet.bytes`; a bad header has been answered and counted when -1 comes back, and the
// packet is ended.

import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import { Icmpv6ParameterProblem, Icmpv6Type } from "../../wire/icmpv6.ts";
import { Ipv6OptionType } from "../../wire/ipv6-extension-records.ts";
import { IPV6_HEADER_LENGTH, isIpv6MulticastAt } from "../../wire/ipv6.ts";
import type { Packet } from "../packet.ts";
import { PACKET_HOST } from "../packet.ts";
import { inet6Device } from "./interface.ts";
import type { Inet6Netns } from "./interface.ts";
import { count } from "./mib.ts";
import type { Ip6Counters } from "./mib.ts";

/** What a walk says when the packet is gone. */
export const PACKET_GONE = -1;

/** The two highest bits of an option type say what to do with it if it is unknown (RFC 8200, 4.2). */
const UNKNOWN = { SKIP: 0, DISCARD: 1, ANSWER: 2, ANSWER_UNICAST: 3 } as const;
/** Longer runs of padding are abuse (RFC 4942, 2.1.9.5). */
const MAX_PADDING = 7;

/** Routing header types. */
const ROUTING = { MOBILITY: 2, RPL: 3, SEGMENT: 4 } as const;

function drop(namespace: Inet6Netns, packet: Packet, counter: keyof Ip6Counters): typeof PACKET_GONE {
  count(namespace.mib, inet6Device.of(packet.device)?.mib, counter);
  namespace.kernel.drop(packet, "IPV6_BAD_EXTHDR", packet.device.name);
  return PACKET_GONE;
}

/** Sends "parameter problem" about the byte at `at` and ends the packet. */
export function refuse(namespace: Inet6Netns, packet: Packet, code: number, at: number): typeof PACKET_GONE {
  namespace.stack.sendError(packet, Icmpv6Type.PARAMETER_PROBLEM, code, at - packet.network);
  namespace.kernel.drop(packet, "IPV6_BAD_EXTHDR", packet.device.name);
  return PACKET_GONE;
}

/** Bytes of the options header at `at`, or 0 if it does not fit into the packet. */
function headerLength(packet: Packet, at: number): number {
  if (at + 8 > packet.end) return 0;
  const length = (readU8(packet.bytes, at + 1) + 1) * 8;
  return at + length > packet.end ? 0 : length;
}

/** ipv6_parse_hopopts(): the offset behind the header. */
export function readHopByHop(namespace: Inet6Netns, packet: Packet): number {
  const at = packet.network + IPV6_HEADER_LENGTH;
  const length = headerLength(packet, at);
  const { max_hbh_length: longest, max_hbh_opts_number: most } = namespace.settings;
  if (length === 0 || length > longest) return drop(namespace, packet, "inHdrErrors");
  return readOptions(namespace, packet, at, length, true, most) ? at + length : PACKET_GONE;
}

/** ipv6_destopt_rcv(): the offset behind the header. */
export function readDestinationOptions(namespace: Inet6Netns, packet: Packet, at: number): number {
  const length = headerLength(packet, at);
  const { max_dst_opts_length: longest, max_dst_opts_number: most } = namespace.settings;
  if (length === 0 || length > longest) return drop(namespace, packet, "inHdrErrors");
  return readOptions(namespace, packet, at, length, false, most) ? at + length : PACKET_GONE;
}

/** ip6_parse_tlv(): false if the packet is gone. A negative `most` means that unknown options are refused altogether. */
function readOptions(
  namespace: Inet6Netns,
  packet: Packet,
  at: number,
  length: number,
  hopByHop: boolean,
  most: number,
): boolean {
  const { bytes } = packet;
  const end = at + length;
  const limit = Math.abs(most);
  let seen = 0;
  let padding = 0;
  for (let option = at + 2; option < end;) {
    const type = readU8(bytes, option);
    if (type === Ipv6OptionType.PAD1) {
      option++;
      if (++padding > MAX_PADDING) return dropOptions(namespace, packet);
      continue;
    }
    if (option + 1 >= end) return dropOptions(namespace, packet);
    const size = 2 + readU8(bytes, option + 1);
    if (option + size > end) return dropOptions(namespace, packet);
    if (type === Ipv6OptionType.PADN) {
      padding += size;
      if (padding > MAX_PADDING || !isZero(bytes, option + 2, option + size))
        return dropOptions(namespace, packet);
    } else {
      padding = 0;
      if (++seen > limit) return dropOptions(namespace, packet);
      if (!takeOption(namespace, packet, option, hopByHop, most < 0)) return false;
    }
    option += size;
  }
  return true;
}

function dropOptions(namespace: Inet6Netns, packet: Packet): false {
  drop(namespace, packet, "inHdrErrors");
  return false;
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (readU8(bytes, at) !== 0) return false;
  return true;
}

/** One option that is no padding. */
function takeOption(
  namespace: Inet6Netns,
  packet: Packet,
  at: number,
  hopByHop: boolean,
  strict: boolean,
): boolean {
  const { bytes } = packet;
  const type = readU8(bytes, at);
  if (hopByHop && type === Ipv6OptionType.ROUTER_ALERT) {
    if (readU8(bytes, at + 1) === 2) return true;
    return dropOptions(namespace, packet);
  }
  if (hopByHop && type === Ipv6OptionType.JUMBO) return takeJumbo(namespace, packet, at);
  const action = strict ? UNKNOWN.DISCARD : type >>> 6;
  if (action === UNKNOWN.SKIP) return true;
  const answers =
    action === UNKNOWN.ANSWER ||
    (action === UNKNOWN.ANSWER_UNICAST && !isIpv6MulticastAt(bytes, packet.network));
  if (answers) refuse(namespace, packet, Icmpv6ParameterProblem.OPTION, at);
  else drop(namespace, packet, "inHdrErrors");
  return false;
}

/** RFC 2675: the length of a packet that is longer than 65535 bytes. */
function takeJumbo(namespace: Inet6Netns, packet: Packet, at: number): boolean {
  const { bytes, network } = packet;
  if (readU8(bytes, at + 1) !== 4 || (at & 3) !== 2) return dropOptions(namespace, packet);
  const length = readU32BE(bytes, at + 2);
  if (length <= 0xffff) {
    count(namespace.mib, inet6Device.of(packet.device)?.mib, "inHdrErrors");
    refuse(namespace, packet, Icmpv6ParameterProblem.HEADER_FIELD, at + 2);
    return false;
  }
  if (readU16BE(bytes, network + 4) !== 0) {
    count(namespace.mib, inet6Device.of(packet.device)?.mib, "inHdrErrors");
    refuse(namespace, packet, Icmpv6ParameterProblem.HEADER_FIELD, at);
    return false;
  }
  if (length > packet.end - network - IPV6_HEADER_LENGTH) {
    drop(namespace, packet, "inTruncatedPkts");
    return false;
  }
  packet.end = network + IPV6_HEADER_LENGTH + length;
  return true;
}

/**
 * ipv6_rthdr_rcv(): the offset behind a routing header that is used up. Nothing is routed on: type 0 is deprecated
 * (RFC 5095), and types 2, 3 and 4 need mobility or segment routing, which are off.
 */
export function readRouting(namespace: Inet6Netns, packet: Packet, at: number): number {
  const length = headerLength(packet, at);
  if (length === 0) return drop(namespace, packet, "inHdrErrors");
  const { bytes, network } = packet;
  const type = readU8(bytes, at + 2);
  const segmentsLeft = readU8(bytes, at + 3);
  if (type === ROUTING.SEGMENT || type === ROUTING.RPL) {
    namespace.kernel.drop(packet, "IPV6_BAD_EXTHDR", packet.device.name);
    return PACKET_GONE;
  }
  if (isIpv6MulticastAt(bytes, network) || packet.packetType !== PACKET_HOST) {
    return drop(namespace, packet, "inAddrErrors");
  }
  if (type === ROUTING.MOBILITY) return drop(namespace, packet, "inAddrErrors");
  if (segmentsLeft === 0) return at + length;
  count(namespace.mib, inet6Device.of(packet.device)?.mib, "inHdrErrors");
  return refuse(namespace, packet, Icmpv6ParameterProblem.HEADER_FIELD, at + 2);
}

/** Whether the packet has a hop-by-hop header with the router alert of MLD (RFC 3810, 6.2). */
export function hasMldAlert(packet: Packet): boolean {
  const { bytes, network, end } = packet;
  if (readU8(bytes, network + 6) !== 0) return false;
  const at = network + IPV6_HEADER_LENGTH;
  const stop = Math.min(end, at + (readU8(bytes, at + 1) + 1) * 8);
  for (let option = at + 2; option + 1 < stop;) {
    const type = readU8(bytes, option);
    if (type === Ipv6OptionType.ROUTER_ALERT) return readU16BE(bytes, option + 2) === 0;
    option += type === Ipv6OptionType.PAD1 ? 1 : 2 + readU8(bytes, option + 1);
  }
  return false;
}
