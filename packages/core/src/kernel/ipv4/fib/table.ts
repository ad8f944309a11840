// One routing table (struct fib_table): prefixes and the routes for them. Longest-prefix match goes through the prefix
// lengths in use, longest first, with one look into a map of numbers each.

import { ipv4PrefixMask } from "../../../wire/ipv4-address.ts";
import type { FibInfo } from "./nexthop.ts";

/** A route for a prefix (struct fib_alias). */
export interface FibAlias {
  readonly prefix: number;
  readonly length: number;
  readonly tableId: number;
  /** Type-of-service byte that it is for; 0 for any. */
  readonly tos: number;
  /** RTN_* */
  readonly type: number;
  readonly info: FibInfo;
}

/** Routes for one prefix, by falling tos, then rising priority, then as inserted. Never empty. */
export type Prefixes = ReadonlyMap<number, readonly FibAlias[]>;

export class FibTable {
  readonly id: number;
  /** Counts changes to the set of prefix lengths, so that plans made of it know when they are old. */
  shape = 0;
  count = 0;
  readonly #byLength: (Map<number, FibAlias[]> | undefined)[] = [];

  constructor(id: number) {
    this.id = id;
  }

  /** Prefixes of one length; undefined if there are none. */
  ofLength(length: number): Prefixes | undefined {
    return this.#byLength[length];
  }

  /** Routes for exactly this prefix. */
  at(prefix: number, length: number): readonly FibAlias[] {
    return this.#byLength[length]?.get(prefix) ?? [];
  }

  /** Puts a route at a place among those for its prefix; at the end if `index` is -1. */
  insert(alias: FibAlias, index: number): void {
    let prefixes = this.#byLength[alias.length];
    if (prefixes === undefined) {
      this.#byLength[alias.length] = prefixes = new Map();
      this.shape++;
    }
    const list = prefixes.get(alias.prefix);
    if (list === undefined) prefixes.set(alias.prefix, [alias]);
    else if (index < 0) list.push(alias);
    else list.splice(index, 0, alias);
    this.count++;
  }

  replace(old: FibAlias, alias: FibAlias): void {
    const list = this.#byLength[old.length]?.get(old.prefix);
    const index = list?.indexOf(old) ?? -1;
    if (list !== undefined && index >= 0) list[index] = alias;
  }

  remove(alias: FibAlias): void {
    const prefixes = this.#byLength[alias.length];
    const list = prefixes?.get(alias.prefix);
    const index = list?.indexOf(alias) ?? -1;
    if (prefixes === undefined || list === undefined || index < 0) return;
    this.count--;
    list.splice(index, 1);
    if (list.length > 0) return;
    prefixes.delete(alias.prefix);
    if (prefixes.size > 0) return;
    this.#byLength[alias.length] = undefined;
    this.shape++;
  }

  /** Every route, in the order in which the kernel's trie is walked: by prefix, the longest first. */
  all(): FibAlias[] {
    const found: FibAlias[] = [];
    for (const prefixes of this.#byLength)
      if (prefixes) for (const list of prefixes.values()) found.push(...list);
    // The sort is stable, so that routes for one prefix stay as they are.
    return found.sort((a, b) => a.prefix - b.prefix || b.length - a.length);
  }

  /** Prefix lengths in use, longest first. */
  lengths(): number[] {
    const lengths: number[] = [];
    for (let length = 32; length >= 0; length--)
      if (this.#byLength[length] !== undefined) lengths.push(length);
    return lengths;
  }

  /** Where a new route with these keys goes (fib_find_alias): the first that it is not behind; -1 for the end. */
  placeFor(prefix: number, length: number, tos: number, priority: number): number {
    return this.at(prefix, length).findIndex(
      (alias) => alias.tos <= tos && (alias.info.priority >= priority || alias.tos < tos),
    );
  }
}

/** One look of a longest-prefix match: the prefixes of a length in one table or, merged, in two. */
export interface LookupStep {
  readonly mask: number;
  readonly first: Prefixes | undefined;
  readonly second: Prefixes | undefined;
}

/** The looks to take through `first` and, at equal length after it, `second`. */
export function lookupPlan(first: FibTable | undefined, second: FibTable | undefined): LookupStep[] {
  const lengths = new Set([...(first?.lengths() ?? []), ...(second?.lengths() ?? [])]);
  return [...lengths]
    .sort((a, b) => b - a)
    .map((length) => ({
      mask: ipv4PrefixMask(length),
      first: first?.ofLength(length),
      second: second?.ofLength(length),
    }));
}
