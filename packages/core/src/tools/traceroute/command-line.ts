// The command line of traceroute: short options that may be joined, long ones with "=", messages that count arguments.

import type { Process } from "../../system/process.ts";

/** An option. `argument` is its name in messages; undefined: it takes none. */
export interface LineOption {
  readonly short?: string;
  readonly long?: string;
  readonly argument?: string;
  /** The long name may be cut short. */
  readonly abbreviated?: boolean;
  /** The long name stands behind one dash. */
  readonly oneDash?: boolean;
  /** Several values, separated by commas. */
  readonly several?: boolean;
  /** False if the value is wrong. */
  readonly set: (value: string) => boolean;
}

/** An operand. */
export interface LineOperand {
  readonly name: string;
  readonly set: (value: string) => boolean;
}

/** A long name is recognised from this many letters on. */
const SHORTEST_ABBREVIATION = 3;

/** Ends the reading of a line that is wrong. */
class WrongLine {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** False if the line is wrong, which was then said. */
export function readLine(
  process: Process,
  options: readonly LineOption[],
  required: LineOperand,
  optional: LineOperand,
): boolean {
  try {
    new LineReader(process.argv, options).read(required, optional);
    return true;
  } catch (wrong) {
    if (!(wrong instanceof WrongLine)) throw wrong;
    process.warn(`${wrong.message}\n`);
    return false;
  }
}

class LineReader {
  readonly #args: readonly string[];
  readonly #options: readonly LineOption[];
  #at = 0;

  constructor(args: readonly string[], options: readonly LineOption[]) {
    this.#args = args;
    this.#options = options;
  }

  #wrong(text: string): never {
    throw new WrongLine(text);
  }

  read(required: LineOperand, optional: LineOperand): void {
    const operands: { readonly value: string; readonly at: number }[] = [];
    let onlyOperands = false;
    for (this.#at = 1; this.#at < this.#args.length; this.#at++) {
      const word = this.#args[this.#at] ?? "";
      if (onlyOperands || !word.startsWith("-") || word === "-" || word.startsWith("---")) {
        operands.push({ value: word, at: this.#at });
      } else if (word === "--") onlyOperands = true;
      else if (word.startsWith("--")) this.#long(word, word.slice(2), false);
      else if (!this.#long(word, word.slice(1), true)) this.#short(word);
    }
    if (operands.length === 0) this.#wrong(`Specify "${required.name}" missing argument.`);
    const places = [required, optional];
    for (const [index, { value, at }] of operands.entries()) {
      const operand = places[index];
      if (operand === undefined) this.#wrong(`Extra arg \`${value}' (position ${index + 1}, argc ${at})`);
      if (!operand.set(value)) {
        this.#wrong(
          `Cannot handle "${operand.name}" cmdline arg \`${value}' on position ${index + 1} (argc ${at})`,
        );
      }
    }
  }

  /** A long option; false if there is none of that name and one dash was given. */
  #long(word: string, text: string, oneDash: boolean): boolean {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const usable = this.#options.filter(
      (each) => (each.oneDash ?? false) === oneDash && each.long !== undefined,
    );
    const fits = (each: LineOption): boolean => equals < 0 || each.argument !== undefined;
    const short = usable.filter(
      (each) =>
        each.abbreviated && name.length >= SHORTEST_ABBREVIATION && each.long?.startsWith(name) && fits(each),
    );
    const option =
      usable.find((each) => each.long === name && fits(each)) ?? (short.length === 1 ? short[0] : undefined);
    if (option === undefined) {
      if (oneDash) return false;
      const value = equals < 0 ? "" : ` (with arg \`${text.slice(equals + 1)}')`;
      return this.#wrong(`Bad option \`${word}'${value} (argc ${this.#at})`);
    }
    const label = `--${option.long}`;
    if (option.argument !== undefined && equals < 0) {
      this.#wrong(`Option \`${label}' (argc ${this.#at}) requires an argument: \`${label}=${shown(option)}'`);
    }
    this.#apply(option, label, equals < 0 ? undefined : text.slice(equals + 1));
    return true;
  }

  /** One or more short options in a word. */
  #short(word: string): void {
    for (let place = 1; place < word.length; place++) {
      const letter = word[place] ?? "";
      const option = this.#options.find((each) => each.short === letter);
      const label = `-${letter}`;
      if (option === undefined) this.#wrong(`Bad option \`${label}' (argc ${this.#at})`);
      if (option.argument === undefined) {
        this.#apply(option, label, undefined);
        continue;
      }
      const last = place === word.length - 1;
      const value = last ? this.#args[this.#at + 1] : place === 1 ? word.slice(2) : undefined;
      if (value === undefined) {
        this.#wrong(
          `Option \`${label}' (argc ${this.#at}) requires an argument: \`${label} ${shown(option)}'`,
        );
      }
      if (last) this.#at++;
      this.#apply(option, label, value);
      return;
    }
  }

  #apply(option: LineOption, label: string, value: string | undefined): void {
    const values =
      option.several && value !== undefined
        ? value.split(/[ \t,]+/).filter((each) => each !== "")
        : [value ?? ""];
    if (values.every((each) => option.set(each))) return;
    const what = value === undefined ? "" : ` with arg \`${value}'`;
    this.#wrong(`Cannot handle \`${label}' option${what} (argc ${this.#at})`);
  }
}

function shown(option: LineOption): string {
  return `${option.argument}${option.several ? ",..." : ""}`;
}

/** Text as strtoul(3) reads it with any base, as a 32-bit number; undefined if it is not wholly a number. */
export function readUnsigned(text: string): number | undefined {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (match === null) return undefined;
  const digits = match[2] ?? "0";
  const magnitude = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return (match[1] === "-" ? -magnitude : magnitude) >>> 0;
}

/** Text as strtod(3) reads it; undefined if it is not wholly a number. */
export function readDouble(text: string): number | undefined {
  const trimmed = text.trimStart();
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed) : undefined;
}
