// The words of an awk program (POSIX awk, Lexical Conventions). A slash is a division here; the parser asks for a regular expression
// where an operand is due. Text has one character a byte.

import { AwkSyntaxFault } from "./syntax.ts";

export type TokenKind =
  | "number"
  | "string"
  | "name"
  /** A name with "(" right behind it. */
  | "call"
  | "builtin"
  | "keyword"
  | "operator"
  | "newline"
  | "end";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it starts. */
  readonly at: number;
  readonly line: number;
  /** Parentheses and braces that are open before it. */
  readonly parentheses: number;
  readonly braces: number;
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "BEGIN END function func if else while for do break continue next nextfile exit return delete in getline print printf".split(
    " ",
  ),
);

/** awk's functions, with the least and the largest number of their arguments. */
export const BUILTINS: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ["atan2", [2, 2]],
  ["close", [1, 1]],
  ["cos", [1, 1]],
  ["exp", [1, 1]],
  ["fflush", [0, 1]],
  ["gsub", [2, 3]],
  ["index", [2, 2]],
  ["int", [1, 1]],
  ["length", [0, 1]],
  ["log", [1, 1]],
  ["match", [2, 2]],
  ["mktime", [1, 1]],
  ["rand", [0, 0]],
  ["sin", [1, 1]],
  ["split", [2, 3]],
  ["sprintf", [1, Number.POSITIVE_INFINITY]],
  ["sqrt", [1, 1]],
  ["srand", [0, 1]],
  ["strftime", [0, 3]],
  ["sub", [2, 3]],
  ["substr", [2, 3]],
  ["system", [1, 1]],
  ["systime", [0, 0]],
  ["tolower", [1, 1]],
  ["toupper", [1, 1]],
]);

/** Longest first. */
const OPERATORS =
  /^(?:\*\*=|\*\*|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|!~|>>|[-{}()[\];,+*/%^!<>|?:~$=])/;

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "/": "/",
};

/** The escapes of a string constant; an unknown one stays as it is. */
export function unescape(text: string): string {
  return text.replace(/\\([0-7]{1,3}|\n|[^])/g, (whole, code: string) => {
    if (code === "\n") return "";
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return ESCAPES[code] ?? whole;
  });
}

export class Tokens {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #parentheses = 0;
  #braces = 0;

  /** A program ends with the end of a line. */
  constructor(text: string) {
    this.#text = `${text}\n`;
  }

  /** Goes back to where a token starts. */
  back(token: Token): void {
    this.#at = token.at;
    this.#line = token.line;
    this.#parentheses = token.parentheses;
    this.#braces = token.braces;
  }

  next(): Token {
    const token = this.#read();
    if (token.kind === "operator") {
      this.#parentheses += token.text === "(" ? 1 : token.text === ")" ? -1 : 0;
      this.#braces += token.text === "{" ? 1 : token.text === "}" ? -1 : 0;
    }
    return token;
  }

  #read(): Token {
    this.#skip();
    const at = this.#at;
    const line = this.#line;
    const parentheses = this.#parentheses;
    const braces = this.#braces;
    const token = (kind: TokenKind, text: string, length = text.length): Token => {
      this.#at = at + length;
      return { kind, text, at, line, parentheses, braces };
    };
    const rest = this.#text.slice(at, at + 256);
    const [first = ""] = rest;
    if (first === "") return token("end", "");
    if (first === "\n") {
      this.#line++;
      return token("newline", "\n");
    }
    if (first === '"') {
      const end = this.#stringEnd(at, line);
      return token("string", unescape(this.#text.slice(at + 1, end)), end + 1 - at);
    }
    const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(rest)?.[0];
    if (number !== undefined) return token("number", number);
    const word = /^[A-Za-z_]\w*/.exec(rest)?.[0];
    if (word !== undefined) {
      if (KEYWORDS.has(word)) return token("keyword", word);
      if (BUILTINS.has(word)) return token("builtin", word);
      return token(rest[word.length] === "(" ? "call" : "name", word);
    }
    const operator = OPERATORS.exec(rest)?.[0];
    if (operator !== undefined) return token("operator", operator);
    throw new AwkSyntaxFault(
      `${line}: unexpected character ${first < " " ? `0x${first.charCodeAt(0).toString(16)}` : `'${first}'`}`,
    );
  }

  /** The regular expression that starts with the slash of `token`. */
  regexp(token: Token): string {
    let at = token.at + 1;
    let bracket = false;
    for (; at < this.#text.length; at++) {
      const char = this.#text[at];
      if (char === "\n") break;
      if (char === "\\") at++;
      else if (bracket) bracket = char !== "]";
      else if (char === "[") {
        bracket = true;
        // a closing bracket that comes first belongs to the set
        if (this.#text[at + 1] === "^") at++;
        if (this.#text[at + 1] === "]") at++;
      } else if (char === "/") {
        this.#at = at + 1;
        return this.#text.slice(token.at + 1, at);
      }
    }
    throw new AwkSyntaxFault(
      `line ${token.line}: runaway regular expression /${this.#text.slice(token.at + 1, at).slice(0, 10)} ...`,
    );
  }

  #skip(): void {
    for (;;) {
      const blank = /^(?:[ \t\r]|\\\r?\n|#[^\n]*)/.exec(this.#text.slice(this.#at, this.#at + 512))?.[0];
      if (blank === undefined) return;
      if (blank.endsWith("\n")) this.#line++;
      this.#at += blank.length;
    }
  }

  /** Where the quote that ends a string stands. */
  #stringEnd(at: number, line: number): number {
    let end = at + 1;
    while (this.#text[end] !== '"') {
      if (this.#text[end] === undefined || this.#text[end] === "\n")
        throw new AwkSyntaxFault(
          `line ${line}: runaway string constant ${this.#text.slice(at, end).slice(0, 11)} ...`,
        );
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    return end;
  }
}
