// What the applets share: arguments as getopt32() and xatou_range() of libbb read them, and how they complain.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { readOptions } from "../iputils/arguments.ts";
import type { Family, ResolvedHost } from "../resolver/hosts.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import { USAGE } from "./texts.ts";

/** bb_error_msg(), bb_perror_msg(): standard output comes first. */
export function complain(process: Process, text: string): void {
  process.flush();
  process.warn(`${process.argv[0] ?? ""}: ${text}\n`);
}

/** bb_error_msg_and_die() */
export function die(process: Process, text: string): never {
  complain(process, text);
  process.exit(1);
}

/** bb_show_usage() */
export function showUsage(process: Process, applet: keyof typeof USAGE): never {
  process.flush();
  process.warn(USAGE[applet]);
  process.exit(1);
}

/** The call, or the end of the process with `text` and what was refused. */
export function orDie<T>(process: Process, text: string, call: () => T): T {
  try {
    return call();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return die(process, `${text}: ${strerror(refusal.errno)}`);
  }
}

export interface Arguments {
  /** Value of each option that was given (of the last one); empty for those that take none. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

export function readArguments(process: Process, letters: string, applet: keyof typeof USAGE): Arguments {
  const options = new Map<string, string>();
  const operands = readOptions(
    process,
    letters,
    (letter, value) => options.set(letter, value),
    () => showUsage(process, applet),
  );
  return { options, operands };
}

/** xatou_range(): an unsigned number in `base` within bounds. */
export function numberInRange(
  process: Process,
  text: string,
  min: number,
  max: number,
  base: 10 | 16 = 10,
): number {
  const digits = base === 10 ? /^\d+$/ : /^[\da-f]+$/i;
  if (!digits.test(text)) die(process, `invalid number '${text}'`);
  const value = Number.parseInt(text, base);
  if (value < min || value > max) die(process, `number ${text} is not in ${min}..${max} range`);
  return value;
}

/** parse_duration_str(): seconds, with a fraction if need be. */
export function seconds(process: Process, text: string): number {
  if (!/^\d+(\.\d*)?$/.test(text)) die(process, `invalid number '${text}'`);
  return Number(text);
}

/** xhost_and_af2sockaddr() */
export function hostOf(process: Process, name: string, family: Family | undefined): ResolvedHost {
  try {
    const [host] = resolveHost(process, name, family);
    if (host !== undefined) return host;
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
  }
  return die(process, `bad address '${name}'`);
}

/** -4 and -6. */
export function familyOf(options: ReadonlyMap<string, string>): Family | undefined {
  if (options.has("6")) return "inet6";
  return options.has("4") ? "inet" : undefined;
}
