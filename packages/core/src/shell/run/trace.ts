// `set -x`: what is printed before commands (bash(1), PS4).

import type { Declared } from "../builtins/builtin.ts";
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

/** `local a=1`: the value is expanded and, unlike that of a word, quoted on its own; an array's is shown as it is written. */
export async function traceDeclaration(
  shell: Shell,
  command: string,
  declared: readonly Declared[],
): Promise<void> {
  const shown = declared.map((one) => {
    if (typeof one === "string") return traceQuote(one);
    return one.value === undefined
      ? one.text
      : traceQuote(one.text.slice(0, one.text.indexOf("=") + 1) + one.value);
  });
  await traceText(shell, [command, ...shown].join(" "));
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
