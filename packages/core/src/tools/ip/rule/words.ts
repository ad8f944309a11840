// Selectors of rules that adding, deleting and listing have in common.

import type { RuleMessage } from "../../../netlink/rtnl/rule.ts";
import { isInterfaceName, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { parseIpProtocol } from "../ip-protocols.ts";
import { parseU64, parseUnsigned } from "../numbers.ts";
import type { Session } from "../session.ts";

export type RuleRequest = { -readonly [K in keyof RuleMessage]?: RuleMessage[K] };

/** `preference N`. */
export function priorityWord(args: Arguments, rule: RuleRequest): boolean {
  const word = args.current;
  if (!matches(word, "preference") && !matches(word, "order") && !matches(word, "priority")) return false;
  rule.priority = args.nextUnsigned("preference value is invalid\n");
  return true;
}

/** `tos`, `fwmark MARK[/MASK]`. */
export function markWord({ names }: Session, args: Arguments, rule: RuleRequest): boolean {
  const word = args.current;
  if (word === "tos" || matches(word, "dsfield")) {
    rule.tos = names.id("dsfield", args.next()) ?? args.invalid("TOS value is invalid\n");
  } else if (word === "fwmark") {
    const [mark = "", mask] = args.next().split("/", 2);
    rule.fwmark = parseUnsigned(mark) ?? args.invalid("fwmark value is invalid\n", mark);
    if (mask !== undefined)
      rule.fwmask = parseUnsigned(mask) ?? args.invalid("fwmask value is invalid\n", mask);
  } else return false;
  return true;
}

/** `iif`, `oif`, `uidrange`. */
export function ownerWord(args: Arguments, rule: RuleRequest): boolean {
  const word = args.current;
  if (word === "dev" || word === "iif") {
    if (!isInterfaceName(args.next())) args.invalid('"iif"/"dev" not a valid ifname');
    rule.iifname = args.current;
  } else if (word === "oif") {
    if (!isInterfaceName(args.next())) args.invalid('"oif" not a valid ifname');
    rule.oifname = args.current;
  } else if (word === "uidrange") {
    const found = /^\s*([0-9]+)-([0-9]+)/.exec(args.next());
    if (found === null) args.invalid("invalid UID range\n");
    else rule.uidRange = { start: Number(found[1]) >>> 0, end: Number(found[2]) >>> 0 };
  } else return false;
  return true;
}

/** `ipproto`, `sport`, `dport`. */
export function portWord(args: Arguments, rule: RuleRequest): boolean {
  const word = args.current;
  if (word === "ipproto") {
    rule.ipProto = parseIpProtocol(args.next()) ?? args.invalid('Invalid "ipproto" value\n');
  } else if (word === "sport" || word === "dport") {
    const found = /^\s*([0-9]+)(?:-([0-9]+))?/.exec(args.next());
    if (found === null) return args.invalid("invalid port range\n");
    const start = Number(found[1]) & 0xffff;
    const range = { start, end: found[2] === undefined ? start : Number(found[2]) & 0xffff };
    if (word === "sport") rule.sportRange = range;
    else rule.dportRange = range;
  } else return false;
  return true;
}

/** `tun_id`. It is tried before `table`, so that "t" means it. */
export function tunnelWord(args: Arguments, rule: RuleRequest): boolean {
  if (!matches(args.current, "tun_id")) return false;
  rule.tunId = parseU64(args.next()) ?? args.invalid('"tun_id" value is invalid\n');
  return true;
}
