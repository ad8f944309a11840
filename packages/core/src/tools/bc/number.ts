// Decimal numbers of any length as bc(1) has them: an integer and how many of its digits stand behind the point.

export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

export class ArithmeticFault {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const power10 = (exponent: number): bigint => 10n ** BigInt(exponent);

export const integer = (value: bigint | number): Decimal => ({ digits: BigInt(value), scale: 0 });
export const ZERO = integer(0);
export const ONE = integer(1);

/** Cut off, or filled up with zeros. */
export function withScale({ digits, scale }: Decimal, wanted: number): Decimal {
  if (wanted === scale) return { digits, scale };
  return wanted > scale
    ? { digits: digits * power10(wanted - scale), scale: wanted }
    : { digits: digits / power10(scale - wanted), scale: wanted };
}

export const truncated = (value: Decimal): bigint => withScale(value, 0).digits;

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { digits: withScale(a, scale).digits + withScale(b, scale).digits, scale };
}

export const negated = ({ digits, scale }: Decimal): Decimal => ({ digits: -digits, scale });
export const subtract = (a: Decimal, b: Decimal): Decimal => add(a, negated(b));
export const compare = (a: Decimal, b: Decimal): number => {
  const { digits } = subtract(a, b);
  return digits === 0n ? 0 : digits < 0n ? -1 : 1;
};

export function multiply(a: Decimal, b: Decimal, scale: number): Decimal {
  const whole = { digits: a.digits * b.digits, scale: a.scale + b.scale };
  return withScale(whole, Math.min(whole.scale, Math.max(scale, a.scale, b.scale)));
}

/** Errors: ArithmeticFault. */
export function divide(a: Decimal, b: Decimal, scale: number): Decimal {
  if (b.digits === 0n) throw new ArithmeticFault("Divide by zero");
  const up = scale + b.scale - a.scale;
  const dividend = up >= 0 ? a.digits * power10(up) : a.digits / power10(-up);
  return { digits: dividend / b.digits, scale };
}

/** Errors: ArithmeticFault. */
export function remainder(a: Decimal, b: Decimal, scale: number): Decimal {
  if (b.digits === 0n) throw new ArithmeticFault("Modulo by zero");
  const quotient = divide(a, b, scale);
  const whole = { digits: quotient.digits * b.digits, scale: quotient.scale + b.scale };
  return withScale(subtract(a, whole), Math.max(a.scale, b.scale + scale));
}

/** Errors: ArithmeticFault. */
export function raise(base: Decimal, exponent: Decimal, scale: number): Decimal {
  const times = truncated(exponent);
  if (times < 0n) return divide(ONE, raise(base, negated(exponent), Infinity), scale);
  const whole = { digits: base.digits ** times, scale: base.scale * Number(times) };
  return withScale(whole, Math.min(whole.scale, Math.max(scale, base.scale)));
}

/** Errors: ArithmeticFault. */
export function squareRoot(value: Decimal, scale: number): Decimal {
  if (value.digits < 0n) throw new ArithmeticFault("Square root of a negative number");
  const wanted = Math.max(scale, value.scale);
  const { digits } = withScale(value, 2 * wanted);
  if (digits < 2n) return { digits, scale: wanted };
  let root = 1n << BigInt(Math.ceil(digits.toString(2).length / 2));
  for (;;) {
    const next = (root + digits / root) >> 1n;
    if (next >= root) return { digits: root, scale: wanted };
    root = next;
  }
}

/** A number as it is written in a base from 2 to 16; a single digit above the base counts as it is. */
export function parseNumber(text: string, base: number): Decimal {
  const [whole = "", fraction = ""] = text.split(".");
  const digit = (char: string): number => Number.parseInt(char, 16);
  const single = text.length === 1;
  const value = (chars: string): bigint =>
    [...chars].reduce(
      (sum, char) => sum * BigInt(base) + BigInt(single ? digit(char) : Math.min(digit(char), base - 1)),
      0n,
    );
  const places = fraction.length;
  const digits =
    value(whole) * power10(places) + (value(fraction) * power10(places)) / BigInt(base) ** BigInt(places);
  return { digits, scale: places };
}

const LETTERS = "0123456789ABCDEF";

/** As bc prints it: no zero before the point. */
export function numberText({ digits, scale }: Decimal, base: number): string {
  if (digits === 0n) return "0";
  const sign = digits < 0n ? "-" : "";
  const size = digits < 0n ? -digits : digits;
  const unit = power10(scale);
  if (base === 10) {
    const text = size.toString().padStart(scale + 1, "0");
    const whole = text.slice(0, text.length - scale).replace(/^0$/, "");
    return `${sign}${whole}${scale > 0 ? `.${text.slice(text.length - scale)}` : ""}` || "0";
  }
  const one = (value: bigint): string =>
    base <= 16
      ? (LETTERS[Number(value)] ?? "")
      : ` ${value.toString().padStart(String(base - 1).length, "0")}`;
  let whole = "";
  for (let left = size / unit; left > 0n; left /= BigInt(base)) whole = one(left % BigInt(base)) + whole;
  let fraction = "";
  let part = size % unit;
  for (let reach = 1n; reach < unit; reach *= BigInt(base)) {
    part *= BigInt(base);
    fraction += one(part / unit);
    part %= unit;
  }
  return `${sign}${whole}${scale > 0 ? `.${fraction}` : ""}`;
}
