/**
 * Neighbours and FDB entries: RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH (rtnetlink(7); linux/neighbour.h). Family
 * AF_BRIDGE is an FDB. Filled by `neigh_fill_info` (net/core/neighbour.c); FDBs by `fdb_fill_info`
 * (net/bridge/br_fdb.c), `nlmsg_populate_fdb_fill` (net/core/rtnetlink.c) and `vxlan_fdb_info`, whose orders fit into
 * one.
 */

import type { Decoded } from "../../wire/malformed.ts";
import { at, be16, bytes, flaggedNest, s32, struct, u16, u32, u8 } from "../attribute-codecs.ts";
import { type Attributes, AttributeTable, decodeBody, encodeBody, field } from "../attribute-table.ts";
import { AF } from "./types.ts";

/** `state`: RFC 4861's states and Linux's own. FDB: NOARP static, PERMANENT the device's own. */
export const NUD = {
  NONE: 0x00,
  INCOMPLETE: 0x01,
  REACHABLE: 0x02,
  STALE: 0x04,
  DELAY: 0x08,
  PROBE: 0x10,
  FAILED: 0x20,
  NOARP: 0x40,
  PERMANENT: 0x80,
} as const;

/** Bits of `flags`. */
export const NTF = {
  USE: 0x01,
  SELF: 0x02,
  MASTER: 0x04,
  PROXY: 0x08,
  EXT_LEARNED: 0x10,
  OFFLOADED: 0x20,
  STICKY: 0x40,
  ROUTER: 0x80,
} as const;

/** Bits of `flagsExt`. */
export const NTF_EXT = { MANAGED: 0x1, LOCKED: 0x2, EXT_VALIDATED: 0x4 } as const;

/** `struct ndmsg`. */
const neighbourHeader = struct(12, {
  family: at(0, u8),
  ifindex: at(4, s32),
  /** NUD.*. */
  state: at(8, u16),
  /** NTF.*. */
  flags: at(10, u8),
  /** RTN_* of the neighbour's address. */
  type: at(11, u8),
});

/** `struct nda_cacheinfo`: ages in hundredths of a second. */
const neighbourCacheinfo = struct(16, {
  confirmed: at(0, u32),
  used: at(4, u32),
  updated: at(8, u32),
  refcnt: at(12, u32),
});

/** NFEA_*: asks a bridge to tell about activity of an entry. */
const fdbExtended = new AttributeTable({ activityNotify: field(1, u8), dontRefresh: field(2, bytes) });

const fields = {
  /** IP address; of a VXLAN FDB entry the remote endpoint. */
  dst: field(1, bytes),
  lladdr: field(2, bytes),
  probes: field(4, u32),
  cacheinfo: field(3, neighbourCacheinfo),
  protocol: field(12, u8),
  flagsExt: field(15, u32),
  vlan: field(5, u16),
  port: field(6, be16),
  vni: field(7, u32),
  /** Device below a VXLAN; the device of the entry is `ifindex`. */
  ndaIfindex: field(8, u32),
  master: field(9, u32),
  linkNetnsid: field(10, s32),
  srcVni: field(11, u32),
  nhId: field(13, u32),
  fdbExtAttrs: field(14, flaggedNest(fdbExtended)),
  /** With NLM_F_BULK: which bits of `state` and `flags` select what is flushed. */
  ndmStateMask: field(16, u16),
  ndmFlagsMask: field(17, u8),
};

const neighbourTable = new AttributeTable(fields);

const { lladdr, nhId, dst, port, vni, ndaIfindex, srcVni, linkNetnsid, master, flagsExt, cacheinfo, vlan } =
  fields;
const fdbTable = new AttributeTable({
  ...{ lladdr, nhId, dst, port, vni, ndaIfindex, srcVni, linkNetnsid, master, flagsExt, cacheinfo, vlan },
  ...fields,
});

export interface NeighbourMessage extends ReturnType<typeof neighbourHeader.get>, Attributes<typeof fields> {}

export function encodeNeighbour(message: Partial<NeighbourMessage>): Uint8Array {
  return encodeBody(neighbourHeader, message.family === AF.BRIDGE ? fdbTable : neighbourTable, message);
}

export function decodeNeighbour(body: Uint8Array): Decoded<NeighbourMessage> {
  return decodeBody(neighbourHeader, neighbourTable, body, "ndmsg");
}
