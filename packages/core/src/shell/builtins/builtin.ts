// What a builtin command is, and how builtins read options and word their errors.

import type { Shell } from "../shell.ts";

/** Runs in the shell's own process. `args` are the words after the name. Returns the exit status. */
export type Builtin = (shell: Shell, args: readonly string[], name: string) => number | Promise<number>;

/** An argument of a declaration command: a word, or an assignment whose value is expanded and not split. */
export type Declared =
  | string
  | {
      readonly name: string;
      /** As written. */
      readonly text: string;
      readonly array: boolean;
      /** Expanded; undefined for an array. */
      readonly value: string | undefined;
      assign(): void;
    };

/** `declare`, `export` and the like, whose arguments can be assignments. */
export type Declaration = (shell: Shell, args: readonly Declared[], name: string) => number;

export const USAGE_STATUS = 2;

/** Splits leading single-letter options off. `valued` are the letters that take a value. Undefined after an error. */
export function readOptions(
  shell: Shell,
  name: string,
  args: readonly string[],
  letters: string,
  valued = "",
  usage = "",
): { readonly options: ReadonlyMap<string, string>; readonly rest: readonly string[] } | undefined {
  const options = new Map<string, string>();
  let at = 0;
  for (; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      at++;
      break;
    }
    if (!/^-./.test(word)) break;
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] ?? "";
      if (valued.includes(letter)) {
        const value = word.slice(i + 1) || args[++at];
        if (value === undefined) {
          shell.complain(`${name}: -${letter}: option requires an argument`);
          if (usage) shell.process.warn(`${name}: usage: ${usage}\n`);
          return undefined;
        }
        options.set(letter, value);
        break;
      }
      if (!letters.includes(letter)) {
        shell.complain(`${name}: -${letter}: invalid option`);
        if (usage) shell.process.warn(`${name}: usage: ${usage}\n`);
        return undefined;
      }
      options.set(letter, "");
    }
  }
  return { options, rest: args.slice(at) };
}
