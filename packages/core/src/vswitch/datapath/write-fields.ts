// Changes header fields of a frame in place, checksums included (set_ipv4(), set_tcp() and their kin in
// net/openvswitch/actions.c), and pushes and pops MPLS labels.

import type { Packet } from "../../kernel/device-vport.ts";
import { readU16BE, readU32BE, readU8, writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import {
  addToSum,
  checksumOfSum,
  pseudoHeaderSumV6,
  updateChecksum16,
  updateChecksum32,
} from "../../wire/checksum.ts";
import { readIpv6Address } from "../../wire/ipv6-address.ts";
import { EtherType, ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import { found } from "../../ovsproto/flow/extract.ts";
import { dlType, FRAG_LATER, nwFrag, nwProto, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { SetGroup } from "../../ovsproto/datapath/actions.ts";

/** `current` has just been read from the packet, so that `found` has its offsets. The bytes are private already. */
export function writeFields(packet: Packet, current: Flow, group: SetGroup, value: Flow, mask: Flow): void {
  const { bytes } = packet;
  const { network, transport } = found;
  switch (group) {
    case "eth":
      writeMasked48(bytes, packet.start, current, value, mask, W.ETH_DST);
      writeMasked48(bytes, packet.start + 6, current, value, mask, W.ETH_SRC);
      return;
    case "ipv4":
      if (dlType(current) === 0x0800 && network >= 0)
        writeIpv4(bytes, network, transport, current, value, mask);
      return;
    case "ipv6":
      if (dlType(current) === 0x86dd && network >= 0)
        writeIpv6(bytes, network, transport, current, value, mask);
      return;
    case "tcp":
    case "udp":
    case "sctp":
      if (transport >= 0) writePorts(bytes, transport, packet.end, current, value, mask);
      return;
    case "icmp":
    case "icmpv6":
      if (transport >= 0) writeIcmp(bytes, transport, current, value, mask);
      return;
    case "arp":
      writeArp(bytes, network, current, value, mask);
      return;
    case "nd":
      if (transport >= 0) writeNd(bytes, transport, packet.end, current, value, mask);
      return;
    case "nd_ext":
      if (transport >= 0 && packet.end - transport >= 24)
        writeNdExtensions(bytes, network, transport, packet.end, current, value, mask);
      return;
    case "nsh":
      if (dlType(current) === EtherType.NSH && network >= 0) writeNsh(bytes, network, current, value, mask);
      return;
    case "mpls":
      if (found.mpls >= 0) writeU32BE(bytes, found.mpls, merged(current, value, mask, W.MPLS_LSE));
      return;
    default:
      return;
  }
}

function merged(current: Flow, value: Flow, mask: Flow, at: number): number {
  const bits = word(mask, at);
  return ((word(current, at) & ~bits) | (word(value, at) & bits)) >>> 0;
}

function writeMasked48(
  bytes: Uint8Array,
  off: number,
  current: Flow,
  value: Flow,
  mask: Flow,
  at: number,
): void {
  writeU16BE(bytes, off, merged(current, value, mask, at));
  writeU32BE(bytes, off + 2, merged(current, value, mask, at + 1));
}

/** Where the transport's checksum is, if it is to follow a change of the pseudo header; -1 if not. */
function transportChecksum(bytes: Uint8Array, transport: number, current: Flow): number {
  if (transport < 0 || nwFrag(current) & FRAG_LATER) return -1;
  switch (nwProto(current)) {
    case 6:
      return transport + 16;
    case 17:
      return readU16BE(bytes, transport + 6) === 0 ? -1 : transport + 6;
    case 58:
      return transport + 2;
    default:
      return -1;
  }
}

function replace32(bytes: Uint8Array, off: number, value: number, ...checksums: number[]): void {
  const before = readU32BE(bytes, off);
  if (before === value) return;
  writeU32BE(bytes, off, value);
  for (const at of checksums) {
    if (at >= 0) writeU16BE(bytes, at, updateChecksum32(readU16BE(bytes, at), before, value));
  }
}

function replace16(bytes: Uint8Array, off: number, value: number, checksum: number): void {
  const before = readU16BE(bytes, off);
  if (before === value) return;
  writeU16BE(bytes, off, value);
  if (checksum >= 0) writeU16BE(bytes, checksum, updateChecksum16(readU16BE(bytes, checksum), before, value));
}

function writeIpv4(
  bytes: Uint8Array,
  network: number,
  transport: number,
  current: Flow,
  value: Flow,
  mask: Flow,
): void {
  const upper = transportChecksum(bytes, transport, current);
  replace32(bytes, network + 12, merged(current, value, mask, W.NW_SRC), network + 10, upper);
  replace32(bytes, network + 16, merged(current, value, mask, W.NW_DST), network + 10, upper);
  const nw = merged(current, value, mask, W.NW);
  replace16(bytes, network, (readU8(bytes, network) << 8) | ((nw >>> 16) & 0xff), network + 10);
  replace16(bytes, network + 8, (((nw >>> 8) & 0xff) << 8) | readU8(bytes, network + 9), network + 10);
}

function writeIpv6(
  bytes: Uint8Array,
  network: number,
  transport: number,
  current: Flow,
  value: Flow,
  mask: Flow,
): void {
  const upper = transportChecksum(bytes, transport, current);
  for (let i = 0; i < 4; i++) {
    replace32(bytes, network + 8 + 4 * i, merged(current, value, mask, W.IPV6_SRC + i), upper);
    replace32(bytes, network + 24 + 4 * i, merged(current, value, mask, W.IPV6_DST + i), upper);
  }
  const nw = merged(current, value, mask, W.NW);
  const label = merged(current, value, mask, W.IPV6_LABEL) & 0xfffff;
  writeU32BE(bytes, network, (0x6000_0000 | (((nw >>> 16) & 0xff) << 20) | label) >>> 0);
  writeU8(bytes, network + 7, (nw >>> 8) & 0xff);
}

function writePorts(
  bytes: Uint8Array,
  transport: number,
  end: number,
  current: Flow,
  value: Flow,
  mask: Flow,
): void {
  const ports = merged(current, value, mask, W.TP);
  if (nwProto(current) === 132) {
    // an error in the checksum stays one
    const sum = (readU32BE(bytes, transport + 8) ^ crc32c(bytes, transport, end)) >>> 0;
    writeU32BE(bytes, transport, ports);
    writeU32BE(bytes, transport + 8, (sum ^ crc32c(bytes, transport, end)) >>> 0);
    return;
  }
  const upper = transportChecksum(bytes, transport, current);
  replace16(bytes, transport, ports >>> 16, upper);
  replace16(bytes, transport + 2, ports & 0xffff, upper);
}

function writeIcmp(bytes: Uint8Array, transport: number, current: Flow, value: Flow, mask: Flow): void {
  const tp = merged(current, value, mask, W.TP);
  replace16(bytes, transport, (((tp >>> 16) & 0xff) << 8) | (tp & 0xff), transport + 2);
}

function writeArp(bytes: Uint8Array, network: number, current: Flow, value: Flow, mask: Flow): void {
  writeU16BE(bytes, network + 6, merged(current, value, mask, W.NW) >>> 24);
  writeMasked48(bytes, network + 8, current, value, mask, W.ARP_SHA);
  writeU32BE(bytes, network + 14, merged(current, value, mask, W.NW_SRC));
  writeMasked48(bytes, network + 18, current, value, mask, W.ARP_THA);
  writeU32BE(bytes, network + 24, merged(current, value, mask, W.NW_DST));
}

/** packet_set_nd(): target, and the link-layer address options. */
function writeNd(
  bytes: Uint8Array,
  transport: number,
  end: number,
  current: Flow,
  value: Flow,
  mask: Flow,
): void {
  const checksum = transport + 2;
  for (let i = 0; i < 4; i++) {
    replace32(bytes, transport + 8 + 4 * i, merged(current, value, mask, W.ND_TARGET + i), checksum);
  }
  for (let option = transport + 24; end - option >= 8;) {
    const kind = readU8(bytes, option);
    const length = readU8(bytes, option + 1) * 8;
    if (length === 0) return;
    const at = kind === 1 ? W.ARP_SHA : kind === 2 ? W.ARP_THA : -1;
    if (at >= 0) {
      replace16(bytes, option + 2, merged(current, value, mask, at), checksum);
      replace32(bytes, option + 4, merged(current, value, mask, at + 1), checksum);
    }
    option += length;
  }
}

/** packet_set_nd_ext(): the reserved word, and the kind of all options, with which the checksum is made anew. */
function writeNdExtensions(
  bytes: Uint8Array,
  network: number,
  transport: number,
  end: number,
  current: Flow,
  value: Flow,
  mask: Flow,
): void {
  const kind = merged(current, value, mask, W.TCP_FLAGS) & 0xff;
  writeU32BE(bytes, transport + 4, merged(current, value, mask, W.ND_RESERVED));
  for (let option = transport + 24; end - option >= 8;) {
    const units = readU8(bytes, option + 1);
    if (units === 0) return;
    writeU8(bytes, option, kind);
    writeU16BE(bytes, transport + 2, 0);
    const source = readIpv6Address(bytes, network + 8);
    const destination = readIpv6Address(bytes, network + 24);
    const pseudo = pseudoHeaderSumV6(source, destination, ICMPV6, end - transport);
    writeU16BE(bytes, transport + 2, checksumOfSum(addToSum(pseudo, bytes, transport, end)));
    option += 8 * units;
  }
}

/** odp_set_nsh(): flags and TTL share a word with the version and the length. */
function writeNsh(bytes: Uint8Array, network: number, current: Flow, value: Flow, mask: Flow): void {
  const base = merged(current, value, mask, W.NSH);
  const first = readU16BE(bytes, network) & 0xc03f;
  writeU16BE(bytes, network, first | ((base >>> 24) << 12) | (((base >>> 16) & 0x3f) << 6));
  writeU32BE(bytes, network + 4, merged(current, value, mask, W.NSH_PATH));
  if (((base >>> 8) & 0xf) !== 1) return;
  for (let i = 0; i < 4; i++)
    writeU32BE(bytes, network + 8 + 4 * i, merged(current, value, mask, W.NSH_C + i));
}

/** push_mpls(): a label between the link-layer header (tags inside it stay in front) and what follows. */
export function pushMpls(packet: Packet, lse: number, etherType: number): void {
  if (packet.etherless !== 0) {
    prependLabel(packet, lse, etherType);
    return;
  }
  const header = mplsOffset(packet);
  packet.push(4);
  const { bytes, start } = packet;
  bytes.copyWithin(start, start + 4, start + 4 + header);
  writeU32BE(bytes, start + header, lse);
  writeU16BE(bytes, start + header - 2, etherType);
}

/** add_mpls(): a label before all that there is; what is left has no link-layer header. */
export function prependLabel(packet: Packet, lse: number, etherType: number): void {
  packet.push(4);
  writeU32BE(packet.bytes, packet.start, lse);
  packet.etherless = etherType;
}

/** EtherType of a frame below a label: transparent Ethernet bridging. */
const ETHERNET_BELOW = 0x6558;
const ICMPV6 = 58;

export function popMpls(packet: Packet, etherType: number): void {
  if (packet.etherless !== 0) {
    packet.start += 4;
    packet.etherless = etherType === ETHERNET_BELOW ? 0 : etherType;
    return;
  }
  const header = mplsOffset(packet);
  packet.writable();
  const { bytes, start } = packet;
  bytes.copyWithin(start + 4, start, start + header);
  packet.start += 4;
  writeU16BE(bytes, packet.start + header - 2, etherType);
}

/** Bytes up to the end of the EtherType, tags included. */
function mplsOffset(packet: Packet): number {
  const { bytes, start } = packet;
  let header = ETHERNET_HEADER_LENGTH;
  for (let type = readU16BE(bytes, start + 12); type === 0x8100 || type === 0x88a8; header += 4) {
    type = readU16BE(bytes, start + header + 2);
  }
  return header;
}

/** CRC32c of an SCTP packet with its checksum taken as zero (RFC 9260, appendix A), in network order. */
function crc32c(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff_ffff;
  for (let at = start; at < end; at++) {
    const inChecksum = at >= start + 8 && at < start + 12;
    crc ^= inChecksum ? 0 : readU8(bytes, at);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  }
  const sum = ~crc >>> 0;
  return (((sum & 0xff) << 24) | ((sum & 0xff00) << 8) | ((sum >>> 8) & 0xff00) | (sum >>> 24)) >>> 0;
}
