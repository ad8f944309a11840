// The language of bc(1) (POSIX, and GNU's additions that scripts use) as trees. Arrays are not implemented.

export type Expression =
  | { readonly type: "number"; readonly text: string }
  | { readonly type: "name"; readonly name: string }
  | { readonly type: "assign"; readonly name: string; readonly operator: string; readonly value: Expression }
  | { readonly type: "step"; readonly name: string; readonly by: 1 | -1; readonly before: boolean }
  | { readonly type: "unary"; readonly operator: "-" | "!"; readonly operand: Expression }
  | {
      readonly type: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[] };

export type Statement =
  | { readonly type: "expression"; readonly expression: Expression }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "print"; readonly items: readonly (Expression | string)[] }
  | { readonly type: "block"; readonly statements: readonly Statement[] }
  | {
      readonly type: "if";
      readonly test: Expression;
      readonly consequence: Statement;
      readonly otherwise?: Statement;
    }
  | {
      readonly type: "loop";
      readonly first?: Expression;
      readonly test?: Expression;
      readonly next?: Expression;
      readonly body: Statement;
    }
  | {
      readonly type: "define";
      readonly name: string;
      readonly parameters: readonly string[];
      readonly locals: readonly string[];
      readonly body: readonly Statement[];
    }
  | { readonly type: "return"; readonly value?: Expression }
  | { readonly type: "break" | "continue" | "halt" };

/** `quit` ends the program when it is read, before anything else of its line is done. */
export class Quit {
  readonly status = 0;
}

/** What bc prints on standard error, with the line. */
export class SyntaxFault {
  readonly line: number;
  readonly text: string;
  constructor(line: number, text = "syntax error") {
    this.line = line;
    this.text = text;
  }
}

interface Token {
  readonly kind: "number" | "name" | "text" | "sign" | "newline" | "end";
  readonly text: string;
  readonly line: number;
}

const TOKEN =
  /\/\*[^]*?\*\/|#[^\n]*|[ \t]+|\\\n|("[^"]*")|((?:\d|[A-F])[\dA-F]*(?:\.[\dA-F]*)?|\.[\dA-F]+)|([a-z_][\w]*)|(\n)|(\+\+|--|[-+*/%^<>=!]=|&&|\|\||[-+*/%^<>=!(){},;])/y;

export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < text.length;) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new SyntaxFault(line, `illegal character: ${text[from]}`);
    const [whole, quoted, number, name, newline, sign] = match;
    if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.slice(1, -1), line });
    else if (number !== undefined) tokens.push({ kind: "number", text: number, line });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, line });
    else if (newline !== undefined) tokens.push({ kind: "newline", text: "\n", line });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign, line });
    line += whole.split("\n").length - 1;
  }
  return tokens;
}

const KEYWORDS = "auto break continue define else for halt if print quit return while limits warranty".split(
  " ",
);
const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["<", ">", "<=", ">=", "==", "!="],
  ["+", "-"],
  ["*", "/", "%"],
];
const ASSIGNMENTS = ["=", "+=", "-=", "*=", "/=", "%=", "^="];

