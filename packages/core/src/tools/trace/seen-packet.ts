// What of a frame stays the same from device to device: who is asked what by whom. Link-layer headers, tags and what a tunnel
// puts around a packet are taken off; so sightings of one packet on many devices can be joined.

import { ArpOperation, arpOperation, arpSenderIp, arpTargetIp, isArpForIpv4 } from "../../wire/arp.ts";
import { readU16BE, readU8 } from "../../wire/bytes.ts";
import { ETHERNET_HEADER_LENGTH, EtherType } from "../../wire/ethernet.ts";
import { geneveOptionsLength, GENEVE_HEADER_LENGTH, GENEVE_PORT } from "../../wire/geneve.ts";
import { GRE_ETHERNET, readGreHeader } from "../../wire/gre.ts";
import {
  ICMP_HEADER_LENGTH,
  icmpId,
  icmpSequence,
  IcmpType,
  icmpType,
  isIcmpError,
} from "../../wire/icmpv4.ts";
import { icmpv6Id, icmpv6Sequence, Icmpv6Type, icmpv6Type, isIcmpv6Error } from "../../wire/icmpv6.ts";
import { formatIpv4 } from "../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../wire/ipv6-address.ts";
import { checkIpv4, ipv4Destination, ipv4FragmentOffset, ipv4HeaderLength } from "../../wire/ipv4.ts";
import { ipv4Protocol, ipv4Source, ipv4Ttl } from "../../wire/ipv4.ts";
import { checkIpv6, ipv6Destination, IPV6_HEADER_LENGTH, ipv6HopLimit } from "../../wire/ipv6.ts";
import { ipv6NextHeader, ipv6Source } from "../../wire/ipv6.ts";
import { UDP_HEADER_LENGTH, udpDestinationPort, udpSourcePort } from "../../wire/udp.ts";
import { isVlanTpid, VLAN_ID_MASK } from "../../wire/vlan-tag.ts";
import { VXLAN_HEADER_LENGTH, VXLAN_PORT } from "../../wire/vxlan.ts";

/** What kind of answer a packet may be, or have. */
export type Role = "request" | "reply" | "error" | "question" | "told";

export interface SeenPacket {
  /** The same for every sighting of one packet; a reply's names its own request in `of`. */
  readonly key: string;
  readonly role: Role;
  /** The key of the packet that it answers. */
  readonly of: string | undefined;
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
/** A tunnel in a tunnel in a tunnel is as deep as is looked. */
const DEEPEST = 3;

type Found = Pick<SeenPacket, "key" | "role" | "of" | "source" | "destination" | "ttl">;

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
  let at = ETHERNET_HEADER_LENGTH - 2;
  let vlan = 0;
  while (at + 2 <= bytes.length && isVlanTpid(readU16BE(bytes, at)) && at + 6 <= bytes.length) {
    vlan = readU16BE(bytes, at + 2) & VLAN_ID_MASK;
    at += 4;
  }
  if (at + 2 > bytes.length) return undefined;
  return network(bytes.subarray(at + 2), readU16BE(bytes, at), vlan, tunnel, depth);
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
  return { key, role: asks ? "question" : "told", of, source, destination, ttl: 0 };
}

function ipv4(bytes: Uint8Array): Found | undefined {
  if (checkIpv4(bytes, 0, bytes.length) !== undefined || ipv4FragmentOffset(bytes, 0) > 0) return undefined;
  const [source, destination] = [formatIpv4(ipv4Source(bytes, 0)), formatIpv4(ipv4Destination(bytes, 0))];
  const rest = bytes.subarray(ipv4HeaderLength(bytes, 0));
  const ttl = ipv4Ttl(bytes, 0);
  const protocol = ipv4Protocol(bytes, 0);
  if (protocol === ICMP && rest.length >= ICMP_HEADER_LENGTH) {
    const type = icmpType(rest, 0);
    if (isIcmpError(type))
      return complaint(rest.subarray(ICMP_HEADER_LENGTH), EtherType.IPV4, source, destination, ttl);
    if (type !== IcmpType.ECHO_REQUEST && type !== IcmpType.ECHO_REPLY) return undefined;
    return echo(
      icmpId(rest, 0),
      icmpSequence(rest, 0),
      type === IcmpType.ECHO_REPLY,
      source,
      destination,
      ttl,
    );
  }
  return transport(protocol, rest, source, destination, ttl);
}

