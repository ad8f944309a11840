// chmod, chown and chgrp. There is no other user than root: owners are checked by name and change nothing.

import type { FileType } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { accountId } from "../ip/tuntap/accounts.ts";
import { attempt, complain, localeQuoted, program, quoted, quotedIfNeeded } from "./program.ts";

const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const BITS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 };

/** The mode that `text` makes of `mode`; undefined if it is none. Octal, or clauses as in u=rwx,go-w. */
export function changedMode(text: string, mode: number, type: FileType, umask: number): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) return Number.parseInt(text, 8) & 0o7777;
  let changed = mode;
  for (const clause of text.split(",")) {
    const match = /^([ugoa]*)((?:[-+=](?:[ugo]|[rwxXst]*))+)$/.exec(clause);
    if (!match) return undefined;
    const [, who = "", actions = ""] = match;
    // Without a "who" everybody is meant, as far as the umask lets through.
    const mask = who === "" ? 0o7777 & ~umask : [...who].reduce((sum, letter) => sum | (WHO[letter] ?? 0), 0);
    for (const [, operator = "", letters = ""] of actions.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)) {
      const bits = bitsOf(letters, changed, type) & mask;
      if (operator === "+") changed |= bits;
      else if (operator === "-") changed &= ~bits;
      // A file's special bits go, a directory's stay.
      else changed = (changed & ~(type === "directory" ? mask & 0o777 : mask)) | bits;
    }
  }
  return changed;
}

function bitsOf(letters: string, mode: number, type: FileType): number {
  const shift = { u: 6, g: 3, o: 0 }[letters];
  if (shift !== undefined) return ((mode >> shift) & 7) * 0o111;
  return [...letters].reduce((sum, letter) => {
    if (letter !== "X") return sum | (BITS[letter] ?? 0);
    return type === "directory" || (mode & 0o111) !== 0 ? sum | 0o111 : sum;
  }, 0);
}

function* tree(process: Process, path: string, recursive: boolean): Generator<string> {
  yield path;
  if (!recursive || process.files.linkStatus(path).type !== "directory") return;
  for (const name of process.files.readDirectory(path)) yield* tree(process, `${path}/${name}`, true);
}

export const chmod = program((process) => {
  // A mode such as -x or -rw looks like options.
  const [name = "", ...words] = process.argv;
  const minus = words.find((word) => /^-[rwxXstugo]+(?:,.*)?$/.test(word) && word !== "-R");
  if (minus !== undefined) process.argv = [name, ...words.filter((word) => word !== minus)];
  const parsed = parseOptions(process, {
    short: "cfvR",
    long: { changes: "c", quiet: "f", silent: "f", verbose: "v", recursive: "R", "reference=": "reference" },
  });
  const reference = valueOf(parsed, "reference");
  const text =
    reference === undefined
      ? (minus ?? parsed.operands[0])
      : process.files.status(reference).mode.toString(8);
  const files = minus === undefined && reference === undefined ? parsed.operands.slice(1) : parsed.operands;
  if (text === undefined) usageError(process, "missing operand");
  if (files.length === 0) usageError(process, `missing operand after ${localeQuoted(process, text)}`);
  if (changedMode(text, 0, "file", process.umask) === undefined)
    usageError(process, `invalid mode: ${localeQuoted(process, text)}`);
  let status = 0;
  for (const operand of files) {
    const done = attempt(
      process,
      () => {
        for (const path of tree(process, operand, has(parsed, "R"))) {
          const before = process.files.status(path);
          process.files.changeMode(
            path,
            changedMode(text, before.mode, before.type, process.umask) ?? before.mode,
          );
        }
      },
      (error) =>
        error === "No such file or directory"
          ? `cannot access ${quoted(operand)}: ${error}`
          : `changing permissions of ${quoted(operand)}: ${error}`,
    );
    if (!done) status = 1;
  }
  return status;
});

/** False, with a message, unless every name is there and is root's: files have no other owners here. */
export function isRoot(process: Process, what: "user" | "group", text: string, colon = ": "): boolean {
  const [, user = "", group = ""] =
    what === "group" ? ["", "", text] : (/^([^:.]*)(?:[:.](.*))?$/s.exec(text) ?? ["", text]);
  for (const [kind, name] of [
    ["user", user],
    ["group", group],
  ] as const) {
    const id = name === "" ? 0 : accountId(process, kind, name.replace(/^\+(?=\d)/, ""));
    if (id === 0) continue;
    const given = localeQuoted(process, text);
    complain(
      process,
      id === undefined
        ? `invalid ${kind}${colon}${given}`
        : `${given}: an owner other than root is not implemented`,
    );
    return false;
  }
  return true;
}

function changeOwner(process: Process, what: "user" | "group"): number {
  const parsed = parseOptions(process, {
    short: "cfhRv",
    long: { changes: "c", quiet: "f", silent: "f", "no-dereference": "h", recursive: "R", verbose: "v" },
  });
  const [owner, ...files] = parsed.operands;
  if (owner === undefined) usageError(process, "missing operand");
  if (files.length === 0) usageError(process, `missing operand after ${localeQuoted(process, owner)}`);
  if (!isRoot(process, what, owner)) return 1;
  let status = 0;
  for (const file of files) {
    const word = (error: string): string =>
      `cannot access ${quotedIfNeeded(file) === file ? `'${file}'` : quotedIfNeeded(file)}: ${error}`;
    if (!attempt(process, () => process.files.linkStatus(file), word)) status = 1;
  }
  return status;
}

export const chown = program((process) => changeOwner(process, "user"));
export const chgrp = program((process) => changeOwner(process, "group"));