export class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Passes the rest of a line that had an error. */
  skipLine(): void {
    while (!this.done && this.#current.kind !== "newline") this.#at++;
    this.#at++;
  }

  /** The statements of one line, or of more if they go on. Errors: SyntaxFault. */
  line(): Statement[] {
    const statements: Statement[] = [];
    for (;;) {
      if (this.#passKind("newline")) return statements;
      if (this.done) throw new SyntaxFault(this.#current.line);
      if (this.#pass(";")) continue;
      statements.push(this.#statement());
      if (!this.done && !this.#is(";") && this.#current.kind !== "newline") this.#fail();
    }
  }

  get #current(): Token {
    const last = this.#tokens.at(-1)?.line ?? 1;
    return this.#tokens[this.#at] ?? { kind: "end", text: "", line: last };
  }

  #fail(): never {
    // The parser has read up to the end of the line then.
    const { line, kind } = this.#current;
    throw new SyntaxFault(kind === "newline" || kind === "end" ? line + 1 : line);
  }

  #is(text: string): boolean {
    const { kind } = this.#current;
    return (kind === "sign" || kind === "name") && this.#current.text === text;
  }

  #pass(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #passKind(kind: Token["kind"]): boolean {
    if (this.#current.kind !== kind || this.done) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#pass(text)) this.#fail();
  }

  #passNewlines(): void {
    while (this.#passKind("newline"));
  }

  #name(): string {
    const { kind, text } = this.#current;
    if (kind !== "name" || KEYWORDS.includes(text)) this.#fail();
    this.#at++;
    return text;
  }

  #block(): Statement[] {
    const statements: Statement[] = [];
    this.#expect("{");
    for (;;) {
      this.#passNewlines();
      if (this.#pass("}")) return statements;
      if (this.#pass(";")) continue;
      if (this.done) this.#fail();
      statements.push(this.#statement());
    }
  }

  #statement(): Statement {
    const { kind, text } = this.#current;
    if (kind === "text") {
      this.#at++;
      return { type: "text", text };
    }
    if (this.#is("{")) return { type: "block", statements: this.#block() };
    if (kind === "name" && KEYWORDS.includes(text)) return this.#keyword(text);
    return { type: "expression", expression: this.#expression() };
  }

  #keyword(word: string): Statement {
    this.#at++;
    switch (word) {
      case "break":
      case "continue":
      case "halt":
        return { type: word };
      case "quit":
        throw new Quit();
      case "return": {
        const bare = this.done || this.#is(";") || this.#is("}") || this.#current.kind === "newline";
        return bare ? { type: "return" } : { type: "return", value: this.#expression() };
      }
      case "print": {
        const items: (Expression | string)[] = [];
        do items.push(this.#current.kind === "text" ? this.#text() : this.#expression());
        while (this.#pass(","));
        return { type: "print", items };
      }
      case "if": {
        this.#expect("(");
        const test = this.#expression();
        this.#expect(")");
        this.#passNewlines();
        const consequence = this.#statement();
        if (!this.#pass("else")) return { type: "if", test, consequence };
        this.#passNewlines();
        return { type: "if", test, consequence, otherwise: this.#statement() };
      }
      case "while": {
        this.#expect("(");
        const test = this.#expression();
        this.#expect(")");
        this.#passNewlines();
        return { type: "loop", test, body: this.#statement() };
      }
      case "for": {
        this.#expect("(");
        const first = this.#is(";") ? undefined : this.#expression();
        this.#expect(";");
        const test = this.#is(";") ? undefined : this.#expression();
        this.#expect(";");
        const next = this.#is(")") ? undefined : this.#expression();
        this.#expect(")");
        this.#passNewlines();
        const body = this.#statement();
        return { type: "loop", ...(first && { first }), ...(test && { test }), ...(next && { next }), body };
      }
      case "define":
        return this.#definition();
      default:
        this.#at--;
        return this.#fail();
    }
  }

  #text(): string {
    const { text } = this.#current;
    this.#at++;
    return text;
  }

  #names(end: () => boolean): string[] {
    const names: string[] = [];
    while (!end()) {
      names.push(this.#name());
      if (!this.#pass(",") && !end()) this.#fail();
    }
    return names;
  }

  #definition(): Statement {
    const name = this.#name();
    this.#expect("(");
    const parameters = this.#names(() => this.#is(")"));
    this.#expect(")");
    this.#passNewlines();
    const from = this.#at;
    this.#expect("{");
    this.#passNewlines();
    let locals: string[] = [];
    if (this.#pass("auto")) locals = this.#names(() => this.#is(";") || this.#current.kind === "newline");
    else this.#at = from + 1;
    const statements: Statement[] = [];
    for (;;) {
      this.#passNewlines();
      if (this.#pass("}")) break;
      if (this.#pass(";")) continue;
      if (this.done) this.#fail();
      statements.push(this.#statement());
    }
    return { type: "define", name, parameters, locals, body: statements };
  }

  #expression(): Expression {
    const { kind, text } = this.#current;
    const operator = this.#tokens[this.#at + 1]?.text ?? "";
    if (kind === "name" && !KEYWORDS.includes(text) && ASSIGNMENTS.includes(operator)) {
      this.#at += 2;
      return { type: "assign", name: text, operator: operator.slice(0, -1), value: this.#expression() };
    }
    return this.#binary(0);
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    if (level === 1 && this.#pass("!")) return { type: "unary", operator: "!", operand: this.#binary(2) };
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.#is(each));
      if (operator === undefined) return left;
      this.#at++;
      left = { type: "binary", operator, left, right: this.#binary(level + 1) };
    }
  }

  /** A sign binds more closely than a power. */
  #unary(): Expression {
    const base = this.#signed();
    if (!this.#pass("^")) return base;
    return { type: "binary", operator: "^", left: base, right: this.#unary() };
  }

  #signed(): Expression {
    for (const operator of ["-", "!"] as const) {
      if (this.#pass(operator)) return { type: "unary", operator, operand: this.#signed() };
    }
    return this.#primary();
  }

  #primary(): Expression {
    const { kind, text } = this.#current;
    if (this.#pass("(")) {
      const inside = this.#expression();
      this.#expect(")");
      return inside.type === "assign"
        ? { type: "unary", operator: "-", operand: { type: "unary", operator: "-", operand: inside } }
        : inside;
    }
    for (const by of [1, -1] as const) {
      if (this.#pass(by === 1 ? "++" : "--")) return { type: "step", name: this.#name(), by, before: true };
    }
    if (kind === "number") {
      this.#at++;
      return { type: "number", text };
    }
    const name = this.#name();
    if (this.#pass("(")) {
      const args: Expression[] = [];
      while (!this.#pass(")")) {
        args.push(this.#expression());
        if (!this.#pass(",") && !this.#is(")")) this.#fail();
      }
      return { type: "call", name, args };
    }
    for (const by of [1, -1] as const) {
      if (this.#pass(by === 1 ? "++" : "--")) return { type: "step", name, by, before: false };
    }
    return { type: "name", name };
  }
}
