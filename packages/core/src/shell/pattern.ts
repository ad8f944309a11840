// Shell patterns (bash(1), Pattern Matching): *, ?, [...] with classes, and the extended operators ?() *() +() @() !().
// A pattern is matched by following the set of positions that each of its items can end at, so no pattern takes
// more than quadratic time. Quoted characters are written with a backslash.

type Item =
  | { readonly type: "char"; readonly char: string }
  | { readonly type: "any" }
  | { readonly type: "star" }
  | { readonly type: "set"; readonly negated: boolean; readonly has: (char: string) => boolean }
  | {
      readonly type: "group";
      readonly operator: string;
      readonly alternatives: readonly (readonly Item[])[];
    };

/** A compiled pattern. */
export class Pattern {
  readonly #items: readonly Item[];
  /** The text that it stands for if it has no special characters. */
  readonly literal: string | undefined;
  readonly #fold: boolean;

  constructor(text: string, ignoreCase = false) {
    this.#fold = ignoreCase;
    this.#items = new Compiler(ignoreCase ? text.toLowerCase() : text).sequence("");
    this.literal =
      !ignoreCase && this.#items.every((item) => item.type === "char")
        ? this.#items.map((item) => (item.type === "char" ? item.char : "")).join("")
        : undefined;
  }

  /** True if the pattern matches all of `text`. */
  matches(text: string): boolean {
    if (this.literal !== undefined) return text === this.literal;
    return this.ends(text, 0).has(text.length);
  }

  /** The offsets where a match that starts at `start` can end. */
  ends(text: string, start: number): ReadonlySet<number> {
    return run(this.#items, this.#fold ? text.toLowerCase() : text, new Set([start]));
  }
}

/** True if the text has an unquoted character that makes it a pattern. */
export function hasPattern(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\") i++;
    else if (char === "*" || char === "?" || (char === "[" && text.includes("]", i + 1))) return true;
    else if (text[i + 1] === "(" && (char === "@" || char === "+" || char === "!")) return true;
  }
  return false;
}

/** Removes the quoting backslashes of a pattern text. */
export function unquotePattern(text: string): string {
  return text.replace(/\\([\s\S])/g, "$1");
}

/** Quotes everything in a text, so that it matches itself. */
export function quotePattern(text: string): string {
  return text.replace(/[\\*?[\]()|!@+^-]/g, "\\$&");
}

function run(items: readonly Item[], text: string, starts: ReadonlySet<number>): ReadonlySet<number> {
  let positions = starts;
  for (const item of items) {
    positions = step(item, text, positions);
    if (positions.size === 0) break;
  }
  return positions;
}

function charAt(text: string, position: number): string {
  return String.fromCodePoint(text.codePointAt(position) ?? 0);
}

function step(item: Item, text: string, positions: ReadonlySet<number>): ReadonlySet<number> {
  const next = new Set<number>();
  switch (item.type) {
    case "char":
      for (const p of positions) if (text.startsWith(item.char, p)) next.add(p + item.char.length);
      return next;
    case "any":
      for (const p of positions) if (p < text.length) next.add(p + charAt(text, p).length);
      return next;
    case "set":
      for (const p of positions) {
        if (p >= text.length) continue;
        const char = charAt(text, p);
        if (item.has(char) !== item.negated) next.add(p + char.length);
      }
      return next;
    case "star":
      for (let p = Math.min(...positions); p <= text.length; p++) next.add(p);
      return next;
    case "group":
      return stepGroup(item.operator, item.alternatives, text, positions);
  }
}

