// mkdir, rmdir, rm, touch, mktemp, ln, cp, mv, readlink, realpath, basename, dirname: programs on names of files.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { changedMode } from "./permissions.ts";
import { attempt, complain, localeQuoted, program, quoted, quotedIfNeeded } from "./program.ts";

/** Runs `act` for every operand; a refusal is `NAME: ` + word. */
function eachOperand(
  process: Process,
  operands: readonly string[],
  act: (name: string) => void,
  word: (name: string, error: string) => string,
): number {
  if (operands.length === 0) usageError(process, "missing operand");
  let status = 0;
  for (const name of operands) {
    if (
      !attempt(
        process,
        () => act(name),
        (error) => word(name, error),
      )
    )
      status = 1;
  }
  return status;
}

function exists(process: Process, path: string): boolean {
  try {
    process.files.linkStatus(path);
    return true;
  } catch (refusal) {
    if (refusal instanceof Refusal) return false;
    throw refusal;
  }
}

function isDirectory(process: Process, path: string, follow = true): boolean {
  try {
    const { files } = process;
    return (follow ? files.status(path) : files.linkStatus(path)).type === "directory";
  } catch (refusal) {
    if (refusal instanceof Refusal) return false;
    throw refusal;
  }
}

function lastName(path: string): string {
  const trimmed = path.replace(/(?<=.)\/+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("/") + 1) || "/";
}

