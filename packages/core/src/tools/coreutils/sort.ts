// sort: in the order of the C locale, whatever the environment says.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { has, parseOptions, UsageEnd, valueOf } from "./options.ts";
import type { Parsed } from "./options.ts";
import { complain, localeQuoted, program } from "./program.ts";
import { compareByKeys, compareBytes, isPlain, plainOrder } from "./sort-order.ts";
import type { Compare, Ordering, OrderOptions, SortKey } from "./sort-order.ts";
import { openReader, readAll, writeBytes } from "./streams.ts";

const TROUBLE = 2; // exit status
const DISORDER = 1;

const ORDERINGS: Readonly<Record<string, Ordering>> = {
  g: "general",
  h: "human",
  M: "month",
  n: "numeric",
  V: "version",
};
/** As --sort calls them. */
const ORDERING_WORDS: Readonly<Record<string, string>> = {
  "general-numeric": "g",
  "human-numeric": "h",
  month: "M",
  numeric: "n",
  random: "R",
  version: "V",
};

function fail(process: Process, text: string): never {
  complain(process, text);
  throw new UsageEnd(TROUBLE);
}

/** Applies an ordering letter; false if it is none. `end`: it stands behind the end of a key. */
function applyLetter(
  process: Process,
  options: OrderOptions,
  letter: string,
  end: "start" | "end" | "both",
): boolean {
  const ordering = ORDERINGS[letter];
  if (ordering !== undefined) options.ordering = ordering;
  else if (letter === "b") {
    if (end !== "end") options.skipStart = true;
    if (end !== "start") options.skipEnd = true;
  } else if (letter === "d") options.dictionary = true;
  else if (letter === "f") options.foldCase = true;
  else if (letter === "i") options.printable = true;
  else if (letter === "r") options.reverse = true;
  else if (letter === "R") fail(process, "random order is not implemented");
  else return false;
  return true;
}

/** Orders that exclude each other, by their letters. */
function checkLetters(process: Process, letters: readonly string[]): void {
  const given = (letter: string): boolean => letters.includes(letter);
  const kinds = [..."ghMn"].filter(given).length + ([..."diRV"].some(given) ? 1 : 0);
  if (kinds < 2) return;
  const all = [..."dfghiMnRV"].filter((letter) => given(letter) && !(letter === "i" && given("d")));
  fail(process, `options '-${all.join("")}' are incompatible`);
}

/** POS of a key definition: a field, and perhaps a character in it. */
interface Position {
  readonly field: number;
  readonly char: number | undefined;
  readonly rest: string;
}

function count(process: Process, text: string, message: string): readonly [number, string] {
  const digits = /^\d+/.exec(text)?.[0];
  if (digits === undefined)
    fail(process, `${message}: invalid count at start of ${localeQuoted(process, text)}`);
  return [Number(digits), text.slice(digits.length)];
}

function position(process: Process, spec: string, text: string, message: string): Position {
  const bad = (what: string): never =>
    fail(process, `${what}: invalid field specification ${localeQuoted(process, spec)}`);
  const [field, rest] = count(process, text, message);
  if (field === 0) bad("field number is zero");
  if (!rest.startsWith(".")) return { field, char: undefined, rest };
  const [char, after] = count(process, rest.slice(1), "invalid number after '.'");
  return { field, char, rest: after };
}

/** With the letters of its orders, as given. */
interface GivenKey extends SortKey {
  readonly letters: readonly string[];
}

function readKey(process: Process, spec: string): GivenKey {
  const bad = (what: string): never =>
    fail(process, `${what}: invalid field specification ${localeQuoted(process, spec)}`);
  const order = plainOrder();
  const letters: string[] = [];
  const readLetters = (text: string, where: "start" | "end"): string => {
    let at = 0;
    for (; at < text.length && applyLetter(process, order, text[at] ?? "", where); at++)
      letters.push(text[at] ?? "");
    return text.slice(at);
  };
  const start = position(process, spec, spec, "invalid number at field start");
  if (start.char === 0) bad("character offset is zero");
  let rest = readLetters(start.rest, "start");
  let end: Position | undefined;
  if (rest.startsWith(",")) {
    end = position(process, spec, rest.slice(1), "invalid number after ','");
    rest = readLetters(end.rest, "end");
  }
  if (rest !== "") bad("stray character in field spec");
  return {
    ...order,
    letters,
    startField: start.field - 1,
    startChar: (start.char ?? 1) - 1,
    endField: end === undefined ? Number.POSITIVE_INFINITY : end.field - 1,
    endChar: end?.char ?? 0,
  };
}

function separatorOf(process: Process, parsed: Parsed): string | undefined {
  let separator: string | undefined;
  for (const { name, value } of parsed.options) {
    if (name !== "t") continue;
    const bytes = value === "\\0" ? "\0" : latin(new TextEncoder().encode(value));
    if (bytes === "") fail(process, "empty tab");
    if (bytes.length > 1) fail(process, `multi-character tab ${localeQuoted(process, value)}`);
    if (separator !== undefined && separator !== bytes) fail(process, "incompatible tabs");
    separator = bytes;
  }
  return separator;
}

