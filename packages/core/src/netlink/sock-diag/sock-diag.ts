/**
 * Socket monitoring over NETLINK_SOCK_DIAG (sock_diag(7); linux/sock_diag.h): message types, groups, and what the messages of
 * all families have in common.
 */

import { arrayOf, u32 } from "../attribute-codecs.ts";

/** A dump (or one socket) of the family in the first byte of the body; and its forced end. */
export const SOCK_DIAG = { BY_FAMILY: 20, DESTROY: 21 } as const;

/** Multicast groups that tell of ended sockets. */
export const SKNLGRP = {
  INET_TCP_DESTROY: 1,
  INET_UDP_DESTROY: 2,
  INET6_TCP_DESTROY: 3,
  INET6_UDP_DESTROY: 4,
} as const;

/** sk_state, which all families borrow from TCP (net/tcp_states.h). */
export const SOCKET_STATE = {
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT1: 4,
  FIN_WAIT2: 5,
  TIME_WAIT: 6,
  CLOSE: 7,
  CLOSE_WAIT: 8,
  LAST_ACK: 9,
  LISTEN: 10,
  CLOSING: 11,
} as const;

/** SK_MEMINFO_*: bytes, in this order; `drops` counts datagrams. */
export const SOCKET_MEMORY = [
  "receiveUsed",
  "receiveBuffer",
  "sendUsed",
  "sendBuffer",
  "forwardAllocated",
  "sendQueued",
  "optionMemory",
  "backlog",
  "drops",
] as const;

export type SocketMemory = Readonly<Record<(typeof SOCKET_MEMORY)[number], number>>;

/** What a kernel sends: as many numbers as it knows. */
export const socketMemory = arrayOf(u32);

export function memoryList(memory: SocketMemory): readonly number[] {
  return SOCKET_MEMORY.map((name) => memory[name]);
}

/** INET_DIAG_NOCOOKIE: any socket that fits. */
export const NO_COOKIE = 0xffff_ffff_ffff_ffffn;
