// sed(1) of GNU sed 4.9: options, the files that it reads, and those that it edits in place. It reads a line when it needs one, and
// one more to know which is the last.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, UsageEnd, valueOf } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";
import { descriptorNumber, LineReader, openReader, readAll, writeBytes } from "../coreutils/streams.ts";
import { Executor, NoExpression } from "./execute.ts";
import type { Line, Settings, Surroundings } from "./execute.ts";
import type { Command } from "./script.ts";
import { ScriptFault, ScriptParser } from "./script.ts";
import { HELP_END, USAGE, VERSION } from "./usage.ts";

const BAD_USAGE = 1;
const BAD_INPUT = 2;
const PANIC = 4;
const LINE_LENGTH = 70;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/** Bytes as text; what is not UTF-8 has a character a byte, beyond all that text has. */
function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte < 0x80 ? byte : RAW + byte)).join("");
  }
}

const RAW = 0xf700;

function bytesOf(text: string): Uint8Array {
  if (!/[\uf780-\uf7ff]/.test(text)) return encoder.encode(text);
  return Uint8Array.from(
    [...text].flatMap((char) => {
      const code = char.charCodeAt(0);
      return code >= RAW + 0x80 && code <= RAW + 0xff ? [code - RAW] : [...encoder.encode(char)];
    }),
  );
}

class Files implements Surroundings {
  readonly #process: Process;
  readonly #names: string[];
  readonly #delimiter: number;
  readonly #written = new Set<string>();
  readonly #readers = new Map<string, LineReader>();
  #reader: LineReader | undefined;
  #ahead: { readonly line: Line; readonly file: string } | undefined;
  #output: string[] | undefined;
  fileName = "-";
  lineNumber = 0;
  status = 0;

  constructor(process: Process, names: readonly string[], delimiter: number) {
    this.#process = process;
    this.#names = [...names];
    this.#delimiter = delimiter;
  }

  /** What is printed goes here instead of standard output. */
  collect(): string[] {
    return (this.#output = []);
  }

  async next(): Promise<Line | undefined> {
    await this.#look();
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead === undefined) return undefined;
    this.fileName = ahead.file;
    this.lineNumber++;
    if (ahead.line.ended) return ahead.line;
    // A file in the middle gets the end that its last line lacks.
    return { text: ahead.line.text, ended: !(await this.isLast()) };
  }

  async isLast(): Promise<boolean> {
    await this.#look();
    return this.#ahead === undefined;
  }

