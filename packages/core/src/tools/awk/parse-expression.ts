// Expressions of awk by precedence climbing (POSIX awk, Expressions in Decreasing Precedence). An assignment is taken wherever a left
// value is followed by one, as yacc's grammar does; `>` is no comparison in the arguments of print.

import { awkRegExp } from "./expressions.ts";
import type { Dialect } from "./expressions.ts";
import { AwkSyntaxFault } from "./syntax.ts";
import type { AwkFunction, Expression, LeftValue, Variable } from "./syntax.ts";
import { BUILTINS, Tokens } from "./tokens.ts";
import type { Token } from "./tokens.ts";

/** What an expression must not take for its own where it stands. */
interface Place {
  /** `>` redirects. */
  readonly output?: boolean;
  /** `in` belongs to a for loop. */
  readonly noIn?: boolean;
}

const COMPARISONS: ReadonlySet<string> = new Set(["<", "<=", "==", "!=", ">", ">="]);
const ASSIGNMENTS: ReadonlySet<string> = new Set(["=", "+=", "-=", "*=", "/=", "%=", "^=", "**="]);

export class ExpressionParser {
  protected readonly tokens: Tokens;
  protected token: Token;
  protected readonly dialect: Dialect;
  protected readonly functions = new Map<string, AwkFunction>();
  /** Functions that are called, so that those that are never defined are told of. */
  protected readonly called = new Set<string>();
  protected readonly uses = new Map<string, "array" | "variable">([
    ["ARGV", "array"],
    ["ENVIRON", "array"],
  ]);
  /** Parameters of the function that is being parsed. */
  protected locals: readonly string[] = [];

  constructor(text: string, dialect: Dialect) {
    this.tokens = new Tokens(text);
    this.dialect = dialect;
    this.token = this.tokens.next();
  }

  // ---- words

  protected advance(): Token {
    const token = this.token;
    this.token = this.tokens.next();
    return token;
  }

  protected back(token: Token): void {
    this.tokens.back(token);
    this.token = this.tokens.next();
  }

  protected is(text: string): boolean {
    const { kind } = this.token;
    return this.token.text === text && (kind === "operator" || kind === "keyword" || kind === "newline");
  }

  protected take(text: string): boolean {
    if (!this.is(text)) return false;
    this.advance();
    return true;
  }

  protected expect(text: string): void {
    if (!this.take(text)) this.wrong();
  }

  protected newlines(): void {
    while (this.token.kind === "newline") this.advance();
  }

  protected wrong(): never {
    const { kind, text, parentheses, braces } = this.token;
    if (text === "}" && braces === 0 && kind === "operator") this.fault("extra '}'");
    const near = kind === "end" ? "end of file" : kind === "newline" ? "end of line" : text;
    const missing =
      kind === "newline" && parentheses > 0 ? ")" : kind === "end" && braces > 0 ? "}" : undefined;
    this.fault(missing === undefined ? `syntax error at or near ${near}` : `missing ${missing} near ${near}`);
  }

  protected fault(message: string, line = this.token.line): never {
    throw new AwkSyntaxFault(`line ${line}: ${message}`);
  }

  /** `use`: how it is used; undefined where that cannot be told yet, as for arguments. */
  protected variable(name: string, use?: "array" | "variable"): Variable {
    const index = this.locals.indexOf(name);
    if (index >= 0) return { kind: "local", name, index };
    const before = this.functions.has(name) ? "function" : this.uses.get(name);
    if (use !== undefined && before !== undefined && before !== use)
      this.fault(`illegal reference to ${before} ${name}`);
    if (use !== undefined) this.uses.set(name, use);
    return { kind: "global", name };
  }

  // ---- levels, from the weakest

  protected expression(place: Place = {}): Expression {
    const condition = this.#or(place);
    if (!this.take("?")) return condition;
    this.newlines();
    const yes = this.expression(place);
    this.newlines();
    this.expect(":");
    this.newlines();
    return { type: "choice", condition, yes, no: this.expression(place) };
  }

  protected list(place: Place = {}): Expression[] {
    const all = [this.expression(place)];
    while (this.take(",")) {
      this.newlines();
      all.push(this.expression(place));
    }
    return all;
  }

