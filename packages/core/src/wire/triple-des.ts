// Decryption with the triple data encryption algorithm (FIPS 46-3): a key of three times eight bytes, without regard to parity.

import type { BlockCipher } from "./block-cipher.ts";

const BLOCK = 8; // bytes
/** Bits, most significant first. */
type Bits = readonly number[];

/** Positions count from 1, as in the standard. */
function permuted(bits: Bits, positions: readonly number[]): number[] {
  return positions.map((position) => bits[position - 1] ?? 0);
}

const INITIAL: readonly number[] = [58, 60, 62, 64, 57, 59, 61, 63].flatMap((first) =>
  Array.from({ length: 8 }, (_, index) => first - 8 * index),
);
const FINAL: readonly number[] = INITIAL.map((_, index) => INITIAL.indexOf(index + 1) + 1);
/** Six bits for each of eight boxes, which overlap. */
const EXPANSION: readonly number[] = Array.from({ length: 48 }, (_, index) => {
  const position = 4 * Math.floor(index / 6) + (index % 6);
  return ((position + 31) % 32) + 1;
});
const PERMUTATION: readonly number[] = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22,
  11, 4, 25,
];
const FIRST_CHOICE: readonly number[] = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
  63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
];
const SECOND_CHOICE: readonly number[] = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47,
  55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
const SHIFTS: readonly number[] = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1];
/** Four rows of sixteen hex digits each. */
const BOXES: readonly string[] = [
  "e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d",
  "f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9",
  "a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c",
  "7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e",
  "2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453",
  "c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d",
  "4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c",
  "d2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b",
];

function bitsOf(bytes: Uint8Array): number[] {
  return Array.from(bytes).flatMap((byte) =>
    Array.from({ length: 8 }, (_, index) => (byte >>> (7 - index)) & 1),
  );
}

function bytesOf(bits: Bits): Uint8Array {
  const bytes = new Uint8Array(bits.length / 8);
  for (const [index, bit] of bits.entries()) bytes[index >>> 3] = ((bytes[index >>> 3] ?? 0) << 1) | bit;
  return bytes;
}

/** Sixteen keys of 48 bits. */
function schedule(key: Uint8Array): readonly Bits[] {
  let halves = permuted(bitsOf(key), FIRST_CHOICE);
  return SHIFTS.map((shift) => {
    const [left, right] = [halves.slice(0, 28), halves.slice(28)];
    halves = [left, right].flatMap((half) => [...half.slice(shift), ...half.slice(0, shift)]);
    return permuted(halves, SECOND_CHOICE);
  });
}

function scrambled(half: Bits, key: Bits): number[] {
  const mixed = permuted(half, EXPANSION).map((bit, index) => bit ^ (key[index] ?? 0));
  const substituted = BOXES.flatMap((box, index) => {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = mixed.slice(6 * index, 6 * index + 6);
    const place = (a << 5) | (f << 4) | (b << 3) | (c << 2) | (d << 1) | e;
    const value = Number.parseInt(box.charAt(place), 16);
    return [value >>> 3, (value >>> 2) & 1, (value >>> 1) & 1, value & 1];
  });
  return permuted(substituted, PERMUTATION);
}

/** One pass; the keys' order decides between encryption and decryption. */
function pass(block: Bits, keys: readonly Bits[]): Bits {
  const start = permuted(block, INITIAL);
  let [left, right]: [Bits, Bits] = [start.slice(0, 32), start.slice(32)];
  for (const key of keys) {
    const mixed = scrambled(right, key);
    [left, right] = [right, left.map((bit, index) => bit ^ (mixed[index] ?? 0))];
  }
  return permuted([...right, ...left], FINAL);
}

export function tripleDes(key: Uint8Array): BlockCipher {
  const [first, second, third] = [0, 1, 2].map((part) =>
    schedule(key.subarray(BLOCK * part, BLOCK * (part + 1))),
  );
  const passes = [[...(third ?? [])].reverse(), second ?? [], [...(first ?? [])].reverse()];
  return {
    blockLength: BLOCK,
    decrypt: (block) => bytesOf(passes.reduce<Bits>((bits, keys) => pass(bits, keys), bitsOf(block))),
  };
}
