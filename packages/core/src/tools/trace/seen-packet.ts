// What of a frame stays the same from device to device: who is asked what by whom. Link-layer headers, tags and what a tunnel
// puts around a packet are taken off; so sightings of one packet on many devices can be joined.

import { ArpOperation, arpOperation, arpSenderIp, arpTargetIp, isArpForIpv4 } from "../../wire/arp.ts";
import { readU16BE, readU32BE, readU8 } from "../../wire/bytes.ts";
import { ethDestination, ETHERNET_HEADER_LENGTH, ethSource, EtherType } from "../../wire/ethernet.ts";
import { geneveOptionsLength, GENEVE_HEADER_LENGTH, GENEVE_PORT } from "../../wire/geneve.ts";
import { GRE_ETHERNET, readGreHeader } from "../../wire/gre.ts";
import { bytesToHex } from "../../wire/hex.ts";
import {
  ICMP_HEADER_LENGTH,
  icmpId,
  icmpSequence,
  IcmpType,
  icmpType,
  isIcmpError,
} from "../../wire/icmpv4.ts";
import { icmpv6Id, icmpv6Sequence, Icmpv6Type, icmpv6Type, isIcmpv6Error } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { checkIpv4, ipv4Destination, ipv4FragmentOffset, ipv4HeaderLength } from "../../wire/ipv4.ts";
import { ipv4Id, ipv4Protocol, ipv4Source, ipv4Ttl, isIpv4Fragment } from "../../wire/ipv4.ts";
import { checkIpv6, ipv6Destination, IPV6_HEADER_LENGTH, ipv6HopLimit } from "../../wire/ipv6.ts";
import { ipv6NextHeader, ipv6Source } from "../../wire/ipv6.ts";
import { formatMac } from "../../wire/mac.ts";
import { UDP_HEADER_LENGTH, udpDestinationPort, udpSourcePort } from "../../wire/udp.ts";
import { isVlanTpid, VLAN_ID_MASK } from "../../wire/vlan-tag.ts";
import { VXLAN_HEADER_LENGTH, VXLAN_PORT } from "../../wire/vxlan.ts";

/** What kind of answer a packet may be, or have; "fragment": a later piece, which says nothing about that. */
export type Role = "request" | "reply" | "error" | "question" | "told" | "fragment";

/** A piece of a packet. */
export interface SeenFragment {
  /** The same for all pieces. */
  readonly id: string;
  /** Bytes of the packet before it. */
  readonly offset: number;
  /** The key of the packet that it is the beginning of; undefined for later pieces. */
  readonly whole: string | undefined;
}

export interface SeenPacket {
  /** The same for every sighting of one packet; a reply's names its own request in `of`. */
  readonly key: string;
  readonly role: Role;
  /** The key of the packet that it answers. */
  readonly of: string | undefined;
  readonly fragment: SeenFragment | undefined;
  /** What an address translation leaves as it is; undefined where nothing could be recognized by it. */
  readonly content: string | undefined;
  readonly source: string;
  readonly destination: string;
  /** 0 where there is none. */
  readonly ttl: number;
  /** Tunnel that it is in, if any. */
  readonly tunnel: string | undefined;
  /** VLAN of a tag inside the frame; 0 for none. */
  readonly vlan: number;
  /** The packet from its network layer on, and its EtherType. */
  readonly bytes: Uint8Array;
  readonly protocol: number;
}

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;
const GRE = 47;
const FRAGMENT_HEADER = 8; // bytes, of IPv6
/** A tunnel in a tunnel in a tunnel is as deep as is looked. */
const DEEPEST = 3;

type Found = Pick<
  SeenPacket,
  "key" | "role" | "of" | "fragment" | "content" | "source" | "destination" | "ttl"
>;

/** Who sent a packet to whom. */
interface Ends {
  readonly source: string;
  readonly destination: string;
  readonly ttl: number;
}

/** `ethernet` false: the bytes begin at the network layer. Undefined: nothing that could be told from other packets. */
export function seenPacket(
  bytes: Uint8Array,
  ethernet: boolean,
  tunnel: string | undefined = undefined,
  depth = 0,
): SeenPacket | undefined {
  if (!ethernet) {
    const version = bytes.length === 0 ? 0 : readU8(bytes, 0) >> 4;
    return network(bytes, version === 4 ? EtherType.IPV4 : EtherType.IPV6, 0, tunnel, depth);
  }
  if (bytes.length < ETHERNET_HEADER_LENGTH) return undefined;
  const { at, vlan } = behindTags(bytes);
  return network(bytes.subarray(at + 2), readU16BE(bytes, at), vlan, tunnel, depth);
}

