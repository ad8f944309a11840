// `ip nexthop add`, `replace` and `delete`: one RTM_NEWNEXTHOP or RTM_DELNEXTHOP.

import { encodeNexthop, NEXTHOP_GROUP } from "../../../netlink/rtnl/nexthop.ts";
import type { NexthopMessage } from "../../../netlink/rtnl/nexthop.ts";
import { RTNH_F } from "../../../netlink/rtnl/route-constants.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { parseUnsigned } from "../numbers.ts";
import { gatewayBehindVia } from "../route/words.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { nexthopUsage } from "./help.ts";
import { deviceWord } from "./words.ts";

type Change = { -readonly [K in keyof NexthopMessage]?: NexthopMessage[K] };

export function changeNexthop(session: Session, args: Arguments, type: number, flags: number): number {
  const request: Change = { family: session.family, flags: 0 };
  /** What words without an address stand for, unless they are behind one. */
  const takeInet = (): void => {
    if (request.family === AF.UNSPEC) request.family = AF.INET;
  };
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "id") request.id = args.nextUnsigned("invalid id value");
    else if (word === "dev") {
      request.oif = deviceWord(session, args);
      takeInet();
    } else if (word === "via") {
      const gateway = gatewayBehindVia(args, request.family ?? AF.UNSPEC);
      if (request.family === AF.UNSPEC) request.family = gateway.family;
      else if (request.family !== gateway.family) args.invalid("address family mismatch");
      request.gateway = gateway.bytes;
    } else if (word === "encap") giveUp(session.process, '"encap" is not implemented\n');
    else if (word === "blackhole") {
      request.blackhole = true;
      takeInet();
    } else if (word === "fdb") request.fdb = true;
    else if (word === "onlink") request.flags = RTNH_F.ONLINK;
    else if (word === "group") request.group = groupMembers(args);
    else if (word === "type") groupType(args, request);
    else if (matches(word, "protocol")) {
      request.protocol =
        session.names.id("protocol", args.next()) ?? args.invalid('"protocol" value is invalid\n');
    } else if (word === "help") nexthopUsage(session);
    else args.invalid("");
  }
  const answer = session.rtnl.talk(type, flags, encodeNexthop(request));
  return answer === undefined ? giveUp(session.process, "", REFUSED) : 0;
}

/** `ID[,WEIGHT]/ID[,WEIGHT]...`. */
function groupMembers(args: Arguments): NonNullable<NexthopMessage["group"]> {
  const parts = args.next().split("/");
  return parts.map((part, index) => {
    const comma = part.indexOf(",");
    const name = comma < 0 ? part : part.slice(0, comma);
    const id = parseUnsigned(name);
    // A slash at the end is found where the rest of the word begins: the original has cut the word there.
    const endsEarly = index === parts.length - 2 && parts[index + 1] === "";
    if (id === undefined || endsEarly) args.invalid('"group" value is invalid\n', parts[0]?.split(",", 1)[0]);
    const weight = comma < 0 ? 1 : parseUnsigned(part.slice(comma + 1), 256);
    if (weight === undefined || weight === 0) args.invalid('"weight" is invalid\n', part.slice(comma + 1));
    return { id, weight: weight - 1, weightHigh: 0 };
  });
}

/** The largest time in seconds that is told in hundredths as 32 bits. */
const LONGEST_TIMER = Math.floor(0xffff_ffff / 100);

/** `type mpath`, or `type resilient` with what that may say. */
function groupType(args: Arguments, request: Change): void {
  const type = args.next();
  if (type === "mpath") request.groupType = NEXTHOP_GROUP.MPATH;
  else if (type === "resilient") request.groupType = NEXTHOP_GROUP.RESILIENT;
  else args.invalid('"type" value is invalid\n');
  if (type !== "resilient") return;
  const resilient: { buckets?: number; idleTimer?: number; unbalancedTimer?: number } = {};
  const seconds = (message: string): number => args.nextUnsigned(message, LONGEST_TIMER - 1) * 100;
  for (;;) {
    const word = args.following;
    if (word === "buckets") {
      args.advance();
      resilient.buckets = args.nextUnsigned("invalid buckets value", 0xffff);
    } else if (word === "idle_timer") {
      args.advance();
      resilient.idleTimer = seconds("invalid idle timer value");
    } else if (word === "unbalanced_timer") {
      args.advance();
      resilient.unbalancedTimer = seconds("invalid unbalanced timer value");
    } else break;
  }
  request.resilientGroup = resilient;
}
