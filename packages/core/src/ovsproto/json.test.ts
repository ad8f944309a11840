// What the engine's own JSON does in place of ours must be the same, for any value and any text.

import { expect, test } from "vitest";
import type { Json } from "./json.ts";
import { formatJson, isPlain } from "./json.ts";
import { parseJson } from "./json-parser.ts";
import { parsePlain } from "./json-plain.ts";

const ROUNDS = 2000;
const DEPTH = 4;

/** Seeded, so that a failure comes again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const TEXTS = [
  "",
  "a",
  "ports",
  'with "quotes"',
  "back\\slash\\",
  "line\nend\ttab",
  "\u0001",
  "é€😀",
  "__proto__",
  "toJSON",
  "1e5",
];
const NUMBERS: readonly (number | bigint)[] = [
  0,
  -0,
  1,
  -1,
  2 ** 53 - 1,
  2n ** 53n,
  -(2n ** 63n),
  0.5,
  1e300,
  1e15,
  123456789012345,
];

function value(random: (below: number) => number, depth: number): Json {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const kind = random(depth > 0 ? 6 : 4);
  if (kind === 0) return pick([null, true, false]);
  if (kind === 1) return pick(NUMBERS);
  if (kind < 4) return pick(TEXTS);
  const inner = Array.from({ length: random(5) }, () => value(random, depth - 1));
  return kind === 4 ? inner : Object.fromEntries(inner.map((each) => [pick(TEXTS), each]));
}

test("a value is written alike alone and beside what the engine does not write as Open vSwitch does", () => {
  const random = numbers(1);
  for (let round = 0; round < ROUNDS; round++) {
    const json = value(random, DEPTH);
    expect(formatJson([json, 0.5])).toBe(`[${formatJson(json)},0.5]`);
    const [same] = [json].filter((each) => isPlain(each));
    expect(parseJson(formatJson([same ?? null]))).toEqual([same ?? null]);
  }
});

test("what is read in the quick way is what the careful parser reads, and ends where that ends", () => {
  const random = numbers(2);
  let quick = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const written = formatJson([value(random, DEPTH)]);
    // Now and then something in it is another character, or it ends too early.
    const at = random(written.length);
    const other = `"\\u{}[],:0-9eE.n x`[random(18)] ?? "";
    const broken = written.slice(0, at) + other + written.slice(random(3) === 0 ? written.length : at + 1);
    for (const text of [written, broken]) {
      const plain = parsePlain(`  ${text}{"next":"\\u0041"}`, 2);
      if (plain === undefined) continue;
      quick++;
      const careful = parseJson(text.slice(0, plain.end - 2));
      expect(formatJson(plain.json)).toBe(formatJson(careful as Json));
    }
  }
  expect(quick).toBeGreaterThan(ROUNDS / 4);
});
