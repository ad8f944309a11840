/** A frame as the match that takes exactly its headers, which is how Open vSwitch shows packets. */
import { readU16BE, readU32BE, readU48BE, readU8 } from "../../wire/bytes.ts";
import { theField } from "./fields.ts";
import { KeyWord } from "./flow-key.ts";
import { Match, VLAN_PRESENT } from "./match.ts";
import { DEFAULT_PRIORITY, formatMatch } from "./match-text.ts";
import type { Names } from "./names.ts";
import { EthType, NwProto } from "./prerequisites.ts";

const ETHERNET_HEADER = 14;
const VLAN_TYPES = new Set([0x8100, 0x88a8]);
/** What Open vSwitch calls the type of an 802.3 frame without SNAP. */
const NO_ETHERTYPE = 0x05ff;

const NSH_FIELDS = [
  ..."nsh_flags nsh_ttl nsh_mdtype nsh_np nsh_spi nsh_si nsh_c1 nsh_c2 nsh_c3 nsh_c4".split(" "),
];

/** Where the checksum is in a transport header, and how long that is at least. */
const CHECKSUMS: ReadonlyMap<
  number,
  { readonly name: string; readonly at: number; readonly header: number; readonly wide?: true }
> = new Map([
  [NwProto.TCP, { name: "tcp", at: 16, header: 20 }],
  [NwProto.UDP, { name: "udp", at: 6, header: 8 }],
  [NwProto.SCTP, { name: "sctp", at: 8, header: 12, wide: true }],
  [NwProto.ICMP, { name: "icmp", at: 2, header: 8 }],
  [NwProto.ICMPV6, { name: "icmp6", at: 2, header: 4 }],
]);

/** Headers of a frame, with the checksum of its transport if that is whole. */
interface PacketHeaders {
  readonly match: Match;
  readonly checksum: string | undefined;
}

class HeaderReader {
  readonly match = new Match();
  readonly bytes: Uint8Array;
  checksum: string | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  set(name: string, value: number | bigint): void {
    this.match.set(theField(name), BigInt(value));
  }

