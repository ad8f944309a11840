// The flows of a datapath: megaflows, found by tuple space search. All flows with the same mask are in one hash table; a
// packet is looked for in one table after the other until one has it (net/openvswitch/flow_table.c). A small cache tells
// which table packets of the same kind were found in before. Masks of one datapath never contradict each other, so the
// first hit is the only one.

import { FLOW_WORDS, flowsEqual, W } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { DpAction } from "../../ovsproto/datapath/actions.ts";

/** Written for every packet, so it is always a number: one that may be undefined is a new object each time. */
const NEVER = -1;

export class DpFlow {
  /** Already masked. */
  readonly key: Flow;
  readonly mask: Flow;
  /** Identity, as the daemon gives it. */
  readonly ufid: string;
  actions: readonly DpAction[];
  packets = 0;
  bytes = 0;
  /** Clock of the last packet, nanoseconds; NEVER if there was none. */
  usedAt = NEVER;
  /** All TCP flags seen. */
  tcpFlags = 0;
  /** The key that it was made with and is known by, if it has no ufid of its maker's. */
  unmasked: Flow | undefined = undefined;
  /** The key of the first packet, which the datapath of the daemon shows; the kernel's does not know it. */
  seen: Flow | undefined = undefined;
  hash = 0;
  next: DpFlow | undefined = undefined;
  /** Where it is; undefined once it is removed. */
  subtable: Subtable | undefined = undefined;

  constructor(key: Flow, mask: Flow, ufid: string, actions: readonly DpAction[]) {
    this.key = key;
    this.mask = mask;
    this.ufid = ufid;
    this.actions = actions;
  }

  /** Clock of the last packet, nanoseconds; undefined if there was none. */
  get used(): number | undefined {
    return this.usedAt === NEVER ? undefined : this.usedAt;
  }

  resetCounters(): void {
    this.packets = 0;
    this.bytes = 0;
    this.usedAt = NEVER;
    this.tcpFlags = 0;
  }
}

const FIRST_BUCKETS = 64; // always a power of two

class Subtable {
  readonly mask: Flow;
  /** Words with any bit in the mask, and the mask of each. */
  readonly words: Uint8Array;
  readonly bits: Uint32Array;
  size = 0;
  #buckets: (DpFlow | undefined)[] = new Array<DpFlow | undefined>(FIRST_BUCKETS).fill(undefined);

  constructor(mask: Flow) {
    this.mask = mask;
    const words: number[] = [];
    for (let at = 0; at < FLOW_WORDS; at++) if (mask[at] !== 0) words.push(at);
    this.words = Uint8Array.from(words);
    this.bits = Uint32Array.from(words, (at) => mask[at] as number);
  }

