// uniq and od.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { has, parseOptions, UsageEnd, usageError, valueOf } from "./options.ts";
import { complain, program, localeQuoted, quotedIfNeeded } from "./program.ts";
import type { Reader } from "./streams.ts";
import { LineReader, openReader } from "./streams.ts";

export const uniq = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "cdDf:is:uw:z",
    long: {
      count: "c",
      repeated: "d",
      "skip-fields=": "f",
      "ignore-case": "i",
      "skip-chars=": "s",
      unique: "u",
      "check-chars=": "w",
      "zero-terminated": "z",
    },
  });
  const [input = "-", output, extra] = parsed.operands;
  if (extra !== undefined) usageError(process, `extra operand ${localeQuoted(process, extra)}`);
  const fields = Number(valueOf(parsed, "f") ?? "0");
  const skip = Number(valueOf(parsed, "s") ?? "0");
  const width = Number(valueOf(parsed, "w") ?? Number.POSITIVE_INFINITY);
  const keyOf = (line: string): string => {
    const key = line.replace(new RegExp(`^(?:[ \\t]*[^ \\t]*){${fields}}`), "").slice(skip, skip + width);
    return has(parsed, "i") ? key.toLowerCase() : key;
  };
  const end = has(parsed, "z") ? "\0" : "\n";
  let out = "";
  const finish = (line: string, count: number): void => {
    if ((has(parsed, "d") && count < 2) || (has(parsed, "u") && count > 1)) return;
    const text = (has(parsed, "c") ? `${String(count).padStart(7)} ` : "") + line + end;
    if (output === undefined) process.print(text);
    else out += text;
  };
  const decoder = new TextDecoder();
  let current: string | undefined;
  let count = 0;
  let lines: LineReader;
  try {
    lines = new LineReader(openReader(process, input), end.charCodeAt(0));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(process, `${quotedIfNeeded(input)}: ${strerror(refusal.errno)}`);
    return 1;
  }
  const next = async (): Promise<Uint8Array | null> => {
    try {
      return await lines.next();
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `error reading ${localeQuoted(process, input)}: ${strerror(refusal.errno)}`);
      throw new UsageEnd(1);
    }
  };
  for (let bytes = await next(); bytes !== null; bytes = await next()) {
    const line = decoder.decode(bytes.at(-1) === end.charCodeAt(0) ? bytes.subarray(0, -1) : bytes);
    if (current !== undefined && keyOf(current) === keyOf(line)) {
      count++;
      continue;
    }
    if (current !== undefined) finish(current, count);
    current = line;
    count = 1;
  }
  if (current !== undefined) finish(current, count);
  if (output !== undefined) process.files.writeFile(output, new TextEncoder().encode(out));
  return 0;
});

const LINE = 16; // bytes that od shows in a line

/** One output format of od: bytes of a unit, and its text in a field of fixed width. */
interface Format {
  readonly size: number;
  readonly width: number;
  show(bytes: Uint8Array, at: number): string;
}

const CHARACTERS: Readonly<Record<number, string>> = {
  0: "\\0",
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

const CONTROL_NAMES =
  "nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp".split(
    " ",
  );

function unsigned(bytes: Uint8Array, at: number, size: number): bigint {
  let value = 0n;
  for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
  return value;
}

function number(size: number, radix: number, digits: number, signed = false): Format {
  return {
    size,
    width: digits + 1,
    show: (bytes, at) => {
      const value = unsigned(bytes, at, size);
      const shown = signed ? BigInt.asIntN(size * 8, value) : value;
      return radix === 10 ? String(shown) : shown.toString(radix).padStart(digits, "0");
    },
  };
}

function character(byte: number): string {
  return (
    CHARACTERS[byte] ??
    (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, "0"))
  );
}

function namedCharacter(byte: number): string {
  const low = byte & 0x7f;
  return CONTROL_NAMES[low] ?? (low === 127 ? "del" : String.fromCharCode(low));
}

