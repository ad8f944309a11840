/**
 * Labels for choosing IPv6 source addresses, RFC 6724: RTM_NEWADDRLABEL, RTM_DELADDRLABEL, RTM_GETADDRLABEL
 * (ip-addrlabel(8); linux/if_addrlabel.h), and prefixes heard in router advertisements: RTM_NEWPREFIX
 * (linux/rtnetlink.h `struct prefixmsg`).
 */

import { at, bytes, s32, struct, u32, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** `struct ifaddrlblmsg`. */
const labelHeader = struct(12, {
  family: at(0, u8),
  prefixlen: at(2, u8),
  flags: at(3, u8),
  index: at(4, u32),
  seq: at(8, u32),
});

const labelTable = new AttributeTable({ address: field(1, bytes), label: field(2, u32) });

const label = bodyCodec(labelHeader, labelTable, "ifaddrlblmsg");

export type AddressLabelMessage = ReturnType<typeof labelHeader.get> & Fields<typeof labelTable>;

export const encodeAddressLabel = label.encode;
export const decodeAddressLabel = label.decode;

/** `struct prefixmsg`. `prefixFlags`: 1 on-link, 2 autonomous. */
const prefixHeader = struct(12, {
  family: at(0, u8),
  ifindex: at(4, s32),
  type: at(8, u8),
  prefixlen: at(9, u8),
  prefixFlags: at(10, u8),
});

const prefixTable = new AttributeTable({
  address: field(1, bytes),
  /** Seconds. */
  cacheinfo: field(2, struct(8, { preferred: at(0, u32), valid: at(4, u32) })),
});

const prefix = bodyCodec(prefixHeader, prefixTable, "prefixmsg");

export type PrefixMessage = ReturnType<typeof prefixHeader.get> & Fields<typeof prefixTable>;

export const encodePrefix = prefix.encode;
export const decodePrefix = prefix.decode;
