// The grammar of shell arithmetic (bash(1), ARITHMETIC EVALUATION): C's operators on 64-bit integers, plus ** and
// BASE#DIGITS. It reads text whose `$` expansions are already done, and gives a tree.

/** A name, or an element of an array by the text of its subscript. */
export interface Place {
  readonly type: "place";
  readonly name: string;
  readonly subscript: string | undefined;
  /** The rest of the expression from here, for messages. */
  readonly rest: string;
}

export type Arithmetic =
  | { readonly type: "number"; readonly value: bigint }
  | Place
  | { readonly type: "unary"; readonly operator: string; readonly operand: Arithmetic }
  | {
      readonly type: "binary";
      readonly operator: string;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
      readonly rest: string;
    }
  | {
      readonly type: "assign";
      readonly operator: string;
      readonly target: Place;
      readonly value: Arithmetic;
      readonly rest: string;
    }
  | { readonly type: "step"; readonly by: 1n | -1n; readonly target: Place; readonly prefix: boolean }
  | { readonly type: "choice"; readonly test: Arithmetic; readonly yes: Arithmetic; readonly no: Arithmetic };

/** A syntax or evaluation error: bash's text for it and the token it points at. */
export class ArithmeticFault {
  readonly reason: string;
  readonly token: string;
  constructor(reason: string, token: string) {
    this.reason = reason;
    this.token = token;
  }
}

/** Binary operators, loosest first; ?: and assignments are below them, unary operators above. */
const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

const OPERATORS = [
  "<<=", ">>=", "**", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "%=",
  "&=", "^=", "|=", "+", "-", "*", "/", "%", "<", ">", "=", "!", "~", "&", "|", "^", "?", ":", ",", "(", ")",
]; // prettier-ignore

const ASSIGNMENTS: ReadonlySet<string> = new Set([
  "=",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "<<=",
  ">>=",
  "&=",
  "^=",
  "|=",
]);

const trees = new Map<string, Arithmetic>();
const CACHE = 2000;

/** Parses an expression; throws ArithmeticFault. An empty text is 0. */
export function parseArithmetic(text: string): Arithmetic {
  let tree = trees.get(text);
  if (tree === undefined) {
    tree = new Parser(text).whole();
    if (trees.size >= CACHE) trees.clear();
    trees.set(text, tree);
  }
  return tree;
}

