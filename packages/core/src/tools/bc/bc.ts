// bc(1) of GNU bc 1.07: arithmetic with any number of digits. Arrays, `read()` and `random()` are not implemented, and the addresses
// in messages of runtime errors are not those of the original's code.

import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, UsageEnd } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { openReader, readAll } from "../coreutils/streams.ts";
import { libraryFunction } from "./functions.ts";
import type { Decimal } from "./number.ts";
import {
  add,
  ArithmeticFault,
  compare,
  divide,
  integer,
  multiply,
  negated,
  numberText,
  ONE,
  parseNumber,
  raise,
  remainder,
  squareRoot,
  subtract,
  truncated,
  ZERO,
} from "./number.ts";
import type { Expression, Statement } from "./parse.ts";
import { Parser, Quit, SyntaxFault, tokensOf } from "./parse.ts";

const LINE = 69; // digits before a line goes on

class Leave {
  readonly kind: "break" | "continue";
  constructor(kind: "break" | "continue") {
    this.kind = kind;
  }
}
class Returned {
  readonly value: Decimal;
  constructor(value: Decimal) {
    this.value = value;
  }
}

type Definition = Extract<Statement, { type: "define" }>;

class Calculator {
  readonly #process: Process;
  readonly #library: boolean;
  readonly #variables = new Map<string, Decimal>();
  readonly #functions = new Map<string, Definition>();
  #scale: number;
  #inputBase = 10;
  #outputBase = 10;
  #last = ZERO;

  constructor(process: Process, library: boolean) {
    this.#process = process;
    this.#library = library;
    this.#scale = library ? 20 : 0;
  }

