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
import {
  IPV4_HEADER_LENGTH,
  IPV6_HEADER_LENGTH,
  PROTOCOL_GRE,
  PROTOCOL_UDP,
} from "../../ovsproto/datapath/tunnel-header.ts";

const scratch = newFlow();

/** Range of UDP source ports (tnl/egress_port_range). */
export interface SourcePorts {
  least: number;
  most: number;
}

/** The tags that are kept beside the frame must be in it. `sequence`: of the tunnel, where it numbers its packets. */
export function pushHeader(
  packet: Packet,
  header: Uint8Array,
  ports: SourcePorts,
  nextSequence: () => number,
): void {
  extractFlow(packet, scratch);
  const hash = hashFiveTuple(scratch, 0);
  packet.push(header.length);
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
    if (readU16BE(bytes, upper + 6) !== 0)
      fillUdpChecksum(bytes, upper, end, pseudoSum(bytes, at, upper, end));
    return;
  }
  const flags = readU16BE(bytes, upper);
  if (flags & GRE_SEQUENCE) {
    const place = upper + 4 + (flags & GRE_CHECKSUM ? 4 : 0) + (flags & GRE_KEY ? 4 : 0);
    writeU32BE(bytes, place, nextSequence());
  }
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
  if (kind === "gre") {
    const gre = protocol === PROTOCOL_GRE ? readGreHeader(bytes, upper, end) : undefined;
    if (gre?.protocol !== GRE_ETHERNET) return undefined;
    cut(packet, upper + gre.length);
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
  const inner = upper + 8;
  const id = readU32BE(bytes, inner + 4) >>> 8;
  if (kind === "vxlan") {
    const flags = readU32BE(bytes, inner);
    if ((readU32BE(bytes, inner + 4) & 0xff) !== 0 || (flags & 0x0800_0000) === 0) return undefined;
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

/** What lies below the headers is the packet now, padding included. */
function cut(packet: Packet, start: number): void {
  packet.start = start;
  packet.vlanTci = -1;
}