/** One character a byte. */
function latin(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

async function linesOf(process: Process, name: string, end: string): Promise<string[]> {
  let opened = false;
  try {
    const read = openReader(process, name);
    opened = true;
    const lines = latin(await readAll(read)).split(end);
    if (lines.at(-1) === "") lines.pop();
    return lines;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    fail(process, `${opened ? "read failed" : "cannot read"}: ${name}: ${strerror(refusal.errno)}`);
  }
}

/** The check that was asked for: with a message, without, or none. */
function checkOf(process: Process, parsed: Parsed): "told" | "silent" | undefined {
  const kinds = new Set<"told" | "silent">();
  for (const { name, value } of parsed.options) {
    if (name === "C") kinds.add("silent");
    else if (name === "c" && (value === "" || "diagnose-first".startsWith(value))) kinds.add("told");
    else if (name === "c" && ["quiet", "silent"].some((word) => word.startsWith(value))) kinds.add("silent");
    else if (name === "c")
      wrongArgument(process, value, "--check", ["'quiet', 'silent'", "'diagnose-first'"]);
  }
  if (kinds.size > 1) fail(process, "options '-cC' are incompatible");
  return [...kinds][0];
}

function wrongArgument(process: Process, value: string, option: string, valid: readonly string[]): never {
  complain(process, `invalid argument ${localeQuoted(process, value)} for ${localeQuoted(process, option)}`);
  process.warn(`Valid arguments are:\n${valid.map((word) => `  - ${word}\n`).join("")}`);
  process.warn(`Try '${process.argv[0] ?? ""} --help' for more information.\n`);
  throw new UsageEnd(1);
}

/** The order of whole lines: by keys, then by their bytes unless -s or -u say that keys are all. */
function orderOf(process: Process, parsed: Parsed): { readonly byKeys: Compare; readonly whole: Compare } {
  const global = plainOrder();
  const letters = parsed.options.flatMap(({ name, value }) => {
    if (name !== "sort") return /^[bdfghiMnrRV]$/.test(name) ? [name] : [];
    const [word] = Object.keys(ORDERING_WORDS).filter((one) => one.startsWith(value));
    if (word === undefined)
      wrongArgument(
        process,
        value,
        "--sort",
        Object.keys(ORDERING_WORDS).map((one) => `'${one}'`),
      );
    return [ORDERING_WORDS[word] ?? ""];
  });
  for (const letter of letters) applyLetter(process, global, letter, "both");
  const separator = separatorOf(process, parsed);
  const given = parsed.options.flatMap(({ name, value }) => (name === "k" ? [readKey(process, value)] : []));
  const keys = given.map((key) => (isPlain(key) && !key.reverse ? { ...key, ...global, letters } : key));
  if (keys.length === 0 && !isPlain(global)) {
    const whole = { startField: 0, startChar: 0, endField: Number.POSITIVE_INFINITY, endChar: 0 };
    keys.push({ ...global, ...whole, letters });
  }
  for (const key of keys) checkLetters(process, key.letters);
  const byKeys = keys.length === 0 ? undefined : compareByKeys(keys, separator);
  const bytes: Compare = global.reverse ? (a, b) => compareBytes(b, a) : compareBytes;
  if (byKeys === undefined) return { byKeys: bytes, whole: bytes };
  if (has(parsed, "s") || has(parsed, "u")) return { byKeys, whole: byKeys };
  return { byKeys, whole: (a, b) => byKeys(a, b) || bytes(a, b) };
}

export const sort = program(async (process) => {
  const parsed = parseOptions(
    process,
    {
      short: "bcCdfghik:mMno:rRsS:t:T:uVz",
      long: {
        "ignore-leading-blanks": "b",
        "check?": "c",
        "dictionary-order": "d",
        "ignore-case": "f",
        "general-numeric-sort": "g",
        "human-numeric-sort": "h",
        "ignore-nonprinting": "i",
        "key=": "k",
        merge: "m",
        "month-sort": "M",
        "numeric-sort": "n",
        "output=": "o",
        reverse: "r",
        "random-sort": "R",
        "sort=": "sort",
        stable: "s",
        "buffer-size=": "S",
        "field-separator=": "t",
        "temporary-directory=": "T",
        "parallel=": "parallel",
        unique: "u",
        "version-sort": "V",
        "zero-terminated": "z",
      },
    },
    TROUBLE,
  );
  const order = orderOf(process, parsed);
  const check = checkOf(process, parsed);
  const output = valueOf(parsed, "o");
  const [first = "-", extra] = parsed.operands;
  if (check !== undefined) {
    const letter = check === "told" ? "c" : "C";
    if (extra !== undefined)
      fail(process, `extra operand ${localeQuoted(process, extra)} not allowed with -${letter}`);
    if (output !== undefined) fail(process, `options '-${letter}o' are incompatible`);
  }
  const end = has(parsed, "z") ? "\0" : "\n";
  const lines: string[] = [];
  for (const name of parsed.operands.length > 0 ? parsed.operands : ["-"])
    lines.push(...(await linesOf(process, name, end)));
  if (check !== undefined) {
    const least = has(parsed, "u") ? 0 : 1;
    const wrong = lines.findIndex(
      (line, index) => index > 0 && order.whole(lines[index - 1] ?? "", line) >= least,
    );
    if (wrong < 0) return 0;
    if (check === "told") complain(process, `${first}:${wrong + 1}: disorder: ${text(lines[wrong] ?? "")}`);
    return DISORDER;
  }
  // Files that are merged are in order already, so that sorting them tells the same.
  lines.sort(order.whole);
  const kept = has(parsed, "u")
    ? lines.filter((line, index) => index === 0 || order.byKeys(lines[index - 1] ?? "", line) !== 0)
    : lines;
  const bytes = bytesOf(kept.map((line) => line + end).join(""));
  if (output === undefined) {
    await writeBytes(process, bytes);
    return 0;
  }
  try {
    process.files.writeFile(output, bytes);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    fail(process, `open failed: ${output}: ${strerror(refusal.errno)}`);
  }
  return 0;
});

function text(line: string): string {
  return new TextDecoder().decode(bytesOf(line));
}
