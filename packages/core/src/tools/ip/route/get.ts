// `ip route get`: asks the kernel for the route that a packet would take.

import { decodeRoute, encodeRoute } from "../../../netlink/rtnl/route.ts";
import type { RouteMessage } from "../../../netlink/rtnl/route.ts";
import { RTM_F } from "../../../netlink/rtnl/route-constants.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requirePrefix } from "../addresses.ts";
import { addressBits } from "../families.ts";
import { parseIpProtocol } from "../ip-protocols.ts";
import { vrfIndex } from "../link/list.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { everyRoute } from "./filter.ts";
import { routeUsage } from "./help.ts";
import { printRoute } from "./print.ts";

type RouteRequest = { -readonly [K in keyof RouteMessage]?: RouteMessage[K] };

interface Question {
  readonly request: RouteRequest;
  iif: string | undefined;
  oif: string | undefined;
  connected: boolean;
  hasSource: boolean;
  hasDestination: boolean;
}

export function getRoute(session: Session, args: Arguments): number {
  const { out, process } = session;
  const question: Question = {
    request: { family: session.family, flags: 0 },
    iif: undefined,
    oif: undefined,
    connected: false,
    hasSource: false,
    hasDestination: false,
  };
  const { request } = question;
  for (; args.left > 0; args.advance()) {
    if (!packetWord(session, args, question) && !transportWord(args, question))
      destination(session, args, question);
  }
  if (!question.hasDestination) giveUp(process, "need at least a destination address\n");
  if (question.iif !== undefined) request.iif = session.deviceIndex(question.iif);
  if (question.oif !== undefined) request.oif = session.deviceIndex(question.oif);
  if (!request.family) request.family = AF.INET;
  if (request.family === AF.INET) request.flags = (request.flags ?? 0) | RTM_F.LOOKUP_TABLE;
  const route = ask(session, request);
  if (route === undefined) return REFUSED;
  out.begin();
  const all = { ...everyRoute(), cloned: "any" as const };
  printRoute(session, route, all, false);
  if (question.connected && !question.hasSource) {
    if (route.prefsrc === undefined && route.src === undefined) {
      return giveUp(process, "Failed to connect the route\n");
    }
    // iproute2 means to ask again with the chosen source address, but sends the same question.
    const again = ask(session, request);
    if (again === undefined) return REFUSED;
    printRoute(session, again, all, false);
  }
  out.end();
  return 0;
}

function ask({ rtnl }: Session, request: Partial<RouteMessage>): RouteMessage | undefined {
  const [answer] = rtnl.talk(RTM.GETROUTE, 0, encodeRoute(request)) ?? [];
  const route = answer === undefined ? undefined : decodeRoute(answer.body);
  return route === undefined || isMalformed(route) ? undefined : route;
}

function packetWord(session: Session, args: Arguments, question: Question): boolean {
  const { request } = question;
  const word = args.current;
  if (word === "tos" || matches(word, "dsfield")) {
    request.tos = session.names.id("dsfield", args.next()) ?? args.invalid("TOS value is invalid\n");
  } else if (matches(word, "from")) {
    args.next();
    if (matches(args.current, "help")) routeUsage(session);
    question.hasSource = true;
    const prefix = requirePrefix(args, request.family ?? AF.UNSPEC);
    if (!request.family) request.family = prefix.family;
    if (prefix.bytes.length > 0) request.src = prefix.bytes;
    request.srcLen = prefix.bits;
  } else if (matches(word, "iif")) question.iif = args.next();
  else if (matches(word, "mark")) request.mark = args.nextUnsigned("invalid mark value") || undefined;
  else if (matches(word, "oif") || word === "dev") question.oif = args.next();
  else if (matches(word, "notify")) request.flags = (request.flags ?? 0) | RTM_F.NOTIFY;
  else if (matches(word, "connected")) question.connected = true;
  else if (matches(word, "vrf")) question.oif = vrfName(session, args);
  else return false;
  return true;
}

/** A device that is a VRF: the packet leaves by any of its ports. */
function vrfName(session: Session, args: Arguments): string {
  const name = args.next();
  return vrfIndex(session, name) === undefined ? args.invalid("Invalid VRF\n") : name;
}

function transportWord(args: Arguments, { request }: Question): boolean {
  const word = args.current;
  if (matches(word, "uid")) request.uid = args.nextUnsigned("invalid UID\n");
  else if (matches(word, "fibmatch")) request.flags = (request.flags ?? 0) | RTM_F.FIB_MATCH;
  else if (matches(word, "sport")) request.sport = args.nextUnsigned("invalid sport\n", 0xffff);
  else if (matches(word, "dport")) request.dport = args.nextUnsigned("invalid dport\n", 0xffff);
  else if (matches(word, "ipproto")) {
    request.ipProto = parseIpProtocol(args.next()) ?? args.invalid('Invalid "ipproto" value\n');
  } else return false;
  return true;
}

function destination(session: Session, args: Arguments, question: Question): void {
  const { request } = question;
  if (args.current === "to") args.next();
  if (matches(args.current, "help")) routeUsage(session);
  const prefix = requirePrefix(args, request.family ?? AF.UNSPEC);
  if (!request.family) request.family = prefix.family;
  if (prefix.bytes.length > 0) request.dst = prefix.bytes;
  const whole = addressBits(request.family);
  if (whole !== 0 && prefix.bits !== whole) {
    session.process.warn(
      `Warning: /${prefix.bits} as prefix is invalid, only /${whole} (or none) is supported.\n`,
    );
  }
  request.dstLen = whole === 0 ? prefix.bits : whole;
  question.hasDestination = true;
}