  async #look(): Promise<void> {
    while (this.#ahead === undefined) {
      if (this.#reader === undefined && !this.#open()) return;
      const file = this.#current;
      let bytes: Uint8Array | null;
      try {
        bytes = (await this.#reader?.next()) ?? null;
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        complain(this.#process, `read error on ${file}: ${strerror(refusal.errno)}`);
        throw new UsageEnd(PANIC);
      }
      if (bytes === null) this.#reader = undefined;
      else {
        const ended = bytes.at(-1) === this.#delimiter;
        this.#ahead = { file, line: { text: textOf(ended ? bytes.subarray(0, -1) : bytes), ended } };
      }
    }
  }

  #current = "-";

  #open(): boolean {
    for (let name = this.#names.shift(); name !== undefined; name = this.#names.shift()) {
      try {
        this.#current = name;
        this.#reader = new LineReader(openReader(this.#process, name), this.#delimiter);
        if (descriptorNumber(name) === undefined && this.#process.files.status(name).type === "directory")
          throw new Refusal(ERRNO.EISDIR);
        return true;
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        this.#reader = undefined;
        const directory = refusal.errno === ERRNO.EISDIR;
        const what = directory ? `couldn't read ${name}` : `can't read ${name}`;
        if (directory) complain(this.#process, `read error on ${name}: ${strerror(refusal.errno)}`);
        else complain(this.#process, `${what}: ${strerror(refusal.errno)}`);
        if (directory) throw new UsageEnd(PANIC);
        this.status = BAD_INPUT;
      }
    }
    return false;
  }

  async write(text: string): Promise<void> {
    if (this.#output) this.#output.push(text);
    else await writeBytes(this.#process, bytesOf(text));
  }

  async append(file: string, text: string): Promise<void> {
    if (file === "/dev/stdout") return this.write(text);
    if (file === "/dev/stderr") return this.#process.warn(text);
    const append = this.#written.has(file);
    this.#written.add(file);
    this.#process.files.writeFile(file, bytesOf(text), append ? { append: true } : {});
  }

  /** Files that a script writes are there even if nothing is written. */
  create(commands: readonly Command[]): void {
    for (const { name, text, substitution } of commands) {
      const file = name === "w" || name === "W" ? text : substitution?.file;
      if (file === undefined || file.startsWith("/dev/std") || this.#written.has(file)) continue;
      this.#written.add(file);
      this.#process.files.writeFile(file, new Uint8Array(0));
    }
  }

  async contents(file: string): Promise<string | undefined> {
    try {
      return textOf(await readAll(openReader(this.#process, file === "/dev/stdin" ? "-" : file)));
    } catch (refusal) {
      if (refusal instanceof Refusal) return undefined;
      throw refusal;
    }
  }

  async lineOf(file: string): Promise<string | undefined> {
    let reader = this.#readers.get(file);
    try {
      if (!reader) this.#readers.set(file, (reader = new LineReader(openReader(this.#process, file))));
      const bytes = await reader.next();
      return bytes === null ? undefined : textOf(bytes).replace(/\n$/, "");
    } catch (refusal) {
      if (refusal instanceof Refusal) return undefined;
      throw refusal;
    }
  }
}

export const sed: Program = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "bsnrzuEe:f:l:i::V:h",
    long: {
      binary: "b",
      quiet: "n",
      silent: "n",
      "regexp-extended": "E",
      "expression=": "e",
      "file=": "f",
      "line-length=": "l",
      "in-place?": "i",
      separate: "s",
      "null-data": "z",
      "zero-terminated": "z",
      unbuffered: "u",
      posix: "posix",
      debug: "debug",
      sandbox: "sandbox",
      "follow-symlinks": "follow",
      version: "version",
      help: "help",
    },
    wrong: (text) => {
      process.warn(`sed: ${text}\n${USAGE}`);
      throw new UsageEnd(BAD_USAGE);
    },
  });
  if (has(parsed, "version")) return print(process, VERSION);
  if (has(parsed, "help")) return print(process, USAGE + HELP_END);
  for (const each of ["debug", "sandbox"]) {
    if (!has(parsed, each)) continue;
    complain(process, `--${each} is not implemented`);
    return BAD_USAGE;
  }
  const operands = [...parsed.operands];
  const pieces: string[] = [];
  for (const { name, value } of parsed.options) {
    if (name === "e") pieces.push(value);
    else if (name === "f") pieces.push(await scriptIn(process, value));
  }
  const given = pieces.length > 0;
  const first = given ? undefined : operands.shift();
  if (!given && first === undefined) {
    process.warn(USAGE);
    return BAD_USAGE;
  }
  const text = given ? pieces.join("\n") : (first ?? "");
  const extended = has(parsed, "E") || has(parsed, "r");
  const quiet = has(parsed, "n") || /^#n(?:\n|$)/.test(text);
  const settings: Settings = {
    quiet,
    delimiter: has(parsed, "z") ? "\0" : "\n",
    lineLength: Number(valueOf(parsed, "l") ?? LINE_LENGTH),
  };
  const inPlace = parsed.options.findLast(({ name }) => name === "i");
  try {
    const parse = (): readonly Command[] => new ScriptParser(text, extended).parse();
    if (inPlace) return await editAll(process, operands, parse, settings, inPlace.value);
    const groups = has(parsed, "s")
      ? operands.map((name) => [name])
      : [operands.length > 0 ? operands : ["-"]];
    return await readGroups(process, groups, parse(), settings);
  } catch (fault) {
    if (fault instanceof NoExpression) {
      process.warn(`sed: -e expression #1, char 0: ${fault.text}\n`);
      return BAD_USAGE;
    }
    if (!(fault instanceof ScriptFault)) throw fault;
    const place = fault.at === undefined ? "" : ` -e expression #1, char ${fault.at}:`;
    process.warn(`sed:${place} ${fault.text}\n`);
    return fault.at === undefined ? PANIC : BAD_USAGE;
  }
});

function print(process: Process, text: string): number {
  process.print(text);
  return 0;
}

async function scriptIn(process: Process, file: string): Promise<string> {
  try {
    return textOf(await readAll(openReader(process, file))).replace(/\n$/, "");
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(process, `couldn't open file ${file}: ${strerror(refusal.errno)}`);
    throw new UsageEnd(BAD_USAGE);
  }
}

/** Each group of files is a stream of its own for `$`; line numbers go on with one group only. */
async function readGroups(
  process: Process,
  groups: readonly (readonly string[])[],
  commands: readonly Command[],
  settings: Settings,
): Promise<number> {
  let status = 0;
  for (const names of groups) {
    const files = new Files(process, names, settings.delimiter.charCodeAt(0));
    files.create(commands);
    const ended = await new Executor(commands, settings, files).run();
    status = ended === 0 ? Math.max(status, files.status) : ended;
    if (ended !== 0) break;
  }
  return status;
}

async function editAll(
  process: Process,
  names: readonly string[],
  parse: () => readonly Command[],
  settings: Settings,
  suffix: string,
): Promise<number> {
  let status = 0;
  parse();
  for (const name of names) {
    try {
      const { type } = process.files.status(name);
      if (type !== "file") {
        complain(process, `couldn't edit ${name}: not a regular file`);
        status = PANIC;
        continue;
      }
      const files = new Files(process, [name], settings.delimiter.charCodeAt(0));
      const output = files.collect();
      const before = process.files.readFile(name);
      const ended = await new Executor(parse(), settings, files).run();
      const rest = await restOf(files);
      if (suffix !== "") process.files.writeFile(backupName(name, suffix), before);
      process.files.writeFile(name, bytesOf(output.join("") + rest));
      if (ended !== 0) return ended;
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `can't read ${name}: ${strerror(refusal.errno)}`);
      status = Math.max(status, BAD_INPUT);
    }
  }
  return status;
}

/** `q` in a file that is edited leaves the rest as it is. */
async function restOf(files: Files): Promise<string> {
  let text = "";
  for (let line = await files.next(); line !== undefined; line = await files.next())
    text += line.text + (line.ended ? "\n" : "");
  return text;
}

function backupName(name: string, suffix: string): string {
  if (!suffix.includes("*")) return name + suffix;
  const slash = name.lastIndexOf("/") + 1;
  const made = suffix.replaceAll("*", name.slice(slash));
  return made.includes("/") ? made : name.slice(0, slash) + made;
}
