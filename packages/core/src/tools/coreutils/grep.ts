// grep: passes on the lines that match, as they come (POSIX grep, GNU options).

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { posixRegExp, quoteRegExp, regExpSource } from "../../system/posix-regexp.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, UsageEnd, valueOf } from "./options.ts";
import type { Parsed } from "./options.ts";
import { complain, program } from "./program.ts";
import { LineReader, openReader } from "./streams.ts";

const NO_MATCH = 1;
const TROUBLE = 2;
const USAGE = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

const LONG = {
  "extended-regexp": "E",
  "fixed-strings": "F",
  "basic-regexp": "G",
  "perl-regexp": "P",
  "regexp=": "e",
  "file=": "f",
  "ignore-case": "i",
  "no-ignore-case": "no-ignore-case",
  "invert-match": "v",
  "word-regexp": "w",
  "line-regexp": "x",
  count: "c",
  "color=": "color",
  "colour=": "color",
  "files-without-match": "L",
  "files-with-matches": "l",
  "max-count=": "m",
  "only-matching": "o",
  quiet: "q",
  silent: "q",
  "no-messages": "s",
  "with-filename": "H",
  "no-filename": "h",
  "line-number": "n",
  "after-context=": "A",
  "before-context=": "B",
  "context=": "C",
  text: "a",
  recursive: "r",
  "dereference-recursive": "R",
  "line-buffered": "line-buffered",
  "include=": "include",
  "exclude=": "exclude",
};

export const grep = grepProgram([]);
export const egrep = grepProgram(["-E"]);
export const fgrep = grepProgram(["-F"]);

function grepProgram(implied: readonly string[]): Program {
  return program(async (process) => {
    process.argv = ["grep", ...implied, ...process.argv.slice(1)].map((word) =>
      word === "--color" ? "--color=auto" : word,
    );
    const numbered = process.argv.findIndex((word, index) => index > 0 && /^-\d+$/.test(word));
    if (numbered > 0)
      process.argv = process.argv.with(numbered, `-C${process.argv[numbered]?.slice(1) ?? ""}`);
    const parsed = parseOptions(
      process,
      { short: "EFGPe:f:ivwxcLlm:oqsHhnA:B:C:abIrRUyz", long: LONG },
      TROUBLE,
    );
    return new Search(process, parsed).run();
  });
}

class Search {
  readonly #process: Process;
  readonly #parsed: Parsed;
  readonly #files: readonly string[];
  readonly #expression: RegExp;
  /** The same for all matches in a line (-o). */
  readonly #all: RegExp;
  readonly #before: number;
  readonly #after: number;
  readonly #most: number;
  readonly #names: boolean;
  #trouble = false;
  #matched = false;

  constructor(process: Process, parsed: Parsed) {
    this.#process = process;
    this.#parsed = parsed;
    const operands = [...parsed.operands];
    [this.#expression, this.#all] = this.#compile(operands);
    const recursive = this.#flag("rR");
    this.#files = operands.length > 0 ? operands : [recursive ? "." : "-"];
    const context = valueOf(parsed, "C") ?? "0";
    this.#before = Number(valueOf(parsed, "B") ?? context);
    this.#after = Number(valueOf(parsed, "A") ?? context);
    this.#most = Number(valueOf(parsed, "m") ?? Number.POSITIVE_INFINITY);
    this.#names = !this.#flag("h") && (this.#flag("H") || recursive || this.#files.length > 1);
  }

  #flag(letters: string): boolean {
    return [...letters].some((letter) => has(this.#parsed, letter));
  }

  #compile(operands: string[]): readonly [once: RegExp, all: RegExp] {
    const process = this.#process;
    const patterns = this.#parsed.options.flatMap(({ name, value }) => {
      if (name === "e") return value.split("\n");
      return name === "f" ? this.#patternsIn(value) : [];
    });
    if (!this.#flag("ef")) {
      const first = operands.shift();
      if (first === undefined) {
        process.warn(USAGE);
        throw new UsageEnd(TROUBLE);
      }
      patterns.push(...first.split("\n"));
    }
    const syntax = this.#parsed.options.findLast(({ name }) => "EFGP".includes(name))?.name ?? "G";
    const flags = this.#flag("iy") ? "i" : "";
    const sources = patterns.map((pattern) => this.#source(pattern, syntax));
    const body = sources.map((source) => `(?:${source})`).join("|") || "(?!)";
    const around = this.#flag("x") ? `^(?:${body})$` : this.#flag("w") ? `(?<!\\w)(?:${body})(?!\\w)` : body;
    return [new RegExp(around, flags), new RegExp(around, `${flags}g`)];
  }

  #source(pattern: string, syntax: string): string {
    if (syntax === "F") return quoteRegExp(pattern);
    // What \K leaves out of a match stands before it.
    const translated = syntax === "P" ? pattern.replace(/^((?:[^\\]|\\[^K])*)\\K/, "(?<=$1)") : undefined;
    try {
      const source = translated ?? regExpSource(pattern, syntax === "E" ? "extended" : "basic");
      return new RegExp(source).source;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      complain(this.#process, explain(pattern, syntax));
      throw new UsageEnd(TROUBLE);
    }
  }

