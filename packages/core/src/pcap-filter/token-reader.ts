/** The parser's view of the tokens: one ahead, and what to do when another one is expected. */
import { refuse } from "./filter-error.ts";
import type { Word } from "./keywords.ts";
import type { FilterProtocol } from "./qualifiers.ts";
import { Tokens, type Token } from "./tokens.ts";

export function syntaxError(): never {
  return refuse("can't parse filter expression: syntax error");
}

export class TokenReader {
  readonly #tokens: Tokens;
  /** The next token. */
  token: Token;

  constructor(text: string) {
    this.#tokens = new Tokens(text);
    this.token = this.#tokens.next();
  }

  advance(): void {
    this.token = this.#tokens.next();
  }

  get atEnd(): boolean {
    return this.token.kind === "end";
  }

  atWord(word: Word): boolean {
    return this.token.kind === "word" && this.token.word === word;
  }

  takeWord(word: Word): boolean {
    if (!this.atWord(word)) return false;
    this.advance();
    return true;
  }

  atSymbol(symbol: string): boolean {
    return this.token.kind === "symbol" && this.token.symbol === symbol;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.atSymbol(symbol)) return false;
    this.advance();
    return true;
  }

  number(): number {
    const { token } = this;
    if (token.kind !== "number") return syntaxError();
    this.advance();
    return token.value;
  }

  name(): string {
    const { token } = this;
    if (token.kind !== "name") return syntaxError();
    this.advance();
    return token.text;
  }

  nameOrNumber(): string | number {
    return this.token.kind === "number" ? this.number() : this.name();
  }

  protocol(): FilterProtocol {
    const { token } = this;
    if (token.kind !== "protocol") return syntaxError();
    this.advance();
    return token.protocol;
  }

  /** A number after an encapsulation's word, perhaps in parentheses; undefined if something else follows. */
  optionalNumber(): number | undefined {
    if (this.token.kind === "number") return this.number();
    if (!this.takeSymbol("(")) return undefined;
    const value = this.optionalNumber() ?? syntaxError();
    return this.takeSymbol(")") ? value : syntaxError();
  }
}
