// Random pieces for comparisons: a seed always gives the same ones.

import { Random } from "@patchcord/core/kernel/random.ts";

export class Words {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed * 2654435761 + 11);
  }

  below(limit: number): number {
    return this.#random.below(limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T {
    return list[this.below(list.length)] as T; // lists are never empty
  }

  /** Up to `most` different ones, in random order. */
  some<T>(list: readonly T[], most: number): T[] {
    const left = [...list];
    const out: T[] = [];
    for (let count = this.below(most + 1); count > 0 && left.length > 0; count--)
      out.push(...left.splice(this.below(left.length), 1));
    return out;
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join("");
  }
}
