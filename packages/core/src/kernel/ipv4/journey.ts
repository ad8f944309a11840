// What a traced IPv4 packet's journey says about routing: the entry that decided, or why there is none.

import { ERRNO } from "../../netlink/errno.ts";
import { RTN } from "../../netlink/rtnl/route-constants.ts";
import type { RouteOutcome } from "../../trace/packet-event.ts";
import { ipv4Destination } from "../../wire/ipv4.ts";
import { note, traceDevice } from "../journey.ts";
import type { Packet } from "../packet.ts";
import type { Route } from "./route.ts";

/** By the errno that senders get. */
function refusedOutcome(errno: number): RouteOutcome {
  switch (errno) {
    case ERRNO.EHOSTUNREACH:
      return "unreachable";
    case ERRNO.EACCES:
      return "prohibit";
    case ERRNO.EINVAL:
      return "blackhole";
    default:
      return "no-route";
  }
}

function outcomeOf(route: Route): RouteOutcome {
  if (route.isInput && route.input === "refuse") return refusedOutcome(route.error);
  switch (route.type) {
    case RTN.LOCAL:
      return "local";
    case RTN.BROADCAST:
      return "broadcast";
    case RTN.MULTICAST:
      return "multicast";
    default:
      return "unicast";
  }
}

/** The packet cannot be answered: routing refuses the way to `destination`. */
export function noteUnrouted(packet: Packet, destination: number, errno: number): void {
  note(packet, {
    kind: "route",
    netns: packet.device.netns.inode,
    destination,
    outcome: refusedOutcome(errno),
    entry: undefined,
    via: undefined,
    device: undefined,
  });
}

/** The packet starts at its IP header; `route` is what was decided about it. */
export function noteRoute(packet: Packet, route: Route): void {
  const { result } = route;
  const outcome = outcomeOf(route);
  const local = outcome === "local" || (route.isInput && route.input === "deliver");
  note(packet, {
    kind: "route",
    netns: packet.device.netns.inode,
    destination: ipv4Destination(packet.bytes, packet.start),
    outcome,
    entry:
      result === undefined
        ? undefined
        : { prefix: result.alias.prefix, prefixLength: result.alias.length, table: result.alias.tableId },
    via: route.gateway6 ?? (route.gateway === 0 ? undefined : route.gateway),
    device: outcome === "unicast" || !local ? traceDevice(route.device) : undefined,
  });
}
