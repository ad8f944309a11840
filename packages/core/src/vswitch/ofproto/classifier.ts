// Finds the rule of highest priority that matches a flow, and which bits of the flow that answer depends on (Open vSwitch's
// lib/classifier.c; the header of its classifier.h tells the ideas).
//
// Rules with the same mask share a subtable, a hash table. Subtables are searched by the highest priority in them, until
// none can have a better rule. A search goes through the stages metadata, L2, L3, L4: if the hash of a stage is in no rule
// of the subtable, later stages were not looked at and stay wild. Prefix tries of the IPv4 addresses, or of other fields,
// and of the ports narrow it further. Wildcards come out as those of the original, so that megaflows do.

import type { Match } from "../../ovsproto/openflow/match.ts";
import { FLOW_WORDS, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { DEFAULT_PREFIXES } from "./prefix-fields.ts";
import type { PrefixField } from "./prefix-fields.ts";
import { hasLength, newAnswer, PrefixTrie, prefixMask } from "./prefix-trie.ts";
import type { TrieAnswer } from "./prefix-trie.ts";

/** What a classifier keeps: anything with a match and a priority. */
export interface Classified {
  readonly match: Match;
  readonly priority: number;
  /** Clauses of conjunctive matches that it is part of; such a rule is no match by itself. */
  readonly conjunctions: readonly Conjunction[] | undefined;
}

export interface Conjunction {
  readonly id: number;
  /** From 0. */
  readonly clause: number;
  readonly clauses: number;
}

/** Stage of each word of a flow: metadata, L2, L3, L4, which begins with the fields of neighbour discovery and ARP. */
const STAGE_OF: readonly number[] = Array.from({ length: FLOW_WORDS }, (_, at) => {
  if (at >= W.CT_NW_SRC && at < W.CT_TP) return 2;
  if (at === W.CT_TP || at >= W.ARP_SHA) return 3;
  if (at < W.ETH_DST) return 0;
  return at < W.NW_SRC ? 1 : 2;
});

interface Stage {
  readonly words: readonly number[];
  /** Hashes of this stage (with those before) -> number of rules; the last stage has none. */
  readonly seen: Map<number, number>;
}

/** Rules of one mask with the same values, highest priority first. */
type Bucket<R> = R[];

class Subtable<R extends Classified> {
  readonly mask: Flow;
  readonly stages: readonly Stage[];
  readonly buckets = new Map<number, Bucket<R>[]>();
  /** In order of insertion, which is the order of listings (rules_list). */
  readonly rules = new Set<R>();
  readonly prefixes: readonly number[];
  readonly portsMask: number;
  readonly portsLength: number;
  readonly ports = new PrefixTrie();
  readonly priorities = new Map<number, number>();
  maxPriority = -1;

  constructor(mask: Flow, prefixes: readonly PrefixField[]) {
    this.mask = mask;
    const stages: Stage[] = [];
    for (let stage = 0; stage < 4; stage++) {
      const words: number[] = [];
      for (let at = 0; at < FLOW_WORDS; at++) if (mask[at] !== 0 && STAGE_OF[at] === stage) words.push(at);
      if (words.length > 0) stages.push({ words, seen: new Map() });
    }
    if (stages.length === 0) stages.push({ words: [], seen: new Map() });
    this.stages = stages;
    this.prefixes = prefixes.map(({ at, words }) => prefixLength(mask, at, words));
    this.portsMask = word(mask, W.TP);
    this.portsLength = this.portsMask === 0 ? 0 : 32 - ctz32(this.portsMask);
  }

  hash(stage: Stage, flow: Flow, basis: number): number {
    let hash = basis;
    for (const at of stage.words) {
      hash = Math.imul(hash ^ (word(flow, at) & word(this.mask, at)), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash | 0;
  }

  bucketOf(flow: Flow, hash: number): Bucket<R> | undefined {
    const { mask } = this;
    return this.buckets.get(hash)?.find((bucket) => {
      const { value } = (bucket[0] as R).match;
      for (const { words } of this.stages) {
        for (const at of words) if (((word(flow, at) ^ word(value, at)) & word(mask, at)) !== 0) return false;
      }
      return true;
    });
  }

  count(flow: Flow, by: 1 | -1): number {
    let hash = 0;
    this.stages.forEach((stage, index) => {
      hash = this.hash(stage, flow, hash);
      if (index === this.stages.length - 1) return;
      const count = (stage.seen.get(hash) ?? 0) + by;
      if (count === 0) stage.seen.delete(hash);
      else stage.seen.set(hash, count);
    });
    return hash;
  }
}

export class Classifier<R extends Classified> {
  /** Fields with a trie. */
  #fields: readonly PrefixField[] = [];
  /** By highest priority; equal ones in the order that pvector.c leaves them in, which listings show. */
  #subtables: Subtable<R>[] = [];
  /** While some rules go together, subtables are sorted once, in the end. */
  #sortsLater = false;
  #tries: readonly PrefixTrie[] = [];
  #answers: readonly (TrieAnswer & { done: boolean })[] = [];
  #size = 0;

  constructor(prefixes: readonly PrefixField[] = DEFAULT_PREFIXES) {
    this.#keepTries(prefixes);
  }

  #keepTries(prefixes: readonly PrefixField[]): void {
    this.#fields = prefixes;
    this.#tries = prefixes.map(({ words }) => new PrefixTrie(words));
    this.#answers = prefixes.map(() => ({ ...newAnswer(), done: false }));
  }

  /** classifier_set_prefix_fields(). True if they are other ones than before. */
  setPrefixes(prefixes: readonly PrefixField[]): boolean {
    const same =
      prefixes.length === this.#fields.length && prefixes.every((each, at) => each === this.#fields[at]);
    if (same) return false;
    const rules = [...this.rules()];
    this.#keepTries(prefixes);
    this.#subtables = [];
    this.#size = 0;
    for (const rule of rules) this.insert(rule);
    return true;
  }

  get size(): number {
    return this.#size;
  }

  #subtable(mask: Flow): Subtable<R> | undefined {
    return this.#subtables.find((subtable) => subtable.mask.every((bits, at) => bits === mask[at]));
  }

  /** The rule with exactly this match and priority. */
  find(match: Match, priority: number): R | undefined {
    const subtable = this.#subtable(match.mask);
    if (!subtable) return undefined;
    let hash = 0;
    for (const stage of subtable.stages) hash = subtable.hash(stage, match.value, hash);
    return subtable.bucketOf(match.value, hash)?.find((rule) => rule.priority === priority);
  }

  /** Any rule of this priority that matches packets that `match` matches too (CHECK_OVERLAP). */
  overlaps(match: Match, priority: number): R | undefined {
    for (const subtable of this.#subtables) {
      if (!subtable.priorities.has(priority)) continue;
      for (const buckets of subtable.buckets.values()) {
        for (const bucket of buckets) {
          const rule = bucket.find((each) => each.priority === priority);
          if (rule && agree(rule.match, match)) return rule;
        }
      }
    }
    return undefined;
  }

  insert(rule: R): void {
    const { value, mask } = rule.match;
    let subtable = this.#subtable(mask);
    if (!subtable) {
      subtable = new Subtable<R>(mask.slice(), this.#fields);
      this.#subtables.push(subtable);
    }
    const known = subtable;
    const hash = known.count(value, 1);
    const bucket = known.bucketOf(value, hash);
    if (bucket) {
      const at = bucket.findIndex((other) => other.priority < rule.priority);
      bucket.splice(at < 0 ? bucket.length : at, 0, rule);
    } else {
      const chain = known.buckets.get(hash);
      if (chain) chain.push([rule]);
      else known.buckets.set(hash, [[rule]]);
    }
    if (known.portsLength > 0) known.ports.insert(value, W.TP, known.portsLength);
    this.#fields.forEach(({ at }, i) => {
      const length = known.prefixes[i] as number;
      if (length > 0) this.#tries[i]?.insert(value, at, length);
    });
    known.rules.add(rule);
    known.priorities.set(rule.priority, (known.priorities.get(rule.priority) ?? 0) + 1);
    if (rule.priority > known.maxPriority) {
      known.maxPriority = rule.priority;
      this.#sort();
    } else if (known.rules.size === 1) this.#sort();
    this.#size++;
  }

  /** Puts a rule in the place of one with the same match and priority: the last one of listings. */
  replace(old: R, rule: R): void {
    this.insert(rule);
    this.remove(old);
  }

  /** A rule whose actions have changed, which is last in listings then too. */
  renew(rule: R): void {
    const rules = this.#subtable(rule.match.mask)?.rules;
    if (rules?.delete(rule)) rules.add(rule);
  }

  /** Several that go at once. */
  removeAll(rules: readonly R[]): void {
    this.#sortsLater = true;
    for (const rule of rules) this.remove(rule);
    this.#sortsLater = false;
    this.#sort();
  }

  remove(rule: R): void {
    const { value, mask } = rule.match;
    const subtable = this.#subtable(mask);
    if (!subtable) return;
    const hash = subtable.count(value, -1);
    const chain = subtable.buckets.get(hash);
    const bucket = chain?.find((each) => each.includes(rule));
    if (!chain || !bucket) return;
    bucket.splice(bucket.indexOf(rule), 1);
    if (bucket.length === 0) chain.splice(chain.indexOf(bucket), 1);
    if (chain.length === 0) subtable.buckets.delete(hash);
    if (subtable.portsLength > 0) subtable.ports.remove(value, W.TP, subtable.portsLength);
    this.#fields.forEach(({ at }, i) => {
      const length = subtable.prefixes[i] as number;
      if (length > 0) this.#tries[i]?.remove(value, at, length);
    });
    this.#size--;
    subtable.rules.delete(rule);
    if (subtable.rules.size === 0) {
      this.#removeSubtable(subtable);
      return;
    }
    const left = (subtable.priorities.get(rule.priority) ?? 1) - 1;
    if (left > 0) {
      subtable.priorities.set(rule.priority, left);
      return;
    }
    subtable.priorities.delete(rule.priority);
    if (rule.priority < subtable.maxPriority) return;
    subtable.maxPriority = Math.max(...subtable.priorities.keys());
    this.#sort();
  }

  /** pvector_remove(): the last one takes its place until all are sorted. */
  #removeSubtable(subtable: Subtable<R>): void {
    const at = this.#subtables.indexOf(subtable);
    const last = this.#subtables.pop();
    if (last !== undefined && last !== subtable) this.#subtables[at] = last;
    this.#sort();
  }

  /** Sorting is stable, so that equal ones stay in order. */
  #sort(): void {
    if (this.#sortsLater) return;
    this.#subtables.sort((a, b) => b.maxPriority - a.maxPriority);
  }

  /** In the order of listings (CLS_FOR_EACH). */
  *rules(): Iterable<R> {
    for (const subtable of this.#subtables) yield* subtable.rules;
  }

  /** classifier_lookup(). Sets the bits in `wildcards` that the answer depends on; undefined: nobody wants to know. */
  lookup(flow: Flow, wildcards: Flow | undefined): R | undefined {
    return this.#lookup(flow, wildcards, true);
  }

  #lookup(flow: Flow, wildcards: Flow | undefined, conjunctive: boolean): R | undefined {
    for (const answer of this.#answers) answer.done = false;
    let best: R | undefined;
    let soft: { readonly bucket: Bucket<R>; rule: R }[] | undefined;
    for (const subtable of this.#subtables) {
      if (best !== undefined && subtable.maxPriority <= best.priority) break;
      const bucket = wildcards ? this.#findWild(subtable, flow, wildcards) : findPlain(subtable, flow);
      const rule = bucket?.[0];
      if (!bucket || rule === undefined || (best !== undefined && rule.priority <= best.priority)) continue;
      if (rule.conjunctions === undefined) best = rule;
      else if (conjunctive) (soft ??= []).push({ bucket, rule });
    }
    return soft ? this.#resolve(flow, wildcards, best, soft) : best;
  }

  /** Conjunctive matches among the rules found (the second half of classifier_lookup__). */
  #resolve(
    flow: Flow,
    wildcards: Flow | undefined,
    hard: R | undefined,
    found: { readonly bucket: Bucket<R>; rule: R }[],
  ): R | undefined {
    let best = hard;
    let soft = found.filter(({ rule }) => best === undefined || rule.priority > best.priority);
    while (soft.length > 0) {
      const priority = Math.max(...soft.map(({ rule }) => rule.priority));
      const level = soft.filter(({ rule }) => rule.priority === priority);
      const id = completeConjunction(level.flatMap(({ rule }) => rule.conjunctions ?? []));
      if (id !== undefined) {
        const saved = word(flow, W.CONJ_ID);
        flow[W.CONJ_ID] = id;
        const rule = this.#lookup(flow, wildcards, false);
        flow[W.CONJ_ID] = saved;
        if (rule) return rule;
      }
      // No conjunction of this priority: the next rule with the same match, if it beats what is certain.
      const next: typeof soft = soft.filter(({ rule }) => rule.priority !== priority);
      for (const { bucket, rule } of level) {
        const below = bucket[bucket.indexOf(rule) + 1];
        if (below === undefined || (best !== undefined && below.priority <= best.priority)) continue;
        if (below.conjunctions === undefined) best = below;
        else next.push({ bucket, rule: below });
      }
      soft = next.filter(({ rule }) => best === undefined || rule.priority > best.priority);
    }
    return best;
  }

  /** find_match_wc() */
  #findWild(subtable: Subtable<R>, flow: Flow, wildcards: Flow): Bucket<R> | undefined {
    const { stages, mask } = subtable;
    const final = stages.length - 1;
    let hash = 0;
    for (let index = 0; index <= final; index++) {
      const stage = stages[index] as Stage;
      if (this.#triesExclude(subtable, STAGE_OF[stage.words[0] ?? 0] ?? 0, flow, wildcards)) {
        fold(wildcards, mask, stages, index);
        return undefined;
      }
      hash = subtable.hash(stage, flow, hash);
      if (index < final && !stage.seen.has(hash)) {
        fold(wildcards, mask, stages, index + 1);
        return undefined;
      }
    }
    const bucket = subtable.bucketOf(flow, hash);
    const before = word(wildcards, W.TP);
    fold(wildcards, mask, stages, final + 1);
    if (bucket === undefined && subtable.portsLength > 0) {
      // Not all bits of the ports were needed to see that no rule has them.
      const answer = newAnswer();
      subtable.ports.lookup(Uint32Array.of(word(flow, W.TP) & subtable.portsMask), 0, answer);
      wildcards[W.TP] = (before | (subtable.portsMask & prefixMask(answer.bits))) >>> 0;
    }
    return bucket;
  }

  /** check_tries(): true if no rule of the subtable can match, with the bits of a stage marked that tell so. */
  #triesExclude(subtable: Subtable<R>, stage: number, flow: Flow, wildcards: Flow): boolean {
    for (let i = 0; i < this.#fields.length; i++) {
      const length = subtable.prefixes[i] as number;
      const { at, words, applies } = this.#fields[i] as PrefixField;
      if (length === 0 || STAGE_OF[at] !== stage) continue;
      const answer = this.#answers[i] as TrieAnswer & { done: boolean };
      if (!answer.done) {
        answer.done = true;
        if (applies(flow)) this.#tries[i]?.lookup(flow, at, answer);
        else {
          answer.lengths.fill(0xffff_ffff);
          answer.bits = 0;
        }
      }
      if (hasLength(answer, length)) continue;
      if (answer.bits <= length) {
        markPrefix(wildcards, at, words, answer.bits);
        return true;
      }
      if (isPrefixMarked(wildcards, at, words, answer.bits)) return true;
    }
    return false;
  }
}

