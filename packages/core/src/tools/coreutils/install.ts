// install(1) of coreutils 9.1: copies files with a mode, or makes directories (-d).

import type { Process } from "../../system/process.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Parsed } from "./options.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { attempt, complain, localeQuoted, program, quoted } from "./program.ts";
import { changedMode, isRoot } from "./permissions.ts";

const STANDARD_MODE = "755";

const NOT_IMPLEMENTED: Readonly<Record<string, string>> = {
  b: "--backup",
  C: "--compare",
  p: "--preserve-timestamps",
  s: "--strip",
};

/** `told` gets each directory that is made. */
function makeParents(process: Process, path: string, told: (path: string) => void): boolean {
  const parts = path.split("/");
  for (let count = 1; count <= parts.length; count++) {
    const upTo = parts.slice(0, count).join("/");
    if (upTo === "" || isDirectory(process, upTo)) continue;
    const make = (): void => process.files.makeDirectory(upTo, 0o755);
    const isFile = count < parts.length && exists(process, upTo);
    const word = (error: string): string =>
      `cannot create directory ${quoted(upTo)}: ${isFile ? "Not a directory" : error}`;
    if (!attempt(process, make, word)) return false;
    told(upTo);
  }
  return true;
}

function exists(process: Process, path: string): boolean {
  try {
    process.files.status(path);
    return true;
  } catch (refusal) {
    if (refusal instanceof Refusal) return false;
    throw refusal;
  }
}

function isDirectory(process: Process, path: string): boolean {
  try {
    return process.files.status(path).type === "directory";
  } catch (refusal) {
    if (refusal instanceof Refusal) return false;
    throw refusal;
  }
}

function tellDirectory(process: Process, parsed: Parsed): (path: string) => void {
  return (path) => {
    if (has(parsed, "v")) process.print(`install: creating directory ${quoted(path)}\n`);
  };
}

export const install = program((process) => {
  const parsed = parseOptions(process, {
    short: "bcCdDg:m:o:pst:Tv",
    long: {
      directory: "d",
      "group=": "g",
      "mode=": "m",
      "owner=": "o",
      "preserve-timestamps": "p",
      "target-directory=": "t",
      "no-target-directory": "T",
      verbose: "v",
    },
  });
  for (const [name, text] of Object.entries(NOT_IMPLEMENTED)) {
    if (!has(parsed, name)) continue;
    complain(process, `${text} is not implemented`);
    return 1;
  }
  for (const [name, kind] of [
    ["o", "user"],
    ["g", "group"],
  ] as const) {
    if (!isRoot(process, kind, valueOf(parsed, name) ?? "", " ")) return 1;
  }
  const modeText = valueOf(parsed, "m") ?? STANDARD_MODE;
  const mode = changedMode(modeText, 0, "file", process.umask);
  if (mode === undefined) {
    complain(process, `invalid mode ${localeQuoted(process, modeText)}`);
    return 1;
  }
  const operands = [...parsed.operands];
  if (operands.length === 0) usageError(process, "missing file operand");
  const told = tellDirectory(process, parsed);
  let status = 0;
  if (has(parsed, "d")) {
    for (const path of operands) {
      if (makeParents(process, path, told)) process.files.changeMode(path, mode);
      else status = 1;
    }
    return status;
  }
  const wanted = valueOf(parsed, "t");
  const target = wanted ?? operands.pop();
  if (target === undefined || operands.length === 0)
    usageError(process, `missing destination file operand after ${quoted(target ?? "")}`);
  if (wanted !== undefined && has(parsed, "D") && !makeParents(process, wanted, told)) return 1;
  const into = isDirectory(process, target) && !has(parsed, "T");
  if (!into && (wanted !== undefined || operands.length > 1)) {
    const why = exists(process, target) ? "Not a directory" : "No such file or directory";
    const what = wanted === undefined ? `target ${quoted(target)}` : `failed to access ${quoted(target)}`;
    complain(process, `${what}: ${why}`);
    return 1;
  }
  for (const source of operands) {
    const path = into ? `${target}/${source.slice(source.lastIndexOf("/") + 1)}` : target;
    if (!copyOne(process, parsed, mode, source, path)) status = 1;
  }
  return status;
});

function copyOne(process: Process, parsed: Parsed, mode: number, source: string, path: string): boolean {
  const told = tellDirectory(process, parsed);
  const from = attempt(
    process,
    () => process.files.status(source),
    (error) => `cannot stat ${quoted(source)}: ${error}`,
  );
  if (!from) return false;
  if (from.value.type === "directory") {
    complain(process, `omitting directory ${quoted(source)}`);
    return false;
  }
  if (has(parsed, "D") && path.includes("/")) {
    if (!makeParents(process, path.slice(0, path.lastIndexOf("/")), told)) return false;
  }
  const isThere = exists(process, path);
  if (isThere && isDirectory(process, path)) {
    complain(process, `cannot overwrite directory ${quoted(path)} with non-directory`);
    return false;
  }
  if (isThere && process.files.realPath(path) === process.files.realPath(source)) {
    complain(process, `${quoted(source)} and ${quoted(path)} are the same file`);
    return false;
  }
  const bytes = attempt(
    process,
    () => process.files.readFile(source),
    (error) => `cannot open ${quoted(source)} for reading: ${error}`,
  );
  if (!bytes) return false;
  const write = (): true => {
    // the old file goes, so that whoever has it open keeps it
    if (isThere) {
      process.files.unlink(path);
      if (has(parsed, "v")) process.print(`removed ${quoted(path)}\n`);
    }
    process.files.writeFile(path, bytes.value);
    process.files.changeMode(path, mode);
    if (has(parsed, "v")) process.print(`${quoted(source)} -> ${quoted(path)}\n`);
    return true;
  };
  return (
    attempt(process, write, (error) => `cannot create regular file ${quoted(path)}: ${error}`) !== undefined
  );
}
