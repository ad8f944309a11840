// Runs a sed script over lines: pattern space, hold space, what is to be printed at the end of a cycle.

import type { Address, Command, ReplacementPart, Substitution } from "./script.ts";

/** A line without its end; `ended` is false for a last one that has none. */
export interface Line {
  readonly text: string;
  readonly ended: boolean;
}

export interface Surroundings {
  /** The next line of all that is read; undefined at the end. */
  next(): Promise<Line | undefined>;
  /** True if there is no line after the one that was read last. */
  isLast(): Promise<boolean>;
  readonly fileName: string;
  readonly lineNumber: number;
  write(text: string): Promise<void>;
  /** Adds to a file that the script names. */
  append(file: string, text: string): Promise<void>;
  /** All of a file that the script names; undefined if there is none. */
  contents(file: string): Promise<string | undefined>;
  /** One more line of it. */
  lineOf(file: string): Promise<string | undefined>;
}

export interface Settings {
  readonly quiet: boolean;
  readonly delimiter: string;
  readonly lineLength: number;
}

/** No expression was used before one that is empty. */
export class NoExpression {
  readonly text = "no previous regular expression";
}

type Step =
  | { readonly goTo: number }
  | { readonly end: "cycle" | "restart" | "quit" | "leave"; readonly status?: number };

const NEXT = undefined;

export class Executor {
  readonly #commands: readonly Command[];
  readonly #settings: Settings;
  readonly #around: Surroundings;
  #pattern = "";
  #ended = true;
  #hold = "";
  #substituted = false;
  #lastRegex: RegExp | undefined;
  #appended: (() => Promise<void>)[] = [];

  constructor(commands: readonly Command[], settings: Settings, around: Surroundings) {
    this.#commands = commands;
    this.#settings = settings;
    this.#around = around;
  }

  /** The exit code of `q`, or 0. Errors: NoExpression. */
  async run(): Promise<number> {
    let keeps = false;
    for (;;) {
      if (!keeps && !(await this.#read())) return 0;
      keeps = false;
      this.#substituted = false;
      const end = await this.#cycle();
      if (end.end === "leave") return end.status ?? 0;
      if (end.end === "restart") {
        keeps = true;
        await this.#flush();
        continue;
      }
      if (end.end !== "cycle" || end.status === undefined) {
        if (!this.#settings.quiet && end.status !== -1) await this.#print(this.#pattern);
      }
      await this.#flush();
      if (end.end === "quit") return Math.max(0, end.status ?? 0);
    }
  }

  async #read(): Promise<boolean> {
    const line = await this.#around.next();
    if (line === undefined) return false;
    this.#pattern = line.text;
    this.#ended = line.ended;
    return true;
  }

  #print(text: string, end = this.#ended ? this.#settings.delimiter : ""): Promise<void> {
    return this.#around.write(text + end);
  }

  async #flush(): Promise<void> {
    for (const write of this.#appended.splice(0)) await write();
  }

  async #cycle(): Promise<Extract<Step, { end: string }>> {
    for (let at = 0; at < this.#commands.length;) {
      const command = this.#commands[at] as Command;
      const applies = (await this.#matches(command)) !== command.negated;
      if (!applies) at = command.name === "{" ? command.target : at + 1;
      else {
        const step = await this.#do(command);
        if (step === undefined) at++;
        else if ("goTo" in step) at = step.goTo;
        else return step;
      }
    }
    return { end: "cycle" };
  }

  async #matches(command: Command): Promise<boolean> {
    const { from, to } = command;
    const { lineNumber } = this.#around;
    if (from === undefined) return true;
    if (to === undefined) return this.#at(from);
    if (command.active !== false) return this.#goesOn(command, lineNumber);
    const zero = from.type === "line" && from.line === 0;
    if (zero && lineNumber === 1) {
      command.active = true;
      return this.#goesOn(command, lineNumber);
    }
    if (zero || !(await this.#at(from))) return false;
    switch (to.type) {
      case "line":
        command.active = to.line > lineNumber ? to.line : false;
        break;
      case "plus":
        command.active = to.count > 0 ? lineNumber + to.count : false;
        break;
      case "multiple": {
        const end = to.of === 0 ? lineNumber : Math.ceil(lineNumber / to.of) * to.of;
        command.active = end > lineNumber ? end : false;
        break;
      }
      default:
        command.active = true;
    }
    return true;
  }

  /** A line inside of a range, which may end with it. */
  async #goesOn(command: Command, lineNumber: number): Promise<boolean> {
    const { active, to } = command;
    if (typeof active === "number") {
      if (lineNumber >= active) command.active = false;
      return lineNumber <= active;
    }
    if (to !== undefined && to.type !== "plus" && to.type !== "multiple" && (await this.#at(to)))
      command.active = false;
    return true;
  }

  async #at(address: Address): Promise<boolean> {
    const { lineNumber } = this.#around;
    switch (address.type) {
      case "line":
        return lineNumber === address.line;
      case "step":
        if (address.step === 0) return lineNumber === address.first;
        return lineNumber >= address.first && (lineNumber - address.first) % address.step === 0;
      case "last":
        return this.#around.isLast();
      case "regex": {
        const regex = this.#expression(address.regex);
        regex.lastIndex = 0;
        return regex.test(this.#pattern);
      }
    }
  }

  #expression(regex: RegExp | undefined): RegExp {
    const used = regex ?? this.#lastRegex;
    if (used === undefined) throw new NoExpression();
    this.#lastRegex = used;
    return used;
  }

  async #do(command: Command): Promise<Step | undefined> {
    const around = this.#around;
    const { delimiter, quiet } = this.#settings;
    switch (command.name) {
      case "{":
        return NEXT;
      case "=":
        await around.write(`${around.lineNumber}\n`);
        return NEXT;
      case "a":
        this.#appended.push(() => around.write(command.text));
        return NEXT;
      case "i":
        await around.write(command.text);
        return NEXT;
      case "c":
        if (command.to === undefined || command.negated || command.active === false)
          await around.write(command.text);
        return { end: "cycle", status: -1 };
      case "b":
        return { goTo: command.target };
      case "t":
      case "T": {
        const jumps = this.#substituted === (command.name === "t");
        this.#substituted = false;
        return jumps ? { goTo: command.target } : NEXT;
      }
      case "d":
        return { end: "cycle", status: -1 };
      case "D": {
        const end = this.#pattern.indexOf("\n");
        if (end < 0) return { end: "cycle", status: -1 };
        this.#pattern = this.#pattern.slice(end + 1);
        return { end: "restart" };
      }
      case "g":
        this.#pattern = this.#hold;
        return NEXT;
      case "G":
        this.#pattern += `\n${this.#hold}`;
        return NEXT;
      case "h":
        this.#hold = this.#pattern;
        return NEXT;
      case "H":
        this.#hold += `\n${this.#pattern}`;
        return NEXT;
      case "x":
        [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
        return NEXT;
      case "l":
        await around.write(unambiguous(this.#pattern, command.number ?? this.#settings.lineLength));
        return NEXT;
      case "n":
        if (await around.isLast()) return { end: "quit" };
        if (!quiet) await this.#print(this.#pattern);
        await this.#flush();
        await this.#read();
        return NEXT;
      case "N": {
        if (await around.isLast()) return { end: "quit" };
        await this.#flush();
        const before = this.#pattern;
        await this.#read();
        this.#pattern = `${before}\n${this.#pattern}`;
        return NEXT;
      }
      case "p":
        await this.#print(this.#pattern, delimiter);
        return NEXT;
      case "P":
        await this.#print(this.#pattern.split("\n", 1)[0] ?? "", delimiter);
        return NEXT;
      case "q":
        return { end: "quit", status: command.number ?? 0 };
      case "Q":
        return { end: "leave", status: command.number ?? 0 };
      case "r":
        this.#appended.push(async () => {
          const text = await around.contents(command.text);
          if (text !== undefined) await around.write(text);
        });
        return NEXT;
      case "R":
        this.#appended.push(async () => {
          const text = await around.lineOf(command.text);
          if (text !== undefined) await around.write(`${text}\n`);
        });
        return NEXT;
      case "w":
        await around.append(command.text, `${this.#pattern}\n`);
        return NEXT;
      case "W":
        await around.append(command.text, `${this.#pattern.split("\n", 1)[0] ?? ""}\n`);
        return NEXT;
      case "s":
        if (command.substitution) await this.#substitute(command.substitution);
        return NEXT;
      case "y":
        this.#pattern = [...this.#pattern].map((char) => command.map?.get(char) ?? char).join("");
        return NEXT;
      case "z":
        this.#pattern = "";
        return NEXT;
      case "F":
        await around.write(`${around.fileName}\n`);
        return NEXT;
      default:
        return NEXT;
    }
  }

