/** A set of small numbers. */
export class BitSet {
  readonly #words: Uint32Array;

  constructor(size: number) {
    this.#words = new Uint32Array((size >> 5) + 1);
  }

  fill(): void {
    this.#words.fill(0xffff_ffff);
  }

  clear(): void {
    this.#words.fill(0);
  }

  add(member: number): void {
    this.#words[member >> 5] = (this.#words[member >> 5] as number) | (1 << (member & 31));
  }

  has(member: number): boolean {
    return ((this.#words[member >> 5] as number) & (1 << (member & 31))) !== 0;
  }

  intersect(other: BitSet): void {
    const words = this.#words;
    for (let index = 0; index < words.length; index++) {
      words[index] = (words[index] as number) & (other.#words[index] as number);
    }
  }

  /** Members in ascending order. */
  *members(): Iterable<number> {
    for (let index = 0; index < this.#words.length; index++) {
      let word = this.#words[index] as number;
      while (word !== 0) {
        const lowest = word & -word;
        yield index * 32 + (31 - Math.clz32(lowest));
        word = (word ^ lowest) >>> 0;
      }
    }
  }
}
