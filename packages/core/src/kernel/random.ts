// Seeded randomness for everything that Linux draws from its pool: MAC addresses, ids, jitter of timers.
// The generator is sfc32 (Chris Doty-Humphrey's Small Fast Counting, 32-bit); not for secrets.

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 0x1_0000_0000) >>> 0;
    this.#c = 0x9e3779b9;
    for (let warm = 0; warm < 12; warm++) this.uint32();
  }

  /** Uniform in 0..2^32-1. */
  uint32(): number {
    const out = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + out) >>> 0;
    return out;
  }

  /** Uniform in 0..limit-1. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 0x1_0000_0000) * limit);
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let i = 0; i < length; i++) out[i] = this.uint32() >>> 24;
    return out;
  }

  /** A locally administered unicast MAC address, as eth_random_addr() makes them. */
  mac(): number {
    const high = ((this.uint32() >>> 16) & 0xfeff) | 0x0200;
    return high * 0x1_0000_0000 + this.uint32();
  }
}
