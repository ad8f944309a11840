// `ip route show` and `ip route flush`.

import { ERRNO, strerror } from "../../../netlink/errno.ts";
import type { NetlinkMessage } from "../../../netlink/message.ts";
import { decodeRoute, encodeRoute } from "../../../netlink/rtnl/route.ts";
import type { RouteMessage } from "../../../netlink/rtnl/route.ts";
import { RT_TABLE, RTM_F, RTN } from "../../../netlink/rtnl/route-constants.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requirePrefix } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { familyByName } from "../families.ts";
import { attempt } from "../netns-names.ts";
import { parseUnsigned } from "../numbers.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { everyRoute, showsRoute } from "./filter.ts";
import type { RouteFilter } from "./filter.ts";
import { routeUsage } from "./help.ts";
import { printRoute } from "./print.ts";
import { parseRealms, vrfTableWord, routeTypeByName } from "./words.ts";

export interface Listing {
  readonly filter: RouteFilter;
  /** Family to ask the kernel for. */
  readonly family: number;
}

/** Reads the words behind `show`, `flush` or `save`. */
export function parseListing(session: Session, args: Arguments): Listing {
  const filter = everyRoute();
  filter.table = RT_TABLE.MAIN;
  const devices: { oif?: string; iif?: string } = {};
  for (; args.left > 0; args.advance()) {
    if (tableWord(session, args, filter) || valueWord(session, args, filter)) continue;
    const word = args.current;
    if (word === "dev" || word === "oif") devices.oif = args.next();
    else if (word === "iif") devices.iif = args.next();
    else if (!addressWord(session, args, filter)) {
      if (matches(args.current, "to")) args.next();
      const { root, match } = prefixes(session, args);
      if (root !== undefined) filter.rootDst = root;
      if (match !== undefined) filter.matchDst = match;
    }
  }
  if (devices.iif !== undefined) filter.iif = session.deviceIndex(devices.iif);
  if (devices.oif !== undefined) filter.oif = session.deviceIndex(devices.oif);
  const family = session.family === AF.UNSPEC && filter.table !== 0 ? AF.INET : session.family;
  return { filter, family };
}

function tableWord(session: Session, args: Arguments, filter: RouteFilter): boolean {
  const word = args.current;
  if (matches(word, "table")) {
    const table = session.names.id("table", args.next());
    if (table !== undefined) filter.table = table;
    else if (args.current === "all") filter.table = 0;
    else if (args.current === "cache") filter.cloned = "yes";
    else if (args.current === "help") routeUsage(session);
    else args.invalid("table id value is invalid\n");
  } else if (matches(word, "vrf")) {
    filter.table = vrfTableWord(session, args);
    filter.hiddenTypes = [RTN.LOCAL, RTN.BROADCAST];
  } else if (matches(word, "cached") || matches(word, "cloned")) filter.cloned = "yes";
  else return false;
  return true;
}

function valueWord({ names }: Session, args: Arguments, filter: RouteFilter): boolean {
  const word = args.current;
  if (word === "tos" || matches(word, "dsfield")) {
    filter.tos = names.id("dsfield", args.next()) ?? args.invalid("TOS value is invalid\n");
  } else if (matches(word, "protocol")) {
    filter.protocol = names.id("protocol", args.next());
    if (filter.protocol === undefined && args.current !== "all") args.invalid('invalid "protocol"\n');
  } else if (matches(word, "scope")) {
    filter.scope = names.id("scope", args.next());
    if (filter.scope === undefined && args.current !== "all") args.invalid('invalid "scope"\n');
  } else if (matches(word, "type")) {
    filter.type = routeTypeByName(args.next()) ?? args.invalid("node type value is invalid\n");
  } else if (word === "mark") filter.mark = args.nextUnsigned("invalid mark value");
  else if (matches(word, "metric") || matches(word, "priority") || word === "preference") {
    filter.metric = args.nextUnsigned('"metric" value is invalid\n');
  } else return false;
  return true;
}

function addressWord(session: Session, args: Arguments, filter: RouteFilter): boolean {
  const word = args.current;
  if (word === "via") {
    const named = familyByName(args.next());
    if (named !== AF.UNSPEC) args.next();
    filter.via = requirePrefix(args, named === AF.UNSPEC ? session.family : named);
  } else if (word === "src") {
    args.next();
    filter.prefsrc = requirePrefix(args, session.family);
  } else if (matches(word, "realms")) {
    const value = parseRealms(session.names, args.next()) ?? args.invalid("invalid realms\n");
    // "from/" and "/to" leave the other half open.
    const open = args.current.endsWith("/") ? 0xffff : args.current.startsWith("/") ? 0xffff_0000 : 0;
    filter.realm = { value, mask: ~open >>> 0 };
  } else if (matches(word, "from")) {
    args.next();
    const { root, match } = prefixes(session, args);
    if (root !== undefined) filter.rootSrc = root;
    if (match !== undefined) filter.matchSrc = match;
  } else if (matches(word, "nhid")) {
    filter.nexthopId = parseUnsigned(args.next()) ?? args.invalid("invalid nhid value\n");
  } else return false;
  return true;
}

