/**
 * Next-hop objects: RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP (ip-nexthop(8); linux/nexthop.h; Linux
 * net/ipv4/nexthop.c `nh_fill_node`).
 */

import { arrayOf, at, bytes, flag, flaggedNest, struct, u16, u32, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** `struct nhmsg`. */
const nexthopHeader = struct(8, {
  family: at(0, u8),
  scope: at(1, u8),
  protocol: at(2, u8),
  /** RTNH_F.*. */
  flags: at(4, u32),
});

/** `struct nexthop_grp`. */
const groupMember = struct(8, {
  id: at(0, u32),
  /** Weight minus one, its low eight bits. */
  weight: at(4, u8),
  /** The high eight bits, from Linux 6.12 on. */
  weightHigh: at(5, u8),
});

const nexthopTable = new AttributeTable({
  id: field(1, u32),
  groupType: field(3, u16),
  group: field(2, arrayOf(groupMember)),
  blackhole: field(4, flag),
  oif: field(5, u32),
  gateway: field(6, bytes),
  encap: field(8, bytes),
  encapType: field(7, u16),
  /** Requests: groups only; objects of this master. */
  groups: field(9, flag),
  master: field(10, u32),
  fdb: field(11, flag),
  resilientGroup: field(12, flaggedNest(bytes)),
  resilientBucket: field(13, flaggedNest(bytes)),
  opFlags: field(14, u32),
});

const nexthop = bodyCodec(nexthopHeader, nexthopTable, "nhmsg");

export type NexthopMessage = ReturnType<typeof nexthopHeader.get> & Fields<typeof nexthopTable>;

export const encodeNexthop = nexthop.encode;
export const decodeNexthop = nexthop.decode;
