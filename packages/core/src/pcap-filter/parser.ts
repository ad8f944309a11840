/**
 * Reads a filter expression and makes its condition as it goes: what an encapsulation moves, it moves for all that is
 * read after it. The grammar is libpcap's. Three things are peculiar:
 * - `and` and `or` are of the same rank, and are put together from the left;
 * - after either of them a name or a number alone has the qualifiers of what was before: `port 80 or 81`;
 * - so a parenthesis holds an expression, or such names, or a number, or arithmetic, and only its end tells which.
 */
import {
  BPF_ADD,
  BPF_AND,
  BPF_DIV,
  BPF_LSH,
  BPF_MOD,
  BPF_MUL,
  BPF_OR,
  BPF_RSH,
  BPF_SUB,
  BPF_XOR,
} from "../wire/bpf/instruction.ts";
import { combined, field, negated, number, packetLength, relation, type Value } from "./arithmetic.ts";
import { and, not, or, type Condition } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { refuse } from "./filter-error.ts";
import {
  arcnetOperand,
  dottedOperand,
  ipv6Operand,
  macOperand,
  maskedOperand,
  namedOperand,
  numericOperand,
} from "./operands.ts";
import { broadcast, multicast } from "./primitives.ts";
import { protocolAlone } from "./protocols.ts";
import {
  NO_QUALIFIER,
  type AddressKind,
  type Direction,
  type FilterProtocol,
  type InheritedQualifier,
} from "./qualifiers.ts";
import { RELATIONS } from "./relations.ts";
import { StandaloneWords } from "./standalone-words.ts";
import { syntaxError, TokenReader } from "./token-reader.ts";
import {
  WLAN_SUBTYPE_MASK,
  WLAN_TYPE_MASK,
  wlanDirectionNumber,
  wlanFrameDirection,
  wlanSubtypeNumber,
  wlanType,
  wlanTypeAndSubtype,
  wlanTypeNumber,
} from "./wlan.ts";

/**
 * What an element of an expression turned out to be. `operand`: a name or address without qualifiers of its own;
 * `number`: one that may still become an operand or arithmetic.
 */
type Element = Term | Operand | Numeral | Arithmetic;

interface Tested {
  readonly condition: Condition;
  /** What a name after the next `and` or `or` inherits. */
  readonly qualifier: InheritedQualifier;
}
interface Term extends Tested {
  readonly is: "term";
}
interface Operand extends Tested {
  readonly is: "operand";
}
interface Numeral {
  readonly is: "number";
  readonly value: number;
}
interface Arithmetic {
  readonly is: "value";
  readonly value: Value;
}

/** A name cannot start an expression; after qualifiers, and in a parenthesis of names, no term may stand. */
type Wanted = "anything" | "term" | "operand";

/** Ranks of operators; % and ^ have none, and take whatever follows. */
const OPERATORS: ReadonlyMap<string, readonly [rank: number, operation: number]> = new Map([
  ["|", [1, BPF_OR]],
  ["&", [2, BPF_AND]],
  ["<<", [3, BPF_LSH]],
  [">>", [3, BPF_RSH]],
  ["+", [4, BPF_ADD]],
  ["-", [4, BPF_SUB]],
  ["*", [5, BPF_MUL]],
  ["/", [5, BPF_DIV]],
  ["%", [0, BPF_MOD]],
  ["^", [0, BPF_XOR]],
]);
const UNARY_RANK = 6;

const DIRECTIONS = ["addr1", "addr2", "addr3", "addr4", "ra", "ta"] as const;
const KINDS = ["host", "net", "port", "portrange"] as const;
/** Nested parentheses and `not`: bounds the stack. */
const DEEPEST = 500;

export class Parser {
  readonly #on: Compilation;
  readonly #tokens: TokenReader;
  readonly #words: StandaloneWords;
  #depth = 0;

  constructor(on: Compilation, text: string) {
    this.#on = on;
    this.#tokens = new TokenReader(text);
    this.#words = new StandaloneWords(on, this.#tokens);
  }

