// test and [: the conditional expressions of POSIX test(1) with bash's operators, decided by the number of arguments
// where there are up to four of them (bash(1), "test").

import { Refusal } from "../../netlink/refusal.ts";
import type { FileStatus } from "../../system/files.ts";
import { evaluateIn, valueOf } from "../expand/arithmetic.ts";
import type { OptionName, Shell } from "../shell.ts";
import { OPTION_LETTERS } from "../shell.ts";
import type { Builtin } from "./builtin.ts";
import { USAGE_STATUS } from "./builtin.ts";

function status(shell: Shell, path: string, follow = true): FileStatus | undefined {
  if (path === "") return undefined;
  try {
    return follow ? shell.process.files.status(path) : shell.process.files.linkStatus(path);
  } catch (refusal) {
    if (refusal instanceof Refusal) return undefined;
    throw refusal;
  }
}

function permits(shell: Shell, path: string, bits: number): boolean {
  return ((status(shell, path)?.mode ?? 0) & bits) !== 0;
}

/** Every user of the system is root: reading and writing need no permission bits, executing needs one of them. */
const UNARY: ReadonlyMap<string, (shell: Shell, operand: string) => boolean> = new Map([
  ["-a", (shell, path) => status(shell, path) !== undefined],
  ["-e", (shell, path) => status(shell, path) !== undefined],
  ["-f", (shell, path) => status(shell, path)?.type === "file"],
  ["-d", (shell, path) => status(shell, path)?.type === "directory"],
  ["-c", (shell, path) => path === "/dev/null" || status(shell, path)?.type === "device"],
  ["-b", () => false],
  ["-p", (shell, path) => status(shell, path)?.type === "fifo"],
  ["-S", (shell, path) => status(shell, path)?.type === "socket"],
  ["-h", (shell, path) => status(shell, path, false)?.type === "symlink"],
  ["-L", (shell, path) => status(shell, path, false)?.type === "symlink"],
  ["-s", (shell, path) => (status(shell, path)?.size ?? 0) > 0],
  ["-r", (shell, path) => status(shell, path) !== undefined],
  ["-w", (shell, path) => status(shell, path) !== undefined],
  ["-x", (shell, path) => permits(shell, path, 0o111)],
  ["-u", (shell, path) => permits(shell, path, 0o4000)],
  ["-g", (shell, path) => permits(shell, path, 0o2000)],
  ["-k", (shell, path) => permits(shell, path, 0o1000)],
  ["-O", (shell, path) => status(shell, path) !== undefined],
  ["-G", (shell, path) => status(shell, path) !== undefined],
  ["-N", () => false],
  ["-t", (shell, fd) => shell.process.fds.get(Number(fd))?.output?.terminal !== undefined],
  ["-z", (_, text) => text === ""],
  ["-n", (_, text) => text !== ""],
  ["-v", (shell, reference) => isSet(shell, reference)],
  ["-R", (shell, name) => shell.variables.findDirect(name)?.nameref ?? false],
  ["-o", (shell, option) => option in OPTION_LETTERS && shell.options.has(option as OptionName)],
] as const);

function isSet(shell: Shell, reference: string): boolean {
  const whole = /^(\w+)\[[@*]\]$/.exec(reference)?.[1];
  if (whole !== undefined) return shell.variables.find(whole)?.value !== undefined;
  return valueOf(shell, reference) !== undefined;
}

export function unaryTest(shell: Shell, operator: string, operand: string): boolean {
  return UNARY.get(operator)?.(shell, operand) ?? false;
}

export const NUMBER_COMPARISONS: ReadonlySet<string> = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);

export function compareNumbers(operator: string, left: bigint, right: bigint): boolean {
  switch (operator) {
    case "-eq":
      return left === right;
    case "-ne":
      return left !== right;
    case "-lt":
      return left < right;
    case "-le":
      return left <= right;
    case "-gt":
      return left > right;
    default:
      return left >= right;
  }
}

/** Text comparisons of test; patterns are the business of [[. */
export function compareText(operator: string, left: string, right: string): boolean {
  if (operator === "<") return left < right;
  if (operator === ">") return left > right;
  return (left === right) === (operator !== "!=");
}

export const FILE_COMPARISONS: ReadonlyMap<string, (shell: Shell, left: string, right: string) => boolean> =
  new Map([
    ["-ef", (shell, left, right) => sameFile(status(shell, left), status(shell, right))],
    [
      "-nt",
      (shell, left, right) => (status(shell, left)?.modified ?? -1) > (status(shell, right)?.modified ?? -1),
    ],
    [
      "-ot",
      (shell, left, right) => (status(shell, left)?.modified ?? -1) < (status(shell, right)?.modified ?? -1),
    ],
  ]);

