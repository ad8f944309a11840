// Puts a tunnel's headers in front of a packet, and takes them off: tnl_push and tnl_pop of a datapath in the daemon (Open
// vSwitch's lib/netdev-native-tnl.c).

import type { Packet, TunnelMetadata } from "../../kernel/device-vport.ts";
import { readU16BE, readU32BE, readU8, writeU16BE, writeU32BE } from "../../wire/bytes.ts";
import { internetChecksum, pseudoHeaderSumV4, pseudoHeaderSumV6 } from "../../wire/checksum.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import { GENEVE_ETHERNET, GENEVE_OAM } from "../../wire/geneve.ts";
import { GRE_CHECKSUM, GRE_ETHERNET, GRE_KEY, GRE_SEQUENCE, readGreHeader } from "../../wire/gre.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { fillUdpChecksum, udpChecksumOk } from "../../wire/udp.ts";
import { extractFlow, found } from "../../ovsproto/flow/extract.ts";
import { newFlow } from "../../ovsproto/flow/flow.ts";
import { hashFiveTuple } from "../../ovsproto/flow/hash.ts";
import { readErspan, stampErspan } from "../../ovsproto/datapath/erspan-header.ts";
import { fillGtpuLength, readGtpu } from "../../ovsproto/datapath/gtpu-header.ts";
import { GPE_PROTOCOLS } from "./tunnel-header.ts";
import {
  IPV4_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  PROTOCOL_GRE,
  PROTOCOL_UDP,
  TUNNEL_TYPES,
} from "../../ovsproto/datapath/tunnel-header.ts";
import type { TunnelHeader } from "../../ovsproto/datapath/tunnel-header.ts";

const UDP_HEADER_LENGTH = 8;
/** Protocols of GRE below are no EtherTypes. */
const LEAST_ETHERTYPE = 0x600;
const VXLAN_GPE = 0x0400_0000;
const VXLAN_GPE_OAM = 0x0100_0000;

const scratch = newFlow();

/** Range of UDP source ports (tnl/egress_port_range). */
export interface SourcePorts {
  least: number;
  most: number;
}

/** What differs from packet to packet. */
export interface PushState {
  readonly ports: SourcePorts;
  /** The next number of a tunnel that numbers its packets. */
  readonly nextSequence: () => number;
  /** Clock, nanoseconds. */
  readonly now: number;
}

/** The tags that are kept beside the frame must be in it. */
export function pushHeader(packet: Packet, { type, bytes: header }: TunnelHeader, state: PushState): void {
  const { ports, nextSequence, now } = state;
  extractFlow(packet, scratch);
  const hash = hashFiveTuple(scratch, 0);
  const { length } = packet;
  packet.push(header.length);
  packet.etherless = 0;
  const { bytes, start, end } = packet;
  bytes.set(header, start);
  const at = start + ETHERNET_HEADER_LENGTH;
  const version6 = readU16BE(bytes, start + 12) === 0x86dd;
  const upper = at + (version6 ? IPV6_HEADER_LENGTH : IPV4_HEADER_LENGTH);
  if (version6) writeU16BE(bytes, at + 4, end - upper);
  else {
    writeU16BE(bytes, at + 2, end - at);
    writeU16BE(bytes, at + 10, 0);
    writeU16BE(bytes, at + 10, internetChecksum(bytes, at, upper));
  }
  if (readU8(bytes, version6 ? at + 6 : at + 9) === PROTOCOL_UDP) {
    // (hash * range) >> 32, of 64 bits
    writeU16BE(bytes, upper, Math.floor((hash * (ports.most - ports.least)) / 0x1_0000_0000) + ports.least);
    writeU16BE(bytes, upper + 4, end - upper);
    const gtpu = type === TUNNEL_TYPES.gtpu; // whose checksum is always computed
    if (gtpu) fillGtpuLength(bytes, upper + UDP_HEADER_LENGTH, length);
    if (gtpu || readU16BE(bytes, upper + 6) !== 0)
      fillUdpChecksum(bytes, upper, end, pseudoSum(bytes, at, upper, end));
    return;
  }
  const flags = readU16BE(bytes, upper);
  if (flags & GRE_SEQUENCE) {
    const place = upper + 4 + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0);
    writeU32BE(bytes, place, nextSequence());
  }
  stampErspan(bytes, upper, now);
  if (flags & GRE_CHECKSUM) {
    writeU16BE(bytes, upper + 4, 0);
    writeU16BE(bytes, upper + 4, internetChecksum(bytes, upper, end));
  }
}

function pseudoSum(bytes: Uint8Array, at: number, upper: number, end: number): number {
  return upper - at === IPV4_HEADER_LENGTH
    ? pseudoHeaderSumV4(readU32BE(bytes, at + 12), readU32BE(bytes, at + 16), PROTOCOL_UDP, end - upper)
    : pseudoHeaderSumV6(
        readIpv6Address(bytes, at + 8),
        readIpv6Address(bytes, at + 24),
        PROTOCOL_UDP,
        end - upper,
      );
}

