// Counters of ICMP messages by type. Most devices never see one, so nothing is kept before the first.

export class TypeCounts {
  #counts: Map<number, number> | undefined;

  /** `type`: 0..255. */
  add(type: number): void {
    this.#counts ??= new Map();
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
  }

  get(type: number): number {
    return this.#counts?.get(type) ?? 0;
  }

  /** Types that were seen with their counts, by type. */
  entries(): readonly (readonly [type: number, count: number])[] {
    return [...(this.#counts ?? [])].sort(([a], [b]) => a - b);
  }
}