  hash(key: Flow): number {
    const { words, bits } = this;
    let hash = 0;
    for (let i = 0; i < words.length; i++) {
      hash = Math.imul(hash ^ ((key[words[i] as number] as number) & (bits[i] as number)), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  /** Whether a flow of this table takes packets with this key. */
  takes(flow: DpFlow, key: Flow): boolean {
    const { words, bits } = this;
    const wanted = flow.key;
    for (let i = 0; i < words.length; i++) {
      const at = words[i] as number;
      if ((((key[at] as number) & (bits[i] as number)) ^ (wanted[at] as number)) !== 0) return false;
    }
    return true;
  }

  find(key: Flow): DpFlow | undefined {
    const hash = this.hash(key);
    let flow = this.#buckets[hash & (this.#buckets.length - 1)];
    while (flow !== undefined && (flow.hash !== hash || !this.takes(flow, key))) flow = flow.next;
    return flow;
  }

  insert(flow: DpFlow): void {
    if (this.size >= this.#buckets.length) this.#grow();
    flow.hash = this.hash(flow.key);
    flow.subtable = this;
    this.#put(flow);
    this.size++;
  }

  remove(flow: DpFlow): void {
    const index = flow.hash & (this.#buckets.length - 1);
    let before: DpFlow | undefined = undefined;
    for (let at = this.#buckets[index]; at !== undefined; before = at, at = at.next) {
      if (at !== flow) continue;
      if (before === undefined) this.#buckets[index] = flow.next;
      else before.next = flow.next;
      flow.next = undefined;
      flow.subtable = undefined;
      this.size--;
      return;
    }
  }

  #put(flow: DpFlow): void {
    const index = flow.hash & (this.#buckets.length - 1);
    flow.next = this.#buckets[index];
    this.#buckets[index] = flow;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = new Array<DpFlow | undefined>(2 * old.length).fill(undefined);
    for (const first of old) {
      for (let flow = first; flow !== undefined;) {
        const { next } = flow;
        this.#put(flow);
        flow = next;
      }
    }
  }
}

/** MC_DEFAULT_HASH_ENTRIES: places of the mask cache, and how many a core may have (PCPU_MIN_UNIT_SIZE / sizeof(struct mask_cache_entry)). */
const DEFAULT_CACHE_SIZE = 256;
const MAX_CACHE_SIZE = 32768 / 8;
const [ICMP, ICMPV6] = [1, 58];

/** Whether the mask cache may have it: a power of two, or 0, up to what a core may have. */
export function isCacheSize(size: number): boolean {
  return (size & (size - 1)) === 0 && size <= MAX_CACHE_SIZE;
}

/** Equal for both ways of a connection, as the hash of a packet that the kernel's cache goes by. */
function connectionHash(key: Flow): number {
  const ports = key[W.TP] as number;
  const protocol = (key[W.NW] as number) >>> 24;
  const hash =
    (key[W.ETH_SRC + 1] as number) ^
    (key[W.ETH_DST + 1] as number) ^
    (key[W.NW_SRC] as number) ^
    (key[W.NW_DST] as number);
  return protocol === ICMP || protocol === ICMPV6 ? hash : hash ^ ports ^ (ports >>> 16);
}

function wayOf(key: Flow): 0 | 1 {
  return (key[W.ETH_SRC + 1] as number) > (key[W.ETH_DST + 1] as number) ? 1 : 0;
}

export class FlowTable {
  readonly #subtables: Subtable[] = [];
  #cache: (Subtable | undefined)[] = new Array<Subtable | undefined>(DEFAULT_CACHE_SIZE).fill(undefined);
  /** The flow that was found last in the table of the same place, one each way: most packets are those of a few connections. */
  #latest: (DpFlow | undefined)[] = new Array<DpFlow | undefined>(2 * DEFAULT_CACHE_SIZE).fill(undefined);
  /** In order of insertion, for dumps. */
  readonly flows = new Set<DpFlow>();
  readonly byUfid = new Map<string, DpFlow>();
  /** Tables looked into, and packets that the cache led to the right one. */
  maskHits = 0;
  cacheHits = 0;

  get maskCount(): number {
    return this.#subtables.length;
  }

  get cacheSize(): number {
    return this.#cache.length;
  }

  /** `size`: one that isCacheSize() lets through. */
  resizeCache(size: number): void {
    if (size === this.#cache.length) return;
    this.#cache = new Array<Subtable | undefined>(size).fill(undefined);
    this.#latest = new Array<DpFlow | undefined>(2 * size).fill(undefined);
  }

  /** As `lookup`, but for no packet: nothing is counted. */
  find(key: Flow): DpFlow | undefined {
    for (const subtable of this.#subtables) {
      const flow = subtable.find(key);
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  lookup(key: Flow): DpFlow | undefined {
    const place = connectionHash(key) & (this.#cache.length - 1);
    const cached = this.#cache[place];
    if (cached !== undefined) {
      this.maskHits++;
      const way = 2 * place + wayOf(key);
      const latest = this.#latest[way];
      if (latest !== undefined && latest.subtable === cached && cached.takes(latest, key)) {
        this.cacheHits++;
        return latest;
      }
      const flow = cached.find(key);
      if (flow !== undefined) {
        this.cacheHits++;
        this.#latest[way] = flow;
        return flow;
      }
    }
    for (const subtable of this.#subtables) {
      if (subtable === cached) continue;
      this.maskHits++;
      const flow = subtable.find(key);
      if (flow !== undefined) {
        if (this.#cache.length > 0) this.#cache[place] = subtable;
        return flow;
      }
    }
    if (cached !== undefined) this.#cache[place] = undefined;
    return undefined;
  }

  insert(flow: DpFlow): void {
    let subtable = this.#subtables.find(({ mask }) => flowsEqual(mask, flow.mask));
    if (!subtable) {
      subtable = new Subtable(flow.mask);
      this.#subtables.push(subtable);
    }
    subtable.insert(flow);
    this.flows.add(flow);
    this.byUfid.set(flow.ufid, flow);
  }

  remove(flow: DpFlow): void {
    if (!this.flows.delete(flow)) return;
    this.byUfid.delete(flow.ufid);
    const { subtable } = flow;
    if (!subtable) return;
    subtable.remove(flow);
    if (subtable.size > 0) return;
    this.#subtables.splice(this.#subtables.indexOf(subtable), 1);
    this.#cache.fill(undefined);
  }

  clear(): void {
    for (const flow of this.flows) this.remove(flow);
  }
}
