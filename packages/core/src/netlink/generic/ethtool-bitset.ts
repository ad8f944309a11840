/**
 * Bitsets of the ethtool family (Linux Documentation/networking/ethtool-netlink.rst, "Bit sets"): compact, as two
 * words of bits, or verbose, as a list of named bits. With `nomask` the set is a plain list; without, it says for each
 * bit of the mask which value it has.
 */

import { bytes, flag, flaggedNest, text, u32 } from "../attribute-codecs.ts";
import { AttributeTable, field, type Fields, repeated } from "../attribute-table.ts";

const bit = new AttributeTable({ index: field(1, u32), name: field(2, text), value: field(3, flag) });

export const bitset = flaggedNest(
  new AttributeTable({
    nomask: field(1, flag),
    /** Number of bits. */
    size: field(2, u32),
    bits: field(3, flaggedNest(new AttributeTable({ bit: repeated(1, flaggedNest(bit)) }))),
    /** 32-bit words in host order, bit 0 first. */
    value: field(4, bytes),
    mask: field(5, bytes),
  }),
);

export type Bitset = ReturnType<typeof bitset.read>;
export type BitsetBit = Fields<typeof bit>;

/** The words of `size` bits where the bits of `set` are 1. */
function packBits(set: Iterable<number>, size: number): Uint8Array {
  const packed = new Uint8Array(Math.ceil(size / 32) * 4);
  for (const index of set) if (index < size) packed[index >> 3]! |= 1 << (index & 7); // index < size
  return packed;
}

/** Which bits of packed words are 1. */
export function unpackBits(packed: Uint8Array): ReadonlySet<number> {
  const set = new Set<number>();
  packed.forEach((byte, at) => {
    for (let bitIndex = 0; bitIndex < 8; bitIndex++)
      if ((byte & (1 << bitIndex)) !== 0) set.add(at * 8 + bitIndex);
  });
  return set;
}

/** A compact set: `value` of the bits in `mask`, or without `mask` a plain list. */
export function compactBitset(size: number, value: Iterable<number>, mask?: Iterable<number>): Bitset {
  if (mask === undefined) return { nomask: true, size, value: packBits(value, size) };
  return { size, value: packBits(value, size), mask: packBits(mask, size) };
}

/** A verbose set, as `ethnl_put_bitset` makes it: bits in the order of their index; `names` gives their names. */
export function verboseBitset(
  names: readonly string[],
  value: ReadonlySet<number>,
  mask?: ReadonlySet<number>,
): Bitset {
  const listed = [...(mask ?? value)].sort((a, b) => a - b);
  const bits = listed.map((index) => ({
    index,
    name: names[index],
    ...(mask !== undefined && value.has(index) ? { value: true as const } : {}),
  }));
  return {
    ...(mask === undefined ? { nomask: true as const } : {}),
    size: names.length,
    bits: { bit: bits },
  };
}

/** What a set says, whichever form it has: the bits of the mask and those of them that are 1. */
export interface BitsetMeaning {
  readonly value: ReadonlySet<number>;
  /** `undefined` if the set is a plain list. */
  readonly mask: ReadonlySet<number> | undefined;
}

/**
 * Reads either form. `indexOf` finds a bit by name, for senders that name bits without an index; a bit that it does
 * not know is skipped.
 */
export function bitsetMeaning(set: Bitset, indexOf: (name: string) => number | undefined): BitsetMeaning {
  const plain = set.nomask === true;
  if (set.bits === undefined) {
    const value = unpackBits(set.value ?? new Uint8Array(0));
    return { value, mask: plain ? undefined : unpackBits(set.mask ?? new Uint8Array(0)) };
  }
  const value = new Set<number>();
  const mask = new Set<number>();
  for (const one of set.bits.bit ?? []) {
    const index = one.index ?? (one.name === undefined ? undefined : indexOf(one.name));
    if (index === undefined) continue;
    mask.add(index);
    if (plain || one.value === true) value.add(index);
  }
  return { value, mask: plain ? undefined : mask };
}
