// Sweeps: frames that go through numbers in order, where the protocols of ../protocols make messages by chance. Every type with
// every length, every combination of flags: what is between two cases is where a printer goes wrong.

import type { Bytes, Choice, Protocol } from "../frames.ts";

export interface Sweep extends Protocol {
  readonly count: number;
}

/** A frame for every combination of one value of each axis; the last axis changes fastest. */
export function combinations<Axes extends readonly (readonly number[])[]>(
  axes: readonly [...Axes],
  frame: (choice: Choice, ...values: { [Index in keyof Axes]: number }) => Bytes,
  linkType?: number,
): Sweep {
  return {
    ...(linkType === undefined ? {} : { linkType }),
    count: axes.reduce((product, axis) => product * axis.length, 1),
    frame: (choice, index) => {
      let rest = index;
      const values = axes.toReversed().map((axis) => {
        const value = axis[rest % axis.length] ?? 0;
        rest = Math.floor(rest / axis.length);
        return value;
      });
      return frame(choice, ...(values.reverse() as { [Index in keyof Axes]: number }));
    },
  };
}

/** `low` up to and without `high`. */
export function range(low: number, high: number, step = 1): readonly number[] {
  return Array.from({ length: Math.ceil((high - low) / step) }, (_, index) => low + index * step);
}

export const BYTE = range(0, 256);

/** Lengths around the sizes of what protocols have for fields. */
export const LENGTHS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 17, 18, 20, 24, 28, 32, 36, 40,
] as const; // prettier-ignore

/** A few of them, where another axis is long. */
export const FEW_LENGTHS = [0, 1, 2, 4, 6, 8, 12, 16, 20, 24] as const;