function stepGroup(
  operator: string,
  alternatives: readonly (readonly Item[])[],
  text: string,
  positions: ReadonlySet<number>,
): ReadonlySet<number> {
  const once = (from: ReadonlySet<number>): Set<number> => {
    const all = new Set<number>();
    for (const items of alternatives) for (const p of run(items, text, from)) all.add(p);
    return all;
  };
  if (operator === "@") return once(positions);
  if (operator === "?") return new Set([...positions, ...once(positions)]);
  if (operator === "!") {
    const next = new Set<number>();
    for (const p of positions) {
      const excluded = once(new Set([p]));
      for (let q = p; q <= text.length; q++) if (!excluded.has(q)) next.add(q);
    }
    return next;
  }
  const reached = operator === "*" ? new Set(positions) : new Set<number>();
  let frontier: ReadonlySet<number> = positions;
  while (frontier.size > 0) {
    const fresh = new Set<number>();
    for (const p of once(frontier)) {
      if (reached.has(p)) continue;
      reached.add(p);
      fresh.add(p);
    }
    frontier = fresh;
  }
  return reached;
}

/** POSIX character classes for ASCII; other letters count as alpha, as in C.UTF-8. */
const CLASSES: Readonly<Record<string, (char: string) => boolean>> = {
  alpha: (c) => /^\p{L}$/u.test(c),
  digit: (c) => /^[0-9]$/.test(c),
  alnum: (c) => /^[\p{L}0-9]$/u.test(c),
  upper: (c) => /^\p{Lu}$/u.test(c),
  lower: (c) => /^\p{Ll}$/u.test(c),
  space: (c) => /^[ \t\n\r\f\v]$/.test(c),
  blank: (c) => c === " " || c === "\t",
  punct: (c) => /^[!-/:-@[-`{-~]$/.test(c),
  print: (c) => c >= " " && c !== "\x7f",
  graph: (c) => c > " " && c !== "\x7f",
  cntrl: (c) => c < " " || c === "\x7f",
  xdigit: (c) => /^[0-9A-Fa-f]$/.test(c),
  word: (c) => /^[\p{L}0-9_]$/u.test(c),
};

class Compiler {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads items up to the end or to one of the unquoted characters in `stops`. */
  sequence(stops: string): Item[] {
    const items: Item[] = [];
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at] ?? "";
      if (stops !== "" && stops.includes(char)) break;
      if ("?*+@!".includes(char) && this.#text[this.#at + 1] === "(") {
        const group = this.#group(char);
        if (group) {
          items.push(group);
          continue;
        }
      }
      this.#at++;
      if (char === "*") {
        if (items.at(-1)?.type !== "star") items.push({ type: "star" });
      } else if (char === "?") items.push({ type: "any" });
      else if (char === "[") items.push(this.#set());
      else if (char === "\\" && this.#at < this.#text.length) {
        items.push({ type: "char", char: this.#text[this.#at++] ?? "" });
      } else items.push({ type: "char", char });
    }
    return items;
  }

  #group(operator: string): Item | undefined {
    const back = this.#at;
    this.#at += 2;
    const alternatives: Item[][] = [];
    for (;;) {
      alternatives.push(this.sequence("|)"));
      const end = this.#text[this.#at++];
      if (end === ")") return { type: "group", operator, alternatives };
      if (end === undefined) {
        this.#at = back;
        return undefined;
      }
    }
  }

  #set(): Item {
    const start = this.#at;
    let at = this.#at;
    const negated = this.#text[at] === "!" || this.#text[at] === "^";
    if (negated) at++;
    const tests: ((char: string) => boolean)[] = [];
    for (let first = true; ; first = false) {
      let char = this.#text[at];
      if (char === undefined) break;
      if (char === "]" && !first) {
        this.#at = at + 1;
        return { type: "set", negated, has: (c) => tests.some((test) => test(c)) };
      }
      const named = /^\[:([a-z]+):\]/.exec(this.#text.slice(at));
      const test = named ? CLASSES[named[1] ?? ""] : undefined;
      if (named && test) {
        tests.push(test);
        at += named[0].length;
        continue;
      }
      if (char === "\\" && at + 1 < this.#text.length) char = this.#text[++at] ?? "";
      at++;
      let high = char;
      if (this.#text[at] === "-" && this.#text[at + 1] !== undefined && this.#text[at + 1] !== "]") {
        at++;
        if (this.#text[at] === "\\") at++;
        high = this.#text[at++] ?? "";
      }
      const low = char;
      tests.push((c) => c >= low && c <= high);
    }
    this.#at = start;
    return { type: "char", char: "[" };
  }
}
