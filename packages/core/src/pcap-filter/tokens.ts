/**
 * Cuts a filter expression into tokens. The longest match counts; of two equally long ones, the first in the list
 * below, so that a keyword wins over a name. What no rule matches is a token that no rule of the grammar takes.
 */
import { parseIpv6 } from "../wire/ipv6-address.ts";
import { refuse } from "./filter-error.ts";
import { NAMED_NUMBERS, PROTOCOL_OF, WORD_OF, type Word } from "./keywords.ts";
import type { FilterProtocol } from "./qualifiers.ts";

/** Characters and pairs of them that mean something by themselves. `=` is also written `==`. */
type Symbol =
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | ":"
  | "["
  | "]"
  | "!"
  | "<"
  | ">"
  | "("
  | ")"
  | "&"
  | "|"
  | "^"
  | "="
  | ">="
  | "<="
  | "!="
  | "<<"
  | ">>";

export type Token =
  | { readonly kind: "word"; readonly word: Word }
  | { readonly kind: "protocol"; readonly protocol: FilterProtocol }
  | { readonly kind: "symbol"; readonly symbol: Symbol }
  | { readonly kind: "number"; readonly value: number }
  /** A name, an address in dots, an IPv6 address, an Ethernet address, an ARCnet address ($xx). */
  | { readonly kind: "name" | "dotted" | "ipv6" | "mac" | "arcnet"; readonly text: string }
  | { readonly kind: "bad" }
  | { readonly kind: "end" };

const NUMBER = "(?:0[xX][0-9A-Fa-f]+|[0-9]+)";
const BYTE = "[0-9A-Fa-f]{1,2}";
const GROUP = "[0-9A-Fa-f]{1,4}";

const anchored = (pattern: string): RegExp => new RegExp(pattern, "y");

const SYMBOLS = anchored("&&|\\|\\||>=|<=|!=|==|<<|>>|[-+*/%:\\[\\]!<>()&|^=]");
const ARCNET = anchored(`\\$${BYTE}`);
const MAC = [":", "-", "\\."]
  .map((separator) => anchored([BYTE, BYTE, BYTE, BYTE, BYTE, BYTE].join(separator)))
  .concat(anchored("[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}\\.[0-9A-Fa-f]{4}"), anchored("[0-9A-Fa-f]{12}"));
const PLAIN_NUMBER = anchored(NUMBER);
const DOTTED = [2, 3, 4].map((parts) => anchored(Array.from({ length: parts }, () => NUMBER).join("\\.")));
const BOGUS_MAC = anchored(`${BYTE}:+(?:${BYTE}:+)+`);
const NAME = anchored("[A-Za-z0-9](?:[-_.A-Za-z0-9]*[.A-Za-z0-9])?");
const ESCAPED = anchored("\\\\[^ !()\\n\\t]+");

/** Every shape of an IPv6 address: eight groups, or fewer with `::` somewhere, the last two perhaps in dots. */
const IPV6 = ((): RegExp[] => {
  const dotted = [NUMBER, NUMBER, NUMBER, NUMBER].join("\\.");
  const groups = (count: number): string => Array.from({ length: count }, () => GROUP).join(":");
  const shapes: RegExp[] = [anchored(groups(8)), anchored(`${groups(6)}:${dotted}`)];
  for (let before = 0; before <= 7; before++) {
    for (let after = 0; before + after <= 7; after++) {
      shapes.push(anchored(`${groups(before)}::${groups(after)}`));
      if (before + after <= 5) {
        shapes.push(anchored(`${groups(before)}::${after > 0 ? `${groups(after)}:` : ""}${dotted}`));
      }
    }
  }
  return shapes;
})();

/** Longest match of the patterns at `at`; "" if none matches. */
function longest(patterns: readonly RegExp[], text: string, at: number): string {
  let best = "";
  for (const pattern of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0] ?? "";
    if (match.length > best.length) best = match;
  }
  return best;
}

export class Tokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    const text = this.#text;
    while (" \r\n\t".includes(text[this.#at] ?? "end")) this.#at++;
    const at = this.#at;
    if (at >= text.length) return { kind: "end" };

    const name = longest([NAME], text, at);
    const candidates: readonly (readonly [string, (match: string) => Token])[] = [
      [PROTOCOL_OF.has(name) || WORD_OF.has(name) ? name : "", keyword],
      [longest([SYMBOLS], text, at), symbol],
      [longest([ARCNET], text, at), (match) => ({ kind: "arcnet", text: match })],
      [longest(MAC, text, at), (match) => ({ kind: "mac", text: match })],
      [longest([PLAIN_NUMBER], text, at), number],
      [longest(DOTTED, text, at), (match) => ({ kind: "dotted", text: match })],
      [longest(IPV6, text, at), ipv6],
      [longest([BOGUS_MAC], text, at), (match) => refuse(`bogus ethernet address ${match}`)],
      [
        NAMED_NUMBERS.has(name) ? name : "",
        (match) => ({ kind: "number", value: NAMED_NUMBERS.get(match) ?? 0 }),
      ],
      [name, (match) => ({ kind: "name", text: match })],
      [longest([ESCAPED], text, at), (match) => ({ kind: "name", text: match.slice(1) })],
    ];
    let best = candidates[0];
    for (const candidate of candidates) if (candidate[0].length > (best?.[0].length ?? 0)) best = candidate;
    if (best === undefined || best[0] === "") {
      this.#at++;
      return { kind: "bad" };
    }
    this.#at += best[0].length;
    return best[1](best[0]);
  }
}

function keyword(match: string): Token {
  const protocol = PROTOCOL_OF.get(match);
  if (protocol !== undefined) return { kind: "protocol", protocol };
  const word = WORD_OF.get(match) as Word;
  return word === "!" ? { kind: "symbol", symbol: "!" } : { kind: "word", word };
}

function symbol(match: string): Token {
  if (match === "&&") return { kind: "word", word: "and" };
  if (match === "||") return { kind: "word", word: "or" };
  return { kind: "symbol", symbol: (match === "==" ? "=" : match) as Symbol };
}

function number(match: string): Token {
  const hexadecimal = /^0[xX]/.test(match);
  const octal = !hexadecimal && match.length > 1 && match.startsWith("0");
  if (octal && /[89]/.test(match)) refuse(`number ${match} contains non-octal digit`);
  const value = octal ? Number.parseInt(match, 8) : Number(match);
  if (value > 0xffff_ffff) refuse(`number ${match} overflows 32 bits`);
  return { kind: "number", value };
}

function ipv6(match: string): Token {
  if (parseIpv6(match) === undefined) refuse(`bogus IPv6 address ${match}`);
  return { kind: "ipv6", text: match };
}