class Parser {
  readonly #text: string;
  #at = 0;
  /** Where the last token that was read began. */
  #last = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Arithmetic {
    this.#space();
    if (this.#at >= this.#text.length) return { type: "number", value: 0n };
    const tree = this.#comma();
    this.#space();
    if (this.#at < this.#text.length) {
      const operator = this.#peek();
      if (operator === "=" || (operator !== undefined && ASSIGNMENTS.has(operator))) {
        throw new ArithmeticFault("attempted assignment to non-variable", this.#rest());
      }
      throw new ArithmeticFault(
        operator === undefined && !/^[\w$]/.test(this.#rest())
          ? "syntax error: invalid arithmetic operator"
          : "syntax error in expression",
        this.#rest(),
      );
    }
    return tree;
  }

  #rest(): string {
    return this.#text.slice(this.#at);
  }

  #space(): void {
    while (/[ \t\n\r]/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #peek(): string | undefined {
    this.#space();
    return OPERATORS.find((operator) => this.#text.startsWith(operator, this.#at));
  }

  #take(operator: string): void {
    this.#last = this.#at;
    this.#at += operator.length;
  }

  #accept(operator: string): boolean {
    if (this.#peek() !== operator) return false;
    this.#take(operator);
    return true;
  }

  #comma(): Arithmetic {
    let left = this.#assignment();
    while (this.#accept(","))
      left = { type: "binary", operator: ",", left, right: this.#assignment(), rest: "" };
    return left;
  }

  #assignment(): Arithmetic {
    const left = this.#choice();
    const operator = this.#peek();
    if (operator === undefined || !ASSIGNMENTS.has(operator)) return left;
    if (left.type !== "place")
      throw new ArithmeticFault("attempted assignment to non-variable", this.#rest());
    this.#take(operator);
    this.#space();
    const rest = this.#rest();
    return { type: "assign", operator: operator.slice(0, -1), target: left, value: this.#assignment(), rest };
  }

  #choice(): Arithmetic {
    const test = this.#binary(0);
    if (!this.#accept("?")) return test;
    if (this.#peek() === ":") throw new ArithmeticFault("expression expected", this.#rest());
    const yes = this.#comma();
    if (!this.#accept(":")) {
      throw new ArithmeticFault("`:' expected for conditional expression", this.#text.slice(this.#last));
    }
    this.#space();
    if (this.#at >= this.#text.length)
      throw new ArithmeticFault("expression expected", this.#text.slice(this.#last));
    return { type: "choice", test, yes, no: this.#choice() };
  }

  #binary(level: number): Arithmetic {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#power();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = this.#peek();
      if (operator === undefined || !operators.includes(operator)) return left;
      this.#take(operator);
      this.#space();
      const rest = this.#rest();
      left = { type: "binary", operator, left, right: this.#binary(level + 1), rest };
    }
  }

  #power(): Arithmetic {
    const left = this.#unary();
    if (!this.#accept("**")) return left;
    const right = this.#power();
    // A negative exponent is noticed after it was read: messages point at its last token.
    return { type: "binary", operator: "**", left, right, rest: this.#text.slice(this.#last) };
  }

  #unary(): Arithmetic {
    const operator = this.#peek();
    if (operator === "++" || operator === "--") {
      this.#take(operator);
      const target = this.#unary();
      if (target.type === "place")
        return { type: "step", by: operator === "++" ? 1n : -1n, target, prefix: true };
      const sign = operator[0] ?? "";
      return { type: "unary", operator: sign, operand: { type: "unary", operator: sign, operand: target } };
    }
    if (operator === "!" || operator === "~" || operator === "+" || operator === "-") {
      this.#take(operator);
      return { type: "unary", operator, operand: this.#unary() };
    }
    return this.#postfix();
  }

  #postfix(): Arithmetic {
    const operand = this.#primary();
    const operator = this.#peek();
    if (operand.type === "place" && (operator === "++" || operator === "--")) {
      this.#take(operator);
      return { type: "step", by: operator === "++" ? 1n : -1n, target: operand, prefix: false };
    }
    return operand;
  }

  #primary(): Arithmetic {
    if (this.#accept("(")) {
      const inside = this.#comma();
      if (!this.#accept(")")) throw new ArithmeticFault("missing `)'", this.#text.slice(this.#last));
      return inside;
    }
    this.#space();
    const rest = this.#rest();
    const number = /^[0-9][\w#@]*/.exec(rest)?.[0];
    if (number !== undefined) {
      this.#take(number);
      return { type: "number", value: parseNumber(number, rest) };
    }
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (name === undefined) {
      // bash points at the operator that lacks its operand, or at what stands in its place.
      throw new ArithmeticFault(
        "syntax error: operand expected",
        rest === "" ? this.#text.slice(this.#last) : rest,
      );
    }
    this.#take(name);
    return { type: "place", name, subscript: this.#subscript(rest), rest };
  }

  #subscript(rest: string): string | undefined {
    if (this.#text[this.#at] !== "[") return undefined;
    let depth = 0;
    for (let at = this.#at; at < this.#text.length; at++) {
      if (this.#text[at] === "[") depth++;
      else if (this.#text[at] === "]" && --depth === 0) {
        const inside = this.#text.slice(this.#at + 1, at);
        this.#at = at + 1;
        return inside;
      }
    }
    throw new ArithmeticFault("bad array subscript", rest);
  }
}

/** A constant: decimal, 0 octal, 0x hexadecimal, BASE#DIGITS up to base 64. */
function parseNumber(text: string, rest: string): bigint {
  const hash = text.indexOf("#");
  if (hash > 0) {
    const base = Number(text.slice(0, hash));
    if (!(base >= 2 && base <= 64)) throw new ArithmeticFault("invalid arithmetic base", rest);
    return digits(text.slice(hash + 1), base, rest);
  }
  if (/^0[xX]/.test(text)) return digits(text.slice(2), 16, rest);
  if (text.length > 1 && text.startsWith("0")) return digits(text.slice(1), 8, rest);
  return digits(text, 10, rest);
}

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@_";

function digits(text: string, base: number, rest: string): bigint {
  if (text === "" && base !== 16) throw new ArithmeticFault("invalid integer constant", rest);
  let value = 0n;
  for (const char of base <= 36 ? text.toLowerCase() : text) {
    const digit = DIGITS.indexOf(char);
    if (digit < 0 || digit >= base) {
      throw new ArithmeticFault("value too great for base", rest);
    }
    value = value * BigInt(base) + BigInt(digit);
  }
  return BigInt.asIntN(64, value);
}
