// Statements, rules and functions of awk (POSIX awk, Grammar).

import { ExpressionParser } from "./parse-expression.ts";
import type { Dialect } from "./expressions.ts";
import type { AwkProgram, Expression, Redirection, Rule, Statement } from "./syntax.ts";

/** Text has one character a byte. Throws AwkSyntaxFault. */
export function parseAwk(text: string, dialect: Dialect): AwkProgram {
  return new Parser(text, dialect).program();
}

class Parser extends ExpressionParser {
  #inFunction = false;
  #hasRecord = true;

  program(): AwkProgram {
    const begin: Statement[] = [];
    const end: Statement[] = [];
    const rules: Rule[] = [];
    this.#terminators();
    while (this.token.kind !== "end") {
      if (this.is("function") || this.is("func")) this.#function();
      else if (this.take("BEGIN")) begin.push(this.#withoutRecord());
      else if (this.take("END")) end.push(this.#withoutRecord());
      else rules.push(this.#rule());
      this.#terminators();
    }
    for (const name of this.called)
      if (!this.functions.has(name)) this.fault(`function ${name} never defined`);
    return { begin, end, rules, functions: this.functions };
  }

  #terminators(): void {
    while (this.token.kind === "newline" || this.is(";")) this.advance();
  }

  /** BEGIN and END have no record that `next` could leave. */
  #withoutRecord(): Statement {
    this.#hasRecord = false;
    const action = this.#requiredAction();
    this.#hasRecord = true;
    return action;
  }

  #requiredAction(): Statement {
    if (!this.is("{")) this.wrong();
    return this.#block();
  }

  #rule(): Rule {
    const patterns: Expression[] = [];
    if (!this.is("{")) {
      patterns.push(this.expression());
      if (this.take(",")) {
        this.newlines();
        patterns.push(this.expression());
      }
      if (!this.is("{")) {
        if (this.token.kind !== "newline" && this.token.kind !== "end" && !this.is(";")) this.wrong();
        return { patterns, action: undefined };
      }
    }
    return { patterns, action: this.#block() };
  }

  #function(): void {
    this.advance();
    const { kind, text: name } = this.token;
    if (kind !== "name" && kind !== "call") this.wrong();
    if (this.functions.has(name)) this.fault(`redefinition of ${name}`);
    const used = this.uses.get(name);
    if (used) this.fault(`illegal reference to ${used} ${name}`);
    this.advance();
    this.expect("(");
    const parameters: string[] = [];
    while (!this.is(")")) {
      if (this.token.kind !== "name") this.wrong();
      parameters.push(this.advance().text);
      if (!this.take(",")) break;
      this.newlines();
    }
    this.expect(")");
    this.newlines();
    this.locals = parameters;
    this.#inFunction = true;
    this.functions.set(name, { name, parameters, body: this.#requiredAction() });
    this.#inFunction = false;
    this.locals = [];
  }

  #block(): Statement {
    this.expect("{");
    const body: Statement[] = [];
    this.#terminators();
    while (!this.is("}")) {
      body.push(this.#statement());
      this.#terminators();
    }
    this.expect("}");
    return { type: "block", body };
  }

  /** The body of a control statement: it may be empty, and stand on the next line. */
  #body(): Statement {
    this.newlines();
    if (this.take(";") || this.is("}")) return { type: "block", body: [] };
    return this.#statement();
  }