  #patternsIn(path: string): string[] {
    try {
      const text = new TextDecoder().decode(this.#process.files.readFile(path));
      return text.replace(/\n$/, "").split("\n");
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(this.#process, `${path}: ${strerror(refusal.errno)}`);
      throw new UsageEnd(TROUBLE);
    }
  }

  async run(): Promise<number> {
    for (const file of this.#files) {
      await this.#search(file, true);
      if (this.#matched && this.#flag("q")) return 0;
    }
    if (this.#trouble && !(this.#flag("q") && this.#matched)) return TROUBLE;
    return this.#matched ? 0 : NO_MATCH;
  }

  async #search(path: string, named: boolean): Promise<void> {
    const { files } = this.#process;
    try {
      if (path !== "-" && isDirectory(this.#process, path)) {
        if (!this.#flag("rR")) return complain(this.#process, `${path}: Is a directory`);
        for (const name of files.readDirectory(path).sort()) {
          const below =
            path === "." && named && this.#parsed.operands.length <= 1
              ? name
              : `${path.replace(/\/$/, "")}/${name}`;
          await this.#search(below, false);
        }
        return;
      }
      if (!named && !this.#included(path)) return;
      await this.#lines(
        new LineReader(openReader(this.#process, path)),
        path === "-" ? "(standard input)" : path,
      );
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.#trouble = true;
      if (!this.#flag("s")) complain(this.#process, `${path}: ${strerror(refusal.errno)}`);
    }
  }

  #included(path: string): boolean {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const matches = (pattern: string): boolean =>
      new RegExp(
        `^${pattern
          .replace(/[.+^${}()|\\]/g, "\\$&")
          .replaceAll("*", ".*")
          .replaceAll("?", ".")}$`,
      ).test(name);
    const include = this.#parsed.options.filter((option) => option.name === "include");
    const exclude = this.#parsed.options.filter((option) => option.name === "exclude");
    return (
      (include.length === 0 || include.some(({ value }) => matches(value))) &&
      !exclude.some(({ value }) => matches(value))
    );
  }

  async #lines(lines: LineReader, name: string): Promise<void> {
    const decoder = new TextDecoder();
    const held: { readonly text: string; readonly number: number }[] = [];
    let count = 0;
    let number = 0;
    let last = 0;
    let trailing = 0;
    for (let bytes = await lines.next(); bytes !== null && count < this.#most; bytes = await lines.next()) {
      const text = decoder.decode(bytes.at(-1) === 10 ? bytes.subarray(0, -1) : bytes);
      number++;
      if (this.#expression.test(text) !== this.#flag("v")) {
        count++;
        this.#matched = true;
        if (this.#flag("qlL")) break;
        if (this.#flag("c")) continue;
        const first = held[0]?.number ?? number;
        if (last > 0 && first > last + 1 && this.#before + this.#after > 0) this.#put("--\n");
        for (const one of held.splice(0)) this.#line(name, one.number, one.text, "-");
        if (!this.#flag("o")) this.#line(name, number, text, ":");
        else if (!this.#flag("v"))
          for (const match of text.matchAll(this.#all))
            if (match[0] !== "") this.#line(name, number, match[0], ":");
        last = number;
        trailing = this.#after;
      } else if (trailing > 0) {
        trailing--;
        last = number;
        this.#line(name, number, text, "-");
      } else if (this.#before > 0) {
        held.push({ text, number });
        if (held.length > this.#before) held.shift();
      }
      if (count >= this.#most) break;
    }
    if (this.#flag("l") && count > 0) this.#put(`${name}\n`);
    else if (this.#flag("L") && count === 0) this.#put(`${name}\n`);
    else if (this.#flag("c") && !this.#flag("qlL")) this.#put(`${this.#names ? `${name}:` : ""}${count}\n`);
  }

  #line(name: string, number: number, text: string, separator: string): void {
    const file = this.#names ? name + separator : "";
    const line = this.#flag("n") ? `${number}${separator}` : "";
    this.#put(`${file}${line}${text}\n`);
  }

  #put(text: string): void {
    this.#process.print(text);
    if (has(this.#parsed, "line-buffered")) this.#process.flush();
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

/** glibc's words for what is wrong with an expression. */
function explain(pattern: string, syntax: string): string {
  if (/(^|[^\\])(\\\\)*\\$/.test(pattern)) return "Trailing backslash";
  if (posixRegExp(pattern.replace(/\[[^\]]*$/, ""), syntax === "E" ? "extended" : "basic")) {
    return "Unmatched [, [^, [:, [., or [=";
  }
  const opening = syntax === "E" ? "(" : "\\(";
  return pattern.includes(opening) ? "Unmatched ( or \\(" : "Unmatched ) or \\)";
}
