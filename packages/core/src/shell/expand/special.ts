// Special and positional parameters (bash(1), Special Parameters), except `$@` and `$*`, which are lists.

import type { Shell } from "../shell.ts";
import { OPTION_LETTERS } from "../shell.ts";

/** The parameter's value in a wrapper; undefined if `name` is an ordinary variable. */
export function specialParameter(
  shell: Shell,
  name: string,
): { readonly value: string | undefined } | undefined {
  if (/^[0-9]+$/.test(name)) {
    const index = Number(name);
    return { value: index === 0 ? shell.name : shell.positional[index - 1] };
  }
  switch (name) {
    case "?":
      return { value: String(shell.status) };
    case "$":
      return { value: String(shell.shellPid) };
    case "!":
      return {
        value: shell.jobs.lastBackgroundPid === undefined ? undefined : String(shell.jobs.lastBackgroundPid),
      };
    case "#":
      return { value: String(shell.positional.length) };
    case "-":
      return { value: optionLetters(shell) };
    case "_":
      return { value: shell.lastArgument };
    default:
      return undefined;
  }
}

function optionLetters(shell: Shell): string {
  const letters: string[] = [...shell.options]
    .map((option): string => OPTION_LETTERS[option])
    .filter((letter) => letter !== "");
  if (shell.interactive) letters.push("i");
  if (shell.input === "string" && !shell.dash) letters.push("c");
  const rank = (letter: string): number => (letter === "c" ? 2 : letter < "a" ? 1 : 0);
  return letters.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).join("");
}
