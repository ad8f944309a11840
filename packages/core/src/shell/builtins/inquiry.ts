// type, hash, umask, ulimit: questions about the shell and its limits.

import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";
import { describeCommand, programPath } from "./describe.ts";

export const type: Builtin = (shell, args) => {
  const read = readOptions(shell, "type", args, "afptP", "", "type [-afptP] name [name ...]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  let status = 0;
  for (const name of rest) {
    const kind = describeCommand(shell, name, "kind");
    const path = options.has("P")
      ? programPath(shell, name)
      : kind === "file"
        ? programPath(shell, name)
        : undefined;
    if (options.has("p") || options.has("P")) {
      if (path !== undefined) shell.print(`${path}\n`);
      else if (kind === undefined || options.has("P")) status = 1;
    } else if (kind === undefined) {
      if (!options.has("t")) shell.complain(`type: ${name}: not found`);
      status = 1;
    } else shell.print(`${options.has("t") ? kind : (describeCommand(shell, name, "long") ?? "")}\n`);
  }
  return status;
};

/** There is no cache of paths to fill or empty; names are only checked. */
export const hash: Builtin = (shell, args) => {
  let status = 0;
  for (const name of args.filter((word) => !word.startsWith("-"))) {
    if (describeCommand(shell, name, "kind") !== undefined) continue;
    shell.complain(`hash: ${name}: not found`);
    status = 1;
  }
  return status;
};

/** Where the running function was called from. */
export const caller: Builtin = (shell, args) => {
  const level = Number(args[0] ?? "0");
  const frame = shell.frames.at(-1 - level);
  if (!frame) return 1;
  const outer = shell.frames.at(-2 - level);
  const name = outer
    ? frame.source.name
    : shell.input === "file"
      ? frame.source.name
      : args.length > 0
        ? "environment"
        : "NULL";
  const place = args.length > 0 ? [outer?.functionName ?? "main", name] : [name];
  shell.print(`${[frame.callLine, ...place].join(" ")}\n`);
  return 0;
};

export const umask: Builtin = (shell, args) => {
  const read = readOptions(shell, "umask", args, "pS", "", "umask [-p] [-S] [mode]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  const [mode] = rest;
  if (mode === undefined) {
    const octal = shell.process.umask.toString(8).padStart(4, "0");
    shell.print(
      options.has("S") ? `${symbolic(shell.process.umask)}\n` : `${options.has("p") ? "umask " : ""}${octal}\n`,
    );
    return 0;
  }
  if (/^[0-7]{1,4}$/.test(mode)) {
    shell.process.umask = Number.parseInt(mode, 8) & 0o777;
    return 0;
  }
  const changed = applySymbolic(shell.process.umask, mode);
  if (changed === undefined) {
    shell.complain(
      /^[0-9]/.test(mode)
        ? `umask: ${mode}: octal number out of range`
        : `umask: \`${mode[0] ?? ""}': invalid symbolic mode operator`,
    );
    return 1;
  }
  shell.process.umask = changed;
  return 0;
};

function symbolic(mask: number): string {
  const allowed = ~mask & 0o777;
  const letters = (shift: number): string =>
    ["r", "w", "x"].filter((_, bit) => (allowed >> shift) & (4 >> bit)).join("");
  return `u=${letters(6)},g=${letters(3)},o=${letters(0)}`;
}

function applySymbolic(mask: number, mode: string): number | undefined {
  let allowed = ~mask & 0o777;
  for (const clause of mode.split(",")) {
    const match = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause);
    if (!match) return undefined;
    const [, who = "", operator, letters = ""] = match;
    const bits = [...letters].reduce(
      (sum, letter) => sum | { r: 4, w: 2, x: 1 }[letter as "r" | "w" | "x"],
      0,
    );
    for (const [name, shift] of [
      ["u", 6],
      ["g", 3],
      ["o", 0],
    ] as const) {
      if (who !== "" && !who.includes("a") && !who.includes(name)) continue;
      if (operator === "=") allowed = (allowed & ~(7 << shift)) | (bits << shift);
      else allowed = operator === "+" ? allowed | (bits << shift) : allowed & ~(bits << shift);
    }
  }
  return ~allowed & 0o777;
}

/** No limits are enforced: questions are answered with "unlimited", settings are accepted. */
export const ulimit: Builtin = (shell, args) => {
  const values = args.filter((word) => !word.startsWith("-"));
  if (values.length === 0) shell.print("unlimited\n");
  return 0;
};
