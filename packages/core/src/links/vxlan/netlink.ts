/** IFLA_INFO_DATA of a VXLAN tunnel (RFC 7348; linux/if_link.h; Linux drivers/net/vxlan, `vxlan_fill_info`). */

import {
  type AttributeCodec,
  at,
  be16,
  be32,
  bytes,
  flag,
  struct,
  u32,
  u8,
} from "../../netlink/attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "../../netlink/attribute-table.ts";
import type { Decoded } from "../../wire/malformed.ts";

/** `struct ifla_vxlan_port_range`. */
const portRange = struct(4, { low: at(0, be16), high: at(2, be16) });

/** `true`: an attribute without payload. */
const flagOrByte: AttributeCodec<number | true> = {
  typeFlags: 0,
  read: (reader) => (reader.end > reader.start ? (reader.buf[reader.start] ?? 0) : true),
  write: (writer, value) => (value === true ? flag.write(writer, true) : u8.write(writer, value)),
};

export const vxlanData = new AttributeTable({
  /** VXLAN network identifier. */
  id: field(1, u32),
  /** Multicast group or one remote, IPv4. */
  group: field(2, bytes),
  group6: field(16, bytes),
  /** ifindex of the device below. */
  link: field(3, u32),
  local: field(4, bytes),
  local6: field(17, bytes),
  ttl: field(5, u8),
  /** A flag in requests, one byte in replies. */
  ttlInherit: field(28, flagOrByte),
  tos: field(6, u8),
  df: field(29, u8),
  label: field(26, be32),
  labelPolicy: field(32, u32),
  learning: field(7, u8),
  proxy: field(11, u8),
  rsc: field(12, u8),
  l2miss: field(13, u8),
  l3miss: field(14, u8),
  collectMetadata: field(25, u8),
  /** Seconds. */
  ageing: field(8, u32),
  limit: field(9, u32),
  port: field(15, be16),
  udpCsum: field(18, u8),
  udpZeroCsum6Tx: field(19, u8),
  udpZeroCsum6Rx: field(20, u8),
  remcsumTx: field(21, u8),
  remcsumRx: field(22, u8),
  localbypass: field(31, u8),
  portRange: field(10, portRange),
  gbp: field(23, flag),
  gpe: field(27, flag),
  remcsumNopartial: field(24, flag),
  vnifilter: field(30, u8),
  reservedBits: field(33, bytes),
  mcRoute: field(34, u8),
});

export type VxlanData = Fields<typeof vxlanData>;

export function encodeVxlanData(data: VxlanData): Uint8Array {
  return vxlanData.encode(data);
}

export function decodeVxlanData(payload: Uint8Array): Decoded<VxlanData> {
  return vxlanData.decode(payload);
}
