// expr of GNU coreutils: arguments are the words of an expression, which is evaluated as it is read. Prints the value; the exit code
// tells whether it is null or 0.

import { posixRegExp } from "../../system/posix-regexp.ts";
import type { Process } from "../../system/process.ts";
import { UsageEnd, usageError } from "./options.ts";
import { complain, localeQuoted, program } from "./program.ts";

const NULL_VALUE = 1;
const INVALID = 2;

export const expr = program((process) => {
  const words = process.argv.slice(1);
  if (words[0] === "--") words.shift();
  if (words.length === 0) usageError(process, "missing operand", INVALID);
  const evaluation = new Evaluation(process, words);
  const value = evaluation.all();
  process.print(`${value}\n`);
  return isNull(value) ? NULL_VALUE : 0;
});

function isNull(value: string): boolean {
  return value === "" || /^-?0+$/.test(value);
}

/** Operators by level, the weakest first; `:` and the words in front are below them. */
const LEVELS: readonly (readonly string[])[] = [
  ["|"],
  ["&"],
  ["<", "<=", "=", "==", "!=", ">=", ">"],
  ["+", "-"],
  ["*", "/", "%"],
];

class Evaluation {
  readonly #process: Process;
  readonly #words: readonly string[];
  #at = 0;

  constructor(process: Process, words: readonly string[]) {
    this.#process = process;
    this.#words = words;
  }

  all(): string {
    const value = this.#level(0);
    const extra = this.#words[this.#at];
    if (extra !== undefined) this.#fail(`syntax error: unexpected argument ${this.#quoted(extra)}`);
    return value;
  }

  #fail(text: string): never {
    complain(this.#process, text);
    throw new UsageEnd(INVALID);
  }

  #quoted(word: string): string {
    return localeQuoted(this.#process, word);
  }

  #next(): string {
    const word = this.#words[this.#at];
    if (word === undefined)
      this.#fail(`syntax error: missing argument after ${this.#quoted(this.#words[this.#at - 1] ?? "")}`);
    this.#at++;
    return word;
  }

  #level(level: number): string {
    const operators = LEVELS[level];
    if (!operators) return this.#matched();
    let left = this.#level(level + 1);
    for (;;) {
      const operator = this.#words[this.#at] ?? "";
      if (!operators.includes(operator)) return left;
      this.#at++;
      left = this.#apply(operator, left, this.#level(level + 1));
    }
  }

  #apply(operator: string, left: string, right: string): string {
    if (operator === "|") return isNull(left) ? (isNull(right) ? "0" : right) : left;
    if (operator === "&") return isNull(left) || isNull(right) ? "0" : left;
    if (LEVELS[2]?.includes(operator)) return compare(operator, left, right) ? "1" : "0";
    const [a, b] = [this.#integer(left), this.#integer(right)];
    switch (operator) {
      case "+":
        return String(a + b);
      case "-":
        return String(a - b);
      case "*":
        return String(a * b);
      default:
        if (b === 0n) this.#fail("division by zero");
        return String(operator === "/" ? a / b : a % b);
    }
  }

  #integer(text: string): bigint {
    return /^-?\d+$/.test(text) ? BigInt(text) : this.#fail("non-integer argument");
  }

  /** TEXT : EXPRESSION */
  #matched(): string {
    let left = this.#operand();
    while (this.#words[this.#at] === ":") {
      this.#at++;
      left = this.#match(left, this.#operand());
    }
    return left;
  }

  /** What the first group has matched, or how many characters the whole; an expression is anchored at the start. */
  #match(text: string, expression: string): string {
    const compiled = posixRegExp(`\\(${expression}\\)`, "basic", "s");
    if (!compiled) this.#fail("Unmatched ( or \\(");
    const found = new RegExp(`^${compiled.source}`, "s").exec(text);
    const hasGroup = /(?:^|[^\\])(?:\\\\)*\\\(/.test(expression);
    if (hasGroup) return found?.[2] ?? "";
    return String([...(found?.[0] ?? "")].length);
  }

  #operand(): string {
    const word = this.#next();
    switch (word) {
      case "+":
        return this.#next();
      case "(": {
        const value = this.#level(0);
        if (this.#words[this.#at] !== ")")
          this.#fail(`syntax error: expecting ')' after ${this.#quoted(this.#words[this.#at - 1] ?? "")}`);
        this.#at++;
        return value;
      }
      case "length":
        return String([...this.#operand()].length);
      case "match":
        return this.#match(this.#operand(), this.#operand());
      case "index": {
        const text = [...this.#operand()];
        const set = this.#operand();
        return String(text.findIndex((char) => set.includes(char)) + 1);
      }
      case "substr": {
        const text = [...this.#operand()];
        const [from, count] = [Number(this.#operand()), Number(this.#operand())];
        return from > 0 && count > 0 ? text.slice(from - 1, from - 1 + count).join("") : "";
      }
      default:
        return word;
    }
  }
}

/** Numbers by value, all else by its text. */
function compare(operator: string, left: string, right: string): boolean {
  const numbers = /^-?\d+$/.test(left) && /^-?\d+$/.test(right);
  const [a, b] = numbers ? [BigInt(left), BigInt(right)] : [left, right];
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    case ">":
      return a > b;
    case "!=":
      return a !== b;
    default:
      return a === b;
  }
}