function findPlain<R extends Classified>(subtable: Subtable<R>, flow: Flow): Bucket<R> | undefined {
  let hash = 0;
  for (const stage of subtable.stages) hash = subtable.hash(stage, flow, hash);
  return subtable.bucketOf(flow, hash);
}

/** Marks the mask's bits in the first `count` stages. */
function fold(wildcards: Flow, mask: Flow, stages: readonly Stage[], count: number): void {
  for (let index = 0; index < count; index++) {
    for (const at of (stages[index] as Stage).words) {
      wildcards[at] = (word(wildcards, at) | word(mask, at)) >>> 0;
    }
  }
}

/** Id of a conjunction that has all its clauses. */
function completeConjunction(parts: readonly Conjunction[]): number | undefined {
  const seen = new Map<number, number>();
  for (const { id, clause, clauses } of parts) {
    const have = ((seen.get(id) ?? 0) | (1 << clause)) >>> 0;
    seen.set(id, have);
    if (clauses < 32 && have === 2 ** clauses - 1) return id;
  }
  return undefined;
}

function agree(a: Match, b: Match): boolean {
  for (let at = 0; at < FLOW_WORDS; at++) {
    if (((word(a.value, at) ^ word(b.value, at)) & word(a.mask, at) & word(b.mask, at)) !== 0) return false;
  }
  return true;
}

/** mask_set_prefix_bits() */
function markPrefix(wildcards: Flow, at: number, words: number, bits: number): void {
  for (let i = 0; i < words; i++) {
    wildcards[at + i] = (word(wildcards, at + i) | prefixMask(bits - 32 * i)) >>> 0;
  }
}

/** mask_prefix_bits_set() */
function isPrefixMarked(wildcards: Flow, at: number, words: number, bits: number): boolean {
  for (let i = 0; i < words; i++) {
    const mask = prefixMask(bits - 32 * i);
    if ((word(wildcards, at + i) & mask) >>> 0 !== mask) return false;
  }
  return true;
}

/** Length of the prefix that a mask is; 0 if it is none. */
function prefixLength(mask: Flow, at: number, words: number): number {
  let length = 0;
  for (let i = 0; i < words; i++) {
    const bits = word(mask, at + i);
    if (length < 32 * i && bits !== 0) return 0;
    const zeros = bits === 0 ? 32 : ctz32(bits);
    if (bits !== prefixMask(32 - zeros)) return 0;
    length += 32 - zeros;
  }
  return length;
}

function ctz32(value: number): number {
  return 31 - Math.clz32(value & -value);
}
