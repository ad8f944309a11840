/**
 * Netlink messages: `struct nlmsghdr`, datagrams of many messages, and the control messages NLMSG_ERROR and
 * NLMSG_DONE with their extended acknowledgements (RFC 3549 section 2.3; Linux net/netlink/af_netlink.c).
 * What a body means belongs to the families beside this file.
 */

import { type Decoded, Malformed } from "../wire/malformed.ts";
import { cutBytes } from "../wire/page.ts";
import { bytes, text, u32 } from "./attribute-codecs.ts";
import { AttributeTable, field, type Fields } from "./attribute-table.ts";
import { AttributeWriter, align4 } from "./attributes.ts";
import { readS32Host, readU16Host, readU32Host, writeU16Host, writeU32Host } from "./host-bytes.ts";

/** Message types below the families' own. */
export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3, OVERRUN: 4, MIN_TYPE: 0x10 } as const;

/** nlmsg_flags. The values from 0x100 on mean one thing in a GET, another in a NEW, a DEL and an acknowledgement. */
export const NLM_F = {
  REQUEST: 0x01,
  MULTI: 0x02,
  ACK: 0x04,
  ECHO: 0x08,
  DUMP_INTR: 0x10,
  DUMP_FILTERED: 0x20,
  // GET
  ROOT: 0x100,
  MATCH: 0x200,
  ATOMIC: 0x400,
  DUMP: 0x300,
  // NEW
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
  // DEL
  NONREC: 0x100,
  BULK: 0x200,
  // acknowledgements
  CAPPED: 0x100,
  ACK_TLVS: 0x200,
} as const;

/** Bytes of `struct nlmsghdr`. */
export const NLMSG_HEADER_LENGTH = 16;

/** The netlink protocols (the socket's third argument) that Patchcord speaks. */
export const NETLINK = { ROUTE: 0, GENERIC: 16 } as const;

/** Options of level SOL_NETLINK (270). */
export const NETLINK_OPTION = {
  ADD_MEMBERSHIP: 1,
  DROP_MEMBERSHIP: 2,
  PKTINFO: 3,
  BROADCAST_ERROR: 4,
  NO_ENOBUFS: 5,
  LISTEN_ALL_NSID: 8,
  LIST_MEMBERSHIPS: 9,
  CAP_ACK: 10,
  EXT_ACK: 11,
  GET_STRICT_CHK: 12,
} as const;

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  /** The sending socket's port: 0 for the kernel in notifications, the requester's in replies. */
  readonly portid: number;
  /** What follows the header: the family's structure and its attributes. */
  readonly body: Uint8Array;
}

/** The header and the body, padded to four bytes. `nlmsg_len` does not count the padding. */
export function writeMessage(buf: Uint8Array, off: number, message: NetlinkMessage): void {
  writeU32Host(buf, off, NLMSG_HEADER_LENGTH + message.body.length);
  writeU16Host(buf, off + 4, message.type);
  writeU16Host(buf, off + 6, message.flags);
  writeU32Host(buf, off + 8, message.seq);
  writeU32Host(buf, off + 12, message.portid);
  buf.set(message.body, off + NLMSG_HEADER_LENGTH);
}

/** One datagram with these messages, in this order. */
export function encodeMessages(messages: readonly NetlinkMessage[]): Uint8Array {
  let length = 0;
  for (const message of messages) length += align4(NLMSG_HEADER_LENGTH + message.body.length);
  const buf = cutBytes(length);
  let off = 0;
  for (const message of messages) {
    writeMessage(buf, off, message);
    off += align4(NLMSG_HEADER_LENGTH + message.body.length);
  }
  return buf;
}

/** One datagram with one message. */
export function encodeMessage(message: NetlinkMessage): Uint8Array {
  return encodeMessages([message]);
}

/** A datagram, as far as it could be walked. Bodies are views into it. */
export interface Datagram {
  readonly messages: readonly NetlinkMessage[];
  /** Why the walk ended before the end. The kernel drops the rest without a word; libnetlink complains. */
  readonly malformed?: Malformed;
}

/**
 * Splits a datagram by the rules of `netlink_rcv_skb`: the messages before a bad length count, the rest does not.
 * Fewer bytes than a header at the end are ignored.
 */
export function decodeMessages(buf: Uint8Array): Datagram {
  const messages: NetlinkMessage[] = [];
  let off = 0;
  while (buf.length - off >= NLMSG_HEADER_LENGTH) {
    const length = readU32Host(buf, off);
    if (length < NLMSG_HEADER_LENGTH) {
      return { messages, malformed: new Malformed("bad-length", off, `netlink message length ${length}`) };
    }
    if (length > buf.length - off) {
      return { messages, malformed: new Malformed("truncated", off, `netlink message length ${length}`) };
    }
    messages.push({
      type: readU16Host(buf, off + 4),
      flags: readU16Host(buf, off + 6),
      seq: readU32Host(buf, off + 8),
      portid: readU32Host(buf, off + 12),
      body: buf.subarray(off + NLMSG_HEADER_LENGTH, off + length),
    });
    off = Math.min(buf.length, off + align4(length));
  }
  return { messages };
}