/** Where the EtherType behind all VLAN tags is, and the VLAN of the innermost one; 0 without a tag. */
function behindTags(frame: Uint8Array): { readonly at: number; readonly vlan: number } {
  let at = ETHERNET_HEADER_LENGTH - 2;
  let vlan = 0;
  while (at + 6 <= frame.length && isVlanTpid(readU16BE(frame, at))) {
    vlan = readU16BE(frame, at + 2) & VLAN_ID_MASK;
    at += 4;
  }
  return { at, vlan };
}

/** A frame of one's own may be anything: it is known by what is behind its link-layer header. */
export function anyPacket(bytes: Uint8Array): SeenPacket | undefined {
  if (bytes.length < ETHERNET_HEADER_LENGTH) return undefined;
  const { at, vlan } = behindTags(bytes);
  const body = bytes.subarray(at);
  return {
    key: `frame ${bytesToHex(body)}`,
    role: "request",
    of: undefined,
    fragment: undefined,
    content: undefined,
    source: formatMac(ethSource(bytes, 0)),
    destination: formatMac(ethDestination(bytes, 0)),
    ttl: 0,
    tunnel: undefined,
    vlan,
    bytes: body.subarray(2),
    protocol: readU16BE(bytes, at),
  };
}

function network(
  bytes: Uint8Array,
  protocol: number,
  vlan: number,
  tunnel: string | undefined,
  depth: number,
): SeenPacket | undefined {
  const inner = depth < DEEPEST ? insideTunnel(bytes, protocol, depth) : undefined;
  if (inner !== undefined) return inner;
  const found =
    protocol === EtherType.ARP
      ? arp(bytes)
      : protocol === EtherType.IPV4
        ? ipv4(bytes)
        : protocol === EtherType.IPV6
          ? ipv6(bytes)
          : undefined;
  return found && { ...found, tunnel, vlan, bytes, protocol };
}

function arp(bytes: Uint8Array): Found | undefined {
  if (!isArpForIpv4(bytes, 0, bytes.length)) return undefined;
  const [source, destination] = [formatIpv4(arpSenderIp(bytes, 0)), formatIpv4(arpTargetIp(bytes, 0))];
  const asks = arpOperation(bytes, 0) === ArpOperation.REQUEST;
  const key = `ARP ${asks ? `${source} asks ${destination}` : `${source} tells ${destination}`}`;
  const of = asks ? undefined : `ARP ${destination} asks ${source}`;
  const role = asks ? "question" : "told";
  return { key, role, of, fragment: undefined, content: undefined, source, destination, ttl: 0 };
}

function ipv4(bytes: Uint8Array): Found | undefined {
  if (checkIpv4(bytes, 0, bytes.length) !== undefined) return undefined;
  const [source, destination] = [formatIpv4(ipv4Source(bytes, 0)), formatIpv4(ipv4Destination(bytes, 0))];
  const ends = { source, destination, ttl: ipv4Ttl(bytes, 0) };
  const rest = bytes.subarray(ipv4HeaderLength(bytes, 0));
  const protocol = ipv4Protocol(bytes, 0);
  const offset = ipv4FragmentOffset(bytes, 0);
  const upper =
    offset > 0 ? undefined : protocol === ICMP ? icmp(rest, ends) : transport(protocol, rest, ends);
  if (!isIpv4Fragment(bytes, 0)) return upper;
  return piece(`${source} > ${destination} ${protocol} ${ipv4Id(bytes, 0)}`, offset, ends, upper);
}

/** How a piece is called; `id` is the same for all pieces of a packet. */
export function fragmentKey(offset: number, id: string): string {
  return `fragment ${offset} of ${id}`;
}

