// The parts that need no process: patterns, braces, arithmetic, completeness of a typed text.

import { describe, expect, test } from "vitest";
import { evaluateArithmetic } from "./arithmetic/evaluate.ts";
import { expandBraces } from "./expand/brace.ts";
import { Pattern } from "./pattern.ts";
import { needsMoreInput } from "./source.ts";

describe("patterns", () => {
  test.each([
    ["a*c", "abbbc", true],
    ["a*c", "abbb", false],
    ["?", "é", true],
    ["[!a-c]x", "dx", true],
    ["[[:digit:]]*", "7up", true],
    ["[]a]", "]", true],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["@(foo|bar)*", "barrel", true],
    ["!(foo)*", "foobar", true],
    ["!(foo)", "foo", false],
    ["+(ab|c)", "abcab", true],
    ["?(a)b", "b", true],
    ["[", "[", true],
  ])("%s and %s: %s", (pattern, text, matches) => {
    expect(new Pattern(pattern).matches(text)).toBe(matches);
  });

  test("many stars take no exponential time", () => {
    expect(new Pattern("*a".repeat(30)).matches(`${"a".repeat(300)}b`)).toBe(false);
  });
});

test.each([
  ["{a,b}{1,2}", ["a1", "a2", "b1", "b2"]],
  ["a{b,{c,d}}e", ["abe", "ace", "ade"]],
  ["{a}", ["{a}"]],
  ["${x,y}", ["${x,y}"]],
  ["'{a,b}'", ["'{a,b}'"]],
  ["x{1..3}", ["x1", "x2", "x3"]],
  ["{,a}", ["", "a"]],
])("braces: %s", (text, words) => {
  expect(expandBraces(text)).toEqual(words);
});

test("arithmetic wraps at 64 bits", () => {
  const none = { read: () => undefined, write: () => {}, isAssociative: () => false };
  expect(evaluateArithmetic("9223372036854775807 + 1", none)).toBe(-9223372036854775808n);
  expect(evaluateArithmetic("3 ** 1000000", none)).toBe(BigInt.asIntN(64, 3n ** 1000000n));
});

test.each([
  ["if true", true],
  ["f() {", true],
  ["echo 'abc", true],
  ["a |", true],
  ["a &&", true],
  ["echo $(foo", true],
  ["cat <<E\nhello", true],
  ["for i in 1 2; do", true],
  ["echo \\", true],
  ["echo hi", false],
  ["echo )", false],
  ["fi", false],
  ["cat <<E\nhello\nE", false],
])("%j needs more input: %s", (text, more) => {
  expect(needsMoreInput(text)).toBe(more);
});
