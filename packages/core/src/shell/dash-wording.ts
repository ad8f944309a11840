// How dash words what bash says: `sh` of Debian is dash. Only the words differ here; the language that is understood is bash's.

import { ERRNO, strerror } from "../netlink/errno.ts";

const WORDINGS: readonly (readonly [RegExp, string])[] = [
  [/^(.*): command not found$/s, "$1: not found"],
  [/^([^:]*\/[^:]*): No such file or directory$/s, "$1: not found"],
  [/^(.*): cannot execute: required file not found$/s, "$1: not found"],
  [/^cd: (.*): (?:No such file or directory|Not a directory|Permission denied)$/s, "cd: can't cd to $1"],
  [/: unbound variable$/, ": parameter not set"],
  [/: readonly variable$/, ": is read only"],
  [/^(\w+): write error: .*$/s, "$1: $1: I/O error"],
  [/^(\[|test): (.*): integer expression expected$/s, "$1: Illegal number: $2"],
  [/^\[: missing `\]'$/, "[: missing ]"],
  [/^(\[|test): (.*): (?:unary|binary) operator expected$/s, "$1: $2: unexpected operator"],
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
