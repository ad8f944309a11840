// env, printenv, nohup, setsid, nice, stdbuf, xargs: programs that run other programs.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { whyNotRun } from "../../system/executable.ts";
import type { Process } from "../../system/process.ts";
import { exitCode } from "../../system/process.ts";
import { descriptor, nullDescriptor } from "../../system/streams.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import type { OptionTable } from "./options.ts";
import { complain, program, localeQuoted } from "./program.ts";
import { openReader, readAll } from "./streams.ts";

const CANNOT = 125;

/** Becomes the program that a command names. */
function become(process: Process, command: readonly string[]): Promise<number> | number {
  const [name = ""] = command;
  const found = process.lookup(name, process);
  if (found) return process.exec(found, command);
  const { errno, status } = whyNotRun(process, name);
  complain(process, `${localeQuoted(process, name)}: ${strerror(errno)}`);
  return status;
}

export const env = program((process) => {
  const parsed = parseOptions(
    process,
    {
      short: "0C:iS:u:v",
      long: {
        null: "0",
        "chdir=": "C",
        "ignore-environment": "i",
        "split-string=": "S",
        "unset=": "u",
        debug: "v",
      },
      stopEarly: true,
    },
    CANNOT,
  );
  const split =
    valueOf(parsed, "S")
      ?.split(/\s+/)
      .filter((word) => word !== "") ?? [];
  let words = [...split, ...parsed.operands];
  if (words[0] === "-") words = words.slice(1);
  if (has(parsed, "i") || parsed.operands[0] === "-") process.env.clear();
  for (const { name, value } of parsed.options) if (name === "u") process.env.delete(value);
  while (/^[^=]+=/.test(words[0] ?? "")) {
    const word = words.shift() ?? "";
    process.env.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
  }
  const directory = valueOf(parsed, "C");
  if (directory !== undefined) process.cwd = process.files.realPath(directory);
  if (words.length > 0) return become(process, words);
  for (const [name, value] of process.env) process.print(`${name}=${value}${has(parsed, "0") ? "\0" : "\n"}`);
  return 0;
});

export const printenv = program((process) => {
  const parsed = parseOptions(process, { short: "0", long: { null: "0" } });
  const end = has(parsed, "0") ? "\0" : "\n";
  if (parsed.operands.length === 0) {
    for (const [name, value] of process.env) process.print(`${name}=${value}${end}`);
    return 0;
  }
  let status = 0;
  for (const name of parsed.operands) {
    const value = process.env.get(name);
    if (value === undefined) status = 1;
    else process.print(value + end);
  }
  return status;
});

/** A program whose options only concern what the system does not model, and which then runs a command. */
function wrapper(table: OptionTable, before: (process: Process) => void = () => {}) {
  return program((process) => {
    const { operands } = parseOptions(process, { ...table, stopEarly: true }, CANNOT);
    if (operands.length === 0) usageError(process, "missing operand", CANNOT);
    before(process);
    return become(process, operands);
  });
}

export const nohup = wrapper({ short: "" }, (process) => process.onSignal("SIGHUP", "ignore"));
export const setsid = wrapper({ short: "cfw", long: { ctty: "c", fork: "f", wait: "w" } });
export const nice = wrapper({ short: "n:", long: { "adjustment=": "n" } });
export const stdbuf = wrapper({ short: "i:o:e:", long: { "input=": "i", "output=": "o", "error=": "e" } });

/** Arguments of xargs: by blanks and newlines with quotes, or by a delimiter, or by lines. */
function splitArguments(
  process: Process,
  text: string,
  delimiter: string | undefined,
  lines: boolean,
): string[] {
  if (delimiter !== undefined) {
    const items = text.split(delimiter);
    if (items.at(-1) === "") items.pop();
    return items;
  }
  if (lines) {
    return text
      .split("\n")
      .map((line) => line.replace(/^[ \t]+/, ""))
      .filter((line) => line !== "");
  }
  const out: string[] = [];
  let current: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === " " || char === "\t" || char === "\n") {
      if (current !== undefined) out.push(current);
      current = undefined;
    } else if (char === "'" || char === '"') {
      const end = text.indexOf(char, at + 1);
      if (end < 0 || text.slice(at, end).includes("\n")) {
        const kind = char === "'" ? "single" : "double";
        complain(
          process,
          `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`,
        );
        return out;
      }
      current = (current ?? "") + text.slice(at + 1, end);
      at = end;
    } else if (char === "\\" && at + 1 < text.length) current = (current ?? "") + (text[++at] ?? "");
    else current = (current ?? "") + char;
  }
  if (current !== undefined) out.push(current);
  return out;
}

function delimiterOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  return { "\\n": "\n", "\\t": "\t", "\\0": "\0", "\\\\": "\\" }[text] ?? text[0];
}

const XARGS_FAILED = 123;
const XARGS_STOP = 124;
const XARGS_KILLED = 125;
const XARGS_STOP_STATUS = 255;

export const xargs = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "0a:d:I:L:n:P:rs:tx",
    long: {
      null: "0",
      "arg-file=": "a",
      "delimiter=": "d",
      "replace=": "I",
      "max-lines=": "L",
      "max-args=": "n",
      "max-procs=": "P",
      "no-run-if-empty": "r",
      "max-chars=": "s",
      verbose: "t",
      exit: "x",
    },
    stopEarly: true,
  });
  const replace = valueOf(parsed, "I");
  const perLine = valueOf(parsed, "L");
  const delimiter = has(parsed, "0") ? "\0" : delimiterOf(valueOf(parsed, "d"));
  const bytes = await readAll(openReader(process, valueOf(parsed, "a") ?? "-"));
  const items = splitArguments(
    process,
    new TextDecoder().decode(bytes),
    delimiter,
    replace !== undefined || perLine !== undefined,
  );
  const command = parsed.operands.length > 0 ? parsed.operands : ["echo"];
  const calls: (readonly string[])[] = [];
  if (replace !== undefined) {
    for (const item of items) calls.push(command.map((word) => word.replaceAll(replace, item)));
  } else {
    const size = Number(perLine ?? valueOf(parsed, "n") ?? Number.POSITIVE_INFINITY);
    for (let at = 0; at < items.length; at += size) {
      const group = items.slice(at, at + size);
      calls.push([
        ...command,
        ...(perLine === undefined ? group : group.flatMap((line) => line.split(/[ \t]+/))),
      ]);
    }
    if (items.length === 0 && !has(parsed, "r")) calls.push(command);
  }
  let status = 0;
  for (const call of calls) {
    if (has(parsed, "t")) process.warn(`${call.join(" ")}\n`);
    const result = await runOne(process, call);
    if (result >= XARGS_STOP) return result;
    status = Math.max(status, result);
  }
  return status;
});

/** Runs one command line of xargs; 0, 123, or the status that ends xargs. */
async function runOne(process: Process, call: readonly string[]): Promise<number> {
  const [name = ""] = call;
  const found = process.lookup(name, process);
  if (!found) {
    const { errno, status } = whyNotRun(process, name);
    complain(process, `${name}: ${strerror(errno)}`);
    return status;
  }
  const fds = new Map(process.fds);
  const empty = nullDescriptor();
  fds.set(0, descriptor({ ...(empty.input && { input: empty.input }) }));
  const child = process.spawn(found, { argv: call, fds });
  while (child.status === undefined) await process.waitFor(child);
  if (child.status.signal !== undefined) {
    complain(process, `${name}: terminated by signal ${exitCode(child.status) - 128}`);
    return XARGS_KILLED;
  }
  if (child.status.code === XARGS_STOP_STATUS) {
    complain(process, `${name}: exited with status 255; aborting`);
    return XARGS_STOP;
  }
  return child.status.code === 0 ? 0 : XARGS_FAILED;
}

/** Directory that programs of the system are said to be in, as there are no files for them. */
const PROGRAM_DIRECTORY = "/usr/bin";

/** The first executable file of that name in a directory of PATH. */
function alongPath(process: Process, name: string): string | undefined {
  for (const directory of (process.env.get("PATH") ?? "").split(":")) {
    const path = `${directory === "" ? "." : directory}/${name}`;
    try {
      const { type, mode } = process.files.status(path);
      if (type === "file" && (mode & 0o111) !== 0) return path;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
  }
  return undefined;
}

export const which = program((process) => {
  const parsed = parseOptions(process, { short: "a", long: { all: "a" } });
  let status = 0;
  for (const name of parsed.operands) {
    const known = process.lookup(name, process) !== undefined;
    const path = name.includes("/") ? (known ? name : undefined) : alongPath(process, name);
    if (path !== undefined) process.print(`${path}\n`);
    else if (known && !name.includes("/")) process.print(`${PROGRAM_DIRECTORY}/${name}\n`);
    else status = 1;
  }
  return status;
});
