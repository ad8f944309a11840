// `ip stats show`: statistics by RTM_GETSTATS.

import { ERRNO } from "../../../netlink/errno.ts";
import { decodeStatistics, encodeStatisticsRequest } from "../../../netlink/rtnl/statistics.ts";
import type { StatisticsMessage } from "../../../netlink/rtnl/statistics.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { giveUp } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import type { LinkKinds } from "../link-syntax.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { leaves } from "./groups.ts";
import type { Leaf } from "./groups.ts";
import { printStatsUsage } from "./help.ts";

/** Returns the exit code. */
export function stats(session: Session, args: Arguments, kinds: LinkKinds): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (word === "help") {
    printStatsUsage(session);
    return 0;
  }
  if (word === "show") return show(session, args, kinds);
  if (word === "set") return giveUp(process, 'Command "set" is not implemented\n');
  return giveUp(process, `Command "${word}" is unknown, try "ip stats help".\n`);
}

const LEVELS = ["group", "subgroup", "suite"] as const;

/** Narrows `all` to what `group G [subgroup S [suite T] ...] ...` name. */
function select(session: Session, args: Arguments, all: readonly Leaf[]): Leaf[] {
  const { process } = session;
  const chosen = new Set<Leaf>();
  let path: string[] = [];
  let inside = all;
  const close = (): void => {
    for (const leaf of path.length === 0 ? [] : inside) chosen.add(leaf);
  };
  while (args.left > 0) {
    const level = LEVELS.findIndex((name) => name === args.current);
    const key = LEVELS[level];
    if (key === undefined) break;
    const name = args.next();
    args.advance();
    if (level > path.length) {
      giveUp(
        process,
        `Error: ${key} ${name} requested without selecting a ${LEVELS[level - 1]} first\n`,
        ERRNO.EINVAL,
      );
    }
    if (level >= path.length && path.length > 0 && inside.every((leaf) => leaf[key] === undefined)) {
      const parent = LEVELS[path.length - 1];
      giveUp(process, `Error: ${key} ${name} requested inside leaf ${parent} ${path.at(-1)}\n`, ERRNO.EINVAL);
    }
    if (level < path.length) close();
    path = [...path.slice(0, level), name];
    const outer = path.slice(0, level);
    const around = all.filter((leaf) => outer.every((each, i) => leaf[LEVELS[i] ?? "group"] === each));
    inside = around.filter((leaf) => leaf[key] === name);
    if (inside.length === 0) {
      giveUp(
        process,
        `Error: no ${key} named ${name} found inside ${outer.at(-1) ?? "top-level"}\n`,
        ERRNO.EINVAL,
      );
    }
  }
  close();
  return all.filter((leaf) => chosen.has(leaf));
}

function show(session: Session, args: Arguments, kinds: LinkKinds): number {
  const { process, rtnl, out } = session;
  const all = leaves(kinds);
  let device: string | undefined;
  const chosen = new Set<Leaf>();
  while (args.left > 0) {
    if (args.current === "dev") {
      device = args.next();
      args.advance();
    } else if (LEVELS.some((level) => level === args.current)) {
      for (const leaf of select(session, args, all)) chosen.add(leaf);
    } else {
      if (args.current !== "help") process.warn(`What is "${args.current}"?\n`);
      printStatsUsage(session);
      return args.current === "help" ? 0 : ERRNO.EINVAL;
    }
  }
  const shown = chosen.size === 0 ? all : all.filter((leaf) => chosen.has(leaf));
  const ifindex = device === undefined ? 0 : session.deviceIndex(device);
  const filterMask = shown.reduce((mask, leaf) => mask | leaf.filter, 0);
  const body = encodeStatisticsRequest({ ifindex, filterMask });
  out.begin();
  const answer = ifindex === 0 ? rtnl.dump(RTM.GETSTATS, body) : rtnl.talk(RTM.GETSTATS, 0, body);
  if (answer === undefined) {
    return ifindex === 0 ? giveUp(process, "Dump terminated\n", REFUSED) : REFUSED;
  }
  for (const { body } of answer) {
    const message = decodeStatistics(body);
    if (isMalformed(message)) continue;
    for (const leaf of shown) printLeaf(session, message, leaf);
    if (ifindex === 0) out.text(out.lineEnd);
  }
  out.end();
  return 0;
}

function printLeaf(session: Session, message: StatisticsMessage, leaf: Leaf): void {
  const { out, links } = session;
  const name = links.name(message.ifindex);
  out.openObject();
  out.fact("ifindex", message.ifindex, `${message.ifindex}:`);
  out.fact("ifname", name, ` ${name}:`, "ifname");
  for (const level of LEVELS) {
    const value = leaf[level];
    if (value !== undefined) out.fact(level, value, ` ${level} ${value}`);
  }
  leaf.print(session, message);
  out.text(out.lineEnd);
  out.closeObject();
}
