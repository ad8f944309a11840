/**
 * Generic netlink: the header that all its families share, and "nlctrl", the family that tells the others' numbers
 * (linux/genetlink.h; Linux net/netlink/genetlink.c `ctrl_fill_info`).
 */

import { at, bytes, flaggedNest, numberedList, struct, text, u16, u32, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";

/** Message types of families that have fixed ones. Others follow from 19 on, by order of registration. */
export const GENL_ID = { CTRL: 0x10, VFS_DQUOT: 0x11, PMCRAID: 0x12 } as const;

export const CTRL_CMD = {
  NEWFAMILY: 1,
  DELFAMILY: 2,
  GETFAMILY: 3,
  NEWOPS: 4,
  DELOPS: 5,
  GETOPS: 6,
  NEWMCAST_GRP: 7,
  DELMCAST_GRP: 8,
  GETMCAST_GRP: 9,
  GETPOLICY: 10,
} as const;

/** Bits of an operation's `flags`. */
export const GENL_FLAG = {
  /** Needs CAP_NET_ADMIN. */
  ADMIN_PERM: 0x01,
  CMD_CAP_DO: 0x02,
  CMD_CAP_DUMP: 0x04,
  CMD_CAP_HASPOL: 0x08,
  /** Needs CAP_NET_ADMIN in the user namespace of the network namespace. */
  UNS_ADMIN_PERM: 0x10,
} as const;

/** `struct genlmsghdr`. */
export const genericHeader = struct(4, { cmd: at(0, u8), version: at(1, u8) });

/** The command of a generic message, before its family's codec is chosen. An empty body has command 0. */
export function readGenericCommand(body: Uint8Array): number {
  return body[0] ?? 0;
}

const operation = new AttributeTable({ id: field(1, u32), flags: field(2, u32) });
const multicastGroup = new AttributeTable({ id: field(2, u32), name: field(1, text) });

const controlTable = new AttributeTable({
  familyName: field(2, text),
  familyId: field(1, u16),
  version: field(3, u32),
  /** Bytes of the family's own header behind genlmsghdr. */
  hdrsize: field(4, u32),
  maxattr: field(5, u32),
  ops: field(6, numberedList(operation)),
  mcastGroups: field(7, numberedList(multicastGroup)),
  /** Answers to CTRL_CMD_GETPOLICY. */
  opPolicy: field(9, flaggedNest(bytes)),
  policy: field(8, flaggedNest(bytes)),
  op: field(10, u32),
});

/** `version` names an attribute, so that of the header is `headerVersion`. */
const controlHeader = struct(4, { cmd: at(0, u8), headerVersion: at(1, u8) });

const control = bodyCodec(controlHeader, controlTable, "genlmsghdr");

export type ControlMessage = ReturnType<typeof controlHeader.get> & Fields<typeof controlTable>;

export const encodeControl = control.encode;
export const decodeControl = control.decode;
