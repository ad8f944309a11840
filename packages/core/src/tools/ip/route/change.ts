// `ip route add`, `replace`, `delete`, ...: one RTM_NEWROUTE or RTM_DELROUTE.

import { encodeRoute } from "../../../netlink/rtnl/route.ts";
import type { RouteHop, RouteMessage } from "../../../netlink/rtnl/route.ts";
import {
  ICMPV6_ROUTER_PREF,
  RT_SCOPE,
  RT_TABLE,
  RTN,
  RTNH_F,
  RTPROT,
} from "../../../netlink/rtnl/route-constants.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requireAddress, requirePrefix } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { parseUnsigned } from "../numbers.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { routeUsage } from "./help.ts";
import { parseLastMetric, parseMetric } from "./metrics.ts";
import type { MetricRequest } from "./metrics.ts";
import { gatewayBehindVia, parseRealms, vrfTableWord, routeTypeByName } from "./words.ts";

type RouteRequest = { -readonly [K in keyof RouteMessage]?: RouteMessage[K] };

/** What the words say, before it becomes a request. */
class RouteOptions {
  readonly session: Session;
  readonly args: Arguments;
  readonly request: RouteRequest;
  readonly metrics: MetricRequest = {};
  device: string | undefined;
  hasGateway = false;
  hasDestination = false;
  hasHops = false;
  hasScope = false;
  hasTable = false;

  constructor(session: Session, args: Arguments, request: RouteRequest) {
    this.session = session;
    this.args = args;
    this.request = request;
  }

  get family(): number {
    return this.request.family ?? AF.UNSPEC;
  }

  /** The first address decides the family. */
  joinFamily(address: Prefix): void {
    if (this.family === AF.UNSPEC) this.request.family = address.family;
  }

  setTable(table: number): void {
    this.request.table = table < 256 ? table : RT_TABLE.UNSPEC;
    if (table >= 256) this.request.rtaTable = table;
    this.hasTable = true;
  }
}

export function changeRoute(session: Session, args: Arguments, type: number, flags: number): number {
  const { process } = session;
  const deletion = type === RTM.DELROUTE;
  const request: RouteRequest = {
    family: session.family,
    table: RT_TABLE.MAIN,
    ...(deletion
      ? { scope: RT_SCOPE.NOWHERE }
      : { protocol: RTPROT.BOOT, scope: RT_SCOPE.UNIVERSE, type: RTN.UNICAST }),
  };
  const options = new RouteOptions(session, args, request);
  for (; args.left > 0; args.advance()) {
    if (args.current === "nexthop") {
      options.hasHops = true;
      break;
    }
    const known =
      addressWord(options) ||
      valueWord(options) ||
      parseMetric(args, options.metrics) ||
      placeWord(options) ||
      parseLastMetric(args, options.metrics);
    if (!known) destination(options);
  }
  if (!options.hasDestination) routeUsage(session);
  if (options.device !== undefined) request.oif = session.deviceIndex(options.device);
  const { lock: _lock, ...values } = options.metrics;
  if (Object.keys(values).length > 0) request.metrics = options.metrics;
  if (options.hasHops) request.multipath = parseHops(options);
  if (options.family === AF.UNSPEC) request.family = AF.INET;
  applyDefaults(options, deletion);
  if (session.rtnl.talk(type, flags, encodeRoute(request)) === undefined) return giveUp(process, "", REFUSED);
  return 0;
}

function addressWord(options: RouteOptions): boolean {
  const { args, request } = options;
  const word = args.current;
  if (word === "src") {
    args.next();
    const address = requireAddress(args, options.family);
    options.joinFamily(address);
    request.prefsrc = address.bytes;
  } else if (word === "as" || word === "encap" || word === "ttl-propagate") {
    giveUp(options.session.process, `"${word}" is not implemented\n`);
  } else if (word === "via") {
    if (options.hasGateway) args.invalid("use nexthop syntax to specify multiple via\n");
    options.hasGateway = true;
    const gateway = gatewayBehindVia(args, options.family);
    options.joinFamily(gateway);
    if (gateway.family === options.family) request.gateway = gateway.bytes;
    else request.via = { family: gateway.family, address: gateway.bytes };
  } else if (word === "from") {
    args.next();
    const prefix = requirePrefix(args, options.family);
    options.joinFamily(prefix);
    if (prefix.bytes.length > 0) request.src = prefix.bytes;
    request.srcLen = prefix.bits;
  } else return false;
  return true;
}

function valueWord(options: RouteOptions): boolean {
  const { session, args, request } = options;
  const word = args.current;
  if (word === "tos" || matches(word, "dsfield")) {
    request.tos = session.names.id("dsfield", args.next()) ?? args.invalid('"tos" value is invalid\n');
  } else if (word === "expires") request.expires = args.nextUnsigned('"expires" value is invalid\n');
  else if (matches(word, "metric") || matches(word, "priority") || word === "preference") {
    request.priority = args.nextUnsigned('"metric" value is invalid\n');
  } else if (word === "scope") {
    request.scope = session.names.id("scope", args.next()) ?? args.invalid('invalid "scope" value\n');
    options.hasScope = true;
  } else return false;
  return true;
}