function sameFile(left: FileStatus | undefined, right: FileStatus | undefined): boolean {
  return (
    left !== undefined && right !== undefined && left.inode === right.inode && left.device === right.device
  );
}

const BINARY: ReadonlySet<string> = new Set([
  "=",
  "==",
  "!=",
  "<",
  ">",
  ...NUMBER_COMPARISONS,
  ...FILE_COMPARISONS.keys(),
]);

class TestFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export const test: Builtin = (shell, args, name) => {
  let words = args;
  if (name === "[") {
    if (args.at(-1) !== "]") {
      shell.complain("[: missing `]'");
      return USAGE_STATUS;
    }
    words = args.slice(0, -1);
  }
  try {
    return new Evaluation(shell, words).result() ? 0 : 1;
  } catch (fault) {
    if (!(fault instanceof TestFault)) throw fault;
    shell.complain(`${name}: ${fault.message}`);
    return USAGE_STATUS;
  }
};

class Evaluation {
  readonly #shell: Shell;
  readonly #words: readonly string[];
  #at = 0;

  constructor(shell: Shell, words: readonly string[]) {
    this.#shell = shell;
    this.#words = words;
  }

  result(): boolean {
    return this.#byCount(this.#words);
  }

  /** POSIX: what up to four arguments mean depends on their number only. */
  #byCount(words: readonly string[]): boolean {
    const [first = "", second = "", third = "", fourth = ""] = words;
    switch (words.length) {
      case 0:
        return false;
      case 1:
        return first !== "";
      case 2:
        if (first === "!") return second === "";
        if (UNARY.has(first)) return unaryTest(this.#shell, first, second);
        if (this.#shell.dash && this.#isBinary(second)) throw new TestFault(`${second}: argument expected`);
        throw new TestFault(`${first}: unary operator expected`);
      case 3:
        if (this.#isBinary(second)) return this.#binary(first, second, third);
        if (second === "-a") return first !== "" && third !== "";
        if (second === "-o") return first !== "" || third !== "";
        if (first === "!") return !this.#byCount(words.slice(1));
        if (first === "(" && third === ")") return second !== "";
        throw new TestFault(`${this.#shell.dash ? first : second}: binary operator expected`);
      case 4:
        if (first === "!") return !this.#byCount(words.slice(1));
        if (first === "(" && fourth === ")") return this.#byCount([second, third]);
        break;
      default:
        break;
    }
    const value = this.#or();
    if (this.#at < words.length)
      throw new TestFault(this.#shell.dash ? `${first}: binary operator expected` : "too many arguments");
    return value;
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#words[this.#at] === "-o") {
      this.#at++;
      const right = this.#and();
      value = value || right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#primary();
    while (this.#words[this.#at] === "-a") {
      this.#at++;
      const right = this.#primary();
      value = value && right;
    }
    return value;
  }

  #primary(): boolean {
    const word = this.#words[this.#at];
    if (word === undefined) throw new TestFault("argument expected");
    const next = this.#words[this.#at + 1];
    if (word === "!") {
      this.#at++;
      return !this.#primary();
    }
    if (next !== undefined && this.#isBinary(next) && this.#at + 2 < this.#words.length) {
      this.#at += 3;
      return this.#binary(word, next, this.#words[this.#at - 1] ?? "");
    }
    if (word === "(") {
      this.#at++;
      const value = this.#or();
      if (this.#words[this.#at++] !== ")") throw new TestFault("`)' expected");
      return value;
    }
    if (UNARY.has(word) && next !== undefined) {
      this.#at += 2;
      return unaryTest(this.#shell, word, next);
    }
    this.#at++;
    return word !== "";
  }

  /** dash has no ==. */
  #isBinary(word: string): boolean {
    return BINARY.has(word) && !(this.#shell.dash && word === "==");
  }

  #binary(left: string, operator: string, right: string): boolean {
    if (NUMBER_COMPARISONS.has(operator)) {
      return compareNumbers(operator, this.#integer(left), this.#integer(right));
    }
    const files = FILE_COMPARISONS.get(operator);
    return files ? files(this.#shell, left, right) : compareText(operator, left, right);
  }

  #integer(text: string): bigint {
    if (!/^\s*[-+]?\d+\s*$/.test(text)) throw new TestFault(`${text}: integer expression expected`);
    return evaluateDecimal(this.#shell, text.trim());
  }
}

function evaluateDecimal(shell: Shell, text: string): bigint {
  const digits = text.replace(/^[-+]?0*(?=\d)/, "");
  return evaluateIn(shell, text.startsWith("-") ? `-${digits}` : digits);
}
