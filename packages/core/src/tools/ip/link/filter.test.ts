import { expect, test } from "vitest";
import { matchesPattern } from "./filter.ts";

test.each([
  ["veth*", "veth1", true],
  ["veth?", "veth1", true],
  ["veth?", "veth12", false],
  ["[a-c]x", "bx", true],
  ["[!a-c]x", "bx", false],
  ["[]]x", "]x", true],
  ["a.c", "abc", false],
  ["a\\*", "a*", true],
  ["a\\*", "ab", false],
  ["*", "", true],
  ["a[", "a[", true],
])("%s and %s: %s", (pattern, text, expected) => {
  expect(matchesPattern(pattern, text)).toBe(expected);
});
