import { expect, test } from "vitest";
import { copyOf, cutBytes } from "./page.ts";

test("arrays are zero, of the wanted length, and do not overlap", () => {
  const lengths = [0, 1, 7, 8, 9, 64, 2048, 2049, 40000];
  const arrays = Array.from({ length: 200 }, (_, index) => cutBytes(lengths[index % lengths.length] ?? 0));
  for (const [index, bytes] of arrays.entries()) {
    expect(bytes.length).toBe(lengths[index % lengths.length]);
    expect(bytes.every((byte) => byte === 0)).toBe(true);
    bytes.fill(0xa5);
  }
  expect(cutBytes(100).every((byte) => byte === 0)).toBe(true);
});

test("a copy is apart from what it was made of", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const [whole, part] = [copyOf(bytes), copyOf(bytes, 1, 3)];
  bytes.fill(0);
  expect([...whole]).toEqual([1, 2, 3, 4]);
  expect([...part]).toEqual([2, 3]);
});
