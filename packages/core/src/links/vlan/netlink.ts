/** IFLA_INFO_DATA of an 802.1Q or 802.1ad sub-interface (linux/if_link.h, linux/if_vlan.h; `vlan_fill_info`). */

import { at, be16, listOf, struct, u16, u32 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";
import type { Decoded } from "../../wire/malformed.ts";

/** Bits of `flags.flags`. */
export const VLAN_FLAG = {
  REORDER_HDR: 0x01,
  GVRP: 0x02,
  LOOSE_BINDING: 0x04,
  MVRP: 0x08,
  BRIDGE_BINDING: 0x10,
} as const;

/** `struct ifla_vlan_flags`. In a request `mask` tells which flags change; the kernel sends ~0. */
const vlanFlags = struct(8, { flags: at(0, u32), mask: at(4, u32) });

/** `struct ifla_vlan_qos_mapping`: ingress maps a tag's priority to a packet's, egress the other way. */
const qosMapping = struct(8, { from: at(0, u32), to: at(4, u32) });

export type QosMapping = ReturnType<typeof qosMapping.get>;

export const vlanData = new AttributeTable({
  /** EtherType of the tag: 0x8100 or 0x88a8. */
  protocol: field(5, be16),
  id: field(1, u16),
  flags: field(2, vlanFlags),
  ingressQos: field(4, listOf(1, qosMapping)),
  egressQos: field(3, listOf(1, qosMapping)),
});

export type VlanData = Fields<typeof vlanData>;

export function encodeVlanData(data: VlanData): Uint8Array {
  return vlanData.encode(data);
}

export function decodeVlanData(payload: Uint8Array): Decoded<VlanData> {
  return vlanData.decode(payload);
}
