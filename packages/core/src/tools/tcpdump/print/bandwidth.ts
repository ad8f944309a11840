// Bandwidths as routing and signalling protocols carry them: bytes a second as an IEEE 754 single precision number.

import type { Dissector } from "./dissector.ts";
import { decimal } from "./numbers.ts";

const view = new DataView(new ArrayBuffer(4));
const [EXPONENT, MANTISSA] = [0x7f80_0000, 0x007f_ffff] as const;
const BITS = 8;
const MEGA = 1_000_000;

/** The largest number that toFixed() writes without an exponent. */
const FIXED_LIMIT = 1e21;

/** %.Nf of a single precision number. `bits` tells the sign of what is no number. */
function fixed(value: number, digits: number, bits: number): string {
  if (Number.isNaN(value)) return bits >>> 31 === 1 ? "-nan" : "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return `-${(0).toFixed(digits)}`;
  if (Math.abs(value) < FIXED_LIMIT) {
    const text = decimal(value, digits);
    return value < 0 && !text.startsWith("-") ? `-${text}` : text;
  }
  return `${BigInt(value)}.${"0".repeat(digits)}`;
}

/** Megabits a second of the bytes a second at `at`, with three digits. */
export function megabits(d: Dissector, at: number): string {
  const bits = d.u32(at);
  if ((bits & EXPONENT) === EXPONENT && (bits & MANTISSA) !== 0) return fixed(Number.NaN, 3, bits);
  view.setUint32(0, bits);
  return fixed(Math.fround(Math.fround(view.getFloat32(0) * BITS) / MEGA), 3, bits);
}

const SIGNIFICANT = 10;

/** %.10g of a single precision number. */
function general(value: number, bits: number): string {
  if (!Number.isFinite(value)) return fixed(value, 0, bits);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa = "", exponentText = "0"] = value.toExponential(SIGNIFICANT - 1).split("e");
  const exponent = Number(exponentText);
  const trimmed = (digits: string): string => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);
  if (exponent >= -4 && exponent < SIGNIFICANT) return trimmed(decimal(value, SIGNIFICANT - 1 - exponent));
  const sign = exponent < 0 ? "-" : "+";
  return `${trimmed(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** The single precision number at `at`, divided by `divisor`, as %.10g. */
export function generalFloat(d: Dissector, at: number, divisor = 1): string {
  const bits = d.u32(at);
  if ((bits & EXPONENT) === EXPONENT && (bits & MANTISSA) !== 0) return fixed(Number.NaN, 0, bits);
  view.setUint32(0, bits);
  return general(Math.fround(view.getFloat32(0) / divisor), bits);
}

/** Megabits a second of the bytes a second at `at`, as %.10g. */
export function generalMegabits(d: Dissector, at: number): string {
  const bits = d.u32(at);
  if ((bits & EXPONENT) === EXPONENT && (bits & MANTISSA) !== 0) return fixed(Number.NaN, 0, bits);
  view.setUint32(0, bits);
  return general(Math.fround(Math.fround(view.getFloat32(0) * BITS) / MEGA), bits);
}
