// tr: translates, squeezes or deletes bytes (POSIX.1-2017, tr; coreutils 9.1).

import type { Process } from "../../system/process.ts";
import { has, parseOptions, usageError } from "./options.ts";
import { complain, localeQuoted, program } from "./program.ts";
import { openReader, writeBytes } from "./streams.ts";

const BYTES = 256;
const encoder = new TextEncoder();

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[\t ]/,
  cntrl: /[^\x20-\x7e\x80-\xff]/,
  digit: /[0-9]/,
  graph: /[\x21-\x7e]/,
  lower: /[a-z]/,
  print: /[\x20-\x7e]/,
  punct: /[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/,
  space: /[\t-\r ]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11, "\\": 92 };

/** A set as it was written: bytes, and where a repetition fills it up. */
interface WrittenSet {
  readonly bytes: number[];
  /** Index and byte of `[c*]`. */
  readonly fill: { readonly at: number; readonly byte: number } | undefined;
  /** Classes of letters in it, by where they begin: they convert case. */
  readonly cases: ReadonlyMap<number, "lower" | "upper">;
  readonly classes: boolean;
}

interface Unit {
  readonly byte: number;
  readonly end: number;
  readonly escaped: boolean;
}

/** The character at an offset of a set's text (a character a byte). */
function unitAt(text: string, at: number): Unit {
  const octal = /^\\([0-3]?[0-7]{1,2})/.exec(text.slice(at, at + 4))?.[1];
  if (octal !== undefined)
    return { byte: Number.parseInt(octal, 8), end: at + 1 + octal.length, escaped: true };
  if (text[at] === "\\" && at + 1 < text.length) {
    const next = text[at + 1] ?? "";
    return { byte: ESCAPES[next] ?? next.charCodeAt(0), end: at + 2, escaped: true };
  }
  return { byte: text.charCodeAt(at), end: at + 1, escaped: false };
}

function classBytes(name: string): number[] | undefined {
  const pattern = CLASSES[name];
  if (!pattern) return undefined;
  return Array.from({ length: BYTES }, (_, byte) => byte).filter((byte) =>
    pattern.test(String.fromCharCode(byte)),
  );
}

function readSet(process: Process, written: string): WrittenSet {
  const text = String.fromCharCode(...encoder.encode(written));
  const bytes: number[] = [];
  const cases = new Map<number, "lower" | "upper">();
  let fill: WrittenSet["fill"];
  let classes = false;
  for (let at = 0; at < text.length;) {
    const named = /^\[:(\w*):\]/.exec(text.slice(at));
    if (named) {
      const [all, name = ""] = named;
      const members = classBytes(name);
      if (!members) {
        complain(process, `invalid character class ${localeQuoted(process, name)}`);
        process.exit(1);
      }
      if (name === "lower" || name === "upper") cases.set(bytes.length, name);
      else classes = true;
      bytes.push(...members);
      at += all.length;
      continue;
    }
    const equal = /^\[=(.)=\]/s.exec(text.slice(at));
    if (equal) {
      bytes.push((equal[1] ?? "").charCodeAt(0));
      at += equal[0].length;
      continue;
    }
    const repeated = text[at] === "[" ? repetition(text, at) : undefined;
    if (repeated) {
      if (repeated.count === 0) fill = { at: bytes.length, byte: repeated.byte };
      else for (let i = 0; i < repeated.count; i++) bytes.push(repeated.byte);
      at = repeated.end;
      continue;
    }
    const from = unitAt(text, at);
    if (text[from.end] !== "-" || from.end + 1 >= text.length) {
      bytes.push(from.byte);
      at = from.end;
      continue;
    }
    const to = unitAt(text, from.end + 1);
    if (to.byte < from.byte) {
      const range = text.slice(at, to.end);
      complain(process, `range-endpoints of '${range}' are in reverse collating sequence order`);
      process.exit(1);
    }
    for (let byte = from.byte; byte <= to.byte; byte++) bytes.push(byte);
    at = to.end;
  }
  return { bytes, fill, cases, classes };
}

