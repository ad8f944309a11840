/**
 * Numbers in flow syntax, read as the C library does that Open vSwitch uses: decimal, 0x hexadecimal, 0 octal, a sign,
 * white space before it.
 */
import { TextError } from "./text-error.ts";

const NUMBER = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)/;

/** strtoull(text, &tail, 0) without a limit: the value and how many characters it took; undefined without digits. */
export function scanNumber(text: string): { value: bigint; length: number } | undefined {
  const match = NUMBER.exec(text);
  if (!match) return undefined;
  const [all, sign, digits = ""] = match;
  if (/^0[0-9]/.test(digits)) {
    const octal = /^0[0-7]*/.exec(digits)?.[0] ?? "0";
    const value = octal === "0" ? 0n : BigInt(`0o${octal.slice(1)}`);
    return { value: sign === "-" ? -value : value, length: all.length - digits.length + octal.length };
  }
  const value = BigInt(digits);
  return { value: sign === "-" ? -value : value, length: all.length };
}

function wholeNumber(text: string): bigint | undefined {
  const scanned = scanNumber(text);
  return scanned?.length === text.length ? scanned.value : undefined;
}

function small(text: string, what: string, limit: bigint): number {
  const value = wholeNumber(text);
  if (value === undefined || value < 0n || value > limit) throw new TextError(`invalid ${what} "${text}"`);
  return Number(value);
}

/** @param what the words in the error, as `VLAN VID` */
export function parseU8(text: string, what: string): number {
  return small(text, what, 0xffn);
}

export function parseU16(text: string, what: string): number {
  return small(text, what, 0xffffn);
}

export function parseU32(text: string): number {
  if (text === "") throw new TextError("missing required numeric argument");
  const value = wholeNumber(text);
  // strtoul has 64 bits; what it returns is cut to 32.
  if (value === undefined || value >= 1n << 64n || value <= -(1n << 64n)) {
    throw new TextError(`invalid numeric format ${text}`);
  }
  return Number(BigInt.asUintN(32, value));
}

export function parseU64(text: string): bigint {
  if (text === "") throw new TextError("missing required numeric argument");
  const value = wholeNumber(text);
  if (value === undefined || value >= 1n << 64n || value <= -(1n << 64n)) {
    throw new TextError(`invalid numeric format ${text}`);
  }
  return BigInt.asUintN(64, value);
}

/** atoi(): the number at the start, else 0. */
export function atoi(text: string): number {
  return Number(BigInt.asIntN(32, BigInt(/^[ \t\n\v\f\r]*([+-]?[0-9]+)/.exec(text)?.[1] ?? 0)));
}

/** What is wrong with a number that is too wide or none at all. */
export type WideNumberError = "syntax" | "range";

/**
 * A number of any width in `bytes` bytes, from the start of a text: hexadecimal digits as many as fit, else 64 bits.
 * @returns the value and how many characters it took
 */
export function scanWideNumber(
  text: string,
  bytes: number,
): { value: bigint; length: number } | WideNumberError {
  const hex = /^0[xX]([0-9a-fA-F]*)/.exec(text);
  if (hex) {
    // "0x" alone is a zero.
    const value = BigInt(`0x0${hex[1] ?? ""}`);
    return value >> BigInt(8 * bytes) ? "range" : { value, length: hex[0].length };
  }
  const scanned = scanNumber(text);
  if (!scanned) return "syntax";
  if (scanned.value >= 1n << 64n || scanned.value <= -(1n << 64n)) return "range";
  const value = BigInt.asUintN(64, scanned.value);
  return value >> BigInt(8 * bytes) ? "range" : { value, length: scanned.length };
}
