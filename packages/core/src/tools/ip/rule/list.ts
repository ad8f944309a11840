// `ip rule show` and `flush`.

import { decodeRule, encodeRule } from "../../../netlink/rtnl/rule.ts";
import type { RuleMessage } from "../../../netlink/rtnl/rule.ts";
import { FIB_RULE } from "../../../netlink/rtnl/route-constants.ts";
import { AF, RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { giveUp, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requirePrefix, samePrefix } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { printRule, ruleTable } from "./print.ts";
import { markWord, ownerWord, portWord, priorityWord, tunnelWord } from "./words.ts";
import type { RuleRequest } from "./words.ts";

/** Exit code of a dump that failed. */
const DUMP_FAILED = 255;

interface Filter {
  /** Values that a rule must have. */
  readonly wanted: RuleRequest;
  inverted: boolean;
  l3mdev: boolean;
  table: number;
  protocol: number | undefined;
  src: Prefix | undefined;
  dst: Prefix | undefined;
}

function parseFilter(session: Session, args: Arguments, family: number): Filter {
  const wanted: RuleRequest = {};
  const filter: Filter = {
    wanted,
    inverted: false,
    l3mdev: false,
    table: 0,
    protocol: undefined,
    src: undefined,
    dst: undefined,
  };
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (priorityWord(args, wanted)) continue;
    if (word === "not") filter.inverted = true;
    else if (markWord(session, args, wanted) || ownerWord(args, wanted)) continue;
    else if (word === "l3mdev") filter.l3mdev = true;
    else if (tunnelWord(args, wanted)) continue;
    else if (matches(word, "lookup") || matches(word, "table")) {
      filter.table = session.names.id("table", args.next()) ?? args.invalid("table id value is invalid\n");
    } else if (matches(word, "from")) {
      args.next();
      filter.src = requirePrefix(args, family);
    } else if (matches(word, "protocol")) {
      filter.protocol = session.names.id("protocol", args.next());
      if (filter.protocol === undefined && args.current !== "all") args.invalid('invalid "protocol"\n');
    } else if (!portWord(args, wanted)) {
      if (matches(word, "dst") || matches(word, "to")) args.next();
      filter.dst = requirePrefix(args, family);
    }
  }
  return filter;
}

type Range = { readonly start: number; readonly end: number } | undefined;

/** A range that starts with 0 is none. */
const sameRange = (wanted: Range, value: Range): boolean =>
  wanted === undefined || wanted.start === 0 || (wanted.start === value?.start && wanted.end === value.end);

const sameUids = (wanted: Range, value: Range): boolean =>
  wanted === undefined || (wanted.start === value?.start && wanted.end === value.end);

function inPrefix(
  rule: RuleMessage,
  prefix: Prefix | undefined,
  bytes: Uint8Array | undefined,
  bits: number,
): boolean {
  if (prefix === undefined || prefix.family === AF.UNSPEC) return true;
  if (prefix.family !== rule.family || prefix.bits > bits) return false;
  return bytes === undefined || samePrefix(bytes, prefix.bytes, prefix.bits);
}

function shows(filter: Filter, family: number, rule: RuleMessage): boolean {
  const { wanted } = filter;
  if (family !== AF.UNSPEC && rule.family !== family) return false;
  if (wanted.priority !== undefined && wanted.priority !== (rule.priority ?? 0)) return false;
  if (filter.inverted && (rule.flags & FIB_RULE.INVERT) === 0) return false;
  if (!inPrefix(rule, filter.src, rule.src, rule.srcLen)) return false;
  if (!inPrefix(rule, filter.dst, rule.dst, rule.dstLen)) return false;
  if (wanted.tos !== undefined && wanted.tos !== rule.tos) return false;
  if (wanted.fwmark && wanted.fwmark !== (rule.fwmark ?? 0)) return false;
  if (wanted.fwmask && wanted.fwmask !== (rule.fwmask ?? 0)) return false;
  if (wanted.iifname !== undefined && wanted.iifname !== rule.iifname) return false;
  if (wanted.oifname !== undefined && wanted.oifname !== rule.oifname) return false;
  if (filter.l3mdev && !rule.l3mdev) return false;
  if (!sameUids(wanted.uidRange, rule.uidRange)) return false;
  if (wanted.ipProto && wanted.ipProto !== rule.ipProto) return false;
  if (!sameRange(wanted.sportRange, rule.sportRange) || !sameRange(wanted.dportRange, rule.dportRange))
    return false;
  if (wanted.tunId && wanted.tunId !== rule.tunId) return false;
  return filter.table === 0 || filter.table === ruleTable(rule);
}

/** Exactly those rules that fit, in the kernel's order. */
function dump(session: Session, args: Arguments): { rules: RuleMessage[]; filter: Filter } | undefined {
  const family = session.family === AF.UNSPEC ? AF.INET : session.family;
  const filter = parseFilter(session, args, family);
  session.out.begin();
  const answer = session.rtnl.dump(RTM.GETRULE, encodeRule({ family }));
  if (answer === undefined) return undefined;
  const rules: RuleMessage[] = [];
  for (const { type, body } of answer) {
    const rule = decodeRule(body);
    if (type === RTM.NEWRULE && !isMalformed(rule) && shows(filter, session.family, rule)) rules.push(rule);
  }
  return { rules, filter };
}

export function listRules(session: Session, args: Arguments): number {
  const { out, process } = session;
  const found = dump(session, args);
  if (found === undefined) return giveUp(process, "Dump terminated\n", DUMP_FAILED);
  for (const rule of found.rules) printRule(session, rule);
  out.end();
  return 0;
}

/** Deletes every rule that fits but the one of priority 0. */
export function flushRules(session: Session, args: Arguments): number {
  const { out, process, rtnl } = session;
  const found = dump(session, args);
  if (found === undefined) return giveUp(process, "Dump terminated\n", DUMP_FAILED);
  const { protocol } = found.filter;
  for (const rule of found.rules) {
    if (protocol !== undefined && rule.protocol !== undefined && rule.protocol !== protocol) continue;
    if (rule.priority === undefined) continue;
    if (rtnl.talk(RTM.DELRULE, 0, encodeRule(rule)) === undefined) return REFUSED;
  }
  out.end();
  return 0;
}
