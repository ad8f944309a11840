import { expect, test } from "vitest";
import { atoi, leadingNumber, parseSigned, parseU64, parseUnsigned } from "./numbers.ts";

test.each([
  ["10", 10],
  ["0x1f", 31],
  ["0X1F", 31],
  ["017", 15],
  ["0", 0],
  [" 7", 7],
  ["+7", 7],
  ["4294967295", 0xffff_ffff],
])("%j is a number", (text, value) => {
  expect(parseUnsigned(text)).toBe(value);
});

test.each(["", " ", "x", "0x", "08", "1 ", "1a", "-1", "4294967296", "1.5", "--1"])("%j is none", (text) => {
  expect(parseUnsigned(text)).toBeUndefined();
});

test("strtoul wraps a negative number around, which is then too large for all but 64 bits", () => {
  expect(parseU64("-1")).toBe(0xffff_ffff_ffff_ffffn);
  expect(parseUnsigned("-18446744073709551615")).toBe(1);
  expect(parseU64("18446744073709551616")).toBeUndefined();
});

test("signed numbers have limits", () => {
  expect(parseSigned("-5", -10, 10)).toBe(-5);
  expect(parseSigned("11", -10, 10)).toBeUndefined();
});

test("what follows a leading number is given back", () => {
  expect(leadingNumber("12.5")).toEqual({ value: 12n, rest: ".5" });
  expect(leadingNumber("ffg", 16)).toEqual({ value: 255n, rest: "g" });
  expect(leadingNumber("0x", 16)).toEqual({ value: 0n, rest: "x" });
});

test("atoi takes anything", () => {
  expect(atoi("12abc")).toBe(12);
  expect(atoi("abc")).toBe(0);
  expect(atoi("0x10")).toBe(0);
});
