// Names of protocol values, in the order in which tcpdump tries them: one table a field, used for plain values and for bits.

/** Bytes that tcpdump's buffer for joined names of bits holds, without the terminating zero. */
const JOINED_LENGTH = 1024;

export class NameTable {
  readonly #entries: readonly (readonly [number, string])[];
  readonly #names = new Map<number, string>();

  constructor(entries: readonly (readonly [number, string])[]) {
    this.#entries = entries;
    for (const [value, name] of entries) if (!this.#names.has(value)) this.#names.set(value, name);
  }

  /** The name of a value; undefined if it has none. */
  get(value: number): string | undefined {
    return this.#names.get(value);
  }

  /** The names of all entries whose bits are all set, joined; `none` if there is none. An entry of 0 never counts. */
  bits(value: number, none: string, separator = ", "): string {
    let text = "";
    let first = true;
    for (const [bits, name] of this.#entries) {
      if (bits === 0 || (value & bits) >>> 0 !== bits) continue;
      text += first ? name : separator + name;
      first = false;
    }
    return first ? none : text.slice(0, JOINED_LENGTH);
  }
}