/** `[c*N]`; without N, or with 0, as often as the other set is long. A leading 0 makes N octal. */
function repetition(text: string, open: number): { byte: number; count: number; end: number } | undefined {
  const unit = unitAt(text, open + 1);
  const rest = /^\*(\d*)\]/.exec(text.slice(unit.end));
  if (!rest) return undefined;
  const digits = rest[1] ?? "";
  const count = digits === "" ? 0 : Number.parseInt(digits, digits.startsWith("0") ? 8 : 10);
  return { byte: unit.byte, count, end: unit.end + rest[0].length };
}

function complementOf(set: readonly number[]): number[] {
  return Array.from({ length: BYTES }, (_, byte) => byte).filter((byte) => !set.includes(byte));
}

/** The byte that each byte becomes. */
function translation(
  process: Process,
  from: readonly number[],
  cases: WrittenSet["cases"],
  to: WrittenSet,
  truncate: boolean,
): Uint8Array {
  const table = Uint8Array.from({ length: BYTES }, (_, byte) => byte);
  let target = [...to.bytes];
  if (to.fill) {
    const missing = Math.max(0, from.length - target.length);
    target.splice(to.fill.at, 0, ...Array.from({ length: missing }, () => to.fill?.byte ?? 0));
  }
  const last = target.at(-1);
  if (last === undefined) {
    if (from.length === 0 || truncate) return table;
    complain(process, "when not truncating set1, string2 must be non-empty");
    process.exit(1);
  }
  if (!truncate) while (target.length < from.length) target.push(last);
  target = target.slice(0, from.length);
  target.forEach((byte, at) => (table[from[at] ?? 0] = byte));
  // [:lower:] against [:upper:] converts case, wherever the two stand.
  for (const [at, name] of cases) {
    const other = to.cases.get(at);
    if (other === undefined || other === name) continue;
    for (const byte of classBytes(name) ?? []) table[byte] = byte ^ 0x20;
  }
  return table;
}

export const tr = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "cCdst",
    long: { complement: "c", delete: "d", "squeeze-repeats": "s", "truncate-set1": "t" },
    stopEarly: true,
  });
  const deletes = has(parsed, "d");
  const squeezes = has(parsed, "s");
  const complemented = has(parsed, "c") || has(parsed, "C");
  const [first, second, extra] = parsed.operands;
  if (first === undefined) usageError(process, "missing operand");
  const least = deletes === squeezes ? 2 : 1;
  if (second === undefined && least === 2) {
    const why = deletes
      ? "Two strings must be given when both deleting and squeezing repeats."
      : "Two strings must be given when translating.";
    usageError(process, `missing operand after ${localeQuoted(process, first)}\n${why}`);
  }
  const most = deletes && !squeezes ? 1 : 2;
  const superfluous = most === 1 ? second : extra;
  if (superfluous !== undefined) {
    const why = most === 1 ? "\nOnly one string may be given when deleting without squeezing repeats." : "";
    usageError(process, `extra operand ${localeQuoted(process, superfluous)}${why}`);
  }
  const from = readSet(process, first);
  const chosen = complemented ? complementOf(from.bytes) : from.bytes;
  const to = second === undefined ? undefined : readSet(process, second);
  const removed = new Set(deletes ? chosen : []);
  const table = deletes || !to ? undefined : translation(process, chosen, from.cases, to, has(parsed, "t"));
  const squeezed = new Set(
    !squeezes ? [] : to ? (to.fill && !deletes ? [...to.bytes, to.fill.byte] : to.bytes) : chosen,
  );
  const read = openReader(process, "-");
  let before = -1;
  for (let bytes = await read(); bytes !== null; bytes = await read()) {
    const out = new Uint8Array(bytes.length);
    let size = 0;
    for (const byte of bytes) {
      if (removed.has(byte)) continue;
      const changed = table ? (table[byte] ?? byte) : byte;
      if (changed === before && squeezed.has(changed)) continue;
      out[size++] = before = changed;
    }
    if (size > 0) await writeBytes(process, out.subarray(0, size));
  }
  return 0;
});