  #or(place: Place): Expression {
    let left = this.#and(place);
    while (this.take("||")) {
      this.newlines();
      left = { type: "or", left, right: this.#and(place) };
    }
    return left;
  }

  #and(place: Place): Expression {
    let left = this.#membership(place);
    while (this.take("&&")) {
      this.newlines();
      left = { type: "and", left, right: this.#membership(place) };
    }
    return left;
  }

  #membership(place: Place): Expression {
    let left = this.#match(place);
    while (!place.noIn && this.is("in")) {
      this.advance();
      left = { type: "in", keys: [left], array: this.#arrayName() };
    }
    return left;
  }

  #arrayName(): Variable {
    if (this.token.kind !== "name" && this.token.kind !== "call") this.wrong();
    return this.variable(this.advance().text, "array");
  }

  #match(place: Place): Expression {
    let left = this.#comparison(place);
    for (;;) {
      const negated = this.is("!~");
      if (!negated && !this.is("~")) return left;
      this.advance();
      left = { type: "match", negated, text: left, pattern: this.#comparison(place) };
    }
  }

  #comparison(place: Place): Expression {
    let left = this.#piped(place);
    while (
      this.token.kind === "operator" &&
      COMPARISONS.has(this.token.text) &&
      !(place.output && this.is(">"))
    ) {
      const { text: operator } = this.advance();
      left = { type: "binary", operator, left, right: this.#piped(place) };
    }
    return left;
  }

  /** `command | getline`. */
  #piped(place: Place): Expression {
    let left = this.#concatenation(place);
    while (this.is("|")) {
      const bar = this.advance();
      if (!this.take("getline")) {
        this.back(bar);
        return left;
      }
      left = { type: "getline", source: { type: "command", command: left }, to: this.#optionalTarget() };
    }
    return left;
  }

  #concatenation(place: Place): Expression {
    let left = this.#sum(place);
    while (this.#startsOperand()) left = { type: "binary", operator: " ", left, right: this.#sum(place) };
    return left;
  }

  /** What can follow an expression and be the next part of a concatenation. */
  #startsOperand(): boolean {
    const { kind, text } = this.token;
    if (kind === "operator") return text === "$" || text === "(" || text === "++" || text === "--";
    return kind === "number" || kind === "string" || kind === "name" || kind === "call" || kind === "builtin";
  }

  #sum(place: Place): Expression {
    let left = this.#product(place);
    while (this.is("+") || this.is("-")) {
      const { text: operator } = this.advance();
      left = { type: "binary", operator, left, right: this.#product(place) };
    }
    return left;
  }

  #product(place: Place): Expression {
    let left = this.#unary(place);
    while (this.is("*") || this.is("/") || this.is("%")) {
      const { text: operator } = this.advance();
      left = { type: "binary", operator, left, right: this.#unary(place) };
    }
    return left;
  }

  #unary(place: Place): Expression {
    if (this.is("!") || this.is("-") || this.is("+")) {
      const operator = this.advance().text as "!" | "-" | "+";
      return { type: "unary", operator, operand: this.#unary(place) };
    }
    return this.#power(place);
  }

  #power(place: Place): Expression {
    const base = this.#postfix(place);
    if (!this.is("^") && !this.is("**")) return base;
    this.advance();
    const signed = this.is("-") || this.is("+") || this.is("!");
    const right = signed ? this.#unary(place) : this.#power(place);
    return { type: "binary", operator: "^", left: base, right };
  }

  #postfix(place: Place): Expression {
    const operand = this.#primary(place);
    if (!isLeftValue(operand)) return operand;
    if (this.token.kind === "operator" && ASSIGNMENTS.has(this.token.text)) {
      const operator = this.advance().text.replace("**", "^").slice(0, -1);
      this.newlines();
      return { type: "assign", to: operand, operator, value: this.expression(place) };
    }
    if (this.is("++") || this.is("--")) {
      const by = this.advance().text === "++" ? 1 : -1;
      return { type: "step", of: operand, by, prefix: false };
    }
    return operand;
  }

  // ---- operands

  #primary(place: Place): Expression {
    const { token } = this;
    switch (token.kind) {
      case "number":
        this.advance();
        return { type: "constant", value: Number(token.text) };
      case "string":
        this.advance();
        return { type: "constant", value: token.text };
      case "name":
        return this.#nameOperand();
      case "call":
        this.advance();
        this.called.add(token.text);
        return { type: "call", name: token.text, args: this.arguments() };
      case "builtin":
        return this.#builtin();
      case "keyword":
        if (token.text !== "getline") this.wrong();
        this.advance();
        return this.#getline();
      case "operator":
        return this.#operatorOperand(place);
      default:
        return this.wrong();
    }
  }

  #operatorOperand(place: Place): Expression {
    const { token } = this;
    switch (token.text) {
      case "$":
        this.advance();
        return { type: "field", index: this.#fieldIndex(place) };
      case "++":
      case "--": {
        this.advance();
        const of = this.#leftValue();
        return { type: "step", of, by: token.text === "++" ? 1 : -1, prefix: true };
      }
      case "/":
      case "/=": {
        const text = this.tokens.regexp(token);
        this.token = this.tokens.next();
        try {
          return { type: "regexp", expression: awkRegExp(text, this.dialect) };
        } catch (fault) {
          if (!(fault instanceof AwkSyntaxFault)) throw fault;
          this.fault(fault.message, token.line);
        }
      }
      case "(":
        return this.#group();
      case "-":
      case "+":
      case "!":
        return this.#unary(place);
      default:
        return this.wrong();
    }
  }

  /** `$` binds tighter than all but grouping and `++` in front. */
  #fieldIndex(place: Place): Expression {
    if (this.is("-") || this.is("+") || this.is("!")) {
      const operator = this.advance().text as "!" | "-" | "+";
      return { type: "unary", operator, operand: this.#fieldIndex(place) };
    }
    return this.#primary(place);
  }

  #leftValue(): LeftValue {
    const operand = this.#primary({});
    if (!isLeftValue(operand)) this.wrong();
    return operand;
  }

  #nameOperand(): LeftValue {
    const { text } = this.advance();
    if (!this.is("[")) {
      const argument = this.is(",") || this.is(")");
      return { type: "variable", variable: this.variable(text, argument ? undefined : "variable") };
    }
    const array = this.variable(text, "array");
    this.advance();
    const keys = this.list();
    this.expect("]");
    return { type: "element", array, keys };
  }

  /** "(" expression ")", or "(" list ")" in array. */
  #group(): Expression {
    this.advance();
    const inner = this.list();
    this.expect(")");
    const [only] = inner;
    if (inner.length === 1 && only) return { type: "group", inner: only };
    if (!this.take("in")) this.wrong();
    return { type: "in", keys: inner, array: this.#arrayName() };
  }

  protected arguments(): Expression[] {
    this.expect("(");
    if (this.take(")")) return [];
    const args = this.list();
    this.expect(")");
    return args;
  }

  #builtin(): Expression {
    const { text: name, line } = this.advance();
    if (!this.is("(") && name !== "length") this.wrong();
    const args = this.is("(") ? this.arguments() : [];
    const [least, most] = BUILTINS.get(name) ?? [0, 0];
    if (args.length < least || args.length > most || (name === "split" && args[1]?.type !== "variable"))
      this.fault(`wrong number of arguments in call to ${name}`, line);
    return { type: "builtin", name, args };
  }

  #getline(): Expression {
    const to = this.#optionalTarget();
    if (!this.take("<")) return { type: "getline", source: { type: "input" }, to };
    return { type: "getline", source: { type: "file", name: this.#fileName() }, to };
  }

  /** The name after `getline <` ends before any operator. */
  #fileName(): Expression {
    return this.#primary({ output: true });
  }

  #optionalTarget(): LeftValue | undefined {
    const { kind } = this.token;
    return kind === "name" || this.is("$") ? this.#leftValue() : undefined;
  }
}

function isLeftValue(expression: Expression): expression is LeftValue {
  return expression.type === "variable" || expression.type === "field" || expression.type === "element";
}
