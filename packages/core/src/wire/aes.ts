// Decryption with AES (FIPS 197): keys of 16, 24 or 32 bytes.

import type { BlockCipher } from "./block-cipher.ts";

const BLOCK = 16; // bytes
const POLYNOMIAL = 0x11b;

/** Multiplication in the field of 256 elements (4.2). */
function times(left: number, right: number): number {
  let product = 0;
  for (let bit = 0, value = left; bit < 8; bit++) {
    if ((right & (1 << bit)) !== 0) product ^= value;
    value = (value << 1) ^ (value & 0x80 ? POLYNOMIAL : 0);
  }
  return product;
}

const SUBSTITUTION = new Uint8Array(256);
const INVERSE = new Uint8Array(256);
/** By factor: multiples of every byte. */
const MULTIPLES: ReadonlyMap<number, Uint8Array> = new Map(
  [9, 11, 13, 14].map((factor) => [
    factor,
    Uint8Array.from({ length: 256 }, (_, byte) => times(byte, factor)),
  ]),
);

/** 5.1.1: the inverse in the field, and an affine transformation. 3 and 0xf6 generate the field, and are inverse to each other. */
function fillTables(): void {
  for (let power = 0, value = 1, inverse = 1; power < 255; power++) {
    let mixed = 0x63;
    for (let shift = 0; shift < 5; shift++) mixed ^= (inverse << shift) | (inverse >>> (8 - shift));
    SUBSTITUTION[value] = mixed & 0xff;
    value = times(value, 3);
    inverse = times(inverse, 0xf6);
  }
  SUBSTITUTION[0] = 0x63;
  for (const [value, substitute] of SUBSTITUTION.entries()) INVERSE[substitute] = value;
}
fillTables();

/** 5.2: one key of 16 bytes for every round, and one more. */
function expanded(key: Uint8Array): Uint8Array {
  const rounds = key.length / 4 + 6;
  const all = new Uint8Array(BLOCK * (rounds + 1));
  all.set(key);
  let constant = 1;
  for (let at = key.length; at < all.length; at += 4) {
    let word = Array.from(all.subarray(at - 4, at));
    const substituted = (): number[] => word.map((byte) => SUBSTITUTION[byte] ?? 0);
    if (at % key.length === 0) {
      word = [...word.slice(1), word[0] ?? 0];
      word = substituted();
      word[0] = (word[0] ?? 0) ^ constant;
      constant = times(constant, 2);
    } else if (key.length > 24 && at % key.length === 16) word = substituted();
    for (const [index, byte] of word.entries()) all[at + index] = (all[at + index - key.length] ?? 0) ^ byte;
  }
  return all;
}

/** 5.3.1 and 5.3.2 */
function unshiftAndSubstitute(state: Uint8Array): Uint8Array {
  return state.map((_, index) => INVERSE[state[(index - 4 * (index % 4) + BLOCK) % BLOCK] ?? 0] ?? 0);
}

/** 5.3.3 */
function unmix(state: Uint8Array): Uint8Array {
  return state.map((_, index) => {
    const column = index - (index % 4);
    let mixed = 0;
    for (const [offset, factor] of [14, 11, 13, 9].entries()) {
      const byte = state[column + ((index + offset) % 4)] ?? 0;
      mixed ^= MULTIPLES.get(factor)?.[byte] ?? 0;
    }
    return mixed;
  });
}

export function aes(key: Uint8Array): BlockCipher {
  const keys = expanded(key);
  const last = keys.length / BLOCK - 1;
  return {
    blockLength: BLOCK,
    decrypt(block) {
      const keyed = (state: Uint8Array, round: number): Uint8Array =>
        state.map((byte, index) => byte ^ (keys[BLOCK * round + index] ?? 0));
      let state = keyed(block, last);
      for (let round = last - 1; round > 0; round--) state = unmix(keyed(unshiftAndSubstitute(state), round));
      return keyed(unshiftAndSubstitute(state), 0);
    },
  };
}
