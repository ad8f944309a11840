// Alias expansion. bash does it while it reads a command; here the command's text is made anew when it is about to
// run, so that an alias is one of simple commands only, and can hold no half of a compound one.

import type { Command } from "unbash";
import type { Shell } from "../shell.ts";
import { parseSource, SourceText } from "../source.ts";
import { tested } from "./pipeline.ts";

/** The aliases whose text is being run: they are not expanded again in it. */
const expanding = new WeakMap<Shell, Set<string>>();

/** The alias that a command begins with, if it is to be expanded. */
export function aliasOf(shell: Shell, node: Command): string | undefined {
  if (shell.aliases.size === 0 || !node.name) return undefined;
  if (!shell.interactive && !shell.dash && !shell.shopts.has("expand_aliases")) return undefined;
  const name = node.name.text;
  return shell.aliases.has(name) && !expanding.get(shell)?.has(name) ? name : undefined;
}

/** Runs a command with its alias expanded. */
export async function runAlias(shell: Shell, node: Command, name: string): Promise<number> {
  const { source } = shell;
  const start = node.name?.pos ?? node.pos;
  const value = shell.aliases.get(name) ?? "";
  let rest = source.text.slice(start + name.length, node.end);
  // A blank at the end of an alias has the next word looked up, too.
  if (/[ \t]$/.test(value))
    rest = rest.replace(/^(\s*)([^\s'"\\$]+)/, (all, blank: string, word: string) => {
      const next = shell.aliases.get(word);
      return next === undefined ? all : blank + next;
    });
  const text = source.text.slice(node.pos, start) + value + rest;
  const { statements } = parseSource(new SourceText(source.name, text, source.lineAt(node.pos)));
  const only = statements.length === 1 && !statements[0]?.background ? statements[0]?.command : undefined;
  const names = expanding.get(shell) ?? new Set();
  expanding.set(shell, names.add(name));
  try {
    const expanded = new SourceText(source.name, text, source.lineAt(node.pos));
    if (only?.type !== "Command")
      return await tested(shell, () => shell.interpreter.runText(shell, expanded));
    shell.source = expanded;
    return await shell.interpreter.runCommand(shell, only, false);
  } finally {
    shell.source = source;
    names.delete(name);
  }
}
