// What translation changes in the control connection of FTP (repl_ftp_v4_addr, repl_ftp_v6_addr, adj_seqnum of Open vSwitch's
// lib/conntrack.c): announced addresses, and the numbers of all bytes that come after one that has become longer or shorter.

import type { Packet } from "../../../kernel/device-vport.ts";
import type { AddressWords } from "../../../ovsproto/datapath/connection.ts";
import { readU16BE, readU32BE, writeU16BE, writeU32BE } from "../../../wire/bytes.ts";
import { updateChecksum16 } from "../../../wire/checksum.ts";
import { ipv4Checksum, ipv4TotalLength, setIpv4TotalLength } from "../../../wire/ipv4.ts";
import { formatIpv4 } from "../../../wire/ipv4-address.ts";
import { formatIpv6, readIpv6Address } from "../../../wire/ipv6-address.ts";
import type { Tracked } from "../tuple.ts";
import { fillTcpChecksum } from "./checksums.ts";

const IPV4_CHECKSUM = 10;
const IPV6_LENGTH = 4;
const SEQUENCE = 4;
const ACKNOWLEDGEMENT = 8;

/** How much longer the bytes of one direction have become, by all announcements so far. */
export interface Skew {
  readonly bytes: number;
  /** In answers. */
  readonly reply: boolean;
}

/** Text of an address in the form of its command. */
function textOf(address: AddressWords): string {
  const [first = 0] = address;
  if (address.length === 1) return formatIpv4(first).replaceAll(".", ",");
  const bytes = new Uint8Array(16);
  address.forEach((value, at) => writeU32BE(bytes, 4 * at, value));
  return formatIpv6(readIpv6Address(bytes, 0));
}

/**
 * Puts an address in the place of another.
 * @param from first byte of the other address, and `to` the one behind it, as offsets from the transport header
 * @returns where headers are now, and by how much the packet has become longer
 */
export function replaceAddress(
  packet: Packet,
  tracked: Tracked,
  [from, to]: readonly [number, number],
  address: AddressWords,
): { readonly tracked: Tracked; readonly longer: number } {
  const text = new TextEncoder().encode(textOf(address));
  const longer = text.length - (to - from);
  const { end } = packet;
  const moved = packet.lengthen(longer);
  const { bytes } = packet;
  const network = tracked.network + moved;
  const transport = tracked.transport + moved;
  bytes.copyWithin(transport + to + longer, transport + to, end + moved);
  bytes.set(text, transport + from);
  if (tracked.tuple.version6) {
    writeU16BE(bytes, network + IPV6_LENGTH, readU16BE(bytes, network + IPV6_LENGTH) + longer);
  } else {
    const before = ipv4TotalLength(bytes, network);
    const sum = updateChecksum16(ipv4Checksum(bytes, network), before, before + longer);
    setIpv4TotalLength(bytes, network, before + longer);
    writeU16BE(bytes, network + IPV4_CHECKSUM, sum);
  }
  return { tracked: { ...tracked, network, transport }, longer };
}

/** The numbers of a segment as the other end knows them; what acknowledges longer bytes acknowledges fewer of the sender's. */
export function adjustNumbers(packet: Packet, tracked: Tracked, reply: boolean, skew: Skew): void {
  const { bytes } = packet;
  if (skew.bytes !== 0) {
    const [field, by] = reply === skew.reply ? [SEQUENCE, skew.bytes] : [ACKNOWLEDGEMENT, -skew.bytes];
    const at = tracked.transport + field;
    writeU32BE(bytes, at, (readU32BE(bytes, at) + by) >>> 0);
  }
  fillTcpChecksum(packet, tracked);
}