  async #substitute({ regex, parts, global, print, number, file }: Substitution): Promise<void> {
    const used = this.#expression(regex);
    const text = this.#pattern;
    let out = "";
    let end = 0;
    let count = 0;
    let changed = false;
    for (const match of text.matchAll(used)) {
      // An empty match right behind another one is none.
      if (match[0] === "" && match.index === end && count > 0 && end > 0) continue;
      count++;
      if (count < number) continue;
      out += text.slice(end, match.index) + replaced(parts, match);
      end = match.index + match[0].length;
      changed = true;
      if (!global) break;
    }
    if (!changed) return;
    this.#pattern = out + text.slice(end);
    this.#substituted = true;
    if (print) await this.#print(this.#pattern, this.#settings.delimiter);
    if (file !== undefined) await this.#around.append(file, `${this.#pattern}\n`);
  }
}

function replaced(parts: readonly ReplacementPart[], match: RegExpExecArray): string {
  let out = "";
  let lasting: "U" | "L" | undefined;
  let once: "u" | "l" | undefined;
  const add = (text: string): void => {
    if (text === "") return;
    let cased = lasting === "U" ? text.toUpperCase() : lasting === "L" ? text.toLowerCase() : text;
    if (once !== undefined) {
      const first = cased[0] ?? "";
      cased = (once === "u" ? first.toUpperCase() : first.toLowerCase()) + cased.slice(1);
      once = undefined;
    }
    out += cased;
  };
  for (const part of parts) {
    if (part.type === "text") add(part.text);
    else if (part.type === "group") add(match[part.number] ?? "");
    else if (part.letter === "U" || part.letter === "L") lasting = part.letter;
    else if (part.letter === "E") lasting = undefined;
    else once = part.letter;
  }
  return out;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** `l`: what is not printable by number, long lines folded. */
function unambiguous(text: string, length: number): string {
  const encoder = new TextEncoder();
  let line = "";
  let out = "";
  const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, "0")}`;
  for (const char of text) {
    const pieces = ESCAPES[char] ?? (/[ -~]/.test(char) ? char : undefined);
    for (const piece of pieces === undefined ? Array.from(encoder.encode(char), octal) : [pieces]) {
      if (length > 1 && line.length + piece.length > length - 1) {
        out += `${line}\\\n`;
        line = "";
      }
      line += piece;
    }
  }
  return `${out}${line}$\n`;
}
