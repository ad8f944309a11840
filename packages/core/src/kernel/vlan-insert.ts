// Puts a VLAN tag that is kept beside a frame into its bytes (__vlan_hwaccel_push_inside, vlan_insert_tag_set_proto).
// The way back is untag() in receive.ts.

import { ETHERNET_HEADER_LENGTH } from "../wire/ethernet.ts";
import { pushVlanTag, VLAN_TAG_LENGTH } from "../wire/vlan-tag.ts";
import type { Packet } from "./packet.ts";

/**
 * The packet has a tag and a link-layer header, and starts at or behind the latter. Afterwards the header is four bytes
 * longer, the protocol is the tag's, and nothing is beside the bytes. `start` moves only if it was at the header.
 */
export function insertTag(packet: Packet): void {
  const atHeader = packet.start === packet.mac;
  packet.start = packet.mac;
  packet.push(VLAN_TAG_LENGTH);
  packet.mac = pushVlanTag(packet.bytes, packet.start + VLAN_TAG_LENGTH, packet.vlanTpid, packet.vlanTci);
  packet.network = packet.mac + ETHERNET_HEADER_LENGTH;
  if (!atHeader) packet.start = packet.network;
  packet.protocol = packet.vlanTpid;
  packet.vlanTci = -1;
}
