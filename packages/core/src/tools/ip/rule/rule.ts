// `ip rule`.

import { NLM_F } from "../../../netlink/message.ts";
import { encodeRule } from "../../../netlink/rtnl/rule.ts";
import { FIB_RULE, FR_ACT, RT_TABLE, RTN } from "../../../netlink/rtnl/route-constants.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { fail, giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requirePrefix } from "../addresses.ts";
import { parseSigned } from "../numbers.ts";
import { parseRealms, routeTypeByName } from "../route/words.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { ruleUsage } from "./help.ts";
import { flushRules, listRules } from "./list.ts";
import { restoreRules, saveRules } from "./dump.ts";
import { markWord, ownerWord, portWord, priorityWord, tunnelWord } from "./words.ts";
import type { RuleRequest } from "./words.ts";

/** Returns the exit code. */
export function rule(session: Session, args: Arguments): number | Promise<number> {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "list") || matches(word, "lst") || matches(word, "show")) return listRules(session, args);
  if (matches(word, "save")) return saveRules(session, args);
  if (matches(word, "restore")) return restoreRules(session);
  if (matches(word, "add")) return change(session, args, true);
  if (matches(word, "delete")) return change(session, args, false);
  if (matches(word, "flush")) return flushRules(session, args);
  if (matches(word, "help")) return ruleUsage(session);
  return fail(process, 255, `Command "${word}" is unknown, try "ip rule help".\n`);
}

/** A rule under construction. */
interface Wishes {
  readonly request: RuleRequest;
  /** Where the rule leads was said. */
  hasAction: boolean;
  tableGiven: boolean;
}

function change(session: Session, args: Arguments, create: boolean): number {
  const { process } = session;
  if (args.left === 0) return giveUp(process, `"ip rule ${create ? "add" : "del"}" requires arguments.\n`);
  const request: RuleRequest = {
    family: session.family,
    action: create ? FR_ACT.TO_TBL : FR_ACT.UNSPEC,
    flags: 0,
  };
  const wishes: Wishes = { request, hasAction: false, tableGiven: false };
  for (; args.left > 0; args.advance()) {
    const known =
      endWord(args, request) ||
      priorityWord(args, request) ||
      markWord(session, args, request) ||
      targetWord(session, args, wishes) ||
      ownerWord(args, request) ||
      l3mdevWord(args, wishes) ||
      portWord(args, request);
    if (!known) actionWord(session, args, wishes);
  }
  if (request.l3mdev && wishes.tableGiven) {
    return giveUp(process, "table can not be specified for l3mdev rules\n", 22);
  }
  if (!request.family) request.family = AF.INET;
  if (!wishes.hasAction && create) request.table = RT_TABLE.MAIN;
  const flags = create ? NLM_F.CREATE | NLM_F.EXCL : 0;
  const answer = session.rtnl.talk(create ? RTM.NEWRULE : RTM.DELRULE, flags, encodeRule(request));
  return answer === undefined ? REFUSED : 0;
}

function endWord(args: Arguments, request: RuleRequest): boolean {
  const word = args.current;
  if (word === "not") request.flags = (request.flags ?? 0) | FIB_RULE.INVERT;
  else if (word === "from" || word === "to") {
    args.next();
    const prefix = requirePrefix(args, request.family ?? AF.UNSPEC);
    const bytes = prefix.bytes.length > 0 ? prefix.bytes : undefined;
    if (word === "from") {
      request.src = bytes;
      request.srcLen = prefix.bits;
    } else {
      request.dst = bytes;
      request.dstLen = prefix.bits;
    }
  } else return false;
  return true;
}

function targetWord({ names }: Session, args: Arguments, wishes: Wishes): boolean {
  const { request } = wishes;
  const word = args.current;
  if (matches(word, "realms"))
    request.flow = parseRealms(names, args.next()) ?? args.invalid("invalid realms\n");
  else if (matches(word, "protocol")) {
    request.protocol = names.id("protocol", args.next()) ?? args.invalid('"protocol" value is invalid\n');
  } else if (tunnelWord(args, request)) return true;
  else if (matches(word, "table") || word === "lookup") {
    const table = names.id("table", args.next()) ?? args.invalid("invalid table ID\n");
    request.table = table < 256 ? table : RT_TABLE.UNSPEC;
    if (table >= 256) request.fraTable = table;
    wishes.hasAction = true;
    wishes.tableGiven = table !== 0;
  } else if (matches(word, "suppress_prefixlength") || word === "sup_pl") {
    request.suppressPrefixlen =
      parseSigned(args.next(), 0, 0x7fff_ffff) ?? args.invalid("suppress_prefixlength value is invalid\n");
  } else if (matches(word, "suppress_ifgroup") || word === "sup_group") {
    request.suppressIfgroup =
      names.id("group", args.next()) ?? args.invalid('Invalid "suppress_ifgroup" value\n');
  } else return false;
  return true;
}

function l3mdevWord(args: Arguments, wishes: Wishes): boolean {
  if (args.current !== "l3mdev") return false;
  wishes.request.l3mdev = 1;
  wishes.hasAction = true;
  return true;
}

function actionWord(session: Session, args: Arguments, wishes: Wishes): void {
  const { request } = wishes;
  if (args.current === "nat" || matches(args.current, "map-to")) {
    giveUp(session.process, `"${args.current}" is not implemented\n`);
  }
  if (args.current === "type") args.next();
  if (matches(args.current, "help")) ruleUsage(session);
  if (matches(args.current, "goto")) {
    request.goto = args.nextUnsigned("invalid target\n");
    request.action = FR_ACT.GOTO;
  } else if (matches(args.current, "nop")) request.action = FR_ACT.NOP;
  else {
    const type = routeTypeByName(args.current) ?? args.invalid("Failed to parse rule type");
    request.action = type === RTN.UNICAST ? FR_ACT.TO_TBL : type;
  }
  wishes.hasAction = true;
}
