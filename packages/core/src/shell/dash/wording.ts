// How dash words what bash says: `sh` of Debian is dash.

import { ERRNO, strerror } from "../../netlink/errno.ts";

const WORDINGS: readonly (readonly [RegExp, string])[] = [
  [/^(.*): command not found$/s, "$1: not found"],
  [/^([^:]*\/[^:]*): No such file or directory$/s, "$1: not found"],
  [/^(.*): Is a directory$/s, "$1: Permission denied"],
  [/^(.*): cannot execute: required file not found$/s, "$1: not found"],
  [/^cd: (.*): (?:No such file or directory|Not a directory|Permission denied)$/s, "cd: can't cd to $1"],
  [/^kill: (.).*: invalid signal specification$/s, "kill: Illegal option -$1"],
  [/^kill: .*No such process$/s, "kill: No such process\n"],
  [/^(trap: .*): invalid signal specification$/s, "$1: bad trap"],
  [/^((?:un)?alias: .*): not found$/s, "$1 not found"],
  [/^local: can only be used in a function$/, "local: not in a function"],
  [/: unbound variable$/, ": parameter not set"],
  [/: (?:cannot unset: )?readonly variable$/, ": is read only"],
  [/^(\w+): write error: .*$/s, "$1: $1: I/O error"],
  [/^(\w+): `([^'=]*)(?:=.*)?': not a valid identifier$/s, "$1: $2: bad variable name"],
  [/^(\w+): (-.): invalid option$/s, "$1: Illegal option $2"],
  [/^set: (.*): invalid option name$/s, "set: Illegal option -o $1"],
  [/^(\w+): (-.): option requires an argument$/s, "$1: No arg for $2 option"],
  [/^(\[|test): (.*): integer expression expected$/s, "$1: Illegal number: $2"],
  [
    /^(\w+): (.*): (?:numeric argument required|shift count out of range|loop count out of range|octal number out of range)$/s,
    "$1: Illegal number: $2",
  ],
  [/^\[: missing `\]'$/, "[: missing ]"],
  [/^\[: `\)' expected$/, "[: closing paren expected"],
  [/^(\[|test): (.*): (?:unary|binary) operator expected$/s, "$1: $2: unexpected operator"],
  [/^printf: (.*): invalid number$/s, "printf: $1: expected numeric value"],
  [/^(.*): division by 0 \(error token is ".*"\)$/s, 'arithmetic expression: division by zero: "$1"'],
  [
    /^(.*): (?:syntax error: operand|expression) expected \(error token is ".*"\)$/s,
    'arithmetic expression: expecting primary: "$1"',
  ],
  [/^(.*): missing `\)' \(error token is ".*"\)$/s, "arithmetic expression: expecting ')': \"$1\""],
  [/^(.*): [^:]*(?:: [^:]*)? \(error token is ".*"\)$/s, 'arithmetic expression: expecting EOF: "$1"'],
];

/** Exit status where bash has another one: a redirection that fails, `cd`, and what ends the shell. */
export const DASH_FAILED = 2;

/** bash's message in dash's words. */
export function dashWording(message: string): string {
  for (const [pattern, wording] of WORDINGS)
    if (pattern.test(message)) return message.replace(pattern, wording);
  return message;
}

/** A file that could not be opened for a redirection. */
export function dashOpenFault(path: string, errno: number, creating: boolean): string {
  const text =
    errno === ERRNO.ENOENT ? (creating ? "Directory nonexistent" : "No such file") : strerror(errno);
  return `cannot ${creating ? "create" : "open"} ${path}: ${text}`;
}

/** A file that `.` could not read. */
export function dashSourceFault(file: string, errno: number): string {
  if (!file.includes("/")) return `.: ${file}: not found`;
  return `.: cannot open ${file}: ${errno === ERRNO.ENOENT ? "No such file" : strerror(errno)}`;
}
