/**
 * IP sockets of sock_diag(7): requests and answers (linux/inet_diag.h; Linux net/ipv4/inet_diag.c `inet_sk_diag_fill`,
 * net/ipv4/udp_diag.c, net/ipv4/raw_diag.c).
 */

import { at, be16, bytes, bytesOf, struct, text, u16, u32, u64Exact, u8 } from "../attribute-codecs.ts";
import { AttributeTable, bodyCodec, field, type Fields } from "../attribute-table.ts";
import { socketMemory } from "./sock-diag.ts";

/** Bits of `extensions`, which ask for attributes: 1 << (type - 1). */
export const INET_DIAG_EXTENSION = {
  MEMINFO: 1 << 0,
  INFO: 1 << 1,
  VEGASINFO: 1 << 2,
  CONG: 1 << 3,
  TOS: 1 << 4,
  TCLASS: 1 << 5,
  SKMEMINFO: 1 << 6,
} as const;

/** `struct inet_diag_sockid`: ports in network order, 16 bytes an address, of which IPv4 uses four. */
const socketId = (offset: number) => ({
  sourcePort: at(offset, be16),
  destinationPort: at(offset + 2, be16),
  source: at(offset + 4, bytesOf(16)),
  destination: at(offset + 20, bytesOf(16)),
  ifindex: at(offset + 36, u32),
  cookie: at(offset + 40, u64Exact),
});

/** `struct inet_diag_req_v2`. */
const requestHeader = struct(56, {
  family: at(0, u8),
  protocol: at(1, u8),
  extensions: at(2, u8),
  /** `struct inet_diag_req_raw`: the protocol of a raw socket that is to be ended. */
  rawProtocol: at(3, u8),
  /** 1 << state for each that is wanted. */
  states: at(4, u32),
  ...socketId(8),
});

const requestTable = new AttributeTable({
  /** A program that sorts sockets out inside the kernel. */
  bytecode: field(1, bytes),
  /** Protocols above 255. */
  longProtocol: field(3, u32),
});

const request = bodyCodec(requestHeader, requestTable, "inet_diag_req_v2");

export type InetDiagRequest = ReturnType<typeof requestHeader.get> & Fields<typeof requestTable>;
export const encodeInetDiagRequest = request.encode;
export const decodeInetDiagRequest = request.decode;

/** `struct inet_diag_msg`. */
const socketHeader = struct(72, {
  family: at(0, u8),
  state: at(1, u8),
  timer: at(2, u8),
  retransmits: at(3, u8),
  ...socketId(4),
  /** Milliseconds. */
  expires: at(52, u32),
  receiveQueue: at(56, u32),
  sendQueue: at(60, u32),
  uid: at(64, u32),
  inode: at(68, u32),
});

/** INET_DIAG_*, in the order of `inet_diag_msg_attrs_fill` and what follows it. */
const socketTable = new AttributeTable({
  /** Bits: 1 receiving, 2 sending is shut down. */
  shutdown: field(8, u8),
  tos: field(5, u8),
  trafficClass: field(6, u8),
  v6only: field(11, u8),
  mark: field(15, u32),
  classId: field(17, u32),
  cgroupId: field(21, u64Exact),
  /** `struct inet_diag_sockopt`: bits from the lowest on in the order of INET_SOCKET_OPTIONS. */
  options: field(22, u16),
  protocol: field(10, u8),
  memoryInfo: field(1, bytes),
  /** `struct tcp_info` (tcp-info.ts). */
  info: field(2, bytes),
  memory: field(7, socketMemory),
  congestionControl: field(4, text),
});

export const INET_SOCKET_OPTIONS = [
  "recverr",
  "is_icsk",
  "freebind",
  "hdrincl",
  "mc_loop",
  "transparent",
  "mc_all",
  "nodefrag",
  "bind_addr_no_port",
  "recverr_rfc4884",
  "defer_connect",
] as const;

const socket = bodyCodec(socketHeader, socketTable, "inet_diag_msg");

export type InetDiagSocket = ReturnType<typeof socketHeader.get> & Fields<typeof socketTable>;
export const encodeInetDiagSocket = socket.encode;
export const decodeInetDiagSocket = socket.decode;
