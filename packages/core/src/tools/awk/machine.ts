// The state of a running awk program: variables, arrays, the current record, the main input. What it does with them is in evaluate.ts
// (expressions), execute.ts (statements) and functions.ts.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import { openReader } from "../coreutils/streams.ts";
import { AwkArray } from "./array.ts";
import { awkRegExp } from "./expressions.ts";
import type { Dialect } from "./expressions.ts";
import { after } from "./eventually.ts";
import type { Eventually } from "./eventually.ts";
import { Fields, recordSeparatorOf, separatorOf } from "./fields.ts";
import type { RecordSeparator, Separator } from "./fields.ts";
import { formatAwk } from "./format.ts";
import { AwkStreams, RecordReader, textOf } from "./streams.ts";
import type { AwkFunction, AwkProgram, Expression, Variable } from "./syntax.ts";
import { unescape } from "./tokens.ts";
import { InputText, toNumber } from "./values.ts";
import type { Value } from "./values.ts";

const encoder = new TextEncoder();

/** An error that ends a running program. */
export class AwkFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** One whose message tells of the record where it happened. */
export class AwkRunFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** Thrown by `exit` out of whatever runs. */
export class AwkExit {
  readonly status: number;
  constructor(status: number) {
    this.status = status;
  }
}

/** A variable. A parameter that was not given may turn out to be an array of the caller's, which `origin` is. */
export interface Cell {
  value: Value;
  array?: AwkArray | undefined;
  readonly origin?: Cell | undefined;
}

type Call = (machine: Machine, name: string, args: readonly Expression[]) => Eventually<Value>;

/** What expressions call: the program's functions and awk's own. */
export interface Calls {
  readonly function: Call;
  readonly builtin: Call;
}

/** Text of the system, with a character a byte. */
export const byteText = (text: string): string => textOf(encoder.encode(text));

export class Machine {
  readonly process: Process;
  readonly program: AwkProgram;
  readonly dialect: Dialect;
  readonly streams: AwkStreams;
  readonly calls: Calls;
  readonly fields: Fields;
  /** Variables of the function that runs. */
  frame: readonly Cell[] = [];
  status = 0;
  /** For rand(): the last seed, and the state that follows from it. Undefined before either is asked for. */
  random: { seed: number; state: number } | undefined;
  readonly #globals = new Map<string, Cell>();
  readonly #expressions = new Map<string, RegExp>();
  #fieldSeparator: readonly [text: string, separator: Separator] = [" ", "blanks"];
  #recordSeparator: readonly [text: string, separator: RecordSeparator];
  #input: RecordReader | undefined;
  #nextArgument = 1;
  #sawFile = false;

  constructor(
    process: Process,
    program: AwkProgram,
    dialect: Dialect,
    args: readonly string[],
    calls: Calls,
  ) {
    this.process = process;
    this.calls = calls;
    this.program = program;
    this.dialect = dialect;
    this.streams = new AwkStreams(process);
    this.#recordSeparator = ["\n", recordSeparatorOf("\n", dialect)];
    this.fields = new Fields(
      () => this.#separator(),
      (fields) => fields.map((field) => this.text(field)).join(this.text(this.global("OFS").value)),
    );
    const initial: Readonly<Record<string, Value>> = {
      FS: " ",
      OFS: " ",
      ORS: "\n",
      RS: "\n",
      SUBSEP: "\x1c",
      CONVFMT: "%.6g",
      OFMT: "%.6g",
      NR: 0,
      FNR: 0,
      RSTART: 0,
      RLENGTH: -1,
      ARGC: args.length,
    };
    for (const [name, value] of Object.entries(initial)) this.global(name).value = value;
    const words = arrayOf(this.global("ARGV"));
    for (const [at, word] of args.entries()) words.set(at, new InputText(byteText(word)));
    const environment = arrayOf(this.global("ENVIRON"));
    for (const [name, value] of process.env) environment.set(byteText(name), new InputText(byteText(value)));
  }

  function(name: string): AwkFunction | undefined {
    return this.program.functions.get(name);
  }

  // ---- variables

  global(name: string): Cell {
    let cell = this.#globals.get(name);
    if (!cell) {
      cell = { value: undefined };
      this.#globals.set(name, cell);
    }
    return cell;
  }

  cell(variable: Variable): Cell {
    if (variable.kind === "global") return this.global(variable.name);
    const cell = this.frame[variable.index];
    if (!cell) throw new Error("a parameter has a cell");
    return cell;
  }

