// hash: where the shell has found its commands (bash(1), "hash"). The table is filled when commands run; nothing is
// looked up by it, for programs do not move.

import type { Shell } from "../shell.ts";
import { entriesByBucket } from "../variables.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";
import { meaningOf, programPath } from "./describe.ts";

/** bash's FILENAME_HASH_BUCKETS. */
const BUCKETS = 256;

/** A program is about to run. */
export function remember(shell: Shell, name: string): void {
  if (name.includes("/")) return;
  const known = shell.remembered.get(name);
  if (known) known.hits++;
  else {
    const path = programPath(shell, name);
    if (path !== undefined) shell.remembered.set(name, { path, hits: 1 });
  }
}

export const hash: Builtin = (shell, args) => {
  const read = readOptions(shell, "hash", args, "lrdt", "p", "hash [-lr] [-p pathname] [-dt] [name ...]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  const { remembered } = shell;
  if (options.has("r")) remembered.clear();
  else if (rest.length === 0) list(shell, options.has("l"));
  let status = 0;
  for (const name of rest) {
    const known = remembered.get(name);
    if (options.has("t")) {
      if (known) known.hits++;
      if (known) shell.print(`${rest.length > 1 ? `${name}\t` : ""}${known.path}\n`);
      else status = missing(shell, name);
    } else if (options.has("d")) {
      if (!remembered.delete(name)) status = missing(shell, name);
    } else if (options.has("p")) remembered.set(name, { path: options.get("p") ?? "", hits: 0 });
    else status = Math.max(status, lookUp(shell, name));
  }
  return status;
};

function list(shell: Shell, reusable: boolean): void {
  const entries = entriesByBucket(shell.remembered, BUCKETS);
  if (reusable) for (const [name, { path }] of entries) shell.print(`builtin hash -p ${path} ${name}\n`);
  else if (entries.length === 0) {
    if (!shell.options.has("posix")) shell.print("hash: hash table empty\n");
  } else {
    shell.print("hits\tcommand\n");
    for (const [, { path, hits }] of entries) shell.print(`${String(hits).padStart(4)}\t${path}\n`);
  }
}

function lookUp(shell: Shell, name: string): number {
  const kind = meaningOf(shell, name)?.kind;
  if (kind === "function" || kind === "builtin" || name.includes("/")) return 0;
  const path = programPath(shell, name);
  if (path === undefined) return missing(shell, name);
  shell.remembered.set(name, { path, hits: 0 });
  return 0;
}

function missing(shell: Shell, name: string): number {
  shell.complain(`hash: ${name}: not found`);
  return 1;
}
