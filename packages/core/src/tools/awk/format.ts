// sprintf of awk: the conversions of printf(3) over awk's values. Text has one character a byte.

import { InputText, toNumber } from "./values.ts";
import type { Value } from "./values.ts";

/** mawk 1.3.4 cuts what it shows as whole numbers to C's int and unsigned. */
const LARGEST = 2 ** 31 - 1;
const LARGEST_UNSIGNED = 2 ** 32 - 1;

/** `wrong` is called with what is wrong about the format. */
export function formatAwk(
  format: string,
  args: readonly Value[],
  text: (value: Value) => string,
  wrong: (fault: string) => never,
): string {
  let next = 0;
  let conversions = 0;
  return format.replace(
    /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?(?:hh?|ll?|[Lqjzt])?([a-zA-Z%])/g,
    (
      whole,
      flagsText: string,
      widthText: string | undefined,
      precisionText: string | undefined,
      letter: string,
    ) => {
      if (whole === "%%") return "%";
      conversions++;
      if (!/[cdiouxXeEfFgGs]/.test(letter)) wrong(`improper conversion(number ${conversions}) in`);
      const argument = (): Value => {
        if (next >= args.length) wrong("not enough arguments passed to");
        return args[next++];
      };
      let flags = flagsText;
      let width = widthText === "*" ? Math.trunc(toNumber(argument())) : Number(widthText ?? 0);
      if (width < 0) {
        width = -width;
        flags += "-";
      }
      const given = precisionText === "*" ? Math.trunc(toNumber(argument())) : Number(precisionText ?? 0);
      const precision = whole.includes(".") && given >= 0 ? given : undefined;
      return pad(convert(letter, flags, precision, width, argument(), text), width, flags);
    },
  );
}

function pad(text: string, width: number, flags: string): string {
  return flags.includes("-") ? text.padEnd(width) : text.padStart(width);
}

function convert(
  letter: string,
  flags: string,
  precision: number | undefined,
  width: number,
  value: Value,
  text: (value: Value) => string,
): string {
  switch (letter) {
    case "s":
      return text(value).slice(0, precision);
    case "c":
      return character(value);
    case "d":
    case "i":
      return signed(toNumber(value), flags, precision, width);
    case "o":
    case "x":
    case "X":
    case "u":
      return unsigned(toNumber(value), letter, flags, precision, width);
    default:
      return withSign(toNumber(value), flags, width, (magnitude) =>
        formatDouble(magnitude, letter, precision ?? 6, flags.includes("#")),
      );
  }
}

/** %c: of a number the byte, of a text the first. */
function character(value: Value): string {
  if (value === undefined) return "\0";
  const number = value instanceof InputText ? value.number : value;
  if (typeof number === "number") return String.fromCharCode(Math.trunc(number) & 0xff);
  return (value instanceof InputText ? value.text : String(value)).slice(0, 1) || "\0";
}

function signed(value: number, flags: string, precision: number | undefined, width: number): string {
  const whole = Number.isNaN(value) ? -LARGEST : Math.max(-LARGEST, Math.min(LARGEST, Math.trunc(value)));
  const digits = String(Math.abs(whole)).padStart(precision ?? 0, "0");
  return signedText(whole < 0 ? "-" : "", digits, flags, width, precision === undefined);
}

function signedText(minus: string, digits: string, flags: string, width: number, zeros: boolean): string {
  const sign = minus !== "" ? minus : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const filled =
    zeros && flags.includes("0") && !flags.includes("-") ? digits.padStart(width - sign.length, "0") : digits;
  return sign + filled;
}

function unsigned(
  value: number,
  letter: string,
  flags: string,
  precision: number | undefined,
  width: number,
): string {
  const whole = Math.max(0, Math.min(LARGEST_UNSIGNED, Math.trunc(value) || 0));
  const digits = whole.toString(letter === "o" ? 8 : letter === "u" ? 10 : 16).padStart(precision ?? 0, "0");
  const prefix = flags.includes("#") && whole !== 0 ? ({ o: "0", x: "0x", X: "0X" }[letter] ?? "") : "";
  const zeros = precision === undefined && flags.includes("0") && !flags.includes("-");
  const all = prefix + (zeros ? digits.padStart(width - prefix.length, "0") : digits);
  return letter === "X" ? all.toUpperCase() : all;
}

function withSign(value: number, flags: string, width: number, show: (magnitude: number) => string): string {
  // what cannot be computed is a negative NaN on x86
  const negative = value < 0 || Object.is(value, -0) || Number.isNaN(value);
  return signedText(negative ? "-" : "", show(Math.abs(value)), flags, width, Number.isFinite(value));
}

/** %e, %f and %g of a number that is not negative. */
export function formatDouble(value: number, letter: string, precision: number, keepZeros = false): string {
  const upper = letter === letter.toUpperCase();
  const lower = letter.toLowerCase();
  const text = Number.isNaN(value)
    ? "nan"
    : Number.isFinite(value)
      ? finite(value, lower, Math.min(precision, 100), keepZeros)
      : "inf";
  return upper ? text.toUpperCase() : text;
}

function finite(value: number, letter: string, precision: number, keepZeros: boolean): string {
  if (letter === "f") return fixed(value, precision);
  if (letter === "e") return exponential(value, precision);
  const significant = Math.max(1, precision);
  const exponent = value === 0 ? 0 : Number(value.toExponential(significant - 1).split("e")[1]);
  const text =
    exponent < -4 || exponent >= significant
      ? exponential(value, significant - 1)
      : fixed(value, significant - 1 - exponent);
  return keepZeros ? text : text.replace(/(\.\d*?)0+(?=e|$)/, "$1").replace(/\.(?=e|$)/, "");
}

function exponential(value: number, digits: number): string {
  return value.toExponential(digits).replace(/e([-+])(\d)$/, "e$10$2");
}

/** toFixed() turns to exponents from 1e21 on. */
function fixed(value: number, digits: number): string {
  if (value < 1e21) return value.toFixed(digits);
  const whole = BigInt(value).toString();
  return digits > 0 ? `${whole}.${"0".repeat(digits)}` : whole;
}
