/** IFLA_INFO_DATA of a Geneve tunnel (RFC 8926; linux/if_link.h; Linux drivers/net/geneve.c, `geneve_fill_info`). */

import { be16, be32, bytes, flag, u32, u8 } from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";
import type { Decoded } from "../../wire/malformed.ts";

export const geneveData = new AttributeTable({
  /** Virtual network identifier. */
  id: field(1, u32),
  remote: field(2, bytes),
  udpCsum: field(8, u8),
  remote6: field(7, bytes),
  udpZeroCsum6Tx: field(9, u8),
  ttl: field(3, u8),
  tos: field(4, u8),
  label: field(11, be32),
  df: field(13, u8),
  port: field(5, be16),
  collectMetadata: field(6, flag),
  udpZeroCsum6Rx: field(10, u8),
  ttlInherit: field(12, u8),
  innerProtoInherit: field(14, flag),
});

export type GeneveData = Fields<typeof geneveData>;

export function encodeGeneveData(data: GeneveData): Uint8Array {
  return geneveData.encode(data);
}

export function decodeGeneveData(payload: Uint8Array): Decoded<GeneveData> {
  return geneveData.decode(payload);
}