/** One fragment; the first one has the upper layer's header. */
function piece(id: string, offset: number, ends: Ends, upper: Found | undefined): Found {
  const fragment = { id, offset, whole: upper?.key };
  const key = fragmentKey(offset, id);
  // Where a translation is, the packet is put together and cut again, so that its pieces may have other lengths.
  const content = upper?.content === undefined ? undefined : pieceContent(upper.content);
  if (upper !== undefined) return { ...upper, key, fragment, content };
  return { key, role: "fragment", of: undefined, fragment, content: undefined, ...ends };
}

function icmp(rest: Uint8Array, ends: Ends): Found | undefined {
  if (rest.length < ICMP_HEADER_LENGTH) return undefined;
  const type = icmpType(rest, 0);
  if (isIcmpError(type)) return complaint(rest.subarray(ICMP_HEADER_LENGTH), EtherType.IPV4, ends);
  if (type !== IcmpType.ECHO_REQUEST && type !== IcmpType.ECHO_REPLY) return undefined;
  return echo(icmpId(rest, 0), icmpSequence(rest, 0), type === IcmpType.ECHO_REPLY, ends, rest);
}

function ipv6(bytes: Uint8Array): Found | undefined {
  if (checkIpv6(bytes, 0, bytes.length) !== undefined) return undefined;
  const [source, destination] = [formatIpv6(ipv6Source(bytes, 0)), formatIpv6(ipv6Destination(bytes, 0))];
  const ends = { source, destination, ttl: ipv6HopLimit(bytes, 0) };
  const rest = bytes.subarray(IPV6_HEADER_LENGTH);
  const protocol = ipv6NextHeader(bytes, 0);
  if (protocol !== IpProtocol.FRAGMENT || rest.length < FRAGMENT_HEADER)
    return overIpv6(protocol, rest, ends);
  const place = readU16BE(rest, 2);
  const offset = place & 0xfff8;
  const upper = offset > 0 ? undefined : overIpv6(readU8(rest, 0), rest.subarray(FRAGMENT_HEADER), ends);
  if (offset === 0 && (place & 1) === 0) return upper;
  return piece(`${source} > ${destination} ${readU32BE(rest, 4)}`, offset, ends, upper);
}

function overIpv6(protocol: number, rest: Uint8Array, ends: Ends): Found | undefined {
  if (protocol !== ICMPV6 || rest.length < ICMP_HEADER_LENGTH) return transport(protocol, rest, ends);
  const type = icmpv6Type(rest, 0);
  if (isIcmpv6Error(type)) return complaint(rest.subarray(ICMP_HEADER_LENGTH), EtherType.IPV6, ends);
  if (type === Icmpv6Type.ECHO_REQUEST || type === Icmpv6Type.ECHO_REPLY)
    return echo(icmpv6Id(rest, 0), icmpv6Sequence(rest, 0), type === Icmpv6Type.ECHO_REPLY, ends, rest);
  const asks = type === Icmpv6Type.NEIGHBOUR_SOLICITATION;
  if ((!asks && type !== Icmpv6Type.NEIGHBOUR_ADVERTISEMENT) || rest.length < 24) return undefined;
  const target = formatIpv6(readIpv6Address(rest, 8));
  const { source, destination, ttl } = ends;
  const key = asks ? `ND ${source} asks ${target}` : `ND ${target} tells ${destination}`;
  const of = asks ? undefined : `ND ${destination} asks ${target}`;
  const role = asks ? "question" : "told";
  const to = asks ? target : destination;
  return { key, role, of, fragment: undefined, content: undefined, source, destination: to, ttl };
}

function echo(id: number, sequence: number, reply: boolean, ends: Ends, message: Uint8Array): Found {
  const { source, destination } = ends;
  const path = reply ? `${destination} > ${source}` : `${source} > ${destination}`;
  const request = `echo ${path} ${id} ${sequence}`;
  const content = echoContent(reply, sequence, message.subarray(ICMP_HEADER_LENGTH));
  const rest = { fragment: undefined, content, ...ends };
  return reply
    ? { key: `reply to ${request}`, role: "reply", of: request, ...rest }
    : { key: request, role: "request", of: undefined, ...rest };
}

/** How much of a payload is looked at to know it again, bytes. */
const KNOWN_BY = 64;

function contentOf(payload: Uint8Array): string {
  return `${payload.length} ${bytesToHex(payload.subarray(0, KNOWN_BY))}`;
}

