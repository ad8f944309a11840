// Network service headers (RFC 8300) and frames without a link-layer header in a datapath: what push_nsh, pop_nsh, push_eth and
// pop_eth do with a packet (lib/packets.c of Open vSwitch).

import type { Packet } from "../../kernel/device-vport.ts";
import type { NshHeader } from "../../ovsproto/datapath/nsh.ts";
import { extractFlow, found } from "../../ovsproto/flow/extract.ts";
import { newFlow } from "../../ovsproto/flow/flow.ts";
import { readU16BE, readU8, writeU16BE, writeU32BE, writeU8 } from "../../wire/bytes.ts";
import { EtherType, ETHERNET_HEADER_LENGTH, writeEthernetHeader } from "../../wire/ethernet.ts";

const BASE_LENGTH = 8;

const scratch = newFlow();

/** push_nsh() */
export function pushNsh(packet: Packet, header: NshHeader): void {
  const length = BASE_LENGTH + header.metadata.length;
  packet.push(length);
  const { bytes, start } = packet;
  writeU16BE(bytes, start, ((header.flags & 3) << 12) | ((header.ttl & 0x3f) << 6) | (length / 4));
  writeU8(bytes, start + 2, header.mdtype);
  writeU8(bytes, start + 3, header.next);
  writeU32BE(bytes, start + 4, ((header.path << 8) | header.index) >>> 0);
  bytes.set(header.metadata, start + BASE_LENGTH);
  packet.etherless = EtherType.NSH;
}

const NEXT_TYPES: readonly (number | undefined)[] = [undefined, 0x0800, 0x86dd, 0, EtherType.NSH];

/** pop_nsh(): nothing for a packet that does not begin with such a header, or is followed by what nobody knows. */
export function popNsh(packet: Packet): void {
  const { bytes, start, end } = packet;
  if (packet.etherless !== EtherType.NSH || end - start < BASE_LENGTH) return;
  const length = (readU16BE(bytes, start) & 0x3f) * 4;
  const next = NEXT_TYPES[readU8(bytes, start + 3)];
  if (next === undefined || length > end - start) return;
  packet.start += length;
  packet.etherless = next;
}

export function pushEthernet(packet: Packet, source: number, destination: number): void {
  const type = packet.etherless;
  if (type === 0) return;
  packet.push(ETHERNET_HEADER_LENGTH);
  writeEthernetHeader(packet.bytes, packet.start, destination, source, type);
  packet.etherless = 0;
}

/** A frame without tags, of which the kernel takes the Ethernet header only. */
export function popEthernet(packet: Packet): void {
  popUpTo(packet, packet.start + ETHERNET_HEADER_LENGTH);
}

/** pop_eth(): all that stands before the labels or the network header, so LLC and SNAP, too. */
export function popLinkLayer(packet: Packet): void {
  extractFlow(packet, scratch);
  const behind = found.mpls >= 0 ? found.mpls : found.network;
  if (behind > 0) popUpTo(packet, behind);
}

function popUpTo(packet: Packet, behind: number): void {
  packet.etherless = readU16BE(packet.bytes, behind - 2);
  packet.start = behind;
}
