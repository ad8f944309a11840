// The frame of the small programs in this folder: ends by usage errors, file errors in the words of GNU programs.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { UsageEnd } from "./options.ts";

/** Makes a program of a function that may end by UsageEnd. */
export function program(body: (process: Process) => Promise<number> | number): Program {
  return async (process) => {
    try {
      return await body(process);
    } catch (end) {
      if (end instanceof UsageEnd) return end.status;
      if (end instanceof Refusal) {
        // A read or write that nobody asked about more closely.
        complain(process, strerror(end.errno));
        return 1;
      }
      throw end;
    }
  };
}

/** Prints `NAME: text`. */
export function complain(process: Process, text: string): void {
  process.flush();
  process.warn(`${process.argv[0] ?? ""}: ${text}\n`);
}

/** Runs one step of a program; a refused system call is reported by `word` and gives undefined. */
export function attempt<T>(
  process: Process,
  run: () => T,
  word: (error: string) => string,
): { readonly value: T } | undefined {
  try {
    return { value: run() };
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(process, word(strerror(refusal.errno)));
    return undefined;
  }
}

/** A file name in messages: quoted by GNU programs where the shell would need it. */
export function quoted(name: string): string {
  return `'${name.replaceAll("'", "'\\''")}'`;
}

/** As the programs that quote names in error messages only if they need it (cat, ls, head, ...). */
export function quotedIfNeeded(name: string): string {
  return name === "" || /[\s!"#$&'()*;<=>?[\\\]^`{|}~:]/.test(name) ? quoted(name) : name;
}

/** A name in messages that are translated: in a UTF-8 locale with typographic quotes. */
export function localeQuoted(process: Process, name: string): string {
  const locale = process.env.get("LC_ALL") || process.env.get("LC_CTYPE") || process.env.get("LANG") || "C";
  return /utf-?8$/i.test(locale) ? `\u2018${name}\u2019` : quoted(name);
}
