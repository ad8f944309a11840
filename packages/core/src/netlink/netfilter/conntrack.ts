/**
 * Connections that netfilter tracks: IPCTNL_MSG_CT_* of NETLINK_NETFILTER (linux/netfilter/nfnetlink_conntrack.h). Attributes stand
 * in the order of `ctnetlink_fill_info` (net/netfilter/nf_conntrack_netlink.c).
 */

import type { Decoded } from "../../wire/malformed.ts";
import { be16, be32, bytes, bytesOf, flaggedNest as nested, text, u8 } from "../attribute-codecs.ts";
import {
  type Attributes,
  AttributeTable,
  decodeBody,
  encodeBody,
  field,
  type Fields,
} from "../attribute-table.ts";
import { nfgenmsg } from "./nfgenmsg.ts";

/** Message types: the subsystem's number is the high byte. */
export const IPCTNL_MSG_CT = { NEW: 0x0100, GET: 0x0101, DELETE: 0x0102 } as const;

/** enum ip_conntrack_status: what the bits mean, from the lowest on. */
export const IPS_NAMES = [
  "EXPECTED",
  "SEEN_REPLY",
  "ASSURED",
  "CONFIRMED",
  "SRC_NAT",
  "DST_NAT",
  "SEQ_ADJUST",
  "SRC_NAT_DONE",
  "DST_NAT_DONE",
  "DYING",
  "FIXED_TIMEOUT",
  "TEMPLATE",
  "UNTRACKED",
] as const;

const ends = new AttributeTable({
  source4: field(1, be32),
  destination4: field(2, be32),
  source6: field(3, bytesOf(16)),
  destination6: field(4, bytesOf(16)),
});

const protocol = new AttributeTable({
  number: field(1, u8),
  sourcePort: field(2, be16),
  destinationPort: field(3, be16),
  icmpId: field(4, be16),
  icmpType: field(5, u8),
  icmpCode: field(6, u8),
  icmp6Id: field(7, be16),
  icmp6Type: field(8, u8),
  icmp6Code: field(9, u8),
});

const tuple = new AttributeTable({ ends: field(1, nested(ends)), protocol: field(2, nested(protocol)) });

const tcp = new AttributeTable({
  /** enum tcp_conntrack */
  state: field(1, u8),
  windowScaleOriginal: field(2, u8),
  windowScaleReply: field(3, u8),
  /** Flags, and which of them count. */
  flagsOriginal: field(4, bytesOf(2)),
  flagsReply: field(5, bytesOf(2)),
});

const connectionFields = {
  original: field(1, nested(tuple)),
  reply: field(2, nested(tuple)),
  zone: field(18, be16),
  /** IPS_NAMES, a bit each. */
  status: field(3, be32),
  mark: field(8, be32),
  id: field(12, be32),
  references: field(11, be32),
  /** Of the connection that has announced this one. */
  master: field(14, nested(tuple)),
  /** Seconds. */
  timeout: field(7, be32),
  protocolState: field(4, nested(new AttributeTable({ tcp: field(1, nested(tcp)) }))),
  helper: field(5, nested(new AttributeTable({ name: field(1, text) }))),
  /** The least significant byte first. */
  labels: field(22, bytes),
};
const table = new AttributeTable(connectionFields);

export type ConntrackTuple = Fields<typeof tuple>;

export interface ConntrackMessage
  extends ReturnType<typeof nfgenmsg.get>, Attributes<typeof connectionFields> {}

export function encodeConntrack(message: Partial<ConntrackMessage>): Uint8Array {
  return encodeBody(nfgenmsg, table, message);
}

export function decodeConntrack(body: Uint8Array): Decoded<ConntrackMessage> {
  return decodeBody(nfgenmsg, table, body, "nfgenmsg");
}
