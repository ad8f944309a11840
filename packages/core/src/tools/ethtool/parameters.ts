// "NAME VALUE" pairs of the commands that change something, with the messages of ethtool's parser about wrong ones.

import { Exit } from "../../system/process.ts";
import type { EthtoolSession } from "./session.ts";

/** What a value may be; undefined if it is not valid. */
export type Value<T> = (text: string) => T | undefined;

/** An unsigned number as strtoul(3) with base 0 reads it, up to `max`. */
export function number(max = 0xffff_ffff): Value<number> {
  return (text) => {
    if (!/^(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.test(text)) return undefined;
    const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
    return value <= max ? value : undefined;
  };
}

export const onOff: Value<number> = (text) => (text === "on" ? 1 : text === "off" ? 0 : undefined);

/** One of some words, each with its number. */
export function word(words: Readonly<Record<string, number>>): Value<number> {
  return (text) => (Object.hasOwn(words, text) ? words[text] : undefined);
}

/** Names of parameters, each with the member of the request that it sets and what its value may be. */
export type Parameters = Readonly<Record<string, readonly [member: string, value: Value<unknown>]>>;

/** Ends the program with the parser's message. */
export function wrongParameter(session: EthtoolSession, text: string): never {
  session.warn(`ethtool (${session.option}): ${text}\n`);
  throw new Exit(1);
}

/** Ends the program if there are no arguments. */
export function requireParameters(session: EthtoolSession): void {
  if (session.args.length === 0) wrongParameter(session, "parameters missing");
}

/** Reads all arguments, or those that another reader has left. Ends the program if one is unknown, given twice, or has no or a wrong value. */
export function parseParameters(
  session: EthtoolSession,
  table: Parameters,
  args: readonly string[] = session.args,
): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (let at = 0; at < args.length; at += 2) {
    const name = args[at] ?? "";
    const known = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!known) return wrongParameter(session, `unknown parameter '${name}'`);
    const [member, value] = known;
    if (Object.hasOwn(members, member)) wrongParameter(session, `duplicate parameter '${name}'`);
    const text = args[at + 1];
    if (text === undefined) return wrongParameter(session, `no value for parameter '${name}'`);
    const parsed = value(text);
    if (parsed === undefined) wrongParameter(session, `invalid value '${text}' for parameter '${name}'`);
    members[member] = parsed;
  }
  return members;
}
