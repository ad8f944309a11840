// Putting routes into tables and taking them out (fib_table_insert, fib_table_delete, fib_flush): which of several routes
// for one prefix is meant, and who is told.

import { ERRNO } from "../../../netlink/errno.ts";
import { NLM_F } from "../../../netlink/message.ts";
import { Refusal } from "../../../netlink/refusal.ts";
import { ipv4PrefixMask } from "../../../wire/ipv4-address.ts";
import { inetDevice } from "../in-device.ts";
import type { Ipv4Netns } from "../namespace.ts";
import { RT_SCOPE, RTN, RTNH_F } from "../../../netlink/rtnl/route-constants.ts";
import { isCongestionControl } from "../../route-metrics.ts";
import type { NexthopUser } from "../../nexthop/objects.ts";
import { checkObjectPath, createInfo, useObject } from "./create-info.ts";
import type { NexthopConfiguration, RouteConfiguration } from "./create-info.ts";
import type { FibInfo, Nexthop } from "./nexthop.ts";
import type { FibAlias, FibTable } from "./table.ts";

/** Told of each change to a table that user space hears of: RTM_NEWROUTE and RTM_DELROUTE. */
export type RouteListener = (inet: Ipv4Netns, alias: FibAlias, change: "new" | "deleted") => void;

function tell(inet: Ipv4Netns, alias: FibAlias, change: "new" | "deleted"): void {
  for (const listener of inet.stack.routeListeners) listener(inet, alias, change);
}

function checkPrefix(wanted: RouteConfiguration): void {
  if (wanted.length > 32) throw new Refusal(ERRNO.EINVAL, "Invalid prefix length");
  if ((wanted.destination & ~ipv4PrefixMask(wanted.length)) !== 0) {
    throw new Refusal(ERRNO.EINVAL, "Invalid prefix for given prefix length");
  }
}

function hold(inet: Ipv4Netns, alias: FibAlias): void {
  const { info } = alias;
  if (info.aliases.push(alias) > 1) return;
  inet.fib.infos.set(info.identity, info);
  if (info.object !== undefined) {
    info.user = userOf(inet, info);
    info.object.users.add(info.user);
    return;
  }
  for (const hop of info.nexthops) if (hop.device) inetDevice.of(hop.device)?.nexthops.add(hop);
}

/** What the route's next-hop object tells it. */
function userOf(inet: Ipv4Netns, info: FibInfo): NexthopUser {
  return {
    check: (path) => checkObjectPath(path, info.scope),
    changed() {
      useObject(info);
      inet.routesChanged();
    },
    announce() {
      for (const alias of info.aliases) tell(inet, alias, "new");
    },
    removed() {
      info.flags |= RTNH_F.DEAD;
      flushDead(inet, [info]);
    },
  };
}

function release(inet: Ipv4Netns, alias: FibAlias): void {
  const { info } = alias;
  info.aliases.splice(info.aliases.indexOf(alias), 1);
  if (info.aliases.length > 0) return;
  inet.fib.infos.delete(info.identity);
  if (info.object !== undefined && info.user !== undefined) {
    info.object.users.delete(info.user);
    return;
  }
  for (const hop of info.nexthops) if (hop.device) inetDevice.of(hop.device)?.nexthops.delete(hop);
}

/** fib_table_insert(). `flags` are NLM_F_* of the request. Errors: EEXIST, ENOENT, EINVAL and what createInfo says. */
export function insertRoute(
  inet: Ipv4Netns,
  table: FibTable,
  wanted: RouteConfiguration,
  flags: number,
): void {
  checkPrefix(wanted);
  const made = createInfo(inet, wanted);
  const info = inet.fib.infos.get(made.identity) ?? sharedByObject(inet, made) ?? made;
  const { destination: prefix, length, tos } = wanted;
  const alias: FibAlias = { prefix, length, tableId: table.id, tos, type: wanted.type, info };
  const list = table.at(prefix, length);
  let place = table.placeFor(prefix, length, tos, info.priority);
  const first = list[place];
  if (first !== undefined && first.tos === tos && first.info.priority === info.priority) {
    if ((flags & NLM_F.EXCL) !== 0) throw new Refusal(ERRNO.EEXIST);
    let end = place;
    let match: FibAlias | undefined;
    for (; end < list.length; end++) {
      const other = list[end] as FibAlias;
      if (other.tos !== tos || other.info.priority !== info.priority) break;
      if (match === undefined && other.type === alias.type && other.info === info) match = other;
    }
    if ((flags & NLM_F.REPLACE) !== 0) {
      if (match === first) return;
      if (match !== undefined) throw new Refusal(ERRNO.EEXIST);
      replace(inet, table, first, alias);
      return;
    }
    if (match !== undefined) throw new Refusal(ERRNO.EEXIST);
    if ((flags & NLM_F.APPEND) !== 0) place = end < list.length ? end : -1;
  }
  if ((flags & NLM_F.CREATE) === 0) throw new Refusal(ERRNO.ENOENT);
  hold(inet, alias);
  table.insert(alias, place);
  inet.routesChanged();
  tell(inet, alias, "new");
}

