// type, caller, umask: questions about the shell.

import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";
import { meaningsOf } from "./describe.ts";

const NOT_FOUND = 127;

export const type: Builtin = (shell, args) => {
  const read = readOptions(shell, "type", args, "afptP", "", "type [-afptP] name [name ...]");
  if (!read) return USAGE_STATUS;
  const { options, rest } = read;
  let status = 0;
  for (const name of rest) {
    const all = [...meaningsOf(shell, name)].filter(
      ({ kind }) => !(options.has("f") && kind === "function") && !(options.has("P") && kind !== "file"),
    );
    const meanings = options.has("a") ? all : all.slice(0, 1);
    if (meanings.length === 0) {
      status = shell.dash ? NOT_FOUND : 1;
      if (shell.dash) shell.print(`${name}: not found\n`);
      else if (!options.has("t") && !options.has("p") && !options.has("P"))
        shell.complain(`type: ${name}: not found`);
    }
    for (const { kind, short, long } of meanings) {
      if (options.has("p") || options.has("P")) {
        if (kind === "file") shell.print(`${short}\n`);
      } else shell.print(`${options.has("t") ? kind : long}\n`);
    }
  }
  return status;
};

/** Where the running function was called from. */
export const caller: Builtin = (shell, args) => {
  const level = Number(args[0] ?? "0");
  const frame = shell.frames.at(-1 - level);
  if (!frame) return 1;
  const outer = shell.frames.at(-2 - level);
  const inFile = outer !== undefined || shell.input === "file";
  if (args.length === 0) {
    shell.print(`${frame.callLine} ${inFile ? frame.source.name : "NULL"}\n`);
    return 0;
  }
  if (!inFile) return 1;
  const place = [outer?.functionName ?? "main", frame.source.name];
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
      options.has("S")
        ? `${symbolic(shell.process.umask)}\n`
        : `${options.has("p") ? "umask " : ""}${octal}\n`,
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
