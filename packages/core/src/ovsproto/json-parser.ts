// A parser for a stream of JSON texts: it is fed as pieces arrive and stops behind the end of each object or array.
// Any input gives a value or a JsonSyntaxError, and nesting is bounded, so that nobody can exhaust the stack. The texts of
// errors are those of Open vSwitch, whose tools print them.

import type { Json } from "./json.ts";

export class JsonSyntaxError {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

const MAX_HEIGHT = 1000;

type LexState = "start" | "number" | "keyword" | "string" | "escape";
type ParseState =
  | "start"
  | "end"
  | "objectInit"
  | "objectName"
  | "objectColon"
  | "objectValue"
  | "objectNext"
  | "arrayInit"
  | "arrayValue"
  | "arrayNext";

type Token =
  | { readonly type: "punctuation"; readonly text: string }
  | { readonly type: "value"; readonly value: Json }
  | { readonly type: "string"; readonly value: string };

interface Level {
  readonly array: Json[] | undefined;
  readonly object: Record<string, Json> | undefined;
  /** The name of the member whose value comes. */
  name: string;
}

/** Parses a whole text; what follows the value must be white space. */
export function parseJson(text: string): Json | JsonSyntaxError {
  const parser = new JsonParser(true);
  parser.feed(text);
  return parser.finish();
}

export class JsonParser {
  /** True when a value is complete or an error was met; nothing more is taken. */
  done = false;
  readonly #trailer: boolean;
  #lex: LexState = "start";
  #state: ParseState = "start";
  #token = "";
  #value: Json | undefined;
  readonly #levels: Level[] = [];
  #error: string | undefined;
  #line = 0;
  #column = 0;
  #byte = 0;

  /** `trailer`: anything but white space after the value is an error; otherwise the parser is done there. */
  constructor(trailer = false) {
    this.#trailer = trailer;
  }

  /** Takes text from `from` on; returns where it stopped. */
  feed(text: string, from = 0): number {
    let at = from;
    while (!this.done && at < text.length) {
      const next = this.#take(text, at);
      for (; at < next; at++) this.#count(text.charCodeAt(at));
    }
    return at;
  }

  #count(unit: number): void {
    this.#byte += unit < 0x80 ? 1 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 2 : 3;
    if (unit === 0x0a) {
      this.#column = 0;
      this.#line++;
    } else this.#column++;
  }

