// Arrays of awk, whose elements a loop meets in mawk's order (mawk's array.c): a hash table with two lists in each place, one of
// elements that were asked for by whole numbers and one of those that were asked for by text. What is found moves to the front of its
// list, and a loop goes through the lists of text.

import type { Value } from "./values.ts";

/** Whole numbers of C's int are keys of their own; all else is text. */
export type Key = number | string;

interface Node {
  value: Value;
  /** When it came to the front of its list of text; 0: in none yet. */
  byText: number;
  /** The same for whole numbers. */
  byNumber: number;
}

const FIRST_SIZE = 64;
/** Elements for each place of the table, on average, before it grows. */
const MOST_IN_PLACE = 12;
const LARGEST_INT = 2 ** 31 - 1;

/** FNV-1a over bytes. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193);
  return sum >>> 0;
}

/** True for a number that is a key of its own. */
export function isWholeKey(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= LARGEST_INT;
}

export class AwkArray {
  readonly #nodes = new Map<string, Node>();
  #size = FIRST_SIZE;
  #moves = 0;
  /** Some element is in a list of text: from then on all new ones are. */
  #hasText = false;

  get count(): number {
    return this.#nodes.size;
  }

  has(key: Key): boolean {
    return this.#find(key) !== undefined;
  }

  /** What is looked at exists from then on. */
  get(key: Key): Value {
    return this.#findOrMake(key).value;
  }

  set(key: Key, value: Value): void {
    this.#findOrMake(key).value = value;
  }

  delete(key: Key): void {
    this.#nodes.delete(String(key));
  }

  clear(): void {
    this.#nodes.clear();
    this.#size = FIRST_SIZE;
    this.#hasText = false;
  }

  /** Keys in the order of a loop. */
  keys(): string[] {
    this.#listAllAsText();
    return this.#sorted([...this.#nodes], ([key]) => hash(key) % this.#size, "byText").map(([key]) => key);
  }

  #find(key: Key): Node | undefined {
    const node = this.#nodes.get(String(key));
    if (!node) return undefined;
    if (typeof key === "number" && node.byNumber > 0) node.byNumber = ++this.#moves;
    else {
      node.byText = ++this.#moves;
      if (typeof key === "number") node.byNumber = ++this.#moves;
      else this.#listAllAsText();
    }
    return node;
  }

  #findOrMake(key: Key): Node {
    const found = this.#find(key);
    if (found) return found;
    const move = ++this.#moves;
    if (typeof key === "string") this.#listAllAsText();
    const node: Node = {
      value: undefined,
      byText: typeof key === "string" || this.#hasText ? move : 0,
      byNumber: typeof key === "number" ? move : 0,
    };
    this.#nodes.set(String(key), node);
    if (node.byText > 0) this.#hasText = true;
    while (this.#nodes.size > this.#size * MOST_IN_PLACE) this.#size *= 2;
    return node;
  }

  /** Elements that are known by number only get into the lists of text. */
  #listAllAsText(): void {
    if (this.#hasText) return;
    this.#hasText = true;
    const numbered = [...this.#nodes].filter(([, { byText }]) => byText === 0);
    const place = ([key]: readonly [string, Node]): number => (Number(key) >>> 0) % this.#size;
    for (const [, node] of this.#sorted(numbered, place, "byNumber")) node.byText = ++this.#moves;
  }

  /** By place in the table, the front of each list first. */
  #sorted(
    entries: [string, Node][],
    place: (entry: readonly [string, Node]) => number,
    list: "byText" | "byNumber",
  ): [string, Node][] {
    return entries.sort((a, b) => place(a) - place(b) || b[1][list] - a[1][list]);
  }
}
