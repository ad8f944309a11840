// A sed script as a list of commands (sed(1), POSIX "sed", GNU sed 4.9). `e` and `v` are not implemented.

import { regExpSource } from "../../system/posix-regexp.ts";

export type Address =
  | { readonly type: "line"; readonly line: number }
  | { readonly type: "step"; readonly first: number; readonly step: number }
  | { readonly type: "last" }
  /** `regex` undefined: the one that was used last. */
  | { readonly type: "regex"; readonly regex: RegExp | undefined };

export type RangeEnd =
  | Address
  | { readonly type: "plus"; readonly count: number }
  | { readonly type: "multiple"; readonly of: number };

export type ReplacementPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "group"; readonly number: number }
  | { readonly type: "case"; readonly letter: "U" | "L" | "u" | "l" | "E" };

export interface Substitution {
  readonly regex: RegExp | undefined;
  readonly parts: readonly ReplacementPart[];
  readonly global: boolean;
  readonly print: boolean;
  /** The first match that is replaced. */
  readonly number: number;
  readonly file: string | undefined;
}

export interface Command {
  readonly name: string;
  readonly from: Address | undefined;
  readonly to: RangeEnd | undefined;
  readonly negated: boolean;
  /** Of a, i, c; a file name; a label. */
  readonly text: string;
  readonly number: number | undefined;
  readonly substitution?: Substitution;
  readonly map?: ReadonlyMap<string, string>;
  /** Of `{`, b, t, T: where it goes on. */
  target: number;
  /** State of a range: the line where it ends, or true until its expression matches. */
  active: number | boolean;
}

/** What is wrong with a script; `at`: characters that were read, undefined for what concerns the whole. */
export class ScriptFault {
  readonly at: number | undefined;
  readonly text: string;
  constructor(at: number | undefined, text: string) {
    this.at = at;
    this.text = text;
  }
}

const WITH_FILE = "rRwW";
const WITH_LABEL = "btT";

export class ScriptParser {
  readonly #text: string;
  readonly #extended: boolean;
  readonly #commands: Command[] = [];
  readonly #open: number[] = [];
  readonly #labels = new Map<string, number>();
  #at = 0;

  constructor(text: string, extended: boolean) {
    this.#text = text;
    this.#extended = extended;
  }