function ipv6(bytes: Uint8Array): Found | undefined {
  if (checkIpv6(bytes, 0, bytes.length) !== undefined) return undefined;
  const [source, destination] = [formatIpv6(ipv6Source(bytes, 0)), formatIpv6(ipv6Destination(bytes, 0))];
  const rest = bytes.subarray(IPV6_HEADER_LENGTH);
  const ttl = ipv6HopLimit(bytes, 0);
  const protocol = ipv6NextHeader(bytes, 0);
  if (protocol !== ICMPV6 || rest.length < ICMP_HEADER_LENGTH)
    return transport(protocol, rest, source, destination, ttl);
  const type = icmpv6Type(rest, 0);
  if (isIcmpv6Error(type))
    return complaint(rest.subarray(ICMP_HEADER_LENGTH), EtherType.IPV6, source, destination, ttl);
  if (type === Icmpv6Type.ECHO_REQUEST || type === Icmpv6Type.ECHO_REPLY)
    return echo(
      icmpv6Id(rest, 0),
      icmpv6Sequence(rest, 0),
      type === Icmpv6Type.ECHO_REPLY,
      source,
      destination,
      ttl,
    );
  const asks = type === Icmpv6Type.NEIGHBOUR_SOLICITATION;
  if ((!asks && type !== Icmpv6Type.NEIGHBOUR_ADVERTISEMENT) || rest.length < 24) return undefined;
  const target = formatIpv6(readIpv6Address(rest, 8));
  const key = asks ? `ND ${source} asks ${target}` : `ND ${target} tells ${destination}`;
  const of = asks ? undefined : `ND ${destination} asks ${target}`;
  return { key, role: asks ? "question" : "told", of, source, destination: asks ? target : destination, ttl };
}

function echo(
  id: number,
  sequence: number,
  reply: boolean,
  source: string,
  destination: string,
  ttl: number,
): Found {
  const ends = reply ? `${destination} > ${source}` : `${source} > ${destination}`;
  const request = `echo ${ends} ${id} ${sequence}`;
  return reply
    ? { key: `reply to ${request}`, role: "reply", of: request, source, destination, ttl }
    : { key: request, role: "request", of: undefined, source, destination, ttl };
}

function transport(
  protocol: number,
  rest: Uint8Array,
  source: string,
  destination: string,
  ttl: number,
): Found | undefined {
  if ((protocol !== UDP && protocol !== TCP) || rest.length < UDP_HEADER_LENGTH) return undefined;
  const [from, to] = [udpSourcePort(rest, 0), udpDestinationPort(rest, 0)];
  const key = `${protocol} ${source}:${from} > ${destination}:${to}`;
  return {
    key,
    role: "request",
    of: `${protocol} ${destination}:${to} > ${source}:${from}`,
    source,
    destination,
    ttl,
  };
}

/** An ICMP error holds the beginning of what it is about. */
function complaint(
  quoted: Uint8Array,
  protocol: number,
  source: string,
  destination: string,
  ttl: number,
): Found | undefined {
  // The quotation is cut, so that its length is not what its header says.
  const about = protocol === EtherType.IPV4 ? quotedIpv4(quoted) : quotedIpv6(quoted);
  if (about === undefined) return undefined;
  const key = `error from ${source} about ${about}`;
  return { key, role: "error", of: about, source, destination, ttl };
}

function quotedIpv4(quoted: Uint8Array): string | undefined {
  const whole = Uint8Array.from(quoted);
  if (whole.length < 28) return undefined;
  whole[2] = whole.length >> 8;
  whole[3] = whole.length & 0xff;
  return ipv4(whole)?.key;
}

function quotedIpv6(quoted: Uint8Array): string | undefined {
  const whole = Uint8Array.from(quoted);
  if (whole.length < 48) return undefined;
  const payload = whole.length - IPV6_HEADER_LENGTH;
  whole[4] = payload >> 8;
  whole[5] = payload & 0xff;
  return ipv6(whole)?.key;
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
