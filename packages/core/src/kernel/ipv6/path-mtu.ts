// What routes learn about single destinations: smaller path MTUs (RFC 8201) and better first hops (RFC 4861, 8.3): the exceptions
// of net/ipv6/route.c.

import { SECOND } from "../../system/system.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { IPV6_MIN_MTU } from "../../wire/ipv6.ts";
import { scheduleExpiry } from "./fib-change.ts";
import type { Route6 } from "./fib-route.ts";
import type { Inet6Netns } from "./interface.ts";
import { mtuOf, routeOutput } from "./route-lookup.ts";
import type { Flow6 } from "./route-lookup.ts";

/** Exceptions that one route keeps; the oldest goes first (FIB6_MAX_DEPTH times the buckets). */
const EXCEPTION_LIMIT = 5 * 1024;

/** The exception of a route for a destination, made if need be. */
function exceptionFor(path: Route6, destination: Ipv6Address, gateway: Ipv6Address | undefined): Route6 {
  const { fib } = path;
  const exceptions = (fib.exceptions ??= new Map<Ipv6Address, Route6>());
  if (!exceptions.has(destination) && exceptions.size >= EXCEPTION_LIMIT) {
    for (const oldest of exceptions.keys()) {
      exceptions.delete(oldest);
      break;
    }
  }
  const exception = fib.makePath(destination, gateway);
  exceptions.set(destination, exception);
  return exception;
}

/** ip6_update_pmtu(): `mtu` bytes is all that fits on the way to `flow.destination`. */
export function learnPathMtu(namespace: Inet6Netns, flow: Flow6, mtu: number): void {
  const path = routeOutput(namespace, flow);
  if (path.error !== 0 || path.action === "deliver") return;
  const neighbour = namespace.stack.neighbours.find(path.device, path.gateway ?? flow.destination);
  neighbour?.confirm();
  if (mtu < IPV6_MIN_MTU || mtu >= mtuOf(path)) return;
  const exception =
    path.exceptionFor === undefined ? exceptionFor(path, flow.destination, path.gateway) : path;
  exception.pathMtu = mtu;
  exception.expires = namespace.kernel.clock.now + namespace.settings["route/mtu_expires"] * SECOND;
  namespace.tables.generation++;
  scheduleExpiry(namespace);
}

/** rt6_do_redirect(): packets to `destination` go to `target` from now on. */
export function learnFirstHop(
  namespace: Inet6Netns,
  path: Route6,
  destination: Ipv6Address,
  target: Ipv6Address,
): void {
  const onLink = target === destination;
  const exception = exceptionFor(path, destination, onLink ? undefined : target);
  exception.pathMtu = path.pathMtu;
  exception.expires = path.expires;
  exception.redirected = true;
  namespace.tables.generation++;
}
