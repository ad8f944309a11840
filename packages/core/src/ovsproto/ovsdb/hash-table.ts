// Rows by UUID, iterated in the order in which Open vSwitch's hash maps are: by bucket, the newest of a bucket first. Tools
// print rows in that order, so it belongs to what they print.

const DIGITS = 8;

/** uuid_hash(): the first 32 bits. */
function hashOf(uuid: string): number {
  let hash = 0;
  for (let at = 0; at < DIGITS; at++) {
    const code = uuid.charCodeAt(at);
    hash = (hash << 4) | (code <= 0x39 ? code - 0x30 : code - 0x57); // 0 to 9, a to f
  }
  return hash;
}

interface Entry<V> {
  readonly key: string;
  readonly hash: number;
  value: V;
  /** In the same bucket. */
  next: Entry<V> | undefined;
}

export class UuidTable<V> {
  readonly #entries = new Map<string, Entry<V>>();
  #buckets: (Entry<V> | undefined)[] = [undefined];

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
    const entry: Entry<V> = { key: uuid, hash: hashOf(uuid), value, next: undefined };
    this.#entries.set(uuid, entry);
    this.#put(entry);
    if (this.#entries.size >> 1 > this.#buckets.length - 1) this.#grow();
  }

  delete(uuid: string): boolean {
    const entry = this.#entries.get(uuid);
    if (!entry) return false;
    this.#entries.delete(uuid);
    const bucket = entry.hash & (this.#buckets.length - 1);
    let before = this.#buckets[bucket];
    if (before === entry) this.#buckets[bucket] = entry.next;
    else {
      while (before && before.next !== entry) before = before.next;
      if (before) before.next = entry.next;
    }
    return true;
  }

  /** As they are now, whatever happens to the table meanwhile. */
  values(): V[] {
    const values = new Array<V>(this.#entries.size);
    const buckets = this.#buckets;
    let count = 0;
    for (let at = 0; at < buckets.length; at++)
      for (let entry = buckets[at]; entry !== undefined; entry = entry.next) values[count++] = entry.value;
    return values;
  }

  #put(entry: Entry<V>): void {
    const bucket = entry.hash & (this.#buckets.length - 1);
    entry.next = this.#buckets[bucket];
    this.#buckets[bucket] = entry;
  }

  /** To the next power of two above half the number of entries; at least four buckets. */
  #grow(): void {
    let count = 4;
    while (count <= this.#entries.size >> 1) count *= 2;
    const old = this.#buckets;
    this.#buckets = new Array<Entry<V> | undefined>(count).fill(undefined);
    for (const first of old) {
      for (let entry = first; entry !== undefined;) {
        const { next } = entry;
        this.#put(entry);
        entry = next;
      }
    }
  }
}
