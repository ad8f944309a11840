// What a traced IPv6 packet's journey says about routing: the entry that decided, or why there is none.

import { RTN } from "../../netlink/rtnl/route-constants.ts";
import type { RouteOutcome } from "../../trace/packet-event.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { ipv6Destination } from "../../wire/ipv6.ts";
import { note, traceDevice } from "../journey.ts";
import type { Packet } from "../packet.ts";
import type { Route6 } from "./fib-route.ts";

function outcomeOf(route: Route6): RouteOutcome {
  switch (route.action) {
    case "deliver":
      return "local";
    case "multicast":
      return "multicast";
    case "forward":
      return "unicast";
    case "reject":
      break;
    default: {
      const never: never = route.action;
      return never;
    }
  }
  switch (route.fib.type) {
    case RTN.UNREACHABLE:
      return "unreachable";
    case RTN.PROHIBIT:
      return "prohibit";
    case RTN.BLACKHOLE:
      return "blackhole";
    default:
      return "no-route";
  }
}

/** The packet cannot be answered: routing refuses the way to `destination`. */
export function noteUnrouted(packet: Packet, destination: Ipv6Address, route: Route6): void {
  note(packet, {
    kind: "route",
    netns: packet.device.netns.inode,
    destination,
    outcome: outcomeOf(route),
    entry: undefined,
    via: undefined,
    device: undefined,
  });
}

/** `route` is what was decided about the packet, whose `network` is set. */
export function noteRoute(packet: Packet, route: Route6): void {
  const { fib } = route;
  const outcome = outcomeOf(route);
  note(packet, {
    kind: "route",
    netns: packet.device.netns.inode,
    destination: ipv6Destination(packet.bytes, packet.network),
    outcome,
    entry:
      outcome === "no-route" || fib.table === 0 // no table has what a rule refuses
        ? undefined
        : { prefix: fib.destination, prefixLength: fib.prefixLength, table: fib.table },
    via: route.gateway,
    device: outcome === "unicast" || outcome === "multicast" ? traceDevice(route.device) : undefined,
  });
}
