// How many ICMPv6 errors may be sent (RFC 4443, 2.4 f): a token bucket for each destination and one for the namespace
// (icmpv6_xrlim_allow, icmpv6_global_allow; net/ipv4/inetpeer.c).

import { IFF } from "../device.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { Slot } from "../slot.ts";
import type { Inet6Netns } from "./interface.ts";
import { inet6Device } from "./interface.ts";
import { count, countIcmp } from "./mib.ts";
import { routeOutput } from "./route-lookup.ts";
import type { Flow6 } from "./route-lookup.ts";

/** XRLIM_BURST_FACTOR: errors that one destination may get at once. */
const BURST = 6;
/** net.ipv4.icmp_msgs_per_sec and icmp_msgs_burst at their standard. */
const MESSAGES_PER_SECOND = 1000;
const MESSAGES_BURST = 50;
/** Destinations that are remembered; the longest unused goes. */
const PEER_LIMIT = 65_664;
/** A new destination starts with the tokens of a minute. */
const INITIAL_AGE_SECONDS = 60;

/** Times in ticks, as Linux counts here. */
interface Bucket {
  tokens: number;
  last: number;
}

class Limits {
  readonly peers = new Map<Ipv6Address, Bucket>();
  credit = 0;
  creditAt = 0;
}

const limitsOf = new Slot<Limits>();

function stateOf(namespace: Inet6Netns): Limits {
  let limits = limitsOf.of(namespace.netns);
  if (limits === undefined) limitsOf.set(namespace.netns, (limits = new Limits()));
  return limits;
}

/** icmpv6_mask_allow(): informational messages and "packet too big" are not limited (icmp/ratemask). */
function isUnlimited(namespace: Inet6Netns, type: number): boolean {
  return type > 255 || !namespace.rateMask.has(type);
}

/** icmp_global_allow() */
export function globallyAllowed(namespace: Inet6Netns, type: number): boolean {
  if (isUnlimited(namespace, type)) return true;
  const limits = stateOf(namespace);
  const { jiffies, profile, random } = namespace.kernel;
  const elapsed = Math.min(jiffies - limits.creditAt, profile.hz);
  if (elapsed >= profile.hz / 50) {
    const earned = Math.floor((MESSAGES_PER_SECOND * elapsed) / profile.hz);
    if (earned > 0) {
      limits.creditAt = jiffies;
      limits.credit = Math.min(limits.credit + earned, MESSAGES_BURST);
    }
  }
  if (limits.credit === 0) return false;
  limits.credit = Math.max(0, limits.credit - random.below(3));
  return true;
}

/** inet_peer_xrlim_allow(): takes `cost` ticks out of the bucket of an address. */
export function takeFrom(namespace: Inet6Netns, address: Ipv6Address, cost: number): boolean {
  const { peers } = stateOf(namespace);
  const { jiffies, profile } = namespace.kernel;
  let bucket = peers.get(address);
  if (bucket === undefined) {
    if (peers.size >= PEER_LIMIT) for (const oldest of peers.keys()) if (peers.delete(oldest)) break;
    bucket = { tokens: 0, last: jiffies - INITIAL_AGE_SECONDS * profile.hz };
  } else peers.delete(address);
  peers.set(address, bucket);
  bucket.tokens = Math.min(BURST * cost, bucket.tokens + jiffies - bucket.last);
  bucket.last = jiffies;
  if (bucket.tokens < cost) return false;
  bucket.tokens -= cost;
  return true;
}

/** icmpv6_xrlim_allow(): wider prefixes get more. */
export function allowedTo(namespace: Inet6Netns, flow: Flow6, type: number): boolean {
  if (isUnlimited(namespace, type)) return true;
  const route = routeOutput(namespace, flow);
  const owner = inet6Device.of(route.device);
  if (route.error !== 0) {
    count(namespace.mib, owner?.mib, "outNoRoutes");
    return false;
  }
  if ((route.device.flags & IFF.LOOPBACK) !== 0) return true;
  const { hz } = namespace.kernel.profile;
  let cost = Math.floor((namespace.settings["icmp/ratelimit"] * hz) / 1000);
  const length = route.exceptionFor === undefined ? route.fib.prefixLength : 128;
  if (length < 128) cost >>= (128 - length) >> 5;
  if (cost === 0 || takeFrom(namespace, flow.destination, cost)) return true;
  countIcmp(namespace.mib, owner?.mib, "outRateLimitHost");
  return false;
}
