// A packet of the network layer that `trace --dry-run` follows: an echo request, its reply, or the outer packet of a tunnel; its
// headers as far as they are told, and as Open vSwitch describes them.

import type { IpAddress } from "../../trace/packet-event.ts";
import { writeU16BE } from "../../wire/bytes.ts";
import { IcmpType } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";
import { IpProtocol } from "../../wire/ip-protocol.ts";
import { readIpv4Address } from "../../wire/ipv4-address.ts";
import { IPV4_MIN_HEADER } from "../../wire/ipv4.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_HEADER_LENGTH } from "../../wire/ipv6.ts";
import { formatBytes } from "../why/network-state.ts";
import type { Frame } from "./predict-frame.ts";
import type { TunnelWay } from "./predict-tunnel.ts";

export const ICMP_HEADER = 8;
const FRAGMENT_HEADER = 8; // of IPv6

export interface PredictedPacket {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  /** Bytes of the whole IP packet. */
  readonly size: number;
  /** Bytes of its largest fragment, once it was cut. */
  readonly piece?: number;
  readonly reply: boolean;
  readonly ttl: number;
  /** A router may cut it. */
  readonly divisible: boolean;
  /** What a tunnel carries in it. */
  readonly inside?: Inside;
}

interface Inside {
  readonly way: TunnelWay;
  readonly frame: Frame;
  /** How many tunnels are around the frame. */
  readonly depth: number;
}

export function addressOf(bytes: Uint8Array): IpAddress {
  return bytes.length === 4 ? readIpv4Address(bytes, 0) : readIpv6Address(bytes, 0);
}

export function headerLength(address: Uint8Array): number {
  return address.length === 4 ? IPV4_MIN_HEADER : IPV6_HEADER_LENGTH;
}

/** Headers of an echo request or reply, as far as they are told. */
export function echo(source: Uint8Array, destination: Uint8Array, reply: boolean): Uint8Array {
  const v4 = source.length === 4;
  const header = headerLength(source);
  const bytes = new Uint8Array(header + ICMP_HEADER);
  bytes[0] = v4 ? 0x45 : 0x60;
  if (v4) bytes[9] = IpProtocol.ICMP;
  else bytes[6] = IpProtocol.ICMPV6;
  bytes.set(source, v4 ? 12 : 8);
  bytes.set(destination, v4 ? 16 : 24);
  if (v4) bytes[header] = reply ? IcmpType.ECHO_REPLY : IcmpType.ECHO_REQUEST;
  else bytes[header] = reply ? Icmpv6Type.ECHO_REPLY : Icmpv6Type.ECHO_REQUEST;
  writeU16BE(bytes, header + 6, 1);
  return bytes;
}

/** The packet as Open vSwitch describes it. */
export function flowOf({ source, destination, reply, ttl, inside }: PredictedPacket): string {
  const v4 = source.length === 4;
  const [from, to] = [formatBytes(source), formatBytes(destination)];
  const ends = v4 ? `nw_src=${from},nw_dst=${to}` : `ipv6_src=${from},ipv6_dst=${to}`;
  if (inside !== undefined) {
    const { kind, port } = inside.way;
    if (kind === "gre" || kind === "gretap")
      return `${v4 ? "ip" : "ipv6"},nw_proto=${IpProtocol.GRE},${ends},nw_ttl=${ttl}`;
    return `${v4 ? "udp" : "udp6"},${ends},nw_ttl=${ttl},tp_dst=${port}`;
  }
  const request = v4 ? IcmpType.ECHO_REQUEST : Icmpv6Type.ECHO_REQUEST;
  const type = reply ? (v4 ? IcmpType.ECHO_REPLY : Icmpv6Type.ECHO_REPLY) : request;
  return `${v4 ? "icmp" : "icmp6"},${ends},nw_ttl=${ttl},icmp_type=${type},icmp_code=0`;
}

/** How a packet is cut for an MTU: offsets are multiples of eight bytes (RFC 791, 3.2; RFC 8200, 4.5). */
export function cut({ size, destination }: PredictedPacket, mtu: number): { pieces: number; piece: number } {
  const header = headerLength(destination);
  const extra = destination.length === 4 ? 0 : FRAGMENT_HEADER;
  const room = Math.max(8, Math.floor((mtu - header - extra) / 8) * 8);
  return { pieces: Math.ceil((size - header) / room), piece: header + extra + room };
}
