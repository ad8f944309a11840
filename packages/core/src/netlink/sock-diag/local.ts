/**
 * Sockets of packet(7), netlink(7) and unix(7) in sock_diag(7): requests and answers (linux/packet_diag.h,
 * linux/netlink_diag.h, linux/unix_diag.h; Linux net/packet/diag.c, net/netlink/diag.c, net/unix/diag.c).
 */

import { arrayOf, at, bytes, struct, u32, u64Exact, u8, u16 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";
import { socketMemory } from "./sock-diag.ts";

/** What a packet request asks for. */
export const PACKET_SHOW = { INFO: 1, MCLIST: 2, RING_CFG: 4, FANOUT: 8, MEMINFO: 16, FILTER: 32 } as const;
/** What a netlink request asks for. */
export const NETLINK_SHOW = { MEMINFO: 1, GROUPS: 2, RING_CFG: 4, FLAGS: 8 } as const;
/** What a unix request asks for. */
export const UNIX_SHOW = { NAME: 1, VFS: 2, PEER: 4, ICONS: 8, RQLEN: 16, MEMINFO: 32, UID: 64 } as const;

/** NDIAG_PROTO_ALL: netlink sockets of every protocol. */
export const ALL_NETLINK_PROTOCOLS = 255;

/** `struct packet_diag_req` and `struct netlink_diag_req` are the same. */
const plainRequest = struct(20, {
  family: at(0, u8),
  protocol: at(1, u8),
  inode: at(4, u32),
  show: at(8, u32),
  cookie: at(12, u64Exact),
});

/** `struct unix_diag_req`. */
const unixRequest = struct(24, {
  family: at(0, u8),
  protocol: at(1, u8),
  states: at(4, u32),
  inode: at(8, u32),
  show: at(12, u32),
  cookie: at(16, u64Exact),
});

const nothing = new AttributeTable({});
const plain = bodyCodec(plainRequest, nothing, "packet_diag_req");
const unixAsked = bodyCodec(unixRequest, nothing, "unix_diag_req");

export const encodePlainDiagRequest = plain.encode;
export const decodePlainDiagRequest = plain.decode;
export const encodeUnixDiagRequest = unixAsked.encode;
export const decodeUnixDiagRequest = unixAsked.decode;

/** `struct packet_diag_msg`. The protocol is in host order, as the kernel sends it. */
const packetHeader = struct(16, {
  family: at(0, u8),
  type: at(1, u8),
  protocol: at(2, u16),
  inode: at(4, u32),
  cookie: at(8, u64Exact),
});

/** `struct packet_diag_info`. */
const packetInfo = struct(24, {
  ifindex: at(0, u32),
  version: at(4, u32),
  reserve: at(8, u32),
  copyThreshold: at(12, u32),
  timestamp: at(16, u32),
  flags: at(20, u32),
});

/** PDI_*. */
export const PACKET_INFO_FLAG = { RUNNING: 1, AUXDATA: 2, ORIGDEV: 4, VNETHDR: 8, LOSS: 16 } as const;

const packetRing = struct(28, {
  blockSize: at(0, u32),
  blocks: at(4, u32),
  frameSize: at(8, u32),
  frames: at(12, u32),
  timeout: at(16, u32),
  privateSize: at(20, u32),
  features: at(24, u32),
});

/** `struct sock_filter`. */
const instruction = struct(8, { code: at(0, u16), jt: at(2, u8), jf: at(3, u8), k: at(4, u32) });

const packetTable = new AttributeTable({
  info: field(0, packetInfo),
  uid: field(5, u32),
  memberships: field(1, bytes),
  receiveRing: field(2, packetRing),
  sendRing: field(3, packetRing),
  fanout: field(4, u32),
  memory: field(6, socketMemory),
  filter: field(7, arrayOf(instruction)),
});

const packet = bodyCodec(packetHeader, packetTable, "packet_diag_msg");
export type PacketDiagSocket = ReturnType<typeof packetHeader.get> & Fields<typeof packetTable>;
export const encodePacketDiagSocket = packet.encode;
export const decodePacketDiagSocket = packet.decode;

/** `struct netlink_diag_msg`. */
const netlinkHeader = struct(28, {
  family: at(0, u8),
  type: at(1, u8),
  protocol: at(2, u8),
  /** 0 unconnected, 1 connected. */
  state: at(3, u8),
  portid: at(4, u32),
  destinationPortid: at(8, u32),
  destinationGroup: at(12, u32),
  inode: at(16, u32),
  cookie: at(20, u64Exact),
});

const netlinkTable = new AttributeTable({
  /** A bit a group, as many 64-bit words as the protocol needs. */
  groups: field(1, arrayOf(u32)),
  memory: field(0, socketMemory),
  flags: field(4, u32),
});

const netlink = bodyCodec(netlinkHeader, netlinkTable, "netlink_diag_msg");
export type NetlinkDiagSocket = ReturnType<typeof netlinkHeader.get> & Fields<typeof netlinkTable>;
export const encodeNetlinkDiagSocket = netlink.encode;
export const decodeNetlinkDiagSocket = netlink.decode;

/** `struct unix_diag_msg`. */
const unixHeader = struct(16, {
  family: at(0, u8),
  type: at(1, u8),
  state: at(2, u8),
  inode: at(4, u32),
  cookie: at(8, u64Exact),
});

const unixTable = new AttributeTable({
  /** The path without a NUL at its end; a leading NUL is an abstract name. */
  name: field(0, bytes),
  vfs: field(1, struct(8, { inode: at(0, u32), device: at(4, u32) })),
  peer: field(2, u32),
  /** Inodes of connections that wait to be accepted. */
  waiting: field(3, arrayOf(u32)),
  queues: field(4, struct(8, { receive: at(0, u32), send: at(4, u32) })),
  memory: field(5, socketMemory),
  shutdown: field(6, u8),
  uid: field(7, u32),
});

const unix = bodyCodec(unixHeader, unixTable, "unix_diag_msg");
export type UnixDiagSocket = ReturnType<typeof unixHeader.get> & Fields<typeof unixTable>;
export const encodeUnixDiagSocket = unix.encode;
export const decodeUnixDiagSocket = unix.decode;
