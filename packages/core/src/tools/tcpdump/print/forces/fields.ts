// What the printers of ForCES share: how type-length-values are checked, and lines that are indented.

import type { Dissector } from "../dissector.ts";

export const TLV_HEADER = 4;
const ILV_HEADER = 8;
/** How much an operation may carry, as bits: full data, sparse data, results, keys, an appended row, a range. */
export const [FULL, SPARSE, RESULT, KEY, APPEND, RANGE] = [0x1, 0x2, 0x4, 0x8, 0x10, 0x20] as const;

export function roundedUp(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function fault(header: number, length: number, left: number): number {
  if (left < header) return 1;
  if (length < header) return 2;
  if (length > left) return 3;
  return left < roundedUp(length) ? 4 : 0;
}

/** What is wrong with a type-length-value of `length` bytes: an entry of TLV_FAULTS, or 0. */
export function tlvFault(length: number, left: number): number {
  return fault(TLV_HEADER, length, left);
}

/** The same for those with an index of four bytes and a length of four. */
export function ilvFault(d: Dissector, at: number, left: number): number {
  return left < ILV_HEADER ? 1 : fault(ILV_HEADER, d.u32(at + 4), left);
}

export function blanks(indent: number): string {
  return " ".repeat(Math.max(0, indent));
}

/** Prints a part of a message; false if it is wrong, which is said. */
export type Printer = (
  d: Dissector,
  at: number,
  length: number,
  operations: number,
  indent: number,
) => boolean;

/** False if the printer needed what was not captured, which is said, or found a fault. */
export function untilCut(d: Dissector, print: () => boolean): boolean {
  let right = true;
  const whole = d.untilCut(() => {
    right = print();
  });
  return whole && right;
}
