// read and mapfile: input by lines. A reader takes no more than it uses, so that what follows in a shared input is
// left for the next command.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Input } from "../../system/streams.ts";
import { SECOND } from "../../system/system.ts";
import { assignTo } from "../expand/arithmetic.ts";
import { singleQuote } from "../expand/quote.ts";
import type { Shell } from "../shell.ts";
import { SourceText } from "../source.ts";
import { IndexedArray, NAME } from "../variables.ts";
import type { Builtin } from "./builtin.ts";
import { readOptions, USAGE_STATUS } from "./builtin.ts";

const USAGE =
  "read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]";
const TIMEOUT_STATUS = 142; // 128 + SIGALRM
const decoder = new TextDecoder();

interface Limits {
  readonly delimiter: number | undefined;
  /** Characters. */
  readonly count: number | undefined;
  readonly raw: boolean;
  /** Monotonic time. */
  readonly until: number | undefined;
}

interface Line {
  /** Text with its backslashes, unless raw. */
  readonly text: string;
  readonly end: "delimiter" | "count" | "end" | "timeout";
}

export const read: Builtin = async (shell, args) => {
  const parsed = readOptions(shell, "read", args, "ers", "adinNptu", USAGE);
  if (!parsed) return USAGE_STATUS;
  const { options, rest } = parsed;
  if (shell.dash && rest.length === 0) {
    shell.complain("read: arg count");
    return USAGE_STATUS;
  }
  for (const name of rest) {
    if (NAME.test(name) || /^[A-Za-z_]\w*\[.+\]$/.test(name)) continue;
    shell.complain(`read: \`${name}': not a valid identifier`);
    return 1;
  }
  const fd = options.get("u") ?? "0";
  const input = shell.process.fds.get(Number(fd))?.input;
  if (!input) {
    shell.complain(
      fd === "0"
        ? "read: read error: 0: Bad file descriptor"
        : `read: ${fd}: invalid file descriptor: Bad file descriptor`,
    );
    return 1;
  }
  const timeout = options.get("t");
  if (timeout !== undefined && !/^(\d+\.?\d*|\.\d+)$/.test(timeout)) {
    shell.complain(`read: ${timeout}: invalid timeout specification`);
    return 1;
  }
  if (timeout !== undefined && Number(timeout) === 0) return input.ready ? 0 : 1;
  const prompt = options.get("p");
  if (prompt !== undefined && shell.process.fds.get(2)?.output?.terminal) shell.process.warn(prompt);
  const delimiter = options.get("d");
  const exact = options.get("N");
  const count = exact ?? options.get("n");
  const line = await readLine(shell, input, {
    delimiter:
      exact !== undefined
        ? undefined
        : delimiter === undefined
          ? 10
          : delimiter === ""
            ? 0
            : delimiter.charCodeAt(0),
    count: count === undefined ? undefined : Number(count),
    raw: options.has("r"),
    until: timeout === undefined ? undefined : shell.process.monotonic() + Number(timeout) * SECOND,
  });
  if (typeof line === "number") return line;
  const raw = options.has("r");
  const array = options.get("a");
  if (array !== undefined) {
    shell.variables.setArray(
      array,
      IndexedArray.of(splitLine(line.text, shell.variables.get("IFS") ?? " \t\n", raw, Infinity)),
    );
  } else if (exact !== undefined) assignTo(shell, rest[0] ?? "REPLY", unescape(line.text, raw));
  else assignFields(shell, rest, line.text, raw);
  if (line.end === "timeout") return TIMEOUT_STATUS;
  return line.end === "end" ? 1 : 0;
};

function assignFields(shell: Shell, names: readonly string[], text: string, raw: boolean): void {
  if (names.length === 0) return shell.variables.set("REPLY", unescape(text, raw));
  const fields = splitLine(text, shell.variables.get("IFS") ?? " \t\n", raw, names.length);
  names.forEach((name, index) => assignTo(shell, name, fields[index] ?? ""));
}

function unescape(text: string, raw: boolean): string {
  return raw ? text : text.replace(/\\([\s\S])/g, "$1");
}

