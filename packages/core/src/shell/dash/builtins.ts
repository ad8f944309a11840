// What dash, Debian's sh, has for builtins: fewer than bash, an echo that knows escapes, and errors that end more than the
// command (POSIX.1-2017, 2.8.1).

import type { Builtin } from "../builtins/builtin.ts";
import { ShellFault } from "../control.ts";
import type { Shell } from "../shell.ts";
import { DASH_FAILED } from "./wording.ts";

const NAMES: ReadonlySet<string> = new Set(
  ". : [ alias bg break cd command continue echo eval exec exit export false fg getopts hash jobs kill local printf pwd read readonly return set shift test times trap true type ulimit umask unalias unset wait".split(
    " ",
  ),
);

/** POSIX's special builtins. */
const SPECIAL: ReadonlySet<string> = new Set(
  ". : break continue eval exec exit export readonly return set shift times trap unset".split(" "),
);

/** Special builtins that run nothing else, so that all of their complaints are about their own arguments. */
const FATAL: ReadonlySet<string> = new Set(
  "break continue exit export readonly return set shift unset".split(" "),
);

/** Others that stop at their first complaint. */
const STOPPING: ReadonlySet<string> = new Set(["local", "read", "ulimit", "umask"]);

export function isDashBuiltin(name: string): boolean {
  return NAMES.has(name);
}

export function isSpecialBuiltin(name: string): boolean {
  return SPECIAL.has(name);
}

/** Runs a builtin with dash's consequences of wrong use. */
export async function withMisuse(
  shell: Shell,
  name: string,
  run: () => number | Promise<number>,
): Promise<number> {
  const outer = shell.misuse;
  shell.misuse = FATAL.has(name) ? "exit" : STOPPING.has(name) ? "discard" : undefined;
  try {
    return await run();
  } catch (fault) {
    if (!(fault instanceof ShellFault) || fault.effect === "exit" || !STOPPING.has(name)) throw fault;
    shell.report(fault);
    return DASH_FAILED;
  } finally {
    shell.misuse = outer;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** Escapes always count, octal ones with or without a 0, and -n is the only option. */
export const dashEcho: Builtin = (shell, args) => {
  const quiet = args[0] === "-n";
  const text = args.slice(quiet ? 1 : 0).join(" ");
  const end = /(?<=^(?:[^\\]|\\[^c])*)\\c/s.exec(text)?.index;
  const shown = text
    .slice(0, end)
    .replace(/\\(?:([abfnrtv\\])|(0[0-7]{0,3}|[1-7][0-7]{0,2}))/g, (_, letter?: string, octal?: string) =>
      letter === undefined
        ? String.fromCharCode(Number.parseInt(octal ?? "", 8) & 0xff)
        : (ESCAPES[letter] ?? ""),
    );
  shell.print(quiet || end !== undefined ? shown : `${shown}\n`);
  return 0;
};
