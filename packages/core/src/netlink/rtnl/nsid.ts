/**
 * Ids of network namespaces: RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID (ip-netns(8); linux/net_namespace.h;
 * Linux net/core/net_namespace.c, `rtnl_net_fill`).
 */

import { at, s32, struct, u32, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** `nsid` in a reply: the namespace has no id here. */
export const NETNSA_NSID_NOT_ASSIGNED = -1;

/** `struct rtgenmsg`. */
const nsidHeader = struct(1, { family: at(0, u8) });

const nsidTable = new AttributeTable({
  /** A process in the namespace that is meant. */
  pid: field(2, u32),
  /** A descriptor of it. */
  fd: field(3, u32),
  nsid: field(1, s32),
  /** In whose ids to answer. */
  targetNsid: field(4, s32),
  /** The id in the requester's own namespace, if `targetNsid` was given. */
  currentNsid: field(5, s32),
});

const nsid = bodyCodec(nsidHeader, nsidTable, "rtgenmsg");

export type NsidMessage = ReturnType<typeof nsidHeader.get> & Fields<typeof nsidTable>;

export const encodeNsid = nsid.encode;
export const decodeNsid = nsid.decode;
