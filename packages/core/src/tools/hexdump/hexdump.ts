// hexdump and hd of util-linux 2.38: bytes in the forms that -b, -c, -C, -d, -o, -x and -e choose.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import { bytesEqual } from "../../wire/bytes.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import { complain, program } from "../coreutils/program.ts";
import { sizeFactor } from "../coreutils/sizes.ts";
import { join, openReader } from "../coreutils/streams.ts";
import { BadFormat, blockSize, parseFormat, STANDARD_FORMATS } from "./format.ts";
import type { FormatString, Piece, Unit } from "./format.ts";

/** A number of -n and -s: decimal, octal or hexadecimal, with a unit. */
function byteCount(process: Process, text: string, what: string): number {
  const match = /^(0x[\da-f]+|\d+)(.*)$/is.exec(text);
  const factor = match ? sizeFactor(match[2] ?? "", "kmgtpezy") : undefined;
  if (!match || factor === undefined) {
    complain(process, `failed to parse ${what}: '${text}': Invalid argument`);
    return process.exit(1);
  }
  const [, digits = ""] = match;
  const octal = /^0[0-7]+$/.test(digits);
  return (octal ? Number.parseInt(digits, 8) : Number(digits)) * factor;
}

export const hexdump: Program = program(async (process) => {
  const name = process.argv[0] ?? "";
  const parsed = parseOptions(process, {
    short: "bcCdoxe:f:L::n:s:vhV",
    long: {
      "one-byte-octal": "b",
      "one-byte-char": "c",
      canonical: "C",
      "two-bytes-decimal": "d",
      "two-bytes-octal": "o",
      "two-bytes-hex": "x",
      "format=": "e",
      "format-file=": "f",
      "color?": "L",
      "length=": "n",
      "skip=": "s",
      "no-squeezing": "v",
      help: "h",
      version: "V",
    },
  });
  if (has(parsed, "V")) {
    process.print(`${name} from util-linux 2.38.1\n`);
    return 0;
  }
  const texts: string[] = [];
  if (/(?:^|\/)hd$/.test(name)) texts.push(...(STANDARD_FORMATS["C"] ?? []));
  for (const { name: letter, value } of parsed.options) {
    if (letter === "e") texts.push(value);
    else if (letter === "f") texts.push(...formatFile(process, value));
    else texts.push(...(STANDARD_FORMATS[letter] ?? []));
  }
  if (texts.length === 0) texts.push(...(STANDARD_FORMATS[""] ?? []));
  const length = valueOf(parsed, "n");
  const skip = valueOf(parsed, "s");
  const limits = {
    skip: skip === undefined ? 0 : byteCount(process, skip, "offset"),
    length: length === undefined ? Number.POSITIVE_INFINITY : byteCount(process, length, "length"),
  };
  let formats: FormatString[];
  try {
    formats = texts.map(parseFormat);
  } catch (bad) {
    if (!(bad instanceof BadFormat)) throw bad;
    complain(process, bad.text);
    return 1;
  }
  const { bytes, status } = await input(process, parsed.operands, limits.skip + limits.length);
  new Display(process, formats, has(parsed, "v")).show(
    bytes.subarray(limits.skip),
    Math.min(limits.skip, bytes.length),
  );
  return status;
});

function formatFile(process: Process, path: string): string[] {
  const text = new TextDecoder().decode(process.files.readFile(path));
  return text.split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("#"));
}

/** The operands one after the other, up to `most` bytes. */
async function input(
  process: Process,
  names: readonly string[],
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly status: number }> {
  const parts: Uint8Array[] = [];
  let left = most;
  let status = 0;
  for (const name of names.length > 0 ? names : ["-"]) {
    try {
      const read = openReader(process, name);
      while (left > 0) {
        const bytes = await read();
        if (bytes === null) break;
        parts.push(bytes.subarray(0, left));
        left -= bytes.length;
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `${name}: ${strerror(refusal.errno)}`);
      status = 1;
    }
  }
  if (status !== 0 && parts.length === 0) {
    complain(process, "all input file arguments failed");
    process.exit(1);
  }
  return { bytes: join(parts), status };
}

class Display {
  readonly #process: Process;
  readonly #formats: readonly FormatString[];
  readonly #last: readonly Piece[];
  readonly #all: boolean;

