// cut: bytes, characters or fields of lines. Characters are bytes, as in coreutils 9.1.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { complain, localeQuoted, program, quotedIfNeeded } from "./program.ts";
import { join, LineReader, openReader, writeBytes } from "./streams.ts";

/** Positions from 1, both ends included. */
type Range = readonly [first: number, last: number];

const encoder = new TextEncoder();
const TAB = 9;

/** The ranges of a list, sorted and joined where they touch. Ends the program if the list is not valid. */
function readRanges(process: Process, list: string, fields: boolean): Range[] {
  const unit = fields ? "fields" : "byte/character positions";
  const ranges: [number, number][] = [];
  for (const part of list.split(/[, \t]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (!match) {
      const text = fields ? "invalid field value" : "invalid byte/character position";
      usageError(process, `${text} ${localeQuoted(process, part.replace(/^[\d-]*/, ""))}`);
    }
    const [, from = "", dash = "", to = ""] = match;
    if (from === "" && to === "" && dash !== "") usageError(process, "invalid range with no endpoint: -");
    const first = from === "" && dash !== "" ? 1 : Number(from);
    const last = dash === "" ? first : to === "" ? Number.POSITIVE_INFINITY : Number(to);
    if (first === 0) usageError(process, `${unit} are numbered from 1`);
    if (last < first) usageError(process, "invalid decreasing range");
    ranges.push([first, last]);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const range of ranges) {
    const before = joined.at(-1);
    if (before && range[0] <= before[1]) before[1] = Math.max(before[1], range[1]);
    else joined.push(range);
  }
  return joined;
}

/** What is between the ranges. */
function complement(ranges: readonly Range[]): Range[] {
  const out: Range[] = [];
  let next = 1;
  for (const [first, last] of ranges) {
    if (first > next) out.push([next, first - 1]);
    next = last + 1;
  }
  return next === Number.POSITIVE_INFINITY ? out : [...out, [next, Number.POSITIVE_INFINITY]];
}

/** Turns a line without its end into what is left of it; undefined: nothing is printed. */
type Cut = (line: Uint8Array) => readonly Uint8Array[] | undefined;

function cutBytes(ranges: readonly Range[], separator: Uint8Array | undefined): Cut {
  return (line) => {
    const parts: Uint8Array[] = [];
    for (const [first, last] of ranges) {
      if (first > line.length) break;
      if (parts.length > 0 && separator) parts.push(separator);
      parts.push(line.subarray(first - 1, last));
    }
    return parts;
  };
}

function cutFields(
  ranges: readonly Range[],
  delimiter: number,
  separator: Uint8Array,
  onlyDelimited: boolean,
): Cut {
  return (line) => {
    if (!line.includes(delimiter)) return onlyDelimited ? undefined : [line];
    const parts: Uint8Array[] = [];
    let number = 1;
    let range = 0;
    for (let from = 0; from <= line.length; number++) {
      const found = line.indexOf(delimiter, from);
      const end = found < 0 ? line.length : found;
      while (number > (ranges[range]?.[1] ?? Number.POSITIVE_INFINITY)) range++;
      if (number >= (ranges[range]?.[0] ?? Number.POSITIVE_INFINITY)) {
        if (parts.length > 0) parts.push(separator);
        parts.push(line.subarray(from, end));
      }
      from = end + 1;
    }
    return parts;
  };
}

export const cut = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "b:c:d:f:nsz",
    long: {
      "bytes=": "b",
      "characters=": "c",
      "delimiter=": "d",
      "fields=": "f",
      "only-delimited": "s",
      "output-delimiter=": "output-delimiter",
      complement: "complement",
      "zero-terminated": "z",
    },
  });
  const lists = parsed.options.filter(({ name }) => "bcf".includes(name));
  const [list] = lists;
  const delimiter = valueOf(parsed, "d");
  if (delimiter !== undefined && encoder.encode(delimiter).length > 1)
    usageError(process, "the delimiter must be a single character");
  if (lists.length > 1) usageError(process, "only one list may be specified");
  if (!list) usageError(process, "you must specify a list of bytes, characters, or fields");
  const fields = list.name === "f";
  if (delimiter !== undefined && !fields)
    usageError(process, "an input delimiter may be specified only when operating on fields");
  if (has(parsed, "s") && !fields)
    usageError(process, "suppressing non-delimited lines makes sense\n\tonly when operating on fields");
  const ranges = readRanges(process, list.value, fields);
  const chosen = has(parsed, "complement") ? complement(ranges) : ranges;
  const between = valueOf(parsed, "output-delimiter");
  const byte = delimiter === undefined ? TAB : (encoder.encode(delimiter)[0] ?? 0);
  const separator = between === undefined ? undefined : encoder.encode(between);
  const act = fields
    ? cutFields(chosen, byte, separator ?? Uint8Array.of(byte), has(parsed, "s"))
    : cutBytes(chosen, separator);
  const end = has(parsed, "z") ? 0 : 10;
  let status = 0;
  for (const path of parsed.operands.length === 0 ? ["-"] : parsed.operands) {
    try {
      await cutFile(process, path, end, act);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `${quotedIfNeeded(path)}: ${strerror(refusal.errno)}`);
      status = 1;
    }
  }
  return status;
});

const STDIO_BLOCK = 4096; // bytes that C stdio collects before it writes, unless for a terminal

async function cutFile(process: Process, path: string, end: number, act: Cut): Promise<void> {
  const lines = new LineReader(openReader(process, path), end);
  const most = process.fds.get(1)?.output?.terminal ? 1 : STDIO_BLOCK;
  const newline = Uint8Array.of(end);
  let kept: Uint8Array[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size > 0) await writeBytes(process, join(kept));
    kept = [];
    size = 0;
  };
  for (let line = await lines.next(); line !== null; line = await lines.next()) {
    const parts = act(line.at(-1) === end ? line.subarray(0, -1) : line);
    if (!parts) continue;
    for (const part of [...parts, newline]) {
      kept.push(part);
      size += part.length;
    }
    if (size >= most) await flush();
  }
  await flush();
}