function within(directory: string, name: string): string {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

export const mkdir = program((process) => {
  const parsed = parseOptions(process, { short: "m:pv", long: { "mode=": "m", parents: "p", verbose: "v" } });
  const modeText = valueOf(parsed, "m");
  const mode = modeText === undefined ? undefined : changedMode(modeText, 0o777, "directory", process.umask);
  if (modeText !== undefined && mode === undefined) {
    complain(process, `invalid mode ${localeQuoted(process, modeText)}`);
    return 1;
  }
  const make = (path: string, asked = true): void => {
    process.files.makeDirectory(path);
    // The umask does not cut what -m says, and parents have the usual mode.
    if (asked && mode !== undefined) process.files.changeMode(path, mode);
    if (has(parsed, "v")) process.print(`mkdir: created directory ${quoted(path)}\n`);
  };
  return eachOperand(
    process,
    parsed.operands,
    (path) => {
      if (!has(parsed, "p")) return make(path);
      const parts = path.replace(/(?<=.)\/+$/, "").split("/");
      parts.forEach((part, index) => {
        const upTo = parts.slice(0, index + 1).join("/");
        if (part !== "" && !isDirectory(process, upTo)) make(upTo, index === parts.length - 1);
      });
    },
    (path, error) => `cannot create directory ${localeQuoted(process, path)}: ${error}`,
  );
});

export const rmdir = program((process) => {
  const parsed = parseOptions(process, {
    short: "pv",
    long: { parents: "p", verbose: "v", "ignore-fail-on-non-empty": "ignore" },
  });
  return eachOperand(
    process,
    parsed.operands,
    (path) => {
      try {
        process.files.removeDirectory(path);
      } catch (refusal) {
        if (refusal instanceof Refusal && refusal.errno === ERRNO.ENOTEMPTY && has(parsed, "ignore")) return;
        throw refusal;
      }
      for (let at = path.lastIndexOf("/"); has(parsed, "p") && at > 0; at = path.lastIndexOf("/", at - 1)) {
        process.files.removeDirectory(path.slice(0, at));
      }
    },
    (path, error) => `failed to remove ${quoted(path)}: ${error}`,
  );
});

export const rm = program((process) => {
  const parsed = parseOptions(process, {
    short: "dfiIrRv",
    long: { dir: "d", force: "f", recursive: "r", verbose: "v" },
  });
  const force = has(parsed, "f");
  if (parsed.operands.length === 0 && force) return 0;
  const recursive = has(parsed, "r") || has(parsed, "R");
  const { files } = process;
  const told = (what: string): void => {
    if (has(parsed, "v")) process.print(`${what}\n`);
  };
  const removeTree = (path: string): void => {
    if (files.linkStatus(path).type !== "directory") {
      files.unlink(path);
      return told(`removed ${quoted(path)}`);
    }
    if (!recursive && !has(parsed, "d")) throw new Refusal(ERRNO.EISDIR);
    if (recursive) for (const name of files.readDirectory(path)) removeTree(within(path, name));
    files.removeDirectory(path);
    told(`removed directory ${quoted(path)}`);
  };
  return eachOperand(
    process,
    parsed.operands,
    (path) => {
      if (force && !exists(process, path)) return;
      removeTree(path);
    },
    (path, error) => `cannot remove ${quoted(path)}: ${error}`,
  );
});

export const touch = program((process) => {
  const parsed = parseOptions(process, {
    short: "acd:hmr:t:",
    long: { "no-create": "c", "date=": "d", "reference=": "r", "no-dereference": "h", "time=": "t" },
  });
  if (parsed.operands.length === 0) usageError(process, "missing file operand");
  return eachOperand(
    process,
    parsed.operands,
    (path) => {
      if (isDirectory(process, path) || (has(parsed, "c") && !exists(process, path))) return;
      process.files.open(path, { write: true, create: true, append: true }).close();
    },
    (path, error) => `cannot touch ${quoted(path)}: ${error}`,
  );
});

const RANDOM_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const NAME_TRIES = 100;

export const mktemp = program((process) => {
  const parsed = parseOptions(process, {
    short: "dp:qtu",
    long: { directory: "d", "tmpdir=": "p", quiet: "q", "dry-run": "u", "suffix=": "suffix" },
  });
  const template = parsed.operands[0] ?? "tmp.XXXXXXXXXX";
  const marks = /X{3,}(?=[^X]*$)/.exec(template);
  if (!marks) {
    complain(process, `too few X's in template ${quoted(template)}`);
    return 1;
  }
  const directory = valueOf(parsed, "p") ?? process.env.get("TMPDIR") ?? "/tmp";
  const inDirectory = has(parsed, "p") || has(parsed, "t") || parsed.operands.length === 0;
  const kind = has(parsed, "d") ? "directory" : "file";
  for (let attempts = 0; attempts < NAME_TRIES; attempts++) {
    const random = Array.from(
      marks[0],
      () => RANDOM_NAME[process.system.random32() % RANDOM_NAME.length] ?? "",
    ).join("");
    const name =
      template.slice(0, marks.index) +
      random +
      template.slice(marks.index + marks[0].length) +
      (valueOf(parsed, "suffix") ?? "");
    const path = inDirectory ? within(directory, name) : name;
    try {
      if (has(parsed, "u")) {
        // Only a name is wanted.
      } else if (kind === "directory") process.files.makeDirectory(path, 0o700);
      else {
        process.files.open(path, { write: true, create: true, exclusive: true }).close();
        process.files.changeMode(path, 0o600);
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (refusal.errno === ERRNO.EEXIST) continue;
      complain(
        process,
        `failed to create ${kind} via template ${quoted(inDirectory ? within(directory, template) : template)}: ${strerror(refusal.errno)}`,
      );
      return 1;
    }
    process.print(`${path}\n`);
    return 0;
  }
  complain(process, `failed to create ${kind} via template ${quoted(template)}: ${strerror(ERRNO.EEXIST)}`);
  return 1;
});

/** Source and target operands: the target is a directory, or there is one source. */
function targets(
  process: Process,
  operands: readonly string[],
  what: string,
  intoLast: boolean,
): readonly (readonly [string, string])[] {
  const target = operands.at(-1);
  const sources = operands.slice(0, -1);
  if (target === undefined) usageError(process, "missing file operand");
  if (sources.length === 0)
    usageError(process, `missing ${what} operand after ${localeQuoted(process, target)}`);
  if (intoLast && isDirectory(process, target))
    return sources.map((source) => [source, within(target, lastName(source))]);
  if (sources.length > 1) usageError(process, `target ${quoted(target)} is not a directory`);
  return [[sources[0] ?? "", target]];
}

export const ln = program((process) => {
  const parsed = parseOptions(process, {
    short: "fnsTv",
    long: { force: "f", "no-dereference": "n", symbolic: "s", "no-target-directory": "T", verbose: "v" },
  });
  const operands = parsed.operands.length === 1 ? [...parsed.operands, "."] : parsed.operands;
  let status = 0;
  for (const [source, path] of targets(
    process,
    operands,
    "destination file",
    !has(parsed, "T") && !(has(parsed, "n") && !isDirectory(process, operands.at(-1) ?? "", false)),
  )) {
    const kind = has(parsed, "s") ? "symbolic link" : "hard link";
    const done = attempt(
      process,
      () => {
        // The file systems of the system have no hard links.
        if (!has(parsed, "s")) throw new Refusal(ERRNO.EPERM);
        if (has(parsed, "f") && exists(process, path)) process.files.unlink(path);
        process.files.symlink(source, path);
      },
      (error) =>
        `failed to create ${kind} ${quoted(path)}${has(parsed, "s") ? "" : ` => ${quoted(source)}`}: ${error}`,
    );
    if (!done) status = 1;
    else if (has(parsed, "v")) process.print(`${quoted(path)} -> ${quoted(source)}\n`);
  }
  return status;
});

export const cp = program((process) => {
  const parsed = parseOptions(process, {
    short: "adfLnPprRTv",
    long: {
      archive: "a",
      force: "f",
      dereference: "L",
      "no-clobber": "n",
      "no-dereference": "P",
      recursive: "r",
      "no-target-directory": "T",
      verbose: "v",
    },
  });
  const recursive = has(parsed, "r") || has(parsed, "R") || has(parsed, "a");
  const { files } = process;
  let failed = false;
  const copy = (from: string, to: string): void => {
    const { type, mode } = recursive ? files.linkStatus(from) : files.status(from);
    if (type === "directory") {
      if (!isDirectory(process, to)) files.makeDirectory(to, mode);
      for (const name of files.readDirectory(from)) copy(within(from, name), within(to, name));
    } else if (type === "symlink") files.symlink(files.readLink(from), to);
    else if (!has(parsed, "n") || !exists(process, to)) {
      const bytes = files.readFile(from);
      if (
        !attempt(
          process,
          () => files.writeFile(to, bytes),
          (error) => `cannot create regular file ${quoted(to)}: ${error}`,
        )
      )
        failed = true;
    }
    if (has(parsed, "v")) process.print(`${quoted(from)} -> ${quoted(to)}\n`);
  };
  let status = 0;
  for (const [from, to] of targets(process, parsed.operands, "destination file", !has(parsed, "T"))) {
    const source = attempt(
      process,
      () => files.status(from),
      (error) => `cannot stat ${quoted(from)}: ${error}`,
    );
    if (!source) status = 1;
    else if (source.value.type === "directory" && !recursive) {
      complain(process, `-r not specified; omitting directory ${quoted(from)}`);
      status = 1;
    } else if (
      !attempt(
        process,
        () => copy(from, to),
        (error) => `cannot open ${quoted(from)} for reading: ${error}`,
      )
    ) {
      status = 1;
    }
  }
  return failed ? 1 : status;
});

export const mv = program((process) => {
  const parsed = parseOptions(process, {
    short: "finTv",
    long: { force: "f", "no-clobber": "n", "no-target-directory": "T", verbose: "v" },
  });
  let status = 0;
  for (const [from, to] of targets(process, parsed.operands, "destination file", !has(parsed, "T"))) {
    if (
      !attempt(
        process,
        () => process.files.linkStatus(from),
        (error) => `cannot stat ${quoted(from)}: ${error}`,
      )
    ) {
      status = 1;
      continue;
    }
    if (has(parsed, "n") && exists(process, to)) continue;
    const moved = attempt(
      process,
      () => process.files.rename(from, to),
      (error) => `cannot move ${quoted(from)} to ${quoted(to)}: ${error}`,
    );
    if (!moved) status = 1;
    else if (has(parsed, "v")) process.print(`renamed ${quoted(from)} -> ${quoted(to)}\n`);
  }
  return status;
});

/** Canonical path where the last component need not exist (readlink -f, realpath). */
function canonical(process: Process, path: string, must: "all" | "parents" | "none"): string {
  const { files } = process;
  try {
    return files.realPath(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.ENOENT || must === "all") throw refusal;
    const absolute = path.startsWith("/") ? path : `${process.cwd}/${path}`;
    const parent = absolute.slice(0, absolute.replace(/\/+$/, "").lastIndexOf("/")) || "/";
    if (must === "parents") return within(files.realPath(parent), lastName(path));
    return parent === absolute ? "/" : within(canonical(process, parent, "none"), lastName(path));
  }
}

export const readlink = program((process) => {
  const parsed = parseOptions(process, {
    short: "efmnqsvz",
    long: {
      "canonicalize-existing": "e",
      canonicalize: "f",
      "canonicalize-missing": "m",
      "no-newline": "n",
      quiet: "q",
      silent: "s",
      verbose: "v",
      zero: "z",
    },
  });
  if (parsed.operands.length === 0) usageError(process, "missing operand");
  const must = has(parsed, "e")
    ? "all"
    : has(parsed, "f")
      ? "parents"
      : has(parsed, "m")
        ? "none"
        : undefined;
  const end = has(parsed, "n") ? "" : has(parsed, "z") ? "\0" : "\n";
  let status = 0;
  for (const path of parsed.operands) {
    try {
      process.print(
        (must === undefined ? process.files.readLink(path) : canonical(process, path, must)) + end,
      );
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (has(parsed, "v")) complain(process, `${path}: ${strerror(refusal.errno)}`);
      status = 1;
    }
  }
  return status;
});

export const realpath = program((process) => {
  const parsed = parseOptions(process, {
    short: "emqsLPz",
    long: {
      "canonicalize-existing": "e",
      "canonicalize-missing": "m",
      quiet: "q",
      "no-symlinks": "s",
      zero: "z",
    },
  });
  const must = has(parsed, "e") ? "all" : has(parsed, "m") ? "none" : "parents";
  return eachOperand(
    process,
    parsed.operands,
    (path) => process.print(`${canonical(process, path, must)}${has(parsed, "z") ? "\0" : "\n"}`),
    (path, error) => `${quotedIfNeeded(path)}: ${error}`,
  );
});

export const basename = program((process) => {
  const parsed = parseOptions(process, {
    short: "as:z",
    long: { multiple: "a", "suffix=": "s", zero: "z" },
    stopEarly: true,
  });
  const { operands } = parsed;
  const [first, second, extra] = operands;
  if (first === undefined) usageError(process, "missing operand");
  const many = has(parsed, "a") || has(parsed, "s");
  if (!many && extra !== undefined) usageError(process, `extra operand ${localeQuoted(process, extra)}`);
  const suffix = valueOf(parsed, "s") ?? (many ? "" : (second ?? ""));
  for (const path of many ? operands : [first]) {
    const name = lastName(path);
    const cut =
      suffix !== "" && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
    process.print(`${cut}${has(parsed, "z") ? "\0" : "\n"}`);
  }
  return 0;
});

export const dirname: Program = program((process) => {
  const parsed = parseOptions(process, { short: "z", long: { zero: "z" } });
  return eachOperand(
    process,
    parsed.operands,
    (path) => {
      const trimmed = path.replace(/(?<=.)\/+$/, "");
      const at = trimmed.lastIndexOf("/");
      const directory = at < 0 ? "." : trimmed.slice(0, at).replace(/(?<=.)\/+$/, "") || "/";
      process.print(`${directory}${has(parsed, "z") ? "\0" : "\n"}`);
    },
    (path, error) => `${path}: ${error}`,
  );
});