  constructor(process: Process, formats: readonly FormatString[], all: boolean) {
    this.#process = process;
    const isLast = ({ pieces }: Unit): boolean => pieces.some(({ kind }) => kind === "lastAddress");
    this.#formats = formats.map((format) => format.filter((unit) => !isLast(unit)));
    this.#last = formats.flat().findLast(isLast)?.pieces ?? [];
    this.#all = all;
  }

  show(bytes: Uint8Array, address: number): void {
    const size = blockSize(this.#formats);
    let previous: Uint8Array | undefined;
    let starred = false;
    const blocks = size > 0 ? Math.ceil(bytes.length / size) : 0;
    for (let at = 0; at < blocks * size; at += size) {
      const block = bytes.subarray(at, at + size);
      if (!this.#all && previous !== undefined && block.length === size && bytesEqual(previous, block)) {
        if (!starred) this.#process.print("*\n");
        starred = true;
        continue;
      }
      starred = false;
      previous = block;
      for (const format of this.#formats) this.#line(format, block, address + at);
    }
    if (bytes.length + address === 0) return;
    for (const piece of this.#last) this.#process.print(addressText(piece, address + bytes.length));
  }

  #line(format: FormatString, block: Uint8Array, start: number): void {
    let at = 0;
    for (const { count, pieces } of format) {
      for (let left = count; left > 0; left--) {
        pieces.forEach((piece, index) => {
          let text = pieceText(piece, block, at, start);
          // After the last repetition of several there is no trailing blank.
          if (left === 1 && count > 1 && index === pieces.length - 1) text = text.replace(/\s$/, "");
          this.#process.print(text);
          at += piece.size;
        });
      }
    }
  }
}

function addressText(piece: Piece, address: number): string {
  if (piece.kind !== "lastAddress" && piece.kind !== "address") return piece.before;
  return piece.before + integer(piece, BigInt(address));
}

function pieceText(piece: Piece, block: Uint8Array, at: number, start: number): string {
  const { kind, before, size } = piece;
  if (kind === "text") return before;
  if (kind === "address" || kind === "lastAddress") return addressText(piece, start + at);
  // Behind the end of the input: blanks as wide as the conversion.
  if (at >= block.length) return before + "".padStart(piece.width);
  const byte = block[at] ?? 0;
  switch (kind) {
    case "integer": {
      let value = 0n;
      for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(block[at + i] ?? 0);
      return before + integer(piece, /[di]/.test(piece.letter) ? BigInt.asIntN(size * 8, value) : value);
    }
    case "printable":
      return (
        before +
        padded(piece, piece.letter === "c" && (byte < 32 || byte > 126) ? "." : String.fromCharCode(byte))
      );
    case "character":
      return before + padded(piece, characterText(byte));
    case "named":
      return before + padded(piece, namedText(byte));
    default: {
      const text = String.fromCharCode(...block.subarray(at, at + size)).replace(/\0.*/s, "");
      return before + padded(piece, text);
    }
  }
}

function padded({ flags, width }: Piece, text: string): string {
  return flags.includes("-") ? text.padEnd(width) : text.padStart(width);
}

function integer(piece: Piece, value: bigint): string {
  const { letter, flags, precision } = piece;
  const radix = { o: 8, x: 16, X: 16 }[letter] ?? 10;
  let digits = (value < 0n ? -value : value).toString(radix);
  if (letter === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(precision, "0");
  const sign = value < 0n ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const prefix = flags.includes("#") && value !== 0n ? ({ o: "0", x: "0x", X: "0X" }[letter] ?? "") : "";
  const zeros = flags.includes("0") && !flags.includes("-") && precision === undefined;
  const room = Math.max(0, piece.width - sign.length - prefix.length);
  return padded(piece, sign + prefix + (zeros ? digits.padStart(room, "0") : digits));
}

const ESCAPED: Readonly<Record<number, string>> = {
  0: "\\0",
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
};

function characterText(byte: number): string {
  const escaped = ESCAPED[byte];
  if (escaped !== undefined) return escaped;
  return byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, "0");
}

const CONTROL_NAMES =
  "nul soh stx etx eot enq ack bel bs ht lf vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us".split(
    " ",
  );

function namedText(byte: number): string {
  if (byte === 127) return "del";
  return CONTROL_NAMES[byte] ?? (byte < 127 ? String.fromCharCode(byte) : byte.toString(16).padStart(2, "0"));
}
