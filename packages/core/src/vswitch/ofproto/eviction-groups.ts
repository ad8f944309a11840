// Which flow of a full table makes room for another one (ofproto.c: eviction_group_*, rule_eviction_priority,
// choose_rule_to_evict). Flows that have the same values in some fields make a group, and the largest group gives one. What matters
// least goes first, then what expires first, in steps of 1024 milliseconds; among equals it is their place in a binary heap
// (lib/heap.c) that decides, so that this is kept as the original keeps it.
//
// Which of two groups of one size gives is chance in the original; here it is the one that was there first.

import type { Subfield } from "../../ovsproto/openflow/subfield.ts";
import { prerequisitesHold, readSubfield } from "../../ovsproto/flow/fields.ts";
import type { Rule } from "./rule.ts";

/** Between looks at when flows will expire, nanoseconds. */
const REFRESH_INTERVAL = 1e9;
/** Of an expiry, nanoseconds. */
const STEP = 1024e6;
const IMPORTANCE_UNIT = 2 ** 32;

interface Entry {
  readonly rule: Rule;
  /** The smaller, the sooner it goes. */
  order: number;
}

/** A binary heap with the smallest order on top, whose equals stay in the places that operations leave them in. */
class Heap {
  readonly #entries: Entry[] = [];

  get size(): number {
    return this.#entries.length;
  }

  get top(): Entry | undefined {
    return this.#entries[0];
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  insert(entry: Entry): void {
    this.#entries.push(entry);
    this.#up(this.#entries.length - 1);
  }

  remove(rule: Rule): void {
    const at = this.#entries.findIndex((entry) => entry.rule === rule);
    const last = this.#entries.pop();
    if (last === undefined || at === this.#entries.length) return;
    this.#entries[at] = last;
    if (!this.#up(at)) this.#down(at);
  }

  /** heap_rebuild(), after orders have changed. */
  rebuild(): void {
    for (let at = (this.#entries.length >> 1) - 1; at >= 0; at--) this.#down(at);
  }

  #order(at: number): number {
    return this.#entries[at]?.order ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#entries[a], this.#entries[b]];
    if (!one || !other) return;
    this.#entries[a] = other;
    this.#entries[b] = one;
  }

  #up(from: number): boolean {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#order(parent) <= this.#order(at)) break;
      this.#swap(parent, at);
      at = parent;
    }
    return at !== from;
  }

  #down(from: number): void {
    for (let at = from; ;) {
      const left = 2 * at + 1;
      let first = at;
      if (this.#order(left) < this.#order(first)) first = left;
      if (this.#order(left + 1) < this.#order(first)) first = left + 1;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }
}

export class EvictionGroups {
  readonly fields: readonly Subfield[];
  readonly #groups = new Map<string, Heap>();
  readonly #groupOf = new Map<Rule, string>();
  #refreshed = -Infinity;

  constructor(fields: readonly Subfield[], rules: Iterable<Rule>) {
    this.fields = fields;
    for (const rule of rules) this.add(rule);
  }

  /** Flows without a timeout stay. */
  add(rule: Rule): void {
    if (rule.idleTimeout === 0 && rule.hardTimeout === 0) return;
    const key = this.fields.map((subfield) => groupingValue(rule, subfield)).join();
    let group = this.#groups.get(key);
    if (!group) {
      group = new Heap();
      this.#groups.set(key, group);
    }
    group.insert({ rule, order: orderOf(rule) });
    this.#groupOf.set(rule, key);
  }

  remove(rule: Rule): void {
    const key = this.#groupOf.get(rule);
    if (key === undefined) return;
    this.#groupOf.delete(rule);
    const group = this.#groups.get(key);
    group?.remove(rule);
    if (group?.size === 0) this.#groups.delete(key);
  }

  /** @param now clock, nanoseconds */
  victim(now: number): Rule | undefined {
    this.#refresh(now);
    let largest: Heap | undefined;
    for (const group of this.#groups.values()) {
      if (largest === undefined || group.size > largest.size) largest = group;
    }
    return largest?.top?.rule;
  }

  /** Flows that were used expire later: once a second this is looked at. */
  #refresh(now: number): void {
    if (now < this.#refreshed + REFRESH_INTERVAL) return;
    this.#refreshed = now;
    for (const group of this.#groups.values()) {
      for (const entry of group.entries) entry.order = orderOf(entry.rule);
      group.rebuild();
    }
  }
}

/** eviction_group_hash_rule() */
function groupingValue({ match }: Rule, subfield: Subfield): bigint {
  return prerequisitesHold(match.value, subfield.field, undefined) ? readSubfield(match.value, subfield) : 0n;
}

/** rule_eviction_priority(), turned round. */
function orderOf(rule: Rule): number {
  return rule.importance * IMPORTANCE_UNIT + Math.floor(expiry(rule) / STEP);
}

/** Clock when a rule ends if nothing more comes, nanoseconds. */
function expiry(rule: Rule): number {
  const hard = rule.hardTimeout === 0 ? Infinity : rule.modified + rule.hardTimeout * 1e9;
  const idle = rule.idleTimeout === 0 ? Infinity : rule.used + rule.idleTimeout * 1e9;
  return Math.min(hard, idle);
}
