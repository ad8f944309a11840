// Numbers on the command line, as strtol(3) and strtoul(3) with a base read them: leading blanks and a sign are
// allowed, base 0 means 0x for hexadecimal and a leading 0 for octal, and nothing may follow.

const DIGITS: Readonly<Record<number, RegExp>> = { 8: /^[0-7]+/, 10: /^[0-9]+/, 16: /^[0-9a-fA-F]+/ };

/** What strtol reads at the start of `text`: the value, and what is left. Undefined if there is no digit. */
export function leadingNumber(
  text: string,
  base = 0,
): { readonly value: bigint; readonly rest: string } | undefined {
  const [, sign, body] = /^[ \t\n\v\f\r]*([+-]?)([^]*)$/.exec(text) as unknown as [string, string, string];
  let digits = body;
  let radix = base;
  if ((base === 0 || base === 16) && /^0[xX][0-9a-fA-F]/.test(body)) {
    digits = body.slice(2);
    radix = 16;
  } else if (base === 0) radix = body.startsWith("0") ? 8 : 10;
  const found = DIGITS[radix]?.exec(digits)?.[0];
  if (found === undefined) return undefined;
  const prefix = radix === 16 ? "0x" : radix === 8 ? "0o" : "";
  const value = BigInt(prefix + found);
  return { value: sign === "-" ? -value : value, rest: digits.slice(found.length) };
}

function whole(text: string, base: number): bigint | undefined {
  const number = leadingNumber(text, base);
  return number?.rest === "" ? number.value : undefined;
}

/** A signed number from `min` to `max`; undefined if it is none. */
export function parseSigned(text: string, min: number, max: number, base = 0): number | undefined {
  const value = whole(text, base);
  return value !== undefined && value >= BigInt(min) && value <= BigInt(max) ? Number(value) : undefined;
}

/** An unsigned 64-bit number as strtoul(3) gives it: a minus sign wraps around. Undefined if it is none or too large. */
export function parseU64(text: string, base = 0): bigint | undefined {
  const value = whole(text, base);
  if (value === undefined) return undefined;
  const size = value < 0n ? -value : value;
  return size > 0xffff_ffff_ffff_ffffn ? undefined : BigInt.asUintN(64, value);
}

/** An unsigned number up to `max`; undefined if it is none. */
export function parseUnsigned(text: string, max = 0xffff_ffff, base = 0): number | undefined {
  const value = parseU64(text, base);
  return value !== undefined && value <= BigInt(max) ? Number(value) : undefined;
}

/** atoi(3): what can be read as a decimal number, otherwise 0. */
export function atoi(text: string): number {
  return Number(BigInt.asIntN(32, leadingNumber(text, 10)?.value ?? 0n));
}

/** C's `%x`. */
export function hex(value: number): string {
  return (value >>> 0).toString(16);
}

/** C's `%g`: six significant digits, with an exponent where that is shorter. */
export function general(value: number): string {
  if (value === 0) return "0";
  const [digits = "", exponent = "0"] = value.toExponential(5).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(6)));
  const sign = power < 0 ? "-" : "+";
  return `${Number(digits)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}