  finish(): Json | JsonSyntaxError {
    if (this.#lex === "string" || this.#lex === "escape")
      this.#fail("unexpected end of input in quoted string");
    else if (this.#lex !== "start") this.#take(" ", 0);
    if (this.#state === "start") this.#fail("empty input stream");
    else if (this.#state !== "end") this.#fail("unexpected end of input");
    if (this.#error !== undefined) return new JsonSyntaxError(this.#error);
    return this.#value ?? null;
  }

  #fail(message: string): void {
    if (this.#error !== undefined) return;
    this.#error = `line ${this.#line}, column ${this.#column}, byte ${this.#byte}: ${message}`;
    this.done = true;
  }

  /** Takes at least one character, or ends a token in front of one. Returns the position behind what was taken. */
  #take(text: string, at: number): number {
    switch (this.#lex) {
      case "start":
        return this.#takeStart(text, at);
      case "keyword":
        return this.#takeRun(text, at, /[A-Za-z]*/y, () => this.#keyword());
      case "number":
        return this.#takeRun(text, at, /[-+.0-9eE]*/y, () => this.#number());
      case "escape":
        this.#token += text[at];
        this.#lex = "string";
        return at + 1;
      case "string":
        return this.#takeString(text, at);
    }
  }

  #takeStart(text: string, at: number): number {
    const char = text[at] ?? "";
    if (char === " " || char === "\t" || char === "\n" || char === "\r") return at + 1;
    if ("[]{}:,".includes(char)) {
      this.#input({ type: "punctuation", text: char });
      return at + 1;
    }
    this.#token = "";
    if (char === '"') {
      this.#lex = "string";
      return at + 1;
    }
    if (/[a-z]/.test(char)) this.#lex = "keyword";
    else if (/[-0-9]/.test(char)) this.#lex = "number";
    else {
      const code = text.charCodeAt(at);
      const printable = code >= 0x20 && code < 0x7f;
      this.#fail(`invalid character ${printable ? `'${char}'` : `U+${code.toString(16).padStart(4, "0")}`}`);
      return at + 1;
    }
    return at;
  }

  #takeRun(text: string, at: number, run: RegExp, ended: () => void): number {
    run.lastIndex = at;
    const taken = run.exec(text)?.[0] ?? "";
    this.#token += taken;
    const end = at + taken.length;
    if (end < text.length) {
      this.#lex = "start";
      ended();
    }
    return end;
  }

  #takeString(text: string, at: number): number {
    // eslint-disable-next-line no-control-regex
    const run = /[^"\\\u0000-\u001f]*/y;
    run.lastIndex = at;
    const taken = run.exec(text)?.[0] ?? "";
    this.#token += taken;
    const end = at + taken.length;
    if (end >= text.length) return end;
    const char = text[end];
    if (char === "\\") {
      this.#token += "\\";
      this.#lex = "escape";
    } else if (char === '"') {
      this.#lex = "start";
      const string = unescapeJson(this.#token);
      if (string instanceof JsonSyntaxError) this.#fail(string.message);
      else this.#input({ type: "string", value: string });
    } else {
      const code = text.charCodeAt(end).toString(16).toUpperCase().padStart(4, "0");
      this.#fail(`U+${code} must be escaped in quoted string`);
    }
    return end + 1;
  }

  #keyword(): void {
    const value = { false: false, true: true, null: null }[this.#token];
    if (value === undefined) this.#fail(`invalid keyword '${this.#token}'`);
    else this.#input({ type: "value", value });
  }

  #number(): void {
    const value = numberOf(this.#token);
    if (value instanceof JsonSyntaxError) this.#fail(value.message);
    else this.#input({ type: "value", value });
  }

  #input(token: Token): void {
    const mark = token.type === "punctuation" ? token.text : undefined;
    switch (this.#state) {
      case "start":
        if (mark === "{" || mark === "[") this.#begin(mark);
        else this.#fail("syntax error at beginning of input");
        return;
      case "end":
        this.#fail("trailing garbage at end of input");
        return;
      case "objectInit":
        if (mark === "}") this.#end();
        else this.#name(token);
        return;
      case "objectName":
        this.#name(token);
        return;
      case "objectColon":
        if (mark === ":") this.#state = "objectValue";
        else this.#fail("syntax error parsing object expecting ':'");
        return;
      case "objectValue":
        this.#accept(token, "objectNext");
        return;
      case "objectNext":
        if (mark === ",") this.#state = "objectName";
        else if (mark === "}") this.#end();
        else this.#fail("syntax error expecting '}' or ','");
        return;
      case "arrayInit":
        if (mark === "]") this.#end();
        else this.#accept(token, "arrayNext");
        return;
      case "arrayValue":
        this.#accept(token, "arrayNext");
        return;
      case "arrayNext":
        if (mark === ",") this.#state = "arrayValue";
        else if (mark === "]") this.#end();
        else this.#fail("syntax error expecting ']' or ','");
        return;
    }
  }

  #name(token: Token): void {
    const level = this.#levels.at(-1);
    if (token.type !== "string" || level === undefined) {
      this.#fail("syntax error parsing object expecting string");
      return;
    }
    level.name = token.value;
    this.#state = "objectColon";
  }

  #accept(token: Token, next: ParseState): void {
    if (token.type === "punctuation") {
      if (token.text === "{" || token.text === "[") this.#begin(token.text);
      else this.#fail("syntax error expecting value");
      return;
    }
    this.#put(token.value);
    this.#state = next;
  }