// Extended acknowledgements: NLMSGERR_ATTR_* in the order of netlink_ack_tlv_fill().
const extackTable = new AttributeTable({
  /** The text that tools print: "Error: ..." or "Warning: ...". */
  message: field(1, text),
  cookie: field(3, bytes),
  /** Where the refused attribute's header starts, counted from the request's nlmsghdr. */
  offset: field(2, u32),
  /** The policy that the attribute broke, NL_POLICY_TYPE_ATTR_*. */
  policy: field(4, bytes),
  /** The type of the attribute that is missing. */
  missingType: field(5, u32),
  /** Offset of the nest that it is missing from. */
  missingNest: field(6, u32),
});

export type Extack = Fields<typeof extackTable>;

/** NLMSG_ERROR: a refusal, or with errno 0 an acknowledgement. */
export interface NetlinkError {
  /** Positive; 0 acknowledges. */
  readonly errno: number;
  /** Header of the request that is answered. Its body is empty if the sender capped it. */
  readonly request: NetlinkMessage;
  /** The request's own nlmsg_len. */
  readonly requestLength: number;
  readonly extack: Extack;
}

/** What the requester asked for with setsockopt. */
export interface AckOptions {
  /** NETLINK_CAP_ACK: do not send the request's body back. */
  readonly capAck: boolean;
  /** NETLINK_EXT_ACK: send the extended acknowledgement. */
  readonly extAck: boolean;
}

/** Bytes of `struct nlmsgerr` up to the request's body. */
const ERROR_LENGTH = 4 + NLMSG_HEADER_LENGTH;

function isEmpty(extack: Extack): boolean {
  return Object.values(extack).every((value) => value === undefined);
}

/**
 * The kernel's answer to `request` (`netlink_ack`): a refusal carries the whole request unless the socket capped it,
 * an acknowledgement only its header. `portid` is the requester's.
 */
export function encodeError(
  request: NetlinkMessage,
  errno: number,
  extack: Extack,
  options: AckOptions,
  portid: number = request.portid,
): NetlinkMessage {
  const withBody = errno !== 0 && !options.capAck;
  const withTlvs = options.extAck && !isEmpty(extack);
  const writer = new AttributeWriter(ERROR_LENGTH + (withBody ? request.body.length : 0));
  writeU32Host(writer.buffer, 0, -errno);
  writeMessage(writer.buffer, 4, withBody ? request : { ...request, body: new Uint8Array(0) });
  writeU32Host(writer.buffer, 4, NLMSG_HEADER_LENGTH + request.body.length);
  if (withTlvs) extackTable.write(writer, extack);
  return {
    type: NLMSG.ERROR,
    flags: (withBody ? 0 : NLM_F.CAPPED) | (withTlvs ? NLM_F.ACK_TLVS : 0),
    seq: request.seq,
    portid,
    body: writer.finish(),
  };
}

export function decodeError(message: NetlinkMessage): Decoded<NetlinkError> {
  const { body } = message;
  if (message.type !== NLMSG.ERROR) return new Malformed("bad-type", 0, "NLMSG_ERROR");
  if (body.length < ERROR_LENGTH) return new Malformed("truncated", 0, "NLMSG_ERROR");
  const requestLength = readU32Host(body, 4);
  const capped = (message.flags & NLM_F.CAPPED) !== 0;
  const requestEnd = capped
    ? ERROR_LENGTH
    : Math.min(body.length, 4 + Math.max(requestLength, NLMSG_HEADER_LENGTH));
  const extack =
    (message.flags & NLM_F.ACK_TLVS) === 0
      ? {}
      : extackTable.decode(body, Math.min(align4(requestEnd), body.length));
  if (extack instanceof Malformed) return extack;
  return {
    errno: -readS32Host(body, 0),
    requestLength,
    request: {
      type: readU16Host(body, 8),
      flags: readU16Host(body, 10),
      seq: readU32Host(body, 12),
      portid: readU32Host(body, 16),
      body: body.subarray(ERROR_LENGTH, requestEnd),
    },
    extack,
  };
}

/** NLMSG_DONE: the end of a dump, with the errno that ended it early. */
export interface DumpEnd {
  /** Positive; 0 if the dump is complete. */
  readonly errno: number;
  readonly extack: Extack;
}

/**
 * The end of the dump that `request` asked for. `flags` are those of the dump's messages (NLM_F_MULTI, and
 * NLM_F_DUMP_INTR or NLM_F_DUMP_FILTERED).
 */
export function encodeDone(
  request: NetlinkMessage,
  end: DumpEnd,
  options: AckOptions,
  flags: number = NLM_F.MULTI,
  portid: number = request.portid,
): NetlinkMessage {
  const withTlvs = options.extAck && !isEmpty(end.extack);
  const writer = new AttributeWriter(4);
  writeU32Host(writer.buffer, 0, -end.errno);
  if (withTlvs) extackTable.write(writer, end.extack);
  return {
    type: NLMSG.DONE,
    flags: flags | (withTlvs ? NLM_F.ACK_TLVS : 0),
    seq: request.seq,
    portid,
    body: writer.finish(),
  };
}

/** A body shorter than an integer, which some senders use, ends the dump without an error. */
export function decodeDone(message: NetlinkMessage): Decoded<DumpEnd> {
  if (message.type !== NLMSG.DONE) return new Malformed("bad-type", 0, "NLMSG_DONE");
  if (message.body.length < 4) return { errno: 0, extack: {} };
  const extack = (message.flags & NLM_F.ACK_TLVS) === 0 ? {} : extackTable.decode(message.body, 4);
  if (extack instanceof Malformed) return extack;
  return { errno: -readS32Host(message.body, 0), extack };
}