/** What is the same of an echo whatever its addresses and its id. */
export function echoContent(reply: boolean, sequence: number, payload: Uint8Array): string {
  return `echo ${String(reply)} ${sequence} ${contentOf(payload)}`;
}

export function udpContent(payload: Uint8Array): string {
  return `${UDP} ${contentOf(payload)}`;
}

/** The content of a packet as its first piece shows it. */
export function pieceContent(content: string): string {
  return content.replace(/ \d+ ([0-9a-f]*)$/, " begins $1");
}

function transport(protocol: number, rest: Uint8Array, ends: Ends): Found | undefined {
  if ((protocol !== UDP && protocol !== TCP) || rest.length < UDP_HEADER_LENGTH) return undefined;
  const { source, destination } = ends;
  const [from, to] = [udpSourcePort(rest, 0), udpDestinationPort(rest, 0)];
  // Of TCP also its numbers and flags; the checksum is another one after a translation.
  const payload = protocol === UDP ? rest.subarray(UDP_HEADER_LENGTH) : rest.subarray(4, 14);
  return {
    key: `${protocol} ${source}:${from} > ${destination}:${to}`,
    role: "request",
    of: `${protocol} ${destination}:${to} > ${source}:${from}`,
    fragment: undefined,
    content: protocol === UDP ? udpContent(payload) : `${protocol} ${contentOf(payload)}`,
    ...ends,
  };
}

/** An ICMP error holds the beginning of what it is about. */
function complaint(quoted: Uint8Array, protocol: number, ends: Ends): Found | undefined {
  // The quotation is cut, so that its length is not what its header says.
  const about = protocol === EtherType.IPV4 ? quotedIpv4(quoted) : quotedIpv6(quoted);
  if (about === undefined) return undefined;
  const key = `error from ${ends.source} about ${about}`;
  return { key, role: "error", of: about, fragment: undefined, content: undefined, ...ends };
}

/** The key of a packet, also by its first fragment. */
function knownAs(found: Found | undefined): string | undefined {
  return found?.fragment === undefined ? found?.key : found.fragment.whole;
}

function quotedIpv4(quoted: Uint8Array): string | undefined {
  const whole = Uint8Array.from(quoted);
  if (whole.length < 28) return undefined;
  whole[2] = whole.length >> 8;
  whole[3] = whole.length & 0xff;
  return knownAs(ipv4(whole));
}

function quotedIpv6(quoted: Uint8Array): string | undefined {
  const whole = Uint8Array.from(quoted);
  if (whole.length < 48) return undefined;
  const payload = whole.length - IPV6_HEADER_LENGTH;
  whole[4] = payload >> 8;
  whole[5] = payload & 0xff;
  return knownAs(ipv6(whole));
}

function insideTunnel(bytes: Uint8Array, protocol: number, depth: number): SeenPacket | undefined {
  const v4 = protocol === EtherType.IPV4;
  if (
    v4
      ? checkIpv4(bytes, 0, bytes.length) !== undefined
      : protocol !== EtherType.IPV6 || checkIpv6(bytes, 0, bytes.length) !== undefined
  )
    return undefined;
  const upper = v4 ? ipv4Protocol(bytes, 0) : ipv6NextHeader(bytes, 0);
  const at = v4 ? ipv4HeaderLength(bytes, 0) : IPV6_HEADER_LENGTH;
  if (upper === GRE) {
    const header = readGreHeader(bytes, at, bytes.length);
    if (header === undefined) return undefined;
    const inner = bytes.subarray(at + header.length);
    return header.protocol === GRE_ETHERNET
      ? seenPacket(inner, true, "GRE", depth + 1)
      : network(inner, header.protocol, 0, "GRE", depth + 1);
  }
  if (upper !== UDP || bytes.length < at + UDP_HEADER_LENGTH + VXLAN_HEADER_LENGTH) return undefined;
  const port = udpDestinationPort(bytes, at);
  const payload = at + UDP_HEADER_LENGTH;
  if (port === VXLAN_PORT || port === 8472)
    return seenPacket(bytes.subarray(payload + VXLAN_HEADER_LENGTH), true, "VXLAN", depth + 1);
  if (port !== GENEVE_PORT) return undefined;
  const options = geneveOptionsLength(bytes, payload);
  return seenPacket(bytes.subarray(payload + GENEVE_HEADER_LENGTH + options), true, "Geneve", depth + 1);
}
