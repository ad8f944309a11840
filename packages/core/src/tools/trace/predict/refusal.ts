// What the errno of a routing question means for a packet: how a journey calls it, and why the packet ends.

import { ERRNO } from "../../../netlink/errno.ts";
import type { DropReason } from "../../../trace/drop-reason.ts";
import type { RouteOutcome } from "../../../trace/packet-event.ts";

export interface RouteRefusal {
  readonly outcome: RouteOutcome;
  /** Of a packet that came in by a device that forwards. */
  readonly reason: DropReason;
}

const REFUSALS: ReadonlyMap<number, RouteRefusal> = new Map([
  [ERRNO.EHOSTUNREACH, { outcome: "unreachable", reason: "ROUTE_UNREACHABLE" }],
  [ERRNO.EACCES, { outcome: "prohibit", reason: "ROUTE_PROHIBIT" }],
  [ERRNO.EINVAL, { outcome: "blackhole", reason: "ROUTE_BLACKHOLE" }],
]);

export function refusalOf(errno: number): RouteRefusal {
  return REFUSALS.get(errno) ?? { outcome: "no-route", reason: "IP_INNOROUTES" };
}
