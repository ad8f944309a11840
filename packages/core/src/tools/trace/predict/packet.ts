// Packets of the network layer that `trace --dry-run` follows, as bytes: what programs and protocols would send, and what routers
// and tunnels make of it. Ids, and what is chosen at random, are left 0. RFC 791, RFC 8200, RFC 792, RFC 4443.

import type { IpAddress } from "../../../trace/packet-event.ts";
import { writeU16BE } from "../../../wire/bytes.ts";
import { pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../../wire/checksum.ts";
import { fillIcmpChecksum, IcmpType } from "../../../wire/icmpv4.ts";
import { fillIcmpv6Checksum, Icmpv6Type } from "../../../wire/icmpv6.ts";
import { IpProtocol } from "../../../wire/ip-protocol.ts";
import { readIpv4Address } from "../../../wire/ipv4-address.ts";
import {
  IPV6_NO_UPPER_LAYER,
  skipIpv6Extensions,
  upperLayerOffset,
  upperLayerProtocol,
} from "../../../wire/ipv6-extensions.ts";
import {
  decrementIpv4Ttl,
  fillIpv4Checksum,
  IPV4_DONT_FRAGMENT,
  IPV4_MIN_HEADER,
  IPV4_MORE_FRAGMENTS,
  ipv4FragmentField,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Protocol,
  ipv4Ttl,
  NO_OPTIONS,
  setIpv4FragmentField,
  setIpv4TotalLength,
  writeIpv4Header,
} from "../../../wire/ipv4.ts";
import { readIpv6Address } from "../../../wire/ipv6-address.ts";
import {
  IPV6_HEADER_LENGTH,
  ipv6HopLimit,
  ipv6NextHeader,
  setIpv6HopLimit,
  setIpv6NextHeader,
  setIpv6PayloadLength,
  writeIpv6Header,
} from "../../../wire/ipv6.ts";
import type { TcpSendOptions } from "../../../wire/tcp-write.ts";
import { writeTcpSegment } from "../../../wire/tcp-write.ts";
import { UDP_HEADER_LENGTH, writeUdp } from "../../../wire/udp.ts";
import type { Frame } from "./frame.ts";
import type { TunnelWay } from "./tunnel-way.ts";

const ECHO_HEADER = 8; // bytes
const FRAGMENT_HEADER = 8; // bytes, of IPv6
/** The embedded kernel keeps as much of a new packet for its journey. */
const KEPT_BYTES = 128;

/** What a tunnel carries in a packet. */
export interface Inside {
  readonly way: TunnelWay;
  readonly frame: Frame;
  /** How many tunnels are around the frame. */
  readonly depth: number;
}

/** An IPv4 or IPv6 packet. */
export interface IpPacket {
  /** From its header on. */
  readonly bytes: Uint8Array;
  readonly inside?: Inside;
  /** The packet that it is a fragment of. */
  readonly whole?: IpPacket;
}

export function addressOf(bytes: Uint8Array): IpAddress {
  return bytes.length === 4 ? readIpv4Address(bytes, 0) : readIpv6Address(bytes, 0);
}

export function isV4({ bytes }: IpPacket): boolean {
  return (bytes[0] ?? 0) >>> 4 === 4;
}

export function sourceOf(packet: IpPacket): Uint8Array {
  return isV4(packet) ? packet.bytes.slice(12, 16) : packet.bytes.slice(8, 24);
}

export function destinationOf(packet: IpPacket): Uint8Array {
  return isV4(packet) ? packet.bytes.slice(16, 20) : packet.bytes.slice(24, 40);
}

export function headerLength(packet: IpPacket): number {
  return isV4(packet) ? ipv4HeaderLength(packet.bytes, 0) : IPV6_HEADER_LENGTH;
}

export function isMulticast(address: Uint8Array): boolean {
  return address.length === 4 ? (address[0] ?? 0) >>> 4 === 0xe : address[0] === 0xff;
}

export function ttlOf(packet: IpPacket): number {
  return isV4(packet) ? ipv4Ttl(packet.bytes, 0) : ipv6HopLimit(packet.bytes, 0);
}

/** Of IPv4: it must not be cut. IPv6 is cut by its sender only. */
export function dontFragment(packet: IpPacket): boolean {
  return !isV4(packet) || (ipv4FragmentField(packet.bytes, 0) & IPV4_DONT_FRAGMENT) !== 0;
}

export interface UpperLayer {
  /** IP protocol number; undefined of what is no upper layer, such as an IPv6 packet that ends with its extensions. */
  readonly protocol: number | undefined;
  /** Where it begins. */
  readonly at: number;
  /** It is a fragment, from this byte of the whole on. */
  readonly fragment: number | undefined;
}

export function upperLayerOf(packet: IpPacket): UpperLayer {
  const { bytes } = packet;
  if (isV4(packet)) {
    const field = ipv4FragmentField(bytes, 0) & ~IPV4_DONT_FRAGMENT;
    return {
      protocol: ipv4Protocol(bytes, 0),
      at: ipv4HeaderLength(bytes, 0),
      fragment: field === 0 ? undefined : ipv4FragmentOffset(bytes, 0),
    };
  }
  const next = ipv6NextHeader(bytes, 0);
  if (next === IpProtocol.FRAGMENT) {
    const offset =
      ((bytes[IPV6_HEADER_LENGTH + 2] ?? 0) << 8) | ((bytes[IPV6_HEADER_LENGTH + 3] ?? 0) & 0xf8);
    const protocol = bytes[IPV6_HEADER_LENGTH];
    return { protocol, at: IPV6_HEADER_LENGTH + FRAGMENT_HEADER, fragment: offset };
  }
  const found = skipIpv6Extensions(bytes, IPV6_HEADER_LENGTH, bytes.length, next);
  if (found === IPV6_NO_UPPER_LAYER) return { protocol: undefined, at: bytes.length, fragment: undefined };
  return { protocol: upperLayerProtocol(found), at: upperLayerOffset(found), fragment: undefined };
}

/** What a header says besides addresses and protocol. */
export interface HeaderFields {
  readonly ttl: number;
  readonly dontFragment?: boolean;
  /** Type of service, or traffic class. */
  readonly tos?: number;
}

/** A packet with room for `length` bytes behind its header, and where they begin. */
function makePacket(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
  { ttl, dontFragment: whole = false, tos = 0 }: HeaderFields,
): { bytes: Uint8Array; at: number } {
  if (source.length === 4) {
    const bytes = new Uint8Array(IPV4_MIN_HEADER + length);
    const header = {
      tos,
      id: 0,
      dontFragment: whole,
      moreFragments: false,
      fragmentOffset: 0,
      ttl,
      protocol,
      source: readIpv4Address(source, 0),
      destination: readIpv4Address(destination, 0),
      options: NO_OPTIONS,
    };
    return { bytes, at: writeIpv4Header(header, length, bytes, 0) };
  }
  const bytes = new Uint8Array(IPV6_HEADER_LENGTH + length);
  const header = {
    trafficClass: tos,
    flowLabel: 0,
    nextHeader: protocol,
    hopLimit: ttl,
    source: readIpv6Address(source, 0),
    destination: readIpv6Address(destination, 0),
  };
  return { bytes, at: writeIpv6Header(header, length, bytes, 0) };
}

function pseudoSum(source: Uint8Array, destination: Uint8Array, protocol: number, length: number): number {
  return source.length === 4
    ? pseudoHeaderSumV4(readIpv4Address(source, 0), readIpv4Address(destination, 0), protocol, length)
    : pseudoHeaderSumV6(readIpv6Address(source, 0), readIpv6Address(destination, 0), protocol, length);
}

/** A packet with an ICMP or ICMPv6 message, whose checksum is filled in. */
export function icmpPacket(
  source: Uint8Array,
  destination: Uint8Array,
  message: Uint8Array,
  fields: HeaderFields,
): IpPacket {
  const v4 = source.length === 4;
  const protocol = v4 ? IpProtocol.ICMP : IpProtocol.ICMPV6;
  const { bytes, at } = makePacket(source, destination, protocol, message.length, fields);
  bytes.set(message, at);
  if (v4) fillIcmpChecksum(bytes, at, bytes.length);
  else fillIcmpv6Checksum(bytes, at, bytes.length, pseudoSum(source, destination, protocol, message.length));
  return { bytes };
}

/** An echo request as ping sends it, with `data` bytes behind the header; 1 is its number. */
export function echoRequest(
  source: Uint8Array,
  destination: Uint8Array,
  identifier: number,
  data: number,
  fields: HeaderFields,
): IpPacket {
  const message = new Uint8Array(ECHO_HEADER + data);
  message[0] = source.length === 4 ? IcmpType.ECHO_REQUEST : Icmpv6Type.ECHO_REQUEST;
  writeU16BE(message, 4, identifier);
  writeU16BE(message, 6, 1);
  return icmpPacket(source, destination, message, fields);
}

export function udpPacket(
  source: Uint8Array,
  destination: Uint8Array,
  ports: readonly [source: number, destination: number],
  payload: Uint8Array,
  fields: HeaderFields,
): IpPacket {
  const length = UDP_HEADER_LENGTH + payload.length;
  const { bytes, at } = makePacket(source, destination, IpProtocol.UDP, length, fields);
  const [sourcePort, destinationPort] = ports;
  const sum = pseudoSum(source, destination, IpProtocol.UDP, length);
  writeUdp({ sourcePort, destinationPort, payload }, bytes, at, sum);
  return { bytes };
}

/** A segment without data; its numbers are not those that a connection would have. */
export function tcpPacket(
  source: Uint8Array,
  destination: Uint8Array,
  ports: readonly [source: number, destination: number],
  segment: { readonly flags: number; readonly window: number; readonly options: TcpSendOptions },
  fields: HeaderFields,
): IpPacket {
  const [sourcePort, destinationPort] = ports;
  const { flags, window, options } = segment;
  const header = { sourcePort, destinationPort, sequence: 0, acknowledgement: 1, flags, window };
  const sum = (length: number): number => pseudoSum(source, destination, IpProtocol.TCP, length);
  const bytes = writeTcpSegment(header, options, new Uint8Array(0), sum);
  return otherPacket(source, destination, IpProtocol.TCP, bytes, fields);
}

/** A packet with the bytes of another protocol, such as GRE. */
export function otherPacket(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  payload: Uint8Array,
  fields: HeaderFields,
): IpPacket {
  const { bytes, at } = makePacket(source, destination, protocol, payload.length, fields);
  bytes.set(payload, at);
  return { bytes };
}

/** As a router sends it on. */
export function countedDown(packet: IpPacket): IpPacket {
  const bytes = packet.bytes.slice();
  if (isV4(packet)) decrementIpv4Ttl(bytes, 0);
  else setIpv6HopLimit(bytes, 0, ipv6HopLimit(bytes, 0) - 1);
  return { ...packet, bytes };
}

/** The pieces for an MTU: offsets are multiples of eight bytes (RFC 791, 3.2; RFC 8200, 4.5). */
export function cut(packet: IpPacket, mtu: number): IpPacket[] {
  const v4 = isV4(packet);
  const { bytes } = packet;
  const header = headerLength(packet);
  const extra = v4 ? 0 : FRAGMENT_HEADER;
  const room = Math.max(8, Math.floor((mtu - header - extra) / 8) * 8);
  // A fragment that is cut again goes on at its own place.
  const base = v4 ? ipv4FragmentOffset(bytes, 0) : 0;
  const goesOn = v4 && (ipv4FragmentField(bytes, 0) & IPV4_MORE_FRAGMENTS) !== 0;
  const pieces = Math.ceil((bytes.length - header) / room);
  return Array.from({ length: pieces }, (_, index): IpPacket => {
    const from = header + index * room;
    const part = bytes.subarray(from, Math.min(bytes.length, from + room));
    const piece = new Uint8Array(header + extra + part.length);
    piece.set(bytes.subarray(0, header));
    piece.set(part, header + extra);
    const more = goesOn || index < pieces - 1;
    if (v4) {
      setIpv4TotalLength(piece, 0, piece.length);
      const offset = (base + index * room) >>> 3;
      setIpv4FragmentField(piece, 0, offset | (more ? IPV4_MORE_FRAGMENTS : 0));
      fillIpv4Checksum(piece, 0);
    } else {
      setIpv6PayloadLength(piece, 0, piece.length - IPV6_HEADER_LENGTH);
      setIpv6NextHeader(piece, 0, IpProtocol.FRAGMENT);
      piece[header] = ipv6NextHeader(bytes, 0);
      writeU16BE(piece, header + 2, (index * room) | (more ? 1 : 0));
    }
    return { ...packet, bytes: piece, whole: packet.whole ?? packet };
  });
}

/** What a journey keeps of a packet's bytes. */
export function keptBytes(bytes: Uint8Array): Uint8Array {
  return bytes.slice(0, KEPT_BYTES);
}
