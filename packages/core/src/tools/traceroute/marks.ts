// Marks behind an answer that is no "time exceeded": what kind of error came back (traceroute(8)).

import { IcmpType, IcmpUnreachable } from "../../wire/icmpv4.ts";
import { Icmpv6Type, Icmpv6Unreachable } from "../../wire/icmpv6.ts";

const UNREACHABLE: Readonly<Record<number, string>> = {
  [IcmpUnreachable.NET]: "!N",
  [IcmpUnreachable.NET_UNKNOWN]: "!N",
  [IcmpUnreachable.HOST_ISOLATED]: "!N",
  [IcmpUnreachable.NET_FOR_TOS]: "!N",
  [IcmpUnreachable.HOST]: "!H",
  [IcmpUnreachable.HOST_UNKNOWN]: "!H",
  [IcmpUnreachable.HOST_FOR_TOS]: "!H",
  [IcmpUnreachable.NET_PROHIBITED]: "!X",
  [IcmpUnreachable.HOST_PROHIBITED]: "!X",
  [IcmpUnreachable.COMMUNICATION_PROHIBITED]: "!X",
  // The target has no such port: it is reached.
  [IcmpUnreachable.PORT]: "",
  [IcmpUnreachable.PROTOCOL]: "!P",
  [IcmpUnreachable.SOURCE_ROUTE_FAILED]: "!S",
  [IcmpUnreachable.PRECEDENCE_VIOLATION]: "!V",
  [IcmpUnreachable.PRECEDENCE_CUTOFF]: "!C",
};

const UNREACHABLE6: Readonly<Record<number, string>> = {
  [Icmpv6Unreachable.NO_ROUTE]: "!N",
  [Icmpv6Unreachable.BEYOND_SCOPE]: "!H",
  [Icmpv6Unreachable.ADDRESS]: "!H",
  [Icmpv6Unreachable.PROHIBITED]: "!X",
  [Icmpv6Unreachable.PORT]: "",
};

/** The mark, "" for an end without one; undefined if the path goes on (time exceeded in transit). */
export function markOf(v4: boolean, type: number, code: number, info: number): string | undefined {
  if (v4) {
    if (type === IcmpType.TIME_EXCEEDED && code === 0) return undefined;
    if (type !== IcmpType.DESTINATION_UNREACHABLE) return `!<${type}-${code}>`;
    if (code === IcmpUnreachable.FRAGMENTATION_NEEDED) return `!F-${info}`;
    return UNREACHABLE[code] ?? `!<${code}>`;
  }
  if (type === Icmpv6Type.TIME_EXCEEDED && code === 0) return undefined;
  if (type === Icmpv6Type.PACKET_TOO_BIG) return `!F-${info}`;
  if (type !== Icmpv6Type.DESTINATION_UNREACHABLE) return `!<${type}-${code}>`;
  return UNREACHABLE6[code] ?? `!<${code}>`;
}