/** Takes the headers off. What they told, or undefined for a packet that is none of this kind of tunnel. */
export function popHeader(packet: Packet, kind: string): TunnelMetadata | undefined {
  extractFlow(packet, scratch);
  const { network } = found;
  const { bytes } = packet;
  const version6 = readU8(bytes, network) >>> 4 === 6;
  const headerLength = version6 ? IPV6_HEADER_LENGTH : (readU8(bytes, network) & 0xf) * 4;
  const upper = network + headerLength;
  const end =
    network + (version6 ? IPV6_HEADER_LENGTH + readU16BE(bytes, network + 4) : readU16BE(bytes, network + 2));
  if (upper > packet.end || end > packet.end) return undefined;
  if (!version6 && internetChecksum(bytes, network, upper) !== 0) return undefined;
  const outer = {
    direction: "receive",
    source: version6 ? readIpv6Address(bytes, network + 8) : readU32BE(bytes, network + 12),
    destination: version6 ? readIpv6Address(bytes, network + 24) : readU32BE(bytes, network + 16),
    tos: version6 ? (readU16BE(bytes, network) >>> 4) & 0xff : readU8(bytes, network + 1),
    ttl: readU8(bytes, network + (version6 ? 7 : 8)),
    dontFragment: false,
  } as const;
  const protocol = readU8(bytes, network + (version6 ? 6 : 9));
  if (kind === "erspan" || kind === "ip6erspan") {
    const erspan = protocol === PROTOCOL_GRE ? readErspan(bytes, upper, end) : undefined;
    if (!erspan) return undefined;
    cut(packet, upper + erspan.length);
    const { session, fields } = erspan;
    return { ...outer, id: session, erspan: fields, sourcePort: 0, destinationPort: 0, checksum: false };
  }
  if (kind === "gre" || kind === "ip6gre") {
    const gre = protocol === PROTOCOL_GRE ? readGreHeader(bytes, upper, end) : undefined;
    if (!gre || gre.protocol < LEAST_ETHERTYPE) return undefined;
    cut(packet, upper + gre.length, gre.protocol === GRE_ETHERNET ? 0 : gre.protocol);
    return {
      ...outer,
      id: gre.flags & GRE_KEY ? gre.key : undefined,
      sourcePort: 0,
      destinationPort: 0,
      checksum: (gre.flags & GRE_CHECKSUM) !== 0,
    };
  }
  if (protocol !== PROTOCOL_UDP || end - upper < 16) return undefined;
  const checksum = readU16BE(bytes, upper + 6) !== 0;
  if (checksum && !udpChecksumOk(bytes, upper, end, pseudoSum(bytes, network, upper, end))) return undefined;
  const ports = {
    sourcePort: readU16BE(bytes, upper),
    destinationPort: readU16BE(bytes, upper + 2),
    checksum,
  };
  const inner = upper + UDP_HEADER_LENGTH;
  if (kind === "gtpu") {
    const gtpu = readGtpu(bytes, inner, end);
    if (!gtpu) return undefined;
    // what is for the tunnel itself stays as it is
    if (gtpu.inner) cut(packet, gtpu.inner.at, gtpu.inner.etherType);
    return { ...outer, ...ports, id: gtpu.endpoint, gtpu: gtpu.fields };
  }
  const id = readU32BE(bytes, inner + 4) >>> 8;
  if (kind === "vxlan") {
    const flags = readU32BE(bytes, inner);
    if ((readU32BE(bytes, inner + 4) & 0xff) !== 0 || (flags & 0x0800_0000) === 0) return undefined;
    if (flags & VXLAN_GPE) {
      const next = [...GPE_PROTOCOLS].find(([, protocolNumber]) => protocolNumber === (flags & 0xff));
      if (!next || (flags & VXLAN_GPE_OAM) !== 0) return undefined;
      cut(packet, inner + 8, next[0] & 0xffff);
      return { ...outer, ...ports, id };
    }
    const groupPolicy = flags & 0x8000_0000 ? (flags & 0xffff) | (((flags >>> 16) & 0xff) << 16) : undefined;
    cut(packet, inner + 8);
    return { ...outer, ...ports, id, ...(groupPolicy === undefined ? {} : { groupPolicy }) };
  }
  const first = readU8(bytes, inner);
  const options = (first & 0x3f) * 4;
  if (first >>> 6 !== 0 || inner + 8 + options > end) return undefined;
  if (readU16BE(bytes, inner + 2) !== GENEVE_ETHERNET) return undefined;
  const oam = (readU8(bytes, inner + 1) & GENEVE_OAM) !== 0;
  const bytesOfOptions = bytes.slice(inner + 8, inner + 8 + options);
  cut(packet, inner + 8 + options);
  return { ...outer, ...ports, id, oam, ...(options > 0 ? { options: bytesOfOptions } : {}) };
}

/** What lies below the headers is the packet now, padding included. `etherless`: its EtherType, if it has no link-layer header. */
function cut(packet: Packet, start: number, etherless = 0): void {
  packet.start = start;
  packet.etherless = etherless;
  packet.vlanTci = -1;
}
