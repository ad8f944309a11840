// Rows by UUID, iterated in the order in which Open vSwitch's hash maps are: by bucket, the newest of a bucket first. Tools
// print rows in that order, so it belongs to what they print.

/** uuid_hash(): the first 32 bits. */
function hashOf(uuid: string): number {
  return parseInt(uuid.slice(0, 8), 16);
}

interface Entry<V> {
  readonly key: string;
  readonly hash: number;
  value: V;
}

export class UuidTable<V> {
  readonly #entries = new Map<string, Entry<V>>();
  #buckets: Entry<V>[][] = [[]];

  get size(): number {
    return this.#entries.size;
  }

  get(uuid: string): V | undefined {
    return this.#entries.get(uuid)?.value;
  }

  has(uuid: string): boolean {
    return this.#entries.has(uuid);
  }

  /** What takes the place of another value stays where that was. */
  set(uuid: string, value: V): void {
    const there = this.#entries.get(uuid);
    if (there) {
      there.value = value;
      return;
    }
    const entry = { key: uuid, hash: hashOf(uuid), value };
    this.#entries.set(uuid, entry);
    this.#bucket(entry).unshift(entry);
    const mask = this.#buckets.length - 1;
    if (Math.floor(this.#entries.size / 2) > mask) this.#grow();
  }

  delete(uuid: string): boolean {
    const entry = this.#entries.get(uuid);
    if (!entry) return false;
    this.#entries.delete(uuid);
    const bucket = this.#bucket(entry);
    bucket.splice(bucket.indexOf(entry), 1);
    return true;
  }

  *values(): IterableIterator<V> {
    for (const bucket of [...this.#buckets]) {
      const [first, second] = bucket;
      if (second !== undefined) for (const entry of [...bucket]) yield entry.value;
      else if (first !== undefined) yield first.value;
    }
  }

  #bucket(entry: Entry<V>): Entry<V>[] {
    return this.#buckets[(entry.hash & (this.#buckets.length - 1)) >>> 0] as Entry<V>[];
  }

  /** To the next power of two above half the number of entries; at least four buckets. */
  #grow(): void {
    let count = 4;
    while (count <= Math.floor(this.#entries.size / 2)) count *= 2;
    const old = this.#buckets;
    this.#buckets = Array.from({ length: count }, () => []);
    for (const bucket of old) for (const entry of bucket) this.#bucket(entry).unshift(entry);
  }
}
