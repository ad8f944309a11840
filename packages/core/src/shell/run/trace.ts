// `set -x`: what is printed before commands (bash(1), PS4).

import type { Declared } from "../builtins/builtin.ts";
import { traceQuote } from "../expand/quote.ts";
import { expandHereText } from "../expand/word.ts";
import type { Shell } from "../shell.ts";

async function prefix(shell: Shell): Promise<string> {
  const { status } = shell;
  const prompt = await expandHereText(shell, shell.variables.get("PS4") ?? "+ ");
  shell.status = status;
  if (shell.dash) return prompt;
  // The first character shows the depth of substitutions and evals.
  return (prompt[0] ?? "").repeat(shell.traceDepth + 1) + prompt.slice(1);
}

/** dash shows words as they are. */
function quote(shell: Shell, text: string): string {
  return shell.dash ? text : traceQuote(text);
}

export async function traceCommand(shell: Shell, words: readonly string[]): Promise<void> {
  await write(shell, words.map((word) => quote(shell, word)).join(" "));
}

/** `local a=1`: the value is expanded and, unlike that of a word, quoted on its own; an array's is shown as it is written. */
export async function traceDeclaration(
  shell: Shell,
  command: string,
  declared: readonly Declared[],
): Promise<void> {
  const shown = declared.map((one) => {
    if (typeof one === "string") return quote(shell, one);
    return one.value === undefined
      ? one.text
      : quote(shell, one.text.slice(0, one.text.indexOf("=") + 1) + one.value);
  });
  await write(shell, [command, ...shown].join(" "));
  if (shell.dash || (command !== "export" && command !== "readonly")) return;
  // These assign as commands of their own.
  for (const one of declared) {
    if (typeof one !== "string" && one.value !== undefined)
      await traceAssignment(shell, one.name, one.value, /^[^=]*\+=/.test(one.text));
  }
}

/** Shows what is no simple command: `for x in a b`, `(( i++ ))`. dash does not. */
export async function traceText(shell: Shell, text: string): Promise<void> {
  if (!shell.dash) await write(shell, text);
}

async function write(shell: Shell, text: string): Promise<void> {
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
  const shown = array || value === "" ? value : quote(shell, value);
  await write(shell, `${name}${append ? "+" : ""}=${shown}`);
}
