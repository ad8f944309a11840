// The order in which Open vSwitch walks its hash tables (lib/hmap.h). Floods, and numbers that are given in one go, follow
// that order, so what users see of it is reproduced: buckets, growth, newest first in a bucket.

interface Entry<T> {
  readonly hash: number;
  readonly value: T;
}

export class HmapOrder<T> {
  #buckets: Entry<T>[][] = [[]];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  insert(value: T, hash: number): void {
    const entry = { hash, value };
    this.#bucketOf(hash).unshift(entry);
    this.#size++;
    // hmap_expand(): more than two nodes a bucket
    if (Math.floor(this.#size / 2) > this.#buckets.length - 1) this.#resize(maskFor(this.#size));
  }

  remove(value: T): void {
    for (const bucket of this.#buckets) {
      const at = bucket.findIndex((entry) => entry.value === value);
      if (at < 0) continue;
      bucket.splice(at, 1);
      this.#size--;
      return;
    }
  }

  *values(): Iterable<T> {
    for (const bucket of this.#buckets) for (const { value } of bucket) yield value;
  }

  #bucketOf(hash: number): Entry<T>[] {
    return this.#buckets[hash & (this.#buckets.length - 1)] as Entry<T>[];
  }

  #resize(mask: number): void {
    if (mask + 1 === this.#buckets.length) return;
    const old = this.#buckets;
    this.#buckets = Array.from({ length: mask + 1 }, () => []);
    for (const bucket of old) for (const entry of bucket) this.#bucketOf(entry.hash).unshift(entry);
  }
}

/** calc_mask(): half the capacity, rounded up to a power of two less one, and at least four buckets if more than one. */
function maskFor(capacity: number): number {
  let mask = capacity >> 1;
  for (const shift of [1, 2, 4, 8, 16]) mask |= mask >> shift;
  return mask | ((mask & 1) << 1);
}
