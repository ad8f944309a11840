// Words of routes: types, realms, times, next hops' families.

import { RTN } from "../../../netlink/rtnl/route-constants.ts";
import { AF } from "../../../netlink/rtnl/types.ts";
import { matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { requireAddress } from "../addresses.ts";
import type { Prefix } from "../addresses.ts";
import { familyByName } from "../families.ts";
import type { NameTables } from "../names.ts";
import { vrfTable } from "../vrf/vrf.ts";
import { parseUnsigned } from "../numbers.ts";
import type { Session } from "../session.ts";

const TYPE_NAMES = [
  "none",
  "unicast",
  "local",
  "broadcast",
  "anycast",
  "multicast",
  "blackhole",
  "unreachable",
  "prohibit",
  "throw",
  "nat",
  "xresolve",
] as const;

/** Name of an RTN_ number; with -N the number. */
export function routeTypeName(type: number, numeric: boolean): string {
  return (numeric ? undefined : TYPE_NAMES[type]) ?? String(type);
}

/** Which words may be shortened, in the order in which they are tried. */
const TYPE_WORDS: readonly (readonly [string, number])[] = [
  ["broadcast", RTN.BROADCAST],
  ["anycast", RTN.ANYCAST],
  ["multicast", RTN.MULTICAST],
  ["prohibit", RTN.PROHIBIT],
  ["unreachable", RTN.UNREACHABLE],
  ["blackhole", RTN.BLACKHOLE],
  ["xresolve", RTN.XRESOLVE],
  ["unicast", RTN.UNICAST],
  ["throw", RTN.THROW],
];

/** RTN_ number of a word or number; undefined if it is neither. */
export function routeTypeByName(word: string): number | undefined {
  if (word === "local") return RTN.LOCAL;
  if (word === "nat") return RTN.NAT;
  if (word === "brd") return RTN.BROADCAST;
  return TYPE_WORDS.find(([name]) => matches(word, name))?.[1] ?? parseUnsigned(word, 255);
}

/** `[FROM/]TO` of realms as one number, or a number as it is. */
export function parseRealms(names: NameTables, word: string): number | undefined {
  const slash = word.indexOf("/");
  const realm = (text: string): number | undefined => (text === "" ? 0 : names.id("realm", text));
  const to = realm(word.slice(slash + 1));
  const from = slash < 0 ? 0 : realm(word.slice(0, slash));
  if (to !== undefined && from !== undefined) return ((from << 16) | to) >>> 0;
  return parseUnsigned(word);
}

/** A time with unit (s, ms) in milliseconds, or a raw number of the kernel's units. */
export function parseTime(word: string): { readonly value: number; readonly raw: boolean } | undefined {
  const found = /^([0-9]*\.?[0-9]+|[0-9]+\.)(s|sec|secs|ms|msec|msecs)?$/i.exec(word);
  if (found === null) return undefined;
  const number = Number(found[1]);
  const unit = found[2]?.toLowerCase();
  if (unit === undefined) return Number.isInteger(number) ? { value: number, raw: true } : undefined;
  return { value: Math.ceil(unit.startsWith("s") ? number * 1000 : number), raw: false };
}

/** The gateway behind `via [FAMILY]`. */
export function gatewayBehindVia(args: Arguments, family: number): Prefix {
  args.next();
  const named = familyByName(args.current);
  if (named === AF.UNSPEC) return requireAddress(args, family);
  args.next();
  return requireAddress(args, named);
}

/** `vrf NAME`: its table. */
export function vrfTableWord(session: Session, args: Arguments): number {
  return vrfTable(session, args.next()) || args.invalid("Invalid VRF\n");
}