/**
 * fib_find_info_nh(): a route by a next-hop object that says nothing of metrics shares what another route by the same object
 * says, metrics included.
 */
function sharedByObject(inet: Ipv4Netns, made: FibInfo): FibInfo | undefined {
  if (made.object === undefined || made.metrics !== undefined || made.congestionControl !== undefined)
    return undefined;
  const fits = (info: FibInfo): boolean =>
    info.object === made.object && info.ownIdentity === made.ownIdentity;
  return [...inet.fib.infos.values()].reverse().find(fits);
}

function replace(inet: Ipv4Netns, table: FibTable, old: FibAlias, alias: FibAlias): void {
  hold(inet, alias);
  table.replace(old, alias);
  release(inet, old);
  inet.routesChanged();
  tell(inet, alias, "new");
}

/** fib_table_delete(). Errors: ESRCH, EINVAL. */
export function deleteRoute(inet: Ipv4Netns, table: FibTable, wanted: RouteConfiguration): void {
  checkPrefix(wanted);
  const list = table.at(wanted.destination, wanted.length);
  const place = table.placeFor(wanted.destination, wanted.length, wanted.tos, 0);
  if (place < 0) throw new Refusal(ERRNO.ESRCH);
  for (let index = place; index < list.length; index++) {
    const alias = list[index] as FibAlias;
    if (alias.tos !== wanted.tos) break;
    if (!isMeant(alias, wanted)) continue;
    tell(inet, alias, "deleted");
    takeOut(inet, table, alias);
    return;
  }
  throw new Refusal(ERRNO.ESRCH);
}

function takeOut(inet: Ipv4Netns, table: FibTable, alias: FibAlias): void {
  table.remove(alias);
  release(inet, alias);
  inet.routesChanged();
}

function isMeant({ type, info }: FibAlias, wanted: RouteConfiguration): boolean {
  return (
    (wanted.type === 0 || type === wanted.type) &&
    (wanted.scope === RT_SCOPE.NOWHERE || info.scope === wanted.scope) &&
    (wanted.preferredSource === 0 || info.preferredSource === wanted.preferredSource) &&
    (wanted.protocol === 0 || info.protocol === wanted.protocol) &&
    matchesNexthops(info, wanted) &&
    matchesMetrics(info, wanted)
  );
}

/** fib_nh_match(): what the request leaves out does not matter. */
function matchesNexthops(info: FibInfo, wanted: RouteConfiguration): boolean {
  if (wanted.priority !== 0 && wanted.priority !== info.priority) return false;
  if (wanted.nexthopId) return info.object?.id === wanted.nexthopId;
  const named = wanted.oif !== 0 || wanted.gateway !== 0 || wanted.multipath !== undefined;
  if (info.object !== undefined) return !named;
  if (wanted.oif !== 0 || wanted.gateway !== 0 || wanted.gateway6 !== undefined) {
    return matchesHop(info.nexthop, wanted);
  }
  if (wanted.multipath === undefined) return true;
  if (wanted.multipath.length > info.nexthops.length) return false;
  return wanted.multipath.every((hop, index) => matchesHop(info.nexthops[index] as Nexthop, hop));
}

function matchesHop(
  hop: Nexthop,
  wanted: Pick<NexthopConfiguration, "oif" | "gateway" | "gateway6">,
): boolean {
  return (
    (wanted.oif === 0 || wanted.oif === hop.oif) &&
    (wanted.gateway === 0 || wanted.gateway === hop.gateway) &&
    (wanted.gateway6 === undefined || wanted.gateway6 === hop.gateway6)
  );
}

function matchesMetrics(info: FibInfo, wanted: RouteConfiguration): boolean {
  const { congestionControl: named } = wanted;
  // A name that is none stands for no congestion control of the route's own.
  const control = named !== undefined && isCongestionControl(named) ? named : undefined;
  if (named !== undefined && control !== info.congestionControl) return false;
  for (const [number, value] of wanted.metrics ?? []) if (info.metric(number) !== value) return false;
  return true;
}

/**
 * fib_flush(): takes out routes whose next hops are all dead. Nobody is told: user space hears that the device went down
 * (Linux has always done so for IPv4).
 */
export function flushDead(inet: Ipv4Netns, infos: Iterable<FibInfo>): void {
  for (const info of infos) {
    if (!info.dead) continue;
    for (const alias of [...info.aliases]) {
      // Routes that refuse need no device, and stay, unless their next-hop object has gone.
      if (alias.type < RTN.BLACKHOLE || info.object !== undefined)
        takeOut(inet, inet.fib.make(alias.tableId), alias);
    }
  }
}
