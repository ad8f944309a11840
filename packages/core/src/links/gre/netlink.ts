/** IFLA_INFO_DATA of a GRE tunnel over IPv4 (linux/if_tunnel.h; Linux net/ipv4/ip_gre.c, `ipgre_fill_info`). */

import { be16, be32, bytes, flag, u16, u32, u8 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";
import type { Decoded } from "../../wire/malformed.ts";

export const greData = new AttributeTable({
  erspanVersion: field(22, u8),
  erspanIndex: field(21, u32),
  /** ifindex of the device below. */
  link: field(1, u32),
  /** Bits of the GRE header. */
  inputFlags: field(2, be16),
  outputFlags: field(3, be16),
  inputKey: field(4, be32),
  outputKey: field(5, be32),
  local: field(6, bytes),
  remote: field(7, bytes),
  ttl: field(8, u8),
  tos: field(9, u8),
  pmtuDiscovery: field(10, u8),
  mark: field(20, u32),
  encapType: field(14, u16),
  encapSourcePort: field(16, be16),
  encapDestinationPort: field(17, be16),
  encapFlags: field(15, u16),
  ignoreDf: field(19, u8),
  collectMetadata: field(18, flag),
});

export type GreData = Fields<typeof greData>;

export function encodeGreData(data: GreData): Uint8Array {
  return greData.encode(data);
}

export function decodeGreData(payload: Uint8Array): Decoded<GreData> {
  return greData.decode(payload);
}
