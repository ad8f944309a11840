// What ICMP errors mean to a socket: an errno, and whether it ends a conversation ("hard", RFC 1122, 4.2.3.9).
// Kernel counterparts: icmp_err_convert, icmpv6_err_convert().

import { ERRNO } from "../../netlink/errno.ts";
import { IcmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import { Icmpv6Type } from "../../wire/icmpv6.ts";

/** An errno with its weight. */
export interface SocketError {
  readonly errno: number;
  readonly hard: boolean;
}

const soft = (errno: number): SocketError => ({ errno, hard: false });
const hard = (errno: number): SocketError => ({ errno, hard: true });

/** By code of destination unreachable. */
const UNREACHABLE: readonly SocketError[] = [
  soft(ERRNO.ENETUNREACH),
  soft(ERRNO.EHOSTUNREACH),
  hard(ERRNO.ENOPROTOOPT),
  hard(ERRNO.ECONNREFUSED),
  soft(ERRNO.EMSGSIZE),
  soft(ERRNO.EOPNOTSUPP),
  hard(ERRNO.ENETUNREACH),
  hard(ERRNO.EHOSTDOWN),
  hard(ERRNO.ENONET),
  hard(ERRNO.ENETUNREACH),
  hard(ERRNO.EHOSTUNREACH),
  soft(ERRNO.ENETUNREACH),
  soft(ERRNO.EHOSTUNREACH),
  hard(ERRNO.EHOSTUNREACH),
  hard(ERRNO.EHOSTUNREACH),
  hard(ERRNO.EHOSTUNREACH),
];

/**
 * An ICMP error for a UDP or raw socket; undefined if it is not told. "Fragmentation needed" is hard for senders that do
 * path MTU discovery: the caller decides that.
 */
export function icmpErrno(type: number, code: number): SocketError | undefined {
  switch (type) {
    case IcmpType.SOURCE_QUENCH:
    case IcmpType.REDIRECT:
      return undefined;
    case IcmpType.PARAMETER_PROBLEM:
      return hard(ERRNO.EPROTO);
    case IcmpType.DESTINATION_UNREACHABLE:
      return UNREACHABLE[code] ?? soft(ERRNO.EHOSTUNREACH);
    default:
      return soft(ERRNO.EHOSTUNREACH);
  }
}

export function isFragmentationNeeded(type: number, code: number): boolean {
  return type === IcmpType.DESTINATION_UNREACHABLE && code === IcmpUnreachable.FRAGMENTATION_NEEDED;
}

/** By code of destination unreachable, RFC 4443, 3.1. */
const UNREACHABLE6: readonly SocketError[] = [
  soft(ERRNO.ENETUNREACH),
  hard(ERRNO.EACCES),
  soft(ERRNO.EHOSTUNREACH),
  soft(ERRNO.EHOSTUNREACH),
  hard(ERRNO.ECONNREFUSED),
  hard(ERRNO.EACCES),
  hard(ERRNO.EACCES),
];

/** An ICMPv6 error; "packet too big" is hard for senders that do path MTU discovery: the caller decides that. */
export function icmpv6Errno(type: number, code: number): SocketError {
  switch (type) {
    case Icmpv6Type.DESTINATION_UNREACHABLE:
      return UNREACHABLE6[code] ?? hard(ERRNO.EPROTO);
    case Icmpv6Type.PACKET_TOO_BIG:
      return soft(ERRNO.EMSGSIZE);
    case Icmpv6Type.PARAMETER_PROBLEM:
      return hard(ERRNO.EPROTO);
    case Icmpv6Type.TIME_EXCEEDED:
      return soft(ERRNO.EHOSTUNREACH);
    default:
      return soft(ERRNO.EPROTO);
  }
}
