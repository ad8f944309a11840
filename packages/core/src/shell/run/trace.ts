// `set -x`: what is printed before commands (bash(1), PS4).

import { traceQuote } from "../expand/quote.ts";
import { expandHereText } from "../expand/word.ts";
import type { Shell } from "../shell.ts";

async function prefix(shell: Shell): Promise<string> {
  const { status } = shell;
  const prompt = await expandHereText(shell, shell.variables.get("PS4") ?? "+ ");
  shell.status = status;
  // The first character shows the depth of substitutions and evals.
  return (prompt[0] ?? "").repeat(shell.traceDepth + 1) + prompt.slice(1);
}

export async function traceCommand(shell: Shell, words: readonly string[]): Promise<void> {
  await traceText(shell, words.map(traceQuote).join(" "));
}

/** Writes a line that needs no quoting: `for x in a b`, `(( i++ ))`. */
export async function traceText(shell: Shell, text: string): Promise<void> {
  const line = `${await prefix(shell)}${text}\n`;
  const descriptor = Number(shell.variables.get("BASH_XTRACEFD") || Number.NaN);
  if (shell.process.fds.has(descriptor)) shell.process.write(descriptor, new TextEncoder().encode(line));
  else shell.process.warn(line);
}

export async function traceAssignment(
  shell: Shell,
  name: string,
  value: string,
  append: boolean,
  array = false,
): Promise<void> {
  const shown = array || value === "" ? value : traceQuote(value);
  await traceText(shell, `${name}${append ? "+" : ""}=${shown}`);
}