/** Reads up to the delimiter. A number is the status of a read that failed. */
async function readLine(shell: Shell, input: Input, limits: Limits): Promise<Line | number> {
  const bytes: number[] = [];
  const done = (end: Line["end"]): Line => ({ text: decoder.decode(Uint8Array.from(bytes)), end });
  let escaped = false;
  let characters = 0;
  for (;;) {
    if (limits.count !== undefined && characters >= limits.count) return done("count");
    let chunk: Uint8Array | null | undefined;
    try {
      chunk = input.read();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      shell.complain(`read: read error: 0: ${strerror(refusal.errno)}`);
      return 1;
    }
    if (chunk === null) return done("end");
    if (chunk === undefined) {
      const left = limits.until === undefined ? undefined : limits.until - shell.process.monotonic();
      const result = left !== undefined && left <= 0 ? "timeout" : await shell.process.wait([input], left);
      if (result === "timeout") return done("timeout");
      if (result === "signal" && shell.interruptPending) shell.interrupt();
      // A trapped signal does not end the read, but its action must not wait for input.
      if (result === "signal") await shell.runTraps();
      continue;
    }
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (!escaped && byte === limits.delimiter) {
        input.unread(chunk.slice(at + 1));
        return done("delimiter");
      }
      if (escaped && byte === 10) bytes.pop();
      else if (byte !== 0 || limits.delimiter === 0) bytes.push(byte);
      escaped = !limits.raw && !escaped && byte === 0x5c;
      if ((byte & 0xc0) !== 0x80 && !escaped) characters++;
      if (
        limits.count !== undefined &&
        characters >= limits.count &&
        ((chunk[at + 1] ?? 0) & 0xc0) !== 0x80
      ) {
        input.unread(chunk.slice(at + 1));
        return done("count");
      }
    }
  }
}

/** Splits as read does: the last of `limit` fields takes the rest, without white space at its end. */
export function splitLine(text: string, ifs: string, raw: boolean, limit: number): string[] {
  const white = [...ifs].filter((char) => char === " " || char === "\t" || char === "\n").join("");
  const fields: string[] = [];
  let at = 0;
  const skipWhite = (): void => {
    while (at < text.length && white.includes(text[at] ?? "")) at++;
  };
  skipWhite();
  while (at < text.length) {
    const start = at;
    if (fields.length === limit - 1) {
      fields.push(lastField(text.slice(start), ifs, white, raw));
      return fields;
    }
    let field = "";
    for (; at < text.length && !ifs.includes(text[at] ?? ""); at++) {
      if (!raw && text[at] === "\\") at++;
      field += text[at] ?? "";
    }
    fields.push(field);
    skipWhite();
    if (at < text.length && ifs.includes(text[at] ?? "") && !white.includes(text[at] ?? "")) {
      at++;
      skipWhite();
    }
  }
  return fields;
}

function lastField(rest: string, ifs: string, white: string, raw: boolean): string {
  let end = rest.length;
  const unquoted = (at: number): boolean => raw || !/(^|[^\\])(\\\\)*\\$/.test(rest.slice(0, at));
  while (end > 0 && white.includes(rest[end - 1] ?? "") && unquoted(end - 1)) end--;
  let text = rest.slice(0, end);
  // One separator that only ends the last field is no part of it: "a:" gives "a".
  const final = text.at(-1) ?? "";
  if (
    final !== "" &&
    ifs.includes(final) &&
    !white.includes(final) &&
    ![...text.slice(0, -1)].some((c) => ifs.includes(c))
  ) {
    text = text.slice(0, -1);
  }
  return unescape(text, raw);
}

/** Lines between two calls of mapfile's callback. */
const MAPFILE_QUANTUM = 5000;

export const mapfile: Builtin = async (shell, args, name) => {
  const parsed = readOptions(
    shell,
    name,
    args,
    "t",
    "dnOsuCc",
    `${name} [-d delim] [-n count] [-O origin] [-s count] [-t] [-u fd] [-C callback] [-c quantum] [array]`,
  );
  if (!parsed) return USAGE_STATUS;
  const { options, rest } = parsed;
  const input = shell.process.fds.get(Number(options.get("u") ?? "0"))?.input;
  if (!input) {
    shell.complain(`${name}: ${options.get("u") ?? "0"}: invalid file descriptor: Bad file descriptor`);
    return 1;
  }
  const delimiter = options.get("d");
  const byte = delimiter === undefined ? 10 : delimiter === "" ? 0 : delimiter.charCodeAt(0);
  const callback = options.get("C");
  const quantum = Number(options.get("c") ?? MAPFILE_QUANTUM);
  const most = Number(options.get("n") ?? "0") || Infinity;
  let skip = Number(options.get("s") ?? "0");
  const array = new IndexedArray();
  let index = Number(options.get("O") ?? "0");
  for (let count = 0; count < most;) {
    const line = await readLine(shell, input, {
      delimiter: byte,
      count: undefined,
      raw: true,
      until: undefined,
    });
    if (typeof line === "number") return line;
    if (line.end === "end" && line.text === "") break;
    if (skip > 0) {
      skip--;
      continue;
    }
    const text = line.text + (line.end === "delimiter" && !options.has("t") ? String.fromCharCode(byte) : "");
    count++;
    if (callback !== undefined && count % quantum === 0) {
      const command = `${callback} ${index} ${singleQuote(text)}`;
      await shell.interpreter.runText(shell, new SourceText(shell.source.name, command, shell.line));
    }
    array.set(index++, text);
    if (line.end === "end") break;
  }
  shell.variables.setArray(rest[0] ?? "MAPFILE", array);
  return 0;
};
