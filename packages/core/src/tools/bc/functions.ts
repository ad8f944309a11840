// The functions of `bc -l`, by their series, with some digits more than are asked for.

import type { Decimal } from "./number.ts";
import {
  add,
  compare,
  divide,
  integer,
  multiply,
  negated,
  ONE,
  squareRoot,
  subtract,
  withScale,
  ZERO,
} from "./number.ts";

const MORE = 10;

/** Sum of a series: `next` makes a term of the one before, until it is nothing at this scale. */
function series(first: Decimal, next: (term: Decimal, index: number) => Decimal): Decimal {
  let sum = first;
  let term = first;
  for (let index = 1; term.digits !== 0n; index++) {
    term = next(term, index);
    sum = add(sum, term);
  }
  return sum;
}

function exponential(value: Decimal, scale: number): Decimal {
  if (value.digits < 0n) return divide(ONE, exponential(negated(value), scale), scale);
  let halvings = 0;
  let small = value;
  const inner = scale + MORE * 2;
  for (; compare(small, ONE) > 0; halvings++) small = divide(small, integer(2), inner);
  const exact = inner + halvings;
  let result = series(withScale(ONE, exact), (term, index) =>
    divide(multiply(term, small, exact), integer(index), exact),
  );
  for (; halvings > 0; halvings--) result = multiply(result, result, exact);
  return result;
}

function logarithm(value: Decimal, scale: number): Decimal {
  if (value.digits <= 0n) return negated(subtract(integer(10n ** BigInt(scale)), ONE));
  const inner = scale + MORE;
  let small = withScale(value, inner);
  let factor = 2n;
  const [low, high] = [{ digits: 5n, scale: 1 }, integer(2)];
  for (; compare(small, high) >= 0 || compare(small, low) <= 0; factor *= 2n)
    small = squareRoot(small, inner);
  const ratio = divide(subtract(small, ONE), add(small, ONE), inner);
  const square = multiply(ratio, ratio, inner);
  let sum = ratio;
  let term = ratio;
  for (let odd = 3; term.digits !== 0n; odd += 2) {
    term = multiply(term, square, inner);
    sum = add(sum, divide(term, integer(odd), inner));
  }
  return { digits: sum.digits * factor, scale: sum.scale };
}

function arctangent(value: Decimal, scale: number): Decimal {
  const inner = scale + MORE;
  let small = withScale(value, inner);
  let doubles = 0;
  const limit = { digits: 2n, scale: 1 };
  // atan(x) = 2 atan(x / (1 + sqrt(1 + x^2)))
  for (; compare(small.digits < 0n ? negated(small) : small, limit) > 0; doubles++) {
    const root = squareRoot(add(ONE, multiply(small, small, inner)), inner);
    small = divide(small, add(ONE, root), inner);
  }
  const square = negated(multiply(small, small, inner));
  let sum = small;
  let term = small;
  for (let odd = 3; term.digits !== 0n; odd += 2) {
    term = multiply(term, square, inner);
    sum = add(sum, divide(term, integer(odd), inner));
  }
  return { digits: sum.digits << BigInt(doubles), scale: sum.scale };
}

function sine(value: Decimal, scale: number, shifted: boolean): Decimal {
  const inner = scale + MORE;
  const pi = { ...arctangent(ONE, inner) };
  const turn = { digits: pi.digits * 8n, scale: pi.scale };
  const turns = divide(value, turn, 0);
  const angle = subtract(withScale(value, inner), multiply(turns, turn, inner));
  const square = negated(multiply(angle, angle, inner));
  const [first, from] = shifted ? [withScale(ONE, inner), 0] : [withScale(angle, inner), 1];
  return series(first, (term, index) => {
    const place = from + 2 * index;
    return divide(multiply(term, square, inner), integer(place * (place - 1)), inner);
  });
}

/** s, c, a, l and e; undefined for other names. */
export function libraryFunction(name: string): ((value: Decimal, scale: number) => Decimal) | undefined {
  const exact: Readonly<Record<string, (value: Decimal, scale: number) => Decimal>> = {
    s: (value, scale) => sine(value, scale, false),
    c: (value, scale) => sine(value, scale, true),
    a: arctangent,
    l: logarithm,
    e: exponential,
  };
  const found = exact[name];
  if (found === undefined) return undefined;
  return (value, scale) =>
    value.digits === 0n && name !== "e" && name !== "c" && name !== "l"
      ? ZERO
      : withScale(found(value, scale), scale);
}