  get(variable: Variable): Value {
    if (variable.kind === "global" && variable.name === "NF") return this.fields.count;
    const cell = this.cell(variable);
    if (cell.array) throw new AwkRunFault(`reference to array ${variable.name} as a scalar`);
    return cell.value;
  }

  set(variable: Variable, value: Value): void {
    if (variable.kind === "global") {
      if (variable.name === "NF") return this.fields.setCount(Math.max(0, Math.trunc(toNumber(value))));
      if (variable.name === "FS") this.fields.settle(); // those that are there stay
    }
    this.cell(variable).value = value;
  }

  array(variable: Variable): AwkArray {
    const cell = this.cell(variable);
    if (!cell.array && cell.value !== undefined) throw new AwkRunFault(`${variable.name} is no array`);
    return arrayOf(cell);
  }

  number(name: string): number {
    return toNumber(this.global(name).value);
  }

  /** As a string: whole numbers without exponent, others by CONVFMT. */
  text(value: Value): string {
    return typeof value === "number" ? this.#numberText(value, "CONVFMT") : stringOf(value);
  }

  /** As print shows it: by OFMT. */
  shown(value: Value): string {
    return typeof value === "number" ? this.#numberText(value, "OFMT") : stringOf(value);
  }

  #numberText(value: number, format: "CONVFMT" | "OFMT"): string {
    if (Number.isInteger(value) && Math.abs(value) < 2 ** 31) return String(value + 0);
    return formatAwk(
      stringOf(this.global(format).value),
      [value],
      () => "",
      (fault) => {
        throw new AwkRunFault(`${fault} ${format}`);
      },
    );
  }

  /** A regular expression that a string holds. */
  expression(text: string): RegExp {
    let expression = this.#expressions.get(text);
    if (!expression) {
      expression = awkRegExp(text, this.dialect);
      this.#expressions.set(text, expression);
    }
    return expression;
  }

  // ---- input

  #separator(): Separator {
    const text = this.text(this.global("FS").value);
    if (this.#fieldSeparator[0] !== text) this.#fieldSeparator = [text, separatorOf(text, this.dialect)];
    return this.#fieldSeparator[1];
  }

  recordSeparator(): RecordSeparator {
    const text = this.text(this.global("RS").value);
    if (this.#recordSeparator[0] !== text)
      this.#recordSeparator = [text, recordSeparatorOf(text, this.dialect)];
    return this.#recordSeparator[1];
  }

  /** The next record of the main input; undefined at its end. */
  nextRecord(): Eventually<string | undefined> {
    const input = this.#input ?? this.#nextFile();
    if (!input) return undefined;
    return after(input.next(this.recordSeparator()), (record) => {
      if (record !== undefined) {
        this.global("NR").value = this.number("NR") + 1;
        this.global("FNR").value = this.number("FNR") + 1;
        return record;
      }
      this.skipFile();
      return this.nextRecord();
    });
  }

  /** The rest of the present file is not read. */
  skipFile(): void {
    this.#input = undefined;
  }

  /** Goes through ARGV: assignments are made when they are come to, and without a file there is the standard input. */
  #nextFile(): RecordReader | undefined {
    const words = arrayOf(this.global("ARGV"));
    while (this.#nextArgument < this.number("ARGC")) {
      const word = this.text(words.get(this.#nextArgument++));
      if (word === "" || assignArgument(this, word)) continue;
      return this.#open(word);
    }
    return this.#sawFile ? undefined : this.#open("-");
  }

  #open(name: string): RecordReader {
    this.#sawFile = true;
    this.global("FILENAME").value = name === "-" ? "" : name;
    this.global("FNR").value = 0;
    try {
      this.#input = new RecordReader(openReader(this.process, name));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      throw new AwkFault(`cannot open ${name} (${strerror(refusal.errno)})`);
    }
    return this.#input;
  }
}

function stringOf(value: Exclude<Value, number> | number): string {
  if (value === undefined) return "";
  if (value instanceof InputText) return value.text;
  return String(value);
}

export function arrayOf(cell: Cell): AwkArray {
  if (!cell.array) cell.array = cell.origin ? arrayOf(cell.origin) : new AwkArray();
  return cell.array;
}

/** `name=value` among the arguments or after -v. False if it is none. */
export function assignArgument(machine: Machine, word: string): boolean {
  const match = /^([A-Za-z_]\w*)=([^]*)$/.exec(word);
  if (!match) return false;
  machine.set({ kind: "global", name: match[1] ?? "" }, new InputText(unescape(match[2] ?? "")));
  return true;
}