function placeWord(options: RouteOptions): boolean {
  const { session, args, request } = options;
  const word = args.current;
  if (matches(word, "realms")) {
    request.flow = parseRealms(session.names, args.next()) ?? args.invalid('"realm" value is invalid\n');
  } else if (word === "onlink") request.flags = (request.flags ?? 0) | RTNH_F.ONLINK;
  else if (word === "nhid") request.nhId = args.nextUnsigned('"id" value is invalid\n');
  else if (matches(word, "protocol")) {
    request.protocol =
      session.names.id("protocol", args.next()) ?? args.invalid('"protocol" value is invalid\n');
  } else if (matches(word, "table")) {
    options.setTable(session.names.id("table", args.next()) ?? args.invalid('"table" value is invalid\n'));
  } else if (matches(word, "vrf")) {
    options.setTable(vrfTableWord(session, args));
  } else if (word === "dev" || word === "oif") options.device = args.next();
  else if (matches(word, "pref")) request.pref = preference(args);
  else return false;
  return true;
}

function preference(args: Arguments): number {
  const word = args.next();
  if (word === "low") return ICMPV6_ROUTER_PREF.LOW;
  if (word === "medium") return ICMPV6_ROUTER_PREF.MEDIUM;
  if (word === "high") return ICMPV6_ROUTER_PREF.HIGH;
  return args.unsigned('"pref" value is invalid\n', 255);
}

/** `[to] [TYPE] PREFIX`. */
function destination(options: RouteOptions): void {
  const { session, args, request } = options;
  if (args.current === "to") args.next();
  const type = /^[0-9]/.test(args.current) ? undefined : routeTypeByName(args.current);
  if (type !== undefined) {
    args.next();
    request.type = type;
  }
  if (matches(args.current, "help")) routeUsage(session);
  if (options.hasDestination) args.garbage("to");
  const prefix = requirePrefix(args, options.family);
  options.joinFamily(prefix);
  request.dstLen = prefix.bits;
  options.hasDestination = true;
  if (prefix.bytes.length > 0) request.dst = prefix.bytes;
}

/** `nexthop via GATEWAY dev DEV weight N nexthop ...`. */
function parseHops(options: RouteOptions): RouteHop[] {
  const { session, args } = options;
  const { process } = session;
  const hops: RouteHop[] = [];
  while (args.left > 0) {
    if (args.current !== "nexthop") {
      fail(process, 255, `Error: "nexthop" or end of line is expected instead of "${args.current}"\n`);
    }
    if (args.left === 1) fail(process, 255, 'Error: unexpected end of line after "nexthop"\n');
    hops.push(parseHop(options));
  }
  return hops;
}

function parseHop(options: RouteOptions): RouteHop {
  const { session, args } = options;
  const hop: { -readonly [K in keyof RouteHop]: RouteHop[K] } = { flags: 0, hops: 0, ifindex: 0 };
  args.advance();
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "via") {
      const gateway = gatewayBehindVia(args, options.family);
      options.joinFamily(gateway);
      if (gateway.family === options.family) hop.gateway = gateway.bytes;
      else hop.via = { family: gateway.family, address: gateway.bytes };
    } else if (word === "dev") {
      hop.ifindex = session.links.index(args.next());
      if (hop.ifindex === 0) {
        fail(session.process, 255, `Cannot find device "${args.current}"\nError: cannot parse nexthop\n`);
      }
    } else if (word === "weight") {
      const weight = parseUnsigned(args.next(), 256) ?? 0;
      if (weight === 0) args.invalid('"weight" is invalid\n');
      hop.hops = weight - 1;
    } else if (word === "onlink") hop.flags |= RTNH_F.ONLINK;
    else if (matches(word, "realms")) {
      hop.flow = parseRealms(session.names, args.next()) ?? args.invalid('"realm" value is invalid\n');
    } else if (word === "encap" || word === "as") {
      giveUp(session.process, `"${word}" is not implemented\n`);
    } else break;
  }
  return hop;
}

/** Table and scope follow from the type where they were not given. */
function applyDefaults(options: RouteOptions, deletion: boolean): void {
  const { request } = options;
  const type = request.type ?? RTN.UNSPEC;
  const isLocal = type === RTN.LOCAL || type === RTN.NAT;
  const isLink = type === RTN.BROADCAST || type === RTN.ANYCAST;
  if (!options.hasTable && (isLocal || isLink)) request.table = RT_TABLE.LOCAL;
  if (options.hasScope) return;
  if (request.family === AF.INET6 || request.family === AF.MPLS) request.scope = RT_SCOPE.UNIVERSE;
  else if (isLocal) request.scope = RT_SCOPE.HOST;
  else if (isLink || type === RTN.MULTICAST) request.scope = RT_SCOPE.LINK;
  else if (type === RTN.UNICAST || type === RTN.UNSPEC) {
    const direct = !options.hasGateway && !options.hasHops && !request.nhId;
    if (deletion) request.scope = RT_SCOPE.NOWHERE;
    else if (direct) request.scope = RT_SCOPE.LINK;
  }
}