/** `[root|match|exact] PREFIX`. */
function prefixes(session: Session, args: Arguments): { readonly root?: Prefix; readonly match?: Prefix } {
  const { family } = session;
  if (matches(args.current, "root")) {
    args.next();
    return { root: requirePrefix(args, family) };
  }
  if (matches(args.current, "match")) {
    args.next();
    return { match: requirePrefix(args, family) };
  }
  if (matches(args.current, "exact")) args.next();
  const prefix = requirePrefix(args, family);
  return { root: prefix, match: prefix };
}

/** What the kernel has, with the messages that say it. */
export interface FoundRoute {
  readonly message: NetlinkMessage;
  readonly route: RouteMessage;
}

/** The routes that are asked for. Undefined if the kernel refused, which has been printed then. */
export function findRoutes({ rtnl, family }: Session, listing: Listing): FoundRoute[] | undefined {
  const { filter } = listing;
  const answer = rtnl.dump(
    RTM.GETROUTE,
    encodeRoute({
      family: listing.family,
      protocol: filter.protocol ?? 0,
      flags: filter.cloned === "yes" ? RTM_F.CLONED : 0,
      rtaTable: filter.table || undefined,
      oif: filter.oif,
    }),
    // A namespace without addresses has no main table yet.
    filter.table === RT_TABLE.MAIN && !filter.flush ? ERRNO.ENOENT : undefined,
  );
  if (answer === undefined) return undefined;
  const state = { ipv6HasTables: false };
  const found: FoundRoute[] = [];
  for (const message of answer) {
    const route = decodeRoute(message.body);
    if (message.type !== RTM.NEWROUTE || isMalformed(route)) continue;
    if (showsRoute(filter, family, route, state)) found.push({ message, route });
  }
  return found;
}

export function listRoutes(session: Session, args: Arguments): number {
  const { out, process } = session;
  const listing = parseListing(session, args);
  out.begin();
  const found = findRoutes(session, listing);
  if (found === undefined) return giveUp(process, "Dump terminated\n", REFUSED);
  for (const { route } of found) printRoute(session, route, listing.filter, false);
  out.end();
  return 0;
}

export function flushRoutes(session: Session, args: Arguments): number {
  const { process, options, rtnl } = session;
  if (args.left === 0) return giveUp(process, '"ip route flush" requires arguments.\n');
  const listing = parseListing(session, args);
  const { filter } = listing;
  filter.flush = true;
  if (filter.cloned === "yes" && listing.family !== AF.INET6) {
    flushCache(session);
    if (options.stats > 0) process.print("*** IPv4 routing cache is flushed.\n");
    if (listing.family === AF.INET) return 0;
  }
  for (let round = 0; ;) {
    const routes = findRoutes(session, listing)?.map(({ route }) => route);
    if (routes === undefined) return giveUp(process, "Flush terminated\n", REFUSED);
    if (routes.length === 0)
      return finish(session, round, filter.cloned === "yes" && listing.family !== AF.INET6);
    for (const route of routes) {
      if (options.stats > 1) printRoute(session, route, filter, false);
    }
    round++;
    for (const route of routes) {
      const result = rtnl.ask(RTM.DELROUTE, 0, encodeRoute(route));
      if (!result.ok) return giveUp(process, `Failed to send flush request: ${result.text}\n`, REFUSED);
    }
    if (options.stats > 0) process.print(`\n*** Round ${round}, deleting ${routes.length} entries ***\n`);
  }
}

function finish({ process, options }: Session, rounds: number, afterCache: boolean): number {
  if (options.stats === 0) return 0;
  if (rounds === 0 && !afterCache) process.print("Nothing to flush.\n");
  else process.print(`*** Flush is complete after ${rounds} round${rounds > 1 ? "s" : ""} ***\n`);
  return 0;
}

function flushCache({ process }: Session): void {
  const path = "/proc/sys/net/ipv4/route/flush";
  const written = attempt(() => process.files.writeFile(path, new TextEncoder().encode("-1")));
  if ("errno" in written) process.warn(`Cannot open "${path}": ${strerror(written.errno)}\n`);
}
