// The formats of printf (bash(1), "printf"; printf(3)). Works on bytes, since escapes can make any byte.

import { formatTime } from "../../system/calendar.ts";
import { backslashQuote, decodeEscapes } from "../expand/quote.ts";

/** Result of one printf: what to write, complaints about arguments, and whether a format was not valid. */
export interface Formatted {
  readonly bytes: Uint8Array;
  readonly complaints: readonly string[];
}

interface Conversion {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly letter: string;
  /** Of %(...)T. */
  readonly timeFormat: string | undefined;
}

const encoder = new TextEncoder();

/** Formats, reusing the format while arguments are left. `now` is in seconds since the epoch, for %(...)T. */
export function formatPrintf(format: string, args: readonly string[], now: number): Formatted {
  const printer = new Printer(args, now);
  do printer.pass(format);
  while (printer.wantsMore);
  return { bytes: printer.bytes(), complaints: printer.complaints };
}

class Printer {
  readonly complaints: string[] = [];
  readonly #out: number[] = [];
  readonly #args: readonly string[];
  readonly #now: number;
  #next = 0;
  #consumed = false;
  #stopped = false;

  constructor(args: readonly string[], now: number) {
    this.#args = args;
    this.#now = now;
  }

  get wantsMore(): boolean {
    return !this.#stopped && this.#consumed && this.#next < this.#args.length;
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#out);
  }