  #statement(): Statement {
    if (this.is("{")) return this.#block();
    if (this.token.kind === "keyword") {
      switch (this.token.text) {
        case "if":
          return this.#if();
        case "while":
          return this.#while();
        case "do":
          return this.#do();
        case "for":
          return this.#for();
      }
    }
    const statement = this.#simple();
    this.#end();
    return statement;
  }

  /** The end of a simple statement: a semicolon, a line's end, or the brace after it. */
  #end(): void {
    if (this.is(";") || this.token.kind === "newline") this.advance();
    else if (!this.is("}") && this.token.kind !== "end") this.wrong();
  }

  #if(): Statement {
    this.advance();
    this.expect("(");
    const condition = this.expression();
    this.expect(")");
    const yes = this.#body();
    const after = this.token;
    this.#terminators();
    if (this.take("else")) return { type: "if", condition, yes, no: this.#body() };
    this.back(after);
    return { type: "if", condition, yes, no: undefined };
  }

  #while(): Statement {
    this.advance();
    this.expect("(");
    const condition = this.expression();
    this.expect(")");
    return { type: "loop", first: undefined, condition, next: undefined, body: this.#body(), after: false };
  }

  #do(): Statement {
    this.advance();
    const body = this.#body();
    this.#terminators();
    this.expect("while");
    this.expect("(");
    const condition = this.expression();
    this.expect(")");
    this.#end();
    return { type: "loop", first: undefined, condition, next: undefined, body, after: true };
  }

  #for(): Statement {
    this.advance();
    this.expect("(");
    let first: Statement | undefined;
    if (!this.is(";")) {
      first = this.#forStart();
      if (this.take("in")) {
        const key = first.type === "expression" ? first.expression : undefined;
        const name = this.advance();
        if (key?.type !== "variable" && key?.type !== "element" && key?.type !== "field") this.wrong();
        if (name.kind !== "name") this.wrong();
        this.expect(")");
        return { type: "each", key, array: this.variable(name.text, "array"), body: this.#body() };
      }
    }
    this.expect(";");
    this.newlines();
    const condition = this.is(";") ? undefined : this.expression();
    this.expect(";");
    this.newlines();
    const next = this.is(")") ? undefined : this.#simple();
    this.expect(")");
    return { type: "loop", first, condition, next, body: this.#body(), after: false };
  }

  /** What stands before the first semicolon or `in` of a for loop; `(k, l) in a` in a condition needs parentheses. */
  #forStart(): Statement {
    const start = this.token;
    const statement = this.#simple(true);
    if (this.is("in") || this.is(";")) return statement;
    this.back(start);
    return this.#simple();
  }

  #simple(noIn = false): Statement {
    if (this.token.kind !== "keyword")
      return { type: "expression", expression: this.expression(noIn ? { noIn } : {}) };
    const { text } = this.token;
    switch (text) {
      case "print":
      case "printf":
        return this.#print(text);
      case "delete":
        return this.#delete();
      case "break":
      case "continue":
        this.advance();
        return { type: text };
      case "next":
      case "nextfile":
        if (!this.#hasRecord) this.fault(`improper use of ${text}`);
        this.advance();
        return { type: text };
      case "exit":
      case "return": {
        if (text === "return" && !this.#inFunction) this.fault("return outside function body");
        this.advance();
        return { type: text, value: this.#statementEnds() ? undefined : this.expression() };
      }
      case "getline":
        return { type: "expression", expression: this.expression() };
      default:
        return this.wrong();
    }
  }

  #statementEnds(): boolean {
    const { kind } = this.token;
    return kind === "newline" || kind === "end" || this.is(";") || this.is("}");
  }

  #delete(): Statement {
    this.advance();
    if (this.token.kind !== "name") this.wrong();
    const array = this.variable(this.advance().text, "array");
    if (!this.take("[")) return { type: "delete", array, keys: undefined };
    const keys = this.list();
    this.expect("]");
    return { type: "delete", array, keys };
  }

  #print(type: "print" | "printf"): Statement {
    this.advance();
    const args = this.#printArguments();
    if (type === "printf" && args.length === 0) this.wrong();
    return { type, args, to: this.#redirection() };
  }

  /** A list, or one in parentheses if nothing follows those that continues an expression. */
  #printArguments(): Expression[] {
    if (this.#printEnds()) return [];
    const start = this.token;
    if (this.is("(")) {
      this.advance();
      if (this.take(")")) return [];
      const args = this.list();
      this.expect(")");
      if (this.#printEnds()) return args;
      this.back(start);
    }
    return this.list({ output: true });
  }

  #printEnds(): boolean {
    return this.#statementEnds() || this.is(">") || this.is(">>") || this.is("|");
  }

  #redirection(): Redirection | undefined {
    const { text } = this.token;
    if (text !== ">" && text !== ">>" && text !== "|") return undefined;
    if (this.token.kind !== "operator") return undefined;
    this.advance();
    return { operator: text, target: this.expression({ output: true }) };
  }
}