  /** The whole expression; undefined if it is empty. */
  parse(): Condition | undefined {
    if (this.#tokens.atEnd) return undefined;
    const { condition } = this.#expression(this.#element(NO_QUALIFIER, "term"));
    return this.#tokens.atEnd ? condition : syntaxError();
  }

  // ---- and, or, not, parentheses

  /** A term and what is joined to it. */
  #expression(first: Element): Term {
    const term = this.#asTerm(first);
    if (term === undefined) return syntaxError();
    let { condition, qualifier } = term;
    for (let joined = this.#joint(); joined !== undefined; joined = this.#joint()) {
      const element = this.#element(qualifier);
      const next = this.#asTerm(element) ?? this.#asOperand(element, qualifier);
      condition = joined === "and" ? and(condition, next.condition) : or(condition, next.condition);
      ({ qualifier } = next);
    }
    return { is: "term", condition, qualifier };
  }

  #termEnds(): boolean {
    const tokens = this.#tokens;
    return tokens.atEnd || tokens.atSymbol(")") || tokens.atWord("and") || tokens.atWord("or");
  }

  #joint(): "and" | "or" | undefined {
    return this.#tokens.takeWord("and") ? "and" : this.#tokens.takeWord("or") ? "or" : undefined;
  }

  /** A term, or arithmetic that a relation makes one; undefined for what is a name, an address or a number alone. */
  #asTerm(element: Element): Term | undefined {
    if (element.is === "term") return element;
    if (element.is === "operand") return undefined;
    if (element.is === "number") {
      if (!this.#arithmeticFollows()) return undefined;
      return this.#relation(this.#moreArithmetic(number(this.#on, element.value), 0));
    }
    return this.#relation(this.#moreArithmetic(element.value, 0));
  }

  #asOperand(element: Element, inherited: InheritedQualifier): Term | Operand {
    switch (element.is) {
      case "operand":
      case "term":
        return element;
      case "number":
        return {
          is: "operand",
          condition: numericOperand(this.#on, element.value, inherited),
          qualifier: inherited,
        };
      case "value":
        return syntaxError();
    }
  }

  /** One element; arithmetic only as far as it stands in parentheses or starts with a protocol, `len` or a minus. */
  #element(inherited: InheritedQualifier, wanted: Wanted = "anything"): Element {
    if (++this.#depth > DEEPEST) refuse("filter expression is nested too deeply");
    const element = this.#undividedElement(inherited, wanted);
    this.#depth--;
    return element;
  }

  #undividedElement(inherited: InheritedQualifier, wanted: Wanted): Element {
    const { token } = this.#tokens;
    const mayBeTerm = wanted !== "operand";
    switch (token.kind) {
      case "number":
        this.#tokens.advance();
        return { is: "number", value: token.value };
      case "name":
      case "dotted":
      case "ipv6":
      case "mac":
      case "arcnet":
        if (wanted === "term") return syntaxError();
        return { is: "operand", condition: this.#operandToken(inherited), qualifier: inherited };
      case "symbol":
        if (token.symbol === "!") return this.#negation(inherited, wanted);
        if (token.symbol === "(") return this.#parenthesis(inherited, wanted);
        if (token.symbol === "-" && mayBeTerm) return { is: "value", value: this.#arithmetic(0) };
        return syntaxError();
      case "protocol":
        return mayBeTerm ? this.#protocolOrQualified() : syntaxError();
      case "word":
        if (!mayBeTerm) return syntaxError();
        if (token.word === "len") return { is: "value", value: this.#arithmetic(0) };
        return this.#wordTerm();
      default:
        return syntaxError();
    }
  }

  #negation(inherited: InheritedQualifier, wanted: Wanted): Element {
    this.#tokens.advance();
    const element = this.#element(inherited, wanted);
    const inner =
      (wanted === "operand" ? undefined : this.#asTerm(element)) ?? this.#asOperand(element, inherited);
    return { is: inner.is, condition: not(inner.condition), qualifier: inner.qualifier };
  }

  #parenthesis(inherited: InheritedQualifier, wanted: Wanted): Element {
    this.#tokens.advance();
    const first = this.#element(inherited, wanted);
    let inner: Element;
    if (wanted === "operand") inner = this.#operands(inherited, first);
    else if (first.is === "number" && this.#arithmeticFollows()) {
      const value = this.#moreArithmetic(number(this.#on, first.value), 0);
      inner = this.#relationFollows() ? this.#expression(this.#relation(value)) : { is: "value", value };
    } else if (first.is === "value") {
      const value = this.#moreArithmetic(first.value, 0);
      inner = this.#relationFollows() ? this.#expression(this.#relation(value)) : { is: "value", value };
    } else if (first.is === "term") inner = this.#expression(first);
    else inner = this.#operands(inherited, first);
    if (!this.#tokens.takeSymbol(")")) return syntaxError();
    // The qualifiers of a parenthesis are those from before it.
    return inner.is === "term" ? { ...inner, qualifier: inherited } : inner;
  }

  /** Names, addresses and numbers joined by `and` and `or`; a number alone stays one. */
  #operands(inherited: InheritedQualifier, first: Element): Element {
    if (first.is === "number" && !this.#tokens.atWord("and") && !this.#tokens.atWord("or")) return first;
    let { condition, qualifier } = this.#asOperand(first, inherited);
    for (let joined = this.#joint(); joined !== undefined; joined = this.#joint()) {
      const next = this.#asOperand(this.#element(qualifier, "operand"), qualifier);
      condition = joined === "and" ? and(condition, next.condition) : or(condition, next.condition);
      ({ qualifier } = next);
    }
    return { is: "operand", condition, qualifier };
  }

  // ---- operands

  #operandToken(inherited: InheritedQualifier): Condition {
    const { token } = this.#tokens;
    this.#tokens.advance();
    switch (token.kind) {
      case "name":
        return namedOperand(this.#on, token.text, inherited);
      case "mac":
        return macOperand(this.#on, token.text, inherited);
      case "arcnet":
        return arcnetOperand(this.#on, token.text, inherited);
      case "dotted": {
        if (this.#tokens.takeSymbol("/")) {
          return maskedOperand(this.#on, token.text, this.#tokens.number(), inherited);
        }
        if (!this.#tokens.takeWord("mask")) return dottedOperand(this.#on, token.text, inherited);
        const mask = this.#tokens.token;
        if (mask.kind !== "dotted") return syntaxError();
        this.#tokens.advance();
        return maskedOperand(this.#on, token.text, mask.text, inherited);
      }
      case "ipv6": {
        const length = this.#tokens.takeSymbol("/") ? this.#tokens.number() : 128;
        return ipv6Operand(this.#on, token.text, length, inherited);
      }
      default:
        return syntaxError();
    }
  }

  // ---- qualifiers and the words that go with them

  #protocolOrQualified(): Element {
    const protocol = this.#tokens.protocol();
    if (this.#tokens.atSymbol("[")) return { is: "value", value: this.#field(protocol) };
    const qualified = this.#qualified(protocol);
    if (qualified !== undefined) return qualified;
    // What cannot follow is refused before the protocol is looked at.
    if (!this.#termEnds()) return syntaxError();
    return { is: "term", condition: protocolAlone(this.#on, protocol), qualifier: NO_QUALIFIER };
  }

  #wordTerm(): Element {
    const qualified = this.#qualified(undefined);
    if (qualified !== undefined) return qualified;
    return { is: "term", condition: this.#words.term(), qualifier: NO_QUALIFIER };
  }

  /** What follows an optional protocol: direction, kind and operand, or a word that takes a protocol before it. */
  #qualified(protocol: FilterProtocol | undefined): Element | undefined {
    const tokens = this.#tokens;
    const term = (condition: Condition): Element => ({ is: "term", condition, qualifier: NO_QUALIFIER });
    if (tokens.takeWord("broadcast")) return term(broadcast(this.#on, protocol));
    if (tokens.takeWord("multicast")) return term(multicast(this.#on, protocol));
    const wlan = this.#wlanWords();
    if (wlan !== undefined) return term(wlan);

    const direction = this.#direction();
    const kind = this.#kind(direction !== undefined);
    if (direction === undefined && kind === undefined) return undefined;
    const qualifier = { protocol, direction, kind };
    const element = this.#element(qualifier, "operand");
    // A term of its own: what follows `and` may have these qualifiers.
    return { ...this.#asOperand(element, qualifier), is: "term" };
  }

  #direction(): Direction | undefined {
    const tokens = this.#tokens;
    for (const word of DIRECTIONS) if (tokens.takeWord(word)) return word;
    for (const [one, other] of [
      ["src", "dst"],
      ["dst", "src"],
    ] as const) {
      if (!tokens.takeWord(one)) continue;
      const joined = this.#joint();
      if (joined === undefined) return one;
      return tokens.takeWord(other) ? joined : syntaxError();
    }
    return undefined;
  }

  #kind(afterDirection: boolean): AddressKind | undefined {
    const tokens = this.#tokens;
    for (const word of KINDS) if (tokens.takeWord(word)) return word;
    if (afterDirection) return undefined;
    for (const word of ["proto", "protochain", "gateway"] as const) if (tokens.takeWord(word)) return word;
    return undefined;
  }

  #wlanWords(): Condition | undefined {
    const tokens = this.#tokens;
    if (tokens.takeWord("type")) {
      const type = wlanTypeNumber(tokens.nameOrNumber());
      if (!tokens.takeWord("subtype")) return wlanType(this.#on, type, WLAN_TYPE_MASK);
      const subtype = wlanSubtypeNumber(type, tokens.nameOrNumber());
      return wlanType(this.#on, type | subtype, WLAN_TYPE_MASK | WLAN_SUBTYPE_MASK);
    }
    if (tokens.takeWord("subtype")) {
      const name = tokens.name();
      return wlanType(this.#on, wlanTypeAndSubtype(name), WLAN_TYPE_MASK | WLAN_SUBTYPE_MASK);
    }
    if (!tokens.takeWord("direction")) return undefined;
    return wlanFrameDirection(this.#on, wlanDirectionNumber(tokens.nameOrNumber()));
  }

  // ---- arithmetic

  #arithmeticFollows(): boolean {
    const { token } = this.#tokens;
    return token.kind === "symbol" && (OPERATORS.has(token.symbol) || RELATIONS.has(token.symbol));
  }

  #relationFollows(): boolean {
    const { token } = this.#tokens;
    return token.kind === "symbol" && RELATIONS.has(token.symbol);
  }

  #relation(left: Value): Term {
    const { token } = this.#tokens;
    const operator = token.kind === "symbol" ? RELATIONS.get(token.symbol) : undefined;
    if (operator === undefined) return syntaxError();
    this.#tokens.advance();
    const right = this.#arithmetic(0);
    const [jump, reverse] = operator;
    return { is: "term", condition: relation(this.#on, jump, left, right, reverse), qualifier: NO_QUALIFIER };
  }

  /** Operators of a higher rank than `above`, and what they combine. */
  #arithmetic(above: number): Value {
    if (++this.#depth > DEEPEST) refuse("filter expression is nested too deeply");
    const value = this.#moreArithmetic(this.#primary(), above);
    this.#depth--;
    return value;
  }

  #moreArithmetic(first: Value, above: number): Value {
    let value = first;
    for (;;) {
      const { token } = this.#tokens;
      const operator = token.kind === "symbol" ? OPERATORS.get(token.symbol) : undefined;
      if (operator === undefined) return value;
      const [rank, operation] = operator;
      if (rank !== 0 && rank <= above) return value;
      this.#tokens.advance();
      value = combined(this.#on, operation, value, this.#arithmetic(rank));
    }
  }

  #primary(): Value {
    const { token } = this.#tokens;
    if (token.kind === "number") {
      this.#tokens.advance();
      return number(this.#on, token.value);
    }
    if (token.kind === "protocol") {
      const protocol = this.#tokens.protocol();
      return this.#tokens.atSymbol("[") ? this.#field(protocol) : syntaxError();
    }
    if (this.#tokens.takeWord("len")) return packetLength(this.#on);
    if (this.#tokens.takeSymbol("-")) return negated(this.#arithmetic(UNARY_RANK));
    if (!this.#tokens.takeSymbol("(")) return syntaxError();
    const value = this.#arithmetic(0);
    return this.#tokens.takeSymbol(")") ? value : syntaxError();
  }

  /** `[index]` or `[index:size]` after a protocol. */
  #field(protocol: FilterProtocol): Value {
    this.#tokens.advance();
    const index = this.#arithmetic(0);
    const size = this.#tokens.takeSymbol(":") ? this.#tokens.number() : 1;
    if (!this.#tokens.takeSymbol("]")) return syntaxError();
    return field(this.#on, protocol, index, size);
  }
}