  run(statement: Statement): void {
    switch (statement.type) {
      case "expression": {
        const value = this.#value(statement.expression);
        if (statement.expression.type !== "assign") this.#print(value, "\n");
        break;
      }
      case "text":
        this.#process.print(statement.text);
        break;
      case "print":
        for (const item of statement.items) {
          if (typeof item === "string") this.#process.print(unescaped(item));
          else this.#print(this.#value(item), "");
        }
        break;
      case "block":
        for (const each of statement.statements) this.run(each);
        break;
      case "if":
        if (this.#value(statement.test).digits !== 0n) this.run(statement.consequence);
        else if (statement.otherwise) this.run(statement.otherwise);
        break;
      case "loop":
        this.#loop(statement);
        break;
      case "define":
        this.#functions.set(statement.name, statement);
        break;
      case "return":
        throw new Returned(statement.value ? this.#value(statement.value) : ZERO);
      case "break":
      case "continue":
        throw new Leave(statement.type);
      default:
        throw new Quit();
    }
  }

  #loop({ first, test, next, body }: Extract<Statement, { type: "loop" }>): void {
    if (first) this.#value(first);
    const goesOn = (): boolean => test === undefined || this.#value(test).digits !== 0n;
    while (goesOn()) {
      try {
        this.run(body);
      } catch (leave) {
        if (!(leave instanceof Leave)) throw leave;
        if (leave.kind === "break") return;
      }
      if (next) this.#value(next);
    }
  }

  #print(value: Decimal, end: string): void {
    this.#last = value;
    let text = numberText(value, this.#outputBase);
    let lines = "";
    for (; text.length > LINE; text = text.slice(LINE - 1)) lines += `${text.slice(0, LINE - 1)}\\\n`;
    this.#process.print(lines + text + end);
  }

  #get(name: string): Decimal {
    switch (name) {
      case "scale":
        return integer(this.#scale);
      case "ibase":
        return integer(this.#inputBase);
      case "obase":
        return integer(this.#outputBase);
      case "last":
        return this.#last;
      default:
        return this.#variables.get(name) ?? ZERO;
    }
  }

  #set(name: string, value: Decimal): Decimal {
    const whole = Number(truncated(value));
    if (name === "scale") this.#scale = Math.max(0, whole);
    else if (name === "ibase") this.#inputBase = Math.min(16, Math.max(2, whole));
    else if (name === "obase") this.#outputBase = Math.max(2, whole);
    else this.#variables.set(name, value);
    return value;
  }

  #value(node: Expression): Decimal {
    switch (node.type) {
      case "number":
        return parseNumber(node.text, this.#inputBase);
      case "name":
        return this.#get(node.name);
      case "assign": {
        const value = this.#value(node.value);
        return this.#set(
          node.name,
          node.operator === "" ? value : this.#operate(node.operator, this.#get(node.name), value),
        );
      }
      case "step": {
        const before = this.#get(node.name);
        const after = this.#set(node.name, add(before, integer(node.by)));
        return node.before ? after : before;
      }
      case "unary": {
        const operand = this.#value(node.operand);
        if (node.operator === "-") return negated(operand);
        return operand.digits === 0n ? ONE : ZERO;
      }
      case "binary":
        return this.#operate(node.operator, this.#value(node.left), this.#value(node.right));
      case "call":
        return this.#call(
          node.name,
          node.args.map((each) => this.#value(each)),
        );
    }
  }

  #operate(operator: string, a: Decimal, b: Decimal): Decimal {
    const truth = (value: boolean): Decimal => (value ? ONE : ZERO);
    switch (operator) {
      case "+":
        return add(a, b);
      case "-":
        return subtract(a, b);
      case "*":
        return multiply(a, b, this.#scale);
      case "/":
        return divide(a, b, this.#scale);
      case "%":
        return remainder(a, b, this.#scale);
      case "^":
        if (b.scale > 0) {
          this.#process.flush();
          this.#process.warn("Runtime warning (func=(main), adr=3): non-zero scale in exponent\n");
        }
        return raise(a, b, this.#scale);
      case "<":
        return truth(compare(a, b) < 0);
      case ">":
        return truth(compare(a, b) > 0);
      case "<=":
        return truth(compare(a, b) <= 0);
      case ">=":
        return truth(compare(a, b) >= 0);
      case "==":
        return truth(compare(a, b) === 0);
      case "!=":
        return truth(compare(a, b) !== 0);
      case "&&":
        return truth(a.digits !== 0n && b.digits !== 0n);
      default:
        return truth(a.digits !== 0n || b.digits !== 0n);
    }
  }

  #call(name: string, args: readonly Decimal[]): Decimal {
    const own = this.#functions.get(name);
    const [first = ZERO] = args;
    if (own) return this.#callOwn(own, args);
    if (name === "sqrt") return squareRoot(first, this.#scale);
    if (name === "scale") return integer(first.scale);
    if (name === "length") {
      const size = first.digits < 0n ? -first.digits : first.digits;
      return integer(Math.max(size.toString().length, first.scale, 1));
    }
    const library = this.#library ? libraryFunction(name) : undefined;
    if (!library) throw new ArithmeticFault(`Function ${name} not defined.`);
    return library(first, this.#scale);
  }

  #callOwn({ parameters, locals, body }: Definition, args: readonly Decimal[]): Decimal {
    const names = [...parameters, ...locals];
    const before = names.map((name) => this.#variables.get(name));
    for (const [index, name] of names.entries()) this.#variables.set(name, args[index] ?? ZERO);
    try {
      for (const each of body) this.run(each);
      return ZERO;
    } catch (returned) {
      if (!(returned instanceof Returned)) throw returned;
      return returned.value;
    } finally {
      for (const [index, name] of names.entries()) {
        const value = before[index];
        if (value === undefined) this.#variables.delete(name);
        else this.#variables.set(name, value);
      }
    }
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  q: '"',
  r: "\r",
  t: "\t",
};

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

export const bc: Program = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "ilqswvh",
    long: { mathlib: "l", quiet: "q", standard: "s", warn: "w", interactive: "i", version: "v", help: "h" },
    wrong: (text) => {
      process.warn(`bc: ${text}\n`);
      process.print(USAGE);
      throw new UsageEnd(1);
    },
  });
  if (has(parsed, "v")) {
    process.print(
      "bc 1.07.1\nCopyright 1991-1994, 1997, 1998, 2000, 2004, 2006, 2008, 2012-2017 Free Software Foundation, Inc.\n",
    );
    return 0;
  }
  if (has(parsed, "h")) {
    process.print(USAGE);
    return 0;
  }
  const calculator = new Calculator(process, has(parsed, "l"));
  try {
    for (const path of [...parsed.operands, "-"]) {
      const text = new TextDecoder().decode(await readAll(openReader(process, path)));
      runText(process, calculator, text, path === "-" ? "(standard_in)" : path);
    }
  } catch (end) {
    if (!(end instanceof Quit)) throw end;
    return end.status;
  }
  return 0;
});

const USAGE = `usage: bc [options] [file ...]
  -h  --help         print this usage and exit
  -i  --interactive  force interactive mode
  -l  --mathlib      use the predefined math routines
  -q  --quiet        don't print initial banner
  -s  --standard     non-standard bc constructs are errors
  -w  --warn         warn about non-standard bc constructs
  -v  --version      print version information and exit
`;

function runText(process: Process, calculator: Calculator, text: string, name: string): void {
  let parser: Parser;
  const tell = ({ line, text: what }: SyntaxFault): void => {
    process.flush();
    process.warn(`${name} ${line}: ${what}\n`);
  };
  try {
    parser = new Parser(tokensOf(text));
  } catch (fault) {
    if (!(fault instanceof SyntaxFault)) throw fault;
    return tell(fault);
  }
  while (!parser.done) {
    try {
      for (const statement of parser.line()) calculator.run(statement);
    } catch (fault) {
      if (fault instanceof SyntaxFault) {
        tell(fault);
        parser.skipLine();
      } else if (fault instanceof ArithmeticFault) {
        process.flush();
        process.warn(`Runtime error (func=(main), adr=3): ${fault.text}\n`);
      } else throw fault;
    }
  }
}