  wide(at: number, count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i++) value = (value << 8n) | BigInt(this.bytes[at + i] ?? 0);
    return value;
  }

  /** What is said of bytes that are too few for a frame. */
  nothing(): void {
    for (const name of ["vlan_tci", "eth_src", "eth_dst", "eth_type"]) this.set(name, 0);
  }

  frame(): void {
    const { bytes } = this;
    this.set("eth_dst", readU48BE(bytes, 0));
    this.set("eth_src", readU48BE(bytes, 6));
    let at = 12;
    let type = readU16BE(bytes, at);
    const tags: number[] = [];
    while (VLAN_TYPES.has(type) && at + 6 <= bytes.length && tags.length < 2) {
      tags.push(readU16BE(bytes, at + 2) | VLAN_PRESENT);
      at += 4;
      type = readU16BE(bytes, at);
    }
    at += 2;
    const [outer = 0, inner = 0] = tags;
    this.match.value[KeyWord.VLAN] = outer;
    this.match.mask[KeyWord.VLAN] = 0xffff;
    if (tags.length > 0) {
      this.match.value[KeyWord.INNER_VLAN] = inner;
      this.match.mask[KeyWord.INNER_VLAN] = 0xffff;
    }
    if (type < 0x600) {
      const snap = at + 8 <= bytes.length && this.wide(at, 6) === 0xaaaa_0300_0000n;
      type = snap ? readU16BE(bytes, at + 6) : NO_ETHERTYPE;
      if (snap) at += 8;
    }
    this.set("eth_type", type);
    if (type === EthType.IPV4) this.ipv4(at);
    else if (type === EthType.IPV6) this.ipv6(at);
    else if (type === EthType.ARP || type === EthType.RARP) this.arp(at);
    else if (type === EthType.NSH) this.nsh(at);
    else if (type === EthType.MPLS || type === EthType.MPLS_MULTICAST) this.mpls(at);
  }

  /** RFC 8300, 2.2: version, flags, TTL and length; metadata type, next protocol; path and index; context. */
  nsh(at: number): void {
    const { bytes } = this;
    for (const name of NSH_FIELDS) this.set(name, 0);
    for (const name of ["nw_proto", "nw_ttl", "nw_tos", "nw_ecn"]) this.set(name, 0);
    this.match.set(theField("ip_frag"), 0n, 3n);
    if (at + 8 > bytes.length) return;
    const base = readU16BE(bytes, at);
    const length = 4 * (base & 0x3f);
    const type = readU8(bytes, at + 2) & 0xf;
    if (base >>> 14 !== 0 || length < 8 || at + length > bytes.length) return;
    if (type === 1 ? length !== 24 : type !== 2) return;
    this.set("nsh_flags", (base >>> 12) & 3);
    this.set("nsh_ttl", (base >>> 6) & 0x3f);
    this.set("nsh_mdtype", type);
    this.set("nsh_np", readU8(bytes, at + 3));
    const path = readU32BE(bytes, at + 4);
    this.set("nsh_spi", path >>> 8);
    this.set("nsh_si", path & 0xff);
    if (type !== 1) return;
    for (const n of [1, 2, 3, 4]) this.set(`nsh_c${n}`, readU32BE(bytes, at + 4 + 4 * n));
  }

  mpls(start: number): void {
    let at = start;
    // all three are told of where none is the last, as zeros those that are not there
    for (let depth = 0; depth < 3; depth++) {
      const entry = at + 4 <= this.bytes.length ? readU32BE(this.bytes, at) : 0;
      this.match.value[KeyWord.MPLS_LSE + depth] = entry;
      this.match.mask[KeyWord.MPLS_LSE + depth] = 0xffff_ffff;
      at += 4;
      if ((entry & 0x100) !== 0) return;
    }
  }

  arp(at: number): void {
    const { bytes } = this;
    for (const name of ["arp_spa", "arp_tpa", "arp_sha", "arp_tha"]) this.set(name, 0);
    this.set("nw_proto", 0);
    const valid =
      at + 28 <= bytes.length && readU32BE(bytes, at) === 0x0001_0800 && readU16BE(bytes, at + 4) === 0x0604;
    if (!valid) return;
    const operation = readU16BE(bytes, at + 6);
    if (operation <= 0xff) this.set("nw_proto", operation);
    this.set("arp_spa", readU32BE(bytes, at + 14));
    this.set("arp_tpa", readU32BE(bytes, at + 24));
    this.set("arp_sha", readU48BE(bytes, at + 8));
    this.set("arp_tha", readU48BE(bytes, at + 18));
  }

  ipv4(at: number): void {
    const { bytes } = this;
    for (const name of ["ip_src", "ip_dst", "nw_proto", "nw_ttl", "nw_tos", "nw_ecn", "ip_frag"])
      this.set(name, 0);
    const headerLength = 4 * (readU8(bytes, at) & 0xf);
    if (at + 20 > bytes.length || headerLength < 20 || at + headerLength > bytes.length) return;
    const total = readU16BE(bytes, at + 2);
    if (total > bytes.length - at || total < headerLength) return;
    this.set("ip_src", readU32BE(bytes, at + 12));
    this.set("ip_dst", readU32BE(bytes, at + 16));
    const fragment = readU16BE(bytes, at + 6) & 0x3fff;
    const later = (fragment & 0x1fff) !== 0;
    const proto = readU8(bytes, at + 9);
    this.network(proto, readU8(bytes, at + 1), readU8(bytes, at + 8), fragment === 0 ? 0 : later ? 3 : 1);
    if (!later) this.transport(proto, at + headerLength, at + total);
    this.sum(proto, at + headerLength, at + total);
  }

  network(proto: number, tos: number, ttl: number, fragment: number): void {
    this.set("nw_proto", proto);
    this.set("nw_tos", tos & 0xfc);
    this.set("nw_ecn", tos & 3);
    this.set("nw_ttl", ttl);
    this.match.set(theField("ip_frag"), BigInt(fragment), 3n);
  }

  ipv6(at: number): void {
    const { bytes } = this;
    for (const name of ["ipv6_src", "ipv6_dst", "ipv6_label", "nw_proto", "nw_ttl", "nw_tos", "nw_ecn"])
      this.set(name, 0);
    this.match.set(theField("ip_frag"), 0n, 3n);
    if (at + 40 > bytes.length || readU16BE(bytes, at + 4) > bytes.length - at - 40) return;
    const first = readU32BE(bytes, at);
    this.set("ipv6_src", this.wide(at + 8, 16));
    this.set("ipv6_dst", this.wide(at + 24, 16));
    let proto = readU8(bytes, at + 6);
    const end = at + 40 + readU16BE(bytes, at + 4);
    let next = at + 40;
    let fragment = 0;
    while ([0, 43, 44, 51, 60].includes(proto)) {
      // What is cut off leaves the rest of the header unread too.
      if (next + 8 > end) return;
      const following = readU8(bytes, next);
      if (proto !== 44) {
        next += proto === 51 ? 4 * (readU8(bytes, next + 1) + 2) : 8 * (readU8(bytes, next + 1) + 1);
        if (next > end) return;
        proto = following;
        continue;
      }
      const offset = readU16BE(bytes, next + 2);
      next += 8;
      if (offset !== 0) fragment = (offset & 0xfff8) !== 0 ? 3 : 1;
      if (fragment === 3) break;
      proto = following;
    }
    this.set("ipv6_label", first & 0xf_ffff);
    this.network(proto, (first >>> 20) & 0xff, readU8(bytes, at + 7), fragment);
    if (fragment !== 3) this.transport(proto, next, end);
    this.sum(proto, next, end);
  }

  /** The checksum in a transport header that is there, also of later fragments, where something else may stand. */
  sum(proto: number, at: number, end: number): void {
    const place = CHECKSUMS.get(proto);
    if (!place || at + place.header > end) return;
    const sum =
      place.wide === true ? readU32BE(this.bytes, at + place.at) : readU16BE(this.bytes, at + place.at);
    this.checksum = `${place.name}_csum:${sum.toString(16)}`;
  }

  transport(proto: number, at: number, end: number): void {
    const { bytes } = this;
    const sixteen = (offset: number) => readU16BE(bytes, at + offset);
    const v6 = (this.match.value[KeyWord.ETH_TYPE] ?? 0) === EthType.IPV6;
    const ports = (source: number, target: number) => {
      this.set("tcp_src", source);
      this.set("tcp_dst", target);
    };
    switch (proto) {
      case NwProto.TCP: {
        ports(0, 0);
        this.set("tcp_flags", 0);
        if (at + 20 > end) return;
        const length = 4 * (readU8(bytes, at + 12) >>> 4);
        if (length < 20 || at + length > end) return;
        ports(sixteen(0), sixteen(2));
        this.set("tcp_flags", sixteen(12) & 0xfff);
        return;
      }
      case NwProto.UDP:
        ports(0, 0);
        if (at + 8 > end) return;
        ports(sixteen(0), sixteen(2));
        return;
      case NwProto.SCTP:
        ports(0, 0);
        if (at + 12 > end) return;
        ports(sixteen(0), sixteen(2));
        return;
      case NwProto.ICMP:
      case NwProto.IGMP:
        if (v6) return;
        ports(0, 0);
        if (at + 8 > end) return;
        ports(readU8(bytes, at), readU8(bytes, at + 1));
        return;
      case NwProto.ICMPV6:
        ports(0, 0);
        if (at + 8 > end) return;
        ports(readU8(bytes, at), readU8(bytes, at + 1));
        if (v6) this.neighbourDiscovery(at, end);
    }
  }

  neighbourDiscovery(at: number, end: number): void {
    const type = readU8(this.bytes, at);
    if ((type !== 135 && type !== 136) || readU8(this.bytes, at + 1) !== 0) return;
    const known = at + 24 <= end;
    this.set("nd_target", known ? this.wide(at + 8, 16) : 0);
    const link = type === 135 ? "nd_sll" : "nd_tll";
    this.set(link, 0);
    for (let option = at + 24; option + 8 <= end;) {
      const length = 8 * readU8(this.bytes, option + 1);
      if (length === 0) return;
      if (readU8(this.bytes, option) === (type === 135 ? 1 : 2))
        this.set(link, readU48BE(this.bytes, option + 2));
      option += length;
    }
  }
}

/** The headers of a frame. */
function packetHeaders(frame: Uint8Array): PacketHeaders {
  const reader = new HeaderReader(frame);
  if (frame.length >= ETHERNET_HEADER) reader.frame();
  else reader.nothing();
  return { match: reader.match, checksum: reader.checksum };
}

/** One line: headers and the transport's checksum. */
export function formatPacket(frame: Uint8Array, names?: Names): string {
  const { match, checksum } = packetHeaders(frame);
  return formatMatch(match, DEFAULT_PRIORITY, names) + (checksum === undefined ? "" : ` ${checksum}`);
}