/** A type of -t: a, c, or d, o, u, x with a size. */
function formatOf(type: string): Format | undefined {
  if (type === "c") return { size: 1, width: 4, show: (bytes, at) => character(bytes[at] ?? 0) };
  if (type === "a") return { size: 1, width: 4, show: (bytes, at) => namedCharacter(bytes[at] ?? 0) };
  const match = /^([doux])([1248CSIL]?)$/.exec(type);
  if (!match) return undefined;
  const size = { C: 1, S: 2, I: 4, L: 8, "": 4 }[match[2] ?? ""] ?? Number(match[2]);
  const digits = {
    d: [0, 4, 6, 0, 11, 0, 0, 0, 20],
    u: [0, 3, 5, 0, 10, 0, 0, 0, 20],
    o: [0, 3, 6, 0, 11, 0, 0, 0, 22],
    x: [0, 2, 4, 0, 8, 0, 0, 0, 16],
  }[match[1] as "d" | "o" | "u" | "x"];
  const radix = { d: 10, u: 10, o: 8, x: 16 }[match[1] as "d" | "o" | "u" | "x"];
  return number(size, radix, digits[size] ?? 0, match[1] === "d");
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  a: "a",
  b: "o1",
  c: "c",
  d: "u2",
  o: "o2",
  s: "d2",
  x: "x2",
  i: "d4",
  l: "d8",
};

export const od = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "A:abcdij:lN:ost:vw:x",
    long: {
      "address-radix=": "A",
      "skip-bytes=": "j",
      "read-bytes=": "N",
      "format=": "t",
      "output-duplicates": "v",
      "width=": "w",
    },
  });
  const formats: Format[] = [];
  for (const { name, value } of parsed.options) {
    const types =
      name === "t" ? (value.match(/[ac]|[doux][1248CSIL]?|./g) ?? [value]) : [SHORTHANDS[name] ?? ""];
    for (const type of types) {
      const format = type === "" ? undefined : formatOf(type);
      if (format) formats.push(format);
      else if (name === "t") {
        complain(process, `invalid type string ${localeQuoted(process, value)}`);
        return 1;
      }
    }
  }
  if (formats.length === 0) formats.push(number(2, 8, 6));
  const dump = new Dump(
    process,
    formats,
    valueOf(parsed, "A") ?? "o",
    Number(valueOf(parsed, "w") ?? LINE),
    has(parsed, "v"),
  );
  let skip = Number(valueOf(parsed, "j") ?? "0");
  let left = Number(valueOf(parsed, "N") ?? Number.POSITIVE_INFINITY);
  let status = 0;
  dump.skip(skip);
  for (const name of parsed.operands.length > 0 ? parsed.operands : ["-"]) {
    try {
      const read: Reader = openReader(process, name);
      for (
        let bytes = left > 0 ? await read() : null;
        bytes !== null;
        bytes = left > 0 ? await read() : null
      ) {
        const kept = bytes.subarray(skip, skip + left);
        skip = Math.max(0, skip - bytes.length);
        left -= kept.length;
        dump.add(kept);
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `${quotedIfNeeded(name)}: ${strerror(refusal.errno)}`);
      status = 1;
    }
  }
  dump.finish();
  return status;
});

/** Collects bytes into lines and prints them; equal lines after the first as one `*`. */
class Dump {
  readonly #process: Process;
  readonly #formats: readonly Format[];
  readonly #radix: string;
  readonly #size: number;
  readonly #all: boolean;
  #offset = 0;
  #pending: number[] = [];
  #previous = "";
  #starred = false;

  constructor(process: Process, formats: readonly Format[], radix: string, size: number, all: boolean) {
    this.#process = process;
    this.#formats = formats;
    this.#radix = radix;
    this.#size = size;
    this.#all = all;
  }

  skip(bytes: number): void {
    this.#offset = bytes;
  }

  #address(): string {
    if (this.#radix === "n") return "";
    const [base, width] = this.#radix === "x" ? [16, 6] : this.#radix === "d" ? [10, 7] : [8, 7];
    return this.#offset.toString(base).padStart(width, "0");
  }

  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#pending.push(byte);
      if (this.#pending.length === this.#size) this.#line();
    }
  }

  #line(): void {
    const bytes = Uint8Array.from(this.#pending);
    const key = bytes.join();
    if (!this.#all && key === this.#previous && bytes.length === this.#size) {
      if (!this.#starred) this.#process.print("*\n");
      this.#starred = true;
    } else {
      this.#starred = false;
      // Fields of several formats are as wide as the widest for the same bytes.
      const perByte = Math.max(...this.#formats.map((format) => format.width / format.size));
      this.#formats.forEach((format, index) => {
        const width = Math.ceil(perByte * format.size);
        let text = "";
        for (let at = 0; at < bytes.length; at += format.size) text += format.show(bytes, at).padStart(width);
        const address = this.#address();
        this.#process.print(`${index === 0 ? address : " ".repeat(address.length)}${text}\n`);
      });
    }
    this.#previous = key;
    this.#offset += bytes.length;
    this.#pending = [];
  }

  finish(): void {
    if (this.#pending.length > 0) this.#line();
    const address = this.#address();
    if (address !== "") this.#process.print(`${address}\n`);
  }
}