  /** Errors: ScriptFault. */
  parse(): readonly Command[] {
    for (;;) {
      this.#skip(/[\s;]*/y);
      if (this.#at >= this.#text.length) break;
      if (this.#text[this.#at] === "#") this.#skip(/[^\n]*/y);
      else this.#command();
    }
    if (this.#open.length > 0) throw new ScriptFault(0, "unmatched `{'");
    for (const command of this.#commands) {
      if (!WITH_LABEL.includes(command.name)) continue;
      const target = command.text === "" ? this.#commands.length : this.#labels.get(command.text);
      if (target === undefined)
        throw new ScriptFault(undefined, `can't find label for jump to \`${command.text}'`);
      command.target = target;
    }
    return this.#commands;
  }

  #fail(text: string, at = this.#at): never {
    throw new ScriptFault(at, text);
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  #command(): void {
    const from = this.#address();
    let to: RangeEnd | undefined;
    if (from !== undefined) {
      this.#skip(/[ \t]*/y);
      if (this.#text[this.#at] === ",") {
        this.#at++;
        this.#skip(/[ \t]*/y);
        to = this.#rangeEnd();
        if (to === undefined) this.#fail("unexpected `,'", this.#at + 1);
      }
      const zero = from.type === "line" && from.line === 0;
      if (zero && to?.type !== "regex") this.#fail("invalid usage of line address 0", this.#at + 1);
    }
    this.#skip(/[ \t]*/y);
    let negated = false;
    while (this.#text[this.#at] === "!") {
      this.#at++;
      if (negated) this.#fail("multiple `!'s");
      negated = true;
      this.#skip(/[ \t]*/y);
    }
    const name = this.#text[this.#at];
    if (name === undefined || name === "\n" || name === ";") this.#fail("missing command");
    this.#at++;
    this.#named(name, { from, to, negated });
  }

  #named(name: string, where: Pick<Command, "from" | "to" | "negated">): void {
    const add = (more: Partial<Command> = {}): void => {
      const rest = { text: "", number: undefined, target: 0, active: false };
      this.#commands.push({ name, ...where, ...rest, ...more });
    };
    switch (name) {
      case "{":
        this.#open.push(this.#commands.length);
        add();
        return;
      case "}": {
        const begin = this.#open.pop();
        if (begin === undefined) this.#fail("unexpected `}'");
        if (where.from) this.#fail("} doesn't want any addresses");
        const block = this.#commands[begin as number];
        if (block) block.target = this.#commands.length;
        this.#end();
        return;
      }
      case ":": {
        if (where.from) this.#fail(": doesn't want any addresses");
        const label = this.#skip(/[ \t]*[^\s;]*/y).trim();
        if (label === "") this.#fail('":" lacks a label');
        this.#labels.set(label, this.#commands.length);
        return;
      }
      case "a":
      case "i":
      case "c":
        add({ text: this.#textBlock() });
        return;
      case "s":
        add({ substitution: this.#substitution() });
        this.#end();
        return;
      case "y":
        add({ map: this.#transliteration() });
        this.#end();
        return;
      case "q":
      case "Q":
      case "l":
      case "L": {
        this.#skip(/[ \t]*/y);
        const digits = this.#skip(/\d*/y);
        add({ number: digits === "" ? undefined : Number(digits) });
        this.#end();
        return;
      }
      default:
    }
    if (WITH_FILE.includes(name)) {
      const file = this.#skip(/[ \t]*[^\n]*/y).trimStart();
      if (file === "") this.#fail("missing filename in r/R/w/W commands");
      add({ text: file });
    } else if (WITH_LABEL.includes(name)) {
      add({ text: this.#skip(/[ \t]*[^\s;}]*/y).trim() });
      this.#end();
    } else if ("=dDgGhHnNpPxzF".includes(name)) {
      add();
      this.#end();
    } else this.#fail(`unknown command: \`${name}'`);
  }

  /** What may stand behind a command. */
  #end(): void {
    this.#skip(/[ \t]*/y);
    const next = this.#text[this.#at];
    if (next === undefined || next === "}" || next === "#") return;
    this.#at++;
    if (next !== ";" && next !== "\n") this.#fail("extra characters after command");
  }

  #rangeEnd(): RangeEnd | undefined {
    const form = this.#skip(/[+~]\d+/y);
    if (form.startsWith("+")) return { type: "plus", count: Number(form.slice(1)) };
    if (form.startsWith("~")) return { type: "multiple", of: Number(form.slice(1)) };
    return this.#address();
  }

  #address(): Address | undefined {
    const digits = this.#skip(/\d+/y);
    if (digits !== "") {
      const step = this.#skip(/[ \t]*~[ \t]*\d+/y);
      if (step === "") return { type: "line", line: Number(digits) };
      return { type: "step", first: Number(digits), step: Number(step.replace(/\D/g, "")) };
    }
    const char = this.#text[this.#at];
    if (char === "$") {
      this.#at++;
      return { type: "last" };
    }
    if (char !== "/" && char !== "\\") return undefined;
    this.#at += char === "/" ? 1 : 2;
    const delimiter = this.#text[this.#at - 1] ?? "";
    const source =
      this.#until(delimiter, true) ?? this.#fail("unterminated address regex", this.#text.length);
    const flags = this.#skip(/[IM]*/y);
    return { type: "regex", regex: this.#regex(source, flags.toLowerCase()) };
  }

  /** Text up to a delimiter, which is passed; with `regex`, one inside of brackets is none. Undefined without an end. */
  #until(delimiter: string, regex: boolean): string | undefined {
    let out = "";
    let inBrackets = false;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? "";
      this.#at++;
      if (char === delimiter && !inBrackets) return out;
      if (char === "\\" && !inBrackets) {
        const next = this.#text[this.#at++];
        if (next === undefined) return undefined;
        if (next === delimiter && delimiter !== "\\")
          out += regex && /[+?(){}|.*[\]^$]/.test(next) ? `[${next}]` : next === "&" ? "\\&" : next;
        else out += `\\${next}`;
        continue;
      }
      if (regex && char === "[" && !inBrackets) {
        inBrackets = true;
        out += char;
        // A bracket right behind the opening one, or behind its ^, stands for itself.
        out += this.#skip(/\^?\]?/y);
        continue;
      }
      if (inBrackets && char === "[" && /[:.=]/.test(this.#text[this.#at] ?? "")) {
        out += char + this.#skip(/[:.=][^\]]*\]?/y);
        continue;
      }
      if (inBrackets && char === "]") inBrackets = false;
      out += char;
    }
    return undefined;
  }

  #regex(source: string, flags: string): RegExp | undefined {
    if (source === "") return undefined;
    const text = escapesOf(source);
    try {
      return new RegExp(regExpSource(text, this.#extended ? "extended" : "basic"), `gs${flags}`);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return this.#fail(wrongRegex(text, this.#extended));
    }
  }

  #substitution(): Substitution {
    const delimiter = this.#text[this.#at++] ?? this.#fail("unterminated `s' command");
    const unterminated = (): never => this.#fail("unterminated `s' command", this.#text.length);
    const source = this.#until(delimiter, true) ?? unterminated();
    const replacement = this.#until(delimiter, false) ?? unterminated();
    let [global, print, flags] = [false, false, ""];
    let number: number | undefined;
    let file: string | undefined;
    for (;;) {
      const flag = this.#text[this.#at];
      if (flag === undefined || /[\s;}#]/.test(flag)) break;
      this.#at++;
      if (flag === "g") {
        if (global) this.#fail("multiple `g' options to `s' command");
        global = true;
      } else if (flag === "p") print = true;
      else if (flag === "i" || flag === "I") flags += "i";
      else if (flag === "m" || flag === "M") flags += "m";
      else if (/\d/.test(flag)) {
        number = Number(flag + this.#skip(/\d*/y));
        if (number === 0) this.#fail("number option to `s' command may not be zero");
      } else if (flag === "w") {
        file = this.#skip(/[ \t]*[^\n]*/y).trimStart();
        if (file === "") this.#fail("missing filename in r/R/w/W commands");
      } else this.#fail("unknown option to `s'");
    }
    const regex = this.#regex(source, flags);
    const parts = replacementParts(replacement);
    const groups = regex ? (new RegExp(`${regex.source}|`).exec("")?.length ?? 1) - 1 : 9;
    for (const part of parts) {
      if (part.type === "group" && part.number > groups)
        this.#fail(`invalid reference \\${part.number} on \`s' command's RHS`);
    }
    return { regex, parts, global, print, number: number ?? 1, file };
  }

  #transliteration(): ReadonlyMap<string, string> {
    const delimiter = this.#text[this.#at++] ?? this.#fail("unterminated `y' command");
    const unterminated = (): never => this.#fail("unterminated `y' command", this.#text.length);
    const read = (): string[] => {
      const text = this.#until(delimiter, false) ?? unterminated();
      return [
        ...text.replace(/\\(.)/gs, (_, char: string) => (char === "n" ? "\n" : char === "t" ? "\t" : char)),
      ];
    };
    const [from, to] = [read(), read()];
    if (from.length !== to.length) this.#fail("strings for `y' command are different lengths");
    return new Map(from.map((char, at) => [char, to[at] ?? ""]));
  }

  /** The text of a, i, c: behind a backslash and a newline, or in one line. Newlines in it have a backslash before them. */
  #textBlock(): string {
    this.#skip(/[ \t]*/y);
    if (this.#at >= this.#text.length) this.#fail("expected \\ after `a', `c' or `i'");
    if (this.#text[this.#at] === "\\") {
      this.#at++;
      const newline = this.#skip(/[ \t]*\n/y);
      if (newline === "" && this.#at >= this.#text.length) return "";
    }
    let out = "";
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++] ?? "";
      if (char === "\n") break;
      if (char === "\\") out += this.#text[this.#at++] ?? "";
      else out += char;
    }
    return `${out}\n`;
  }
}

/** \t and its kin, and characters by number, which mean themselves in an expression. */
function escapesOf(source: string): string {
  const quoted = (char: string): string => (/[\\^$.[\]|()?*+{}]/.test(char) ? `\\${char}` : char);
  return source.replace(
    /\\(?:([afnrtv])|x([0-9a-fA-F]{2})|d(\d{3})|o([0-7]{3})|([\s\S]))/g,
    (whole, letter?: string, hex?: string, decimal?: string, octal?: string) => {
      if (letter !== undefined) return letter === "n" ? "\n" : (CONTROLS[letter] ?? whole);
      const code = hex
        ? Number.parseInt(hex, 16)
        : decimal
          ? Number(decimal)
          : octal
            ? Number.parseInt(octal, 8)
            : undefined;
      return code === undefined ? whole : quoted(String.fromCharCode(code));
    },
  );
}

const CONTROLS: Readonly<Record<string, string>> = { a: "\x07", f: "\f", r: "\r", t: "\t", v: "\v", n: "\n" };

function replacementParts(text: string): ReplacementPart[] {
  const parts: ReplacementPart[] = [];
  let literal = "";
  const flush = (): void => {
    if (literal !== "") parts.push({ type: "text", text: literal });
    literal = "";
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === "&") {
      flush();
      parts.push({ type: "group", number: 0 });
    } else if (char !== "\\") literal += char;
    else {
      const next = text[++at] ?? "\\";
      const hex = /^x([0-9a-fA-F]{2})/.exec(text.slice(at))?.[1];
      if (/\d/.test(next)) {
        flush();
        parts.push({ type: "group", number: Number(next) });
      } else if (next === "U" || next === "L" || next === "u" || next === "l" || next === "E") {
        flush();
        parts.push({ type: "case", letter: next });
      } else if (hex !== undefined) {
        literal += String.fromCharCode(Number.parseInt(hex, 16));
        at += 2;
      } else literal += CONTROLS[next] ?? next;
    }
  }
  flush();
  return parts;
}

/** GNU's words for an expression that is not valid. */
function wrongRegex(text: string, extended: boolean): string {
  const bare = text.replace(/\[\^?\]?[^\]]*\]/g, "");
  const count = (pattern: RegExp): number => bare.match(pattern)?.length ?? 0;
  if (bare.includes("[")) return "unterminated address regex";
  const [opening, closing] = extended
    ? [count(/(?<!\\)\(/g), count(/(?<!\\)\)/g)]
    : [count(/\\\(/g), count(/\\\)/g)];
  if (opening > closing) return "Unmatched ( or \\(";
  if (opening < closing) return "Unmatched ) or \\)";
  if (/\\\{|\{/.test(bare)) return extended ? "Invalid preceding regular expression" : "Unmatched \\{";
  return "Invalid preceding regular expression";
}
