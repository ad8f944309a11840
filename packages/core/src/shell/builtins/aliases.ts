// alias and unalias (bash(1), ALIASES). Scripts have their aliases expanded with `shopt -s expand_aliases`, or as `sh`.

import { singleQuote } from "../expand/quote.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";

function definition(shell: Shell, name: string, value: string): string {
  return `${shell.dash ? "" : "alias "}${name}=${singleQuote(value)}\n`;
}

export const alias: Builtin = (shell, args) => {
  const read = readOptions(shell, "alias", args, "p", "", "alias [-p] [name[=value] ... ]");
  if (!read) return USAGE_STATUS;
  if (read.rest.length === 0 || read.options.has("p")) {
    for (const [name, value] of [...shell.aliases].sort(([a], [b]) => (a < b ? -1 : 1)))
      shell.print(definition(shell, name, value));
  }
  let status = 0;
  for (const word of read.rest) {
    const equals = word.indexOf("=");
    const name = equals > 0 ? word.slice(0, equals) : word;
    const value = shell.aliases.get(name);
    if (equals > 0) {
      if (/[\s$`'"\\/&|;()<>]/.test(name)) {
        shell.complain(`alias: \`${name}': invalid alias name`);
        status = 1;
      } else shell.aliases.set(name, word.slice(equals + 1));
    } else if (value !== undefined) shell.print(definition(shell, name, value));
    else {
      shell.complain(`alias: ${name}: not found`);
      status = 1;
    }
  }
  return status;
};

export const unalias: Builtin = (shell, args) => {
  const read = readOptions(shell, "unalias", args, "a", "", "unalias [-a] name [name ...]");
  if (!read) return USAGE_STATUS;
  if (read.options.has("a")) shell.aliases.clear();
  else if (read.rest.length === 0) {
    shell.process.warn("unalias: usage: unalias [-a] name [name ...]\n");
    return USAGE_STATUS;
  }
  let status = 0;
  for (const name of read.rest) {
    if (shell.aliases.delete(name)) continue;
    shell.complain(`unalias: ${name}: not found`);
    status = 1;
  }
  return status;
};
