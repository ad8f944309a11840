/**
 * Next-hop objects: RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP (ip-nexthop(8); linux/nexthop.h; Linux
 * net/ipv4/nexthop.c `nh_fill_node`), and the buckets of resilient groups: RTM_NEWNEXTHOPBUCKET, RTM_GETNEXTHOPBUCKET.
 */

import { arrayOf, at, bytes, flag, flaggedNest, struct, u16, u32, u64, u8 } from "../attribute-codecs.ts";
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

/** NHA_RES_GROUP_*: times in hundredths of a second. */
const resilientGroup = new AttributeTable({
  buckets: field(1, u16),
  idleTimer: field(2, u32),
  unbalancedTimer: field(3, u32),
  unbalancedTime: field(4, u64),
});

/** NHA_RES_BUCKET_*; `idleTime` in hundredths of a second. */
const resilientBucket = new AttributeTable({
  index: field(1, u16),
  idleTime: field(2, u64),
  nhId: field(3, u32),
});

/** NEXTHOP_GRP_TYPE_*. */
export const NEXTHOP_GROUP = { MPATH: 0, RESILIENT: 1 } as const;

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
  resilientGroup: field(12, flaggedNest(resilientGroup)),
  resilientBucket: field(13, flaggedNest(resilientBucket)),
  opFlags: field(14, u32),
  hardwareStatistics: field(16, u32),
});

const nexthop = bodyCodec(nexthopHeader, nexthopTable, "nhmsg");

export type NexthopMessage = ReturnType<typeof nexthopHeader.get> & Fields<typeof nexthopTable>;

export const encodeNexthop = nexthop.encode;
export const decodeNexthop = nexthop.decode;
