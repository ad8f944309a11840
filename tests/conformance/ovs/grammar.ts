// Random texts from context-free grammars: lines `name = alternative | alternative`, in which `{name}` stands for what another rule or
// a terminal gives. A line that begins with a blank goes on. An empty alternative is written `""`, `{n:name}` is name n times, with
// commas between.

import type { Words } from "./words.ts";

export type Terminal = (words: Words) => string;

/** From here on the first alternative of a rule is taken, which leads to an end. */
const DEEP = 14;

export class Grammar {
  readonly #rules = new Map<string, readonly string[]>();
  readonly #terminals: Readonly<Record<string, Terminal>>;

  /** @throws Error for names that have no rule */
  constructor(text: string, terminals: Readonly<Record<string, Terminal>> = {}) {
    this.#terminals = terminals;
    const lines = text.replace(/\n[ \t]+/g, " ").split("\n");
    for (const line of lines) {
      if (line === "" || line.startsWith("#")) continue;
      const [, name = "", rest = ""] = /^([\w-]+) = (.*)$/.exec(line) ?? [];
      if (name === "") throw new Error(`grammar: what is "${line}"?`);
      const alternatives = rest.split(" | ").map((each) => (each.trim() === '""' ? "" : each.trim()));
      this.#rules.set(name, alternatives);
    }
    for (const [, name = ""] of text.matchAll(/\{(?:\d+:)?([\w-]+)\}/g))
      if (!this.#rules.has(name) && this.#terminals[name] === undefined)
        throw new Error(`grammar: no rule ${name}`);
  }

  make(name: string, words: Words, depth = 0): string {
    const terminal = this.#terminals[name];
    if (terminal) return terminal(words);
    const alternatives = this.#rules.get(name) ?? [];
    const chosen = depth > DEEP ? (alternatives[0] ?? "") : words.pick(alternatives);
    return chosen.replace(/\{(?:(\d+):)?([\w-]+)\}/g, (_, times: string | undefined, inner: string) =>
      Array.from({ length: Number(times ?? 1) }, () => this.make(inner, words, depth + 1)).join(","),
    );
  }
}
