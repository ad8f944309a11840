// Options as getopt_long(3) reads them, and the messages of GNU programs about wrong ones.

import type { Process } from "../../system/process.ts";

/** What a program takes: short letters, ":" after those with a value and "::" if it is optional and attached. */
export interface OptionTable {
  readonly short: string;
  /**
   * Long name to the letter that it stands for, or to itself. "=" at the end of the name: it takes a value; "?": it takes
   * one only after an equals sign.
   */
  readonly long?: Readonly<Record<string, string>>;
  /** True if options end at the first operand (programs that run other programs). */
  readonly stopEarly?: boolean;
  /** What the program does about a wrong option, if not the hint to --help. */
  readonly wrong?: (text: string) => never;
}

export interface Parsed {
  /** In order of appearance. */
  readonly options: readonly { readonly name: string; readonly value: string }[];
  readonly operands: readonly string[];
}

/** Thrown after the message was printed; the program ends with this status. */
export class UsageEnd {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** Prints `text` and the hint to --help, and ends the program. */
export function usageError(process: Process, text: string, status = 1): never {
  const name = process.argv[0] ?? "";
  process.warn(`${name}: ${text}\nTry '${name} --help' for more information.\n`);
  throw new UsageEnd(status);
}

/** Reads the process's arguments. Ends the program with `status` if they are not valid. */
export function parseOptions(process: Process, table: OptionTable, status = 1): Parsed {
  const args = process.argv.slice(1);
  const options: { name: string; value: string }[] = [];
  const operands: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      operands.push(word);
      if (table.stopEarly) {
        operands.push(...args.slice(at + 1));
        break;
      }
    } else if (word.startsWith("--")) at += readLong(process, table, word, args[at + 1], options, status);
    else at += readShort(process, table, word, args[at + 1], options, status);
  }
  return { options, operands };
}

function wrongOption(process: Process, table: OptionTable, text: string, status: number): never {
  if (table.wrong) table.wrong(text);
  usageError(process, text, status);
}

/** Returns how many following words were used. */
function readLong(
  process: Process,
  table: OptionTable,
  word: string,
  next: string | undefined,
  out: { name: string; value: string }[],
  status: number,
): number {
  const equals = word.indexOf("=");
  const given = word.slice(2, equals < 0 ? undefined : equals);
  const names = Object.keys(table.long ?? {});
  const exact = names.find((name) => name.replace(/[=?]$/, "") === given);
  const matches = exact !== undefined ? [exact] : names.filter((name) => name.startsWith(given));
  const [match] = matches;
  if (match === undefined) wrongOption(process, table, `unrecognized option '--${given}'`, status);
  if (matches.length > 1) {
    const possible = matches.map((name) => ` '--${name.replace(/[=?]$/, "")}'`).join("");
    wrongOption(process, table, `option '--${given}' is ambiguous; possibilities:${possible}`, status);
  }
  const name = table.long?.[match] ?? match;
  const takesValue = match.endsWith("=");
  const full = match.replace(/[=?]$/, "");
  if (!takesValue) {
    if (match.endsWith("?")) {
      out.push({ name, value: equals >= 0 ? word.slice(equals + 1) : "" });
      return 0;
    }
    if (equals >= 0) wrongOption(process, table, `option '--${full}' doesn't allow an argument`, status);
    out.push({ name, value: "" });
    return 0;
  }
  if (equals >= 0) {
    out.push({ name, value: word.slice(equals + 1) });
    return 0;
  }
  if (next === undefined) wrongOption(process, table, `option '--${full}' requires an argument`, status);
  out.push({ name, value: next });
  return 1;
}

function readShort(
  process: Process,
  table: OptionTable,
  word: string,
  next: string | undefined,
  out: { name: string; value: string }[],
  status: number,
): number {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] ?? "";
    const at = letter === ":" ? -1 : table.short.indexOf(letter);
    if (at < 0) wrongOption(process, table, `invalid option -- '${letter}'`, status);
    if (table.short[at + 1] !== ":") {
      out.push({ name: letter, value: "" });
      continue;
    }
    const attached = word.slice(i + 1);
    if (table.short[at + 2] === ":") {
      out.push({ name: letter, value: attached.replace(/^=/, "") });
      return 0;
    }
    if (attached !== "") {
      out.push({ name: letter, value: attached });
      return 0;
    }
    if (next === undefined) wrongOption(process, table, `option requires an argument -- '${letter}'`, status);
    out.push({ name: letter, value: next });
    return 1;
  }
  return 0;
}

/** True if the option was given. */
export function has(parsed: Parsed, name: string): boolean {
  return parsed.options.some((option) => option.name === name);
}

/** Value of the last of these options. */
export function valueOf(parsed: Parsed, name: string): string | undefined {
  return parsed.options.findLast((option) => option.name === name)?.value;
}