  #put(bytes: Uint8Array): void {
    for (const byte of bytes) this.#out.push(byte);
  }

  #argument(): string | undefined {
    this.#consumed = true;
    return this.#args[this.#next++];
  }

  pass(format: string): void {
    this.#consumed = false;
    let at = 0;
    while (at < format.length && !this.#stopped) {
      const percent = format.indexOf("%", at);
      this.#put(decodeEscapes(format.slice(at, percent < 0 ? undefined : percent), "format").bytes);
      if (percent < 0) return;
      const match = /^%([-+ #0']*)(\*|\d+)?(?:\.(\*|-?\d+)?)?(?:[hlLjzt]*)(\(([^)]*)\)T|[\s\S])?/.exec(
        format.slice(percent),
      );
      if (!match) return;
      at = percent + match[0].length;
      this.#convert(match, format.slice(percent, at).includes("."));
    }
  }

  #convert(match: RegExpExecArray, hasPrecision: boolean): void {
    const [, flags = "", widthText, precisionText, ending = ""] = match;
    if (ending === "%") {
      this.#out.push(0x25);
      return;
    }
    let width =
      widthText === "*"
        ? this.#number(this.#argument())
        : widthText === undefined
          ? undefined
          : Number(widthText);
    const precision = !hasPrecision
      ? undefined
      : precisionText === "*"
        ? this.#number(this.#argument())
        : Number(precisionText ?? 0);
    let allFlags = flags;
    if (width !== undefined && width < 0) {
      width = -width;
      allFlags += "-";
    }
    const conversion: Conversion = {
      flags: allFlags,
      width,
      precision: precision !== undefined && precision < 0 ? undefined : precision,
      letter: ending.startsWith("(") ? "T" : ending,
      timeFormat: match[5],
    };
    this.#print(conversion);
  }

  #print(conversion: Conversion): void {
    const { letter } = conversion;
    switch (letter) {
      case "s":
        return this.#string(conversion, this.#argument() ?? "");
      case "c":
        return this.#string(conversion, [...(this.#argument() ?? "")][0] ?? "\0");
      case "q":
      case "Q":
        return this.#string({ ...conversion, precision: undefined }, backslashQuote(this.#argument() ?? ""));
      case "b": {
        const { bytes, stopped } = decodeEscapes(this.#argument() ?? "", "%b");
        this.#pad(
          conversion,
          conversion.precision === undefined ? bytes : bytes.slice(0, conversion.precision),
        );
        this.#stopped = stopped;
        return;
      }
      case "d":
      case "i":
      case "u":
      case "o":
      case "x":
      case "X":
        return this.#integer(conversion, this.#bigint(this.#argument()));
      case "e":
      case "E":
      case "f":
      case "F":
      case "g":
      case "G":
        return this.#float(conversion, this.#argument());
      case "T": {
        const argument = this.#argument();
        const seconds =
          argument === undefined || argument === "" || argument === "-1" || argument === "-2"
            ? this.#now
            : Number(argument);
        return this.#string(conversion, formatTime(conversion.timeFormat || "%X", seconds * 1e6));
      }
      default:
        this.complaints.push(
          letter === "" ? "`%': missing format character" : `\`${letter}': invalid format character`,
        );
        this.#stopped = true;
    }
  }

  #string(conversion: Conversion, text: string): void {
    const cut = conversion.precision === undefined ? text : [...text].slice(0, conversion.precision).join("");
    this.#pad(conversion, encoder.encode(cut));
  }

  #pad(conversion: Conversion, bytes: Uint8Array): void {
    const fill = Math.max(0, (conversion.width ?? 0) - bytes.length);
    if (!conversion.flags.includes("-")) for (let i = 0; i < fill; i++) this.#out.push(0x20);
    this.#put(bytes);
    if (conversion.flags.includes("-")) for (let i = 0; i < fill; i++) this.#out.push(0x20);
  }

  #number(text: string | undefined): number {
    return Number(this.#bigint(text));
  }

  #bigint(text: string | undefined): bigint {
    if (text === undefined || text === "") return 0n;
    if (/^["']/.test(text)) return BigInt(text.codePointAt(1) ?? 0);
    const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(text);
    if (!match) {
      this.complaints.push(`${text}: invalid number`);
      return 0n;
    }
    if (match[0].length !== text.length) {
      this.complaints.push(
        /^[\s]*[-+]?0[0-9]/.test(text) && !/^0[xX]/.test(match[2] ?? "")
          ? `${text}: invalid octal number`
          : `${text}: invalid number`,
      );
    }
    const digits = match[2] ?? "0";
    const value = /^0[xX]/.test(digits)
      ? BigInt(digits)
      : digits.length > 1 && digits.startsWith("0")
        ? BigInt(`0o${digits.slice(1)}`)
        : BigInt(digits);
    return match[1] === "-" ? -value : value;
  }

  #integer(conversion: Conversion, value: bigint): void {
    const { letter, flags, precision } = conversion;
    let digits: string;
    let sign = "";
    if (letter === "d" || letter === "i") {
      const signed = BigInt.asIntN(64, value);
      digits = String(signed < 0n ? -signed : signed);
      sign = signed < 0n ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
    } else {
      const unsigned = BigInt.asUintN(64, value);
      digits = unsigned.toString(letter === "o" ? 8 : letter === "u" ? 10 : 16);
      if (letter === "X") digits = digits.toUpperCase();
      if (flags.includes("#") && unsigned !== 0n)
        sign = letter === "o" ? "0" : letter === "u" ? "" : `0${letter}`;
    }
    if (precision !== undefined) digits = digits.padStart(precision, "0");
    this.#padNumber(conversion, sign, digits, precision === undefined);
  }

  #padNumber(conversion: Conversion, sign: string, digits: string, zeros: boolean): void {
    const { flags, width } = conversion;
    const padded =
      zeros && flags.includes("0") && !flags.includes("-")
        ? digits.padStart((width ?? 0) - sign.length, "0")
        : digits;
    this.#pad(conversion, encoder.encode(sign + padded));
  }

  #float(conversion: Conversion, argument: string | undefined): void {
    const text = argument ?? "0";
    let value = /^["']/.test(text) ? (text.codePointAt(1) ?? 0) : Number(text === "" ? 0 : text);
    if (/^[-+]?inf(inity)?$/i.test(text)) value = text.startsWith("-") ? -Infinity : Infinity;
    else if (Number.isNaN(value) && !/^[-+]?nan$/i.test(text)) {
      this.complaints.push(`${text}: invalid number`);
      value = Number.parseFloat(text) || 0;
    }
    const { letter, flags } = conversion;
    const negative = value < 0 || Object.is(value, -0);
    const sign = negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
    let digits = Number.isFinite(value)
      ? formatFloat(Math.abs(value), letter.toLowerCase(), conversion.precision ?? 6, flags.includes("#"))
      : Number.isNaN(value)
        ? "nan"
        : "inf";
    if (letter < "a") digits = digits.toUpperCase();
    this.#padNumber(conversion, sign, digits, Number.isFinite(value));
  }
}

function formatFloat(value: number, letter: string, precision: number, keepZeros: boolean): string {
  if (letter === "f") return value.toFixed(Math.min(precision, 100));
  const exponential = (digits: number): string =>
    value.toExponential(Math.min(digits, 100)).replace(/e([-+])(\d)$/, "e$10$2");
  if (letter === "e") return exponential(precision);
  const significant = precision === 0 ? 1 : precision;
  const exponent = value === 0 ? 0 : Number(value.toExponential(significant - 1).split("e")[1]);
  const useExponent = exponent < -4 || exponent >= significant;
  const text = useExponent
    ? exponential(significant - 1)
    : value.toFixed(Math.max(0, significant - 1 - exponent));
  return keepZeros
    ? text
    : text.replace(/\.?0+(?=e|$)/, (zeros, at: number) => (text.slice(0, at + 1).includes(".") ? "" : zeros));
}