  #put(value: Json): void {
    const level = this.#levels.at(-1);
    if (level === undefined) this.#value = value;
    else if (level.array) level.array.push(value);
    else if (level.object) level.object[level.name] = value;
  }

  #begin(mark: "{" | "["): void {
    if (this.#levels.length >= MAX_HEIGHT) {
      this.#fail(`input exceeds maximum nesting depth ${MAX_HEIGHT}`);
      return;
    }
    if (mark === "{") {
      const object = Object.create(null) as Record<string, Json>; // so that "__proto__" is a name like others
      this.#put(object);
      this.#levels.push({ object, array: undefined, name: "" });
      this.#state = "objectInit";
    } else {
      const array: Json[] = [];
      this.#put(array);
      this.#levels.push({ object: undefined, array, name: "" });
      this.#state = "arrayInit";
    }
  }

  #end(): void {
    this.#levels.pop();
    const level = this.#levels.at(-1);
    if (level) this.#state = level.array ? "arrayNext" : "objectNext";
    else {
      this.#state = "end";
      if (!this.#trailer) this.done = true;
    }
  }
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Integers stay exact as far as 64 bits hold them, also when they are written with a fraction or an exponent. */
function numberOf(text: string): number | bigint | JsonSyntaxError {
  const bare = text.startsWith("-") ? text.slice(1) : text;
  if (!/^\d/.test(bare)) return new JsonSyntaxError("'-' must be followed by digit");
  if (/^0\d/.test(bare)) return new JsonSyntaxError("leading zeros not allowed");
  const match = /^(\d+)(?:\.(\d*))?(?:[eE]([-+]?)(\d*))?(.*)$/s.exec(bare);
  const [, whole = "", fraction, sign = "", power, rest = ""] = match ?? [];
  if (fraction === "") return new JsonSyntaxError("decimal point must be followed by digit");
  if (power === "") return new JsonSyntaxError("exponent must contain at least one digit");
  if (rest !== "") return new JsonSyntaxError("syntax error in number");
  if (power !== undefined && Number(power) >= 2 ** 31 - 1)
    return new JsonSyntaxError("exponent outside valid range");
  const value = Number(text);
  if (fraction === undefined && power === undefined) {
    if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
    return exact(BigInt(text), value);
  }
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  const shift = (sign === "-" ? -1 : 1) * Number(power ?? 0) - (fraction ?? "").length;
  if (shift >= 0 && shift < 20) {
    const digits = BigInt(whole + (fraction ?? "")) * 10n ** BigInt(shift);
    return exact(text.startsWith("-") ? -digits : digits, value);
  }
  return Number.isFinite(value) ? value : new JsonSyntaxError("number outside valid range");
}

function exact(integer: bigint, real: number): number | bigint | JsonSyntaxError {
  if (integer >= INT64_MIN && integer <= INT64_MAX) return integer;
  return Number.isFinite(real) ? real : new JsonSyntaxError("number outside valid range");
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** The text inside quotation marks with its escapes resolved. */
export function unescapeJson(raw: string): string | JsonSyntaxError {
  if (!raw.includes("\\") && !raw.includes('"')) return raw;
  let out = "";
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at] ?? "";
    if (char === '"') return new JsonSyntaxError('quoted string may not include unescaped "');
    if (char !== "\\") {
      out += char;
      continue;
    }
    const escape = raw[++at];
    if (escape === undefined) return new JsonSyntaxError("quoted string may not end with backslash");
    const plain = ESCAPES[escape];
    if (plain !== undefined) {
      out += plain;
      continue;
    }
    if (escape !== "u") return new JsonSyntaxError(`bad escape \\${escape}`);
    const unit = hexUnit(raw, at + 1);
    if (unit instanceof JsonSyntaxError) return unit;
    at += 4;
    out += String.fromCharCode(unit);
    if ((unit & 0xfc00) !== 0xd800) continue;
    if (raw.slice(at + 1, at + 3) !== "\\u") return new JsonSyntaxError("malformed escaped surrogate pair");
    const trailing = hexUnit(raw, at + 3);
    if (trailing instanceof JsonSyntaxError) return trailing;
    if ((trailing & 0xfc00) !== 0xdc00) {
      return new JsonSyntaxError("second half of escaped surrogate pair is not trailing surrogate");
    }
    at += 6;
    out += String.fromCharCode(trailing);
  }
  return out;
}

function hexUnit(raw: string, at: number): number | JsonSyntaxError {
  const digits = raw.slice(at, at + 4);
  if (digits.length < 4) return new JsonSyntaxError("quoted string ends within \\u escape");
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) return new JsonSyntaxError("malformed \\u escape");
  if (digits === "0000") return new JsonSyntaxError("null bytes not supported in quoted strings");
  return parseInt(digits, 16);
}
