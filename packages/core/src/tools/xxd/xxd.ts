// xxd(1) of vim 9: bytes as hexadecimal or binary digits with their characters, plain or as a C array, and back to bytes.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process, Program } from "../../system/process.ts";
import { program } from "../coreutils/program.ts";
import { openReader, readAll, writeBytes } from "../coreutils/streams.ts";
import { restore } from "./restore.ts";
import { XXD_USAGE } from "./usage.ts";

const MAX_COLUMNS = 256;
const VERSION = "xxd 2022-01-14 by Juergen Weigert et al.\n";

interface Settings {
  form: "hex" | "bits" | "plain" | "include";
  columns: number | undefined;
  group: number | undefined;
  upper: boolean;
  littleEndian: boolean;
  autoskip: boolean;
  decimal: boolean;
  reverse: boolean;
  seek: number;
  length: number;
  /** Added to the offsets that are shown. */
  offset: number;
  name: string | undefined;
}

function numberOf(text: string): number {
  return /^[-+]?0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

/** Reads the options; undefined after a complaint. */
function settingsOf(
  process: Process,
): { readonly settings: Settings; readonly files: readonly string[] } | undefined {
  const settings: Settings = {
    form: "hex",
    columns: undefined,
    group: undefined,
    upper: false,
    littleEndian: false,
    autoskip: false,
    decimal: false,
    reverse: false,
    seek: 0,
    length: Number.POSITIVE_INFINITY,
    offset: 0,
    name: undefined,
  };
  const words = process.argv.slice(1);
  let at = 0;
  for (; at < words.length; at++) {
    const word = (words[at] ?? "").replace(/^--(?=.)/, "-");
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    // Options are known by their first letters, and a value may stand behind the letter.
    const letter = word[1] ?? "";
    const simple = flag(settings, word);
    if (simple) continue;
    if (!"cglnos".includes(letter)) return wrong(process);
    const attached = /^-[cglnos][a-z]*(.*)$/.exec(word)?.[1] ?? "";
    const value = letter === "n" ? word.slice(2) || words[++at] : attached || words[++at];
    if (value === undefined) return wrong(process);
    if (letter === "n") settings.name = value;
    else valued(settings, letter, value);
  }
  return { settings, files: words.slice(at) };
}

function flag(settings: Settings, word: string): boolean {
  const letter = word[1] ?? "";
  if (letter === "a") settings.autoskip = !settings.autoskip;
  else if (letter === "b") settings.form = "bits";
  else if (letter === "e") settings.littleEndian = true;
  else if (letter === "u") settings.upper = true;
  else if (letter === "p") settings.form = "plain";
  else if (letter === "i") settings.form = "include";
  else if (letter === "r") settings.reverse = true;
  else if (letter === "d") settings.decimal = true;
  else if (word.startsWith("-E")) return true;
  else return false;
  // -ps and -rp are spelt together
  if (/^-r.*p/.test(word)) settings.form = "plain";
  return true;
}

function valued(settings: Settings, letter: string, text: string): void {
  const value = numberOf(text);
  if (letter === "c") settings.columns = value;
  else if (letter === "g") settings.group = value;
  else if (letter === "l") settings.length = value;
  else if (letter === "o") settings.offset = value;
  else settings.seek = value;
}

function wrong(process: Process): undefined {
  process.warn(XXD_USAGE(process.argv[0] ?? "xxd"));
  return undefined;
}

export const xxd: Program = program(async (process) => {
  const [first = ""] = process.argv.slice(1);
  if (/^--?v/.test(first)) {
    process.warn(VERSION);
    return 0;
  }
  const read = settingsOf(process);
  if (!read) return 1;
  const { settings, files } = read;
  if ((settings.columns ?? 0) > MAX_COLUMNS && (settings.form === "hex" || settings.form === "bits")) {
    process.warn(`${process.argv[0] ?? ""}: invalid number of columns (max. ${MAX_COLUMNS}).\n`);
    return 1;
  }
  const [input = "-", output, extra] = files;
  if (extra !== undefined) return wrong(process) ?? 1;
  let bytes: Uint8Array;
  try {
    bytes = await readAll(openReader(process, input));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    process.warn(`${process.argv[0] ?? ""}: ${input}: ${strerror(refusal.errno)}\n`);
    return 2;
  }
  const made = settings.reverse
    ? restore(new TextDecoder("latin1").decode(bytes), settings.form === "plain", settings.seek)
    : new TextEncoder().encode(dump(settings, bytes, input));
  if (output === undefined || output === "-") await writeBytes(process, made);
  else process.files.writeFile(output, made);
  return 0;
});

function dump(settings: Settings, bytes: Uint8Array, input: string): string {
  const { form } = settings;
  const start = settings.seek < 0 ? Math.max(0, bytes.length + settings.seek) : settings.seek;
  const shown = bytes.subarray(start, start + settings.length);
  if (form === "plain") return plain(settings, shown);
  if (form === "include") return include(settings, shown, input);
  return rows(settings, shown, start + settings.offset);
}

function hex(settings: Settings, byte: number): string {
  const digits = byte.toString(16).padStart(2, "0");
  return settings.upper ? digits.toUpperCase() : digits;
}

function plain(settings: Settings, bytes: Uint8Array): string {
  const columns = settings.columns === undefined ? 30 : settings.columns || bytes.length;
  let text = "";
  for (let at = 0; at < bytes.length; at += columns)
    text += `${Array.from(bytes.subarray(at, at + columns), (byte) => hex(settings, byte)).join("")}\n`;
  return text;
}

function include(settings: Settings, bytes: Uint8Array, input: string): string {
  const columns = settings.columns || 12;
  const values = Array.from(bytes, (byte) => `0${settings.upper ? "X" : "x"}${hex(settings, byte)}`);
  let text = "";
  values.forEach((value, at) => {
    text += `${at === 0 ? "  " : at % columns === 0 ? ",\n  " : ", "}${value}`;
  });
  const name = settings.name ?? (input === "-" ? undefined : input);
  if (name === undefined) return text === "" ? "" : `${text}\n`;
  const identifier = `${/^\d/.test(name) ? "__" : ""}${name.replace(/[^A-Za-z0-9]/g, "_")}`;
  return `unsigned char ${identifier}[] = {\n${text}${text === "" ? "" : "\n"}};\nunsigned int ${identifier}_len = ${bytes.length};\n`;
}

/** Offset, groups of digits, and the characters. */
function rows(settings: Settings, bytes: Uint8Array, start: number): string {
  const bits = settings.form === "bits";
  const columns = settings.columns || (bits ? 6 : 16);
  const wanted = settings.group ?? (bits ? 1 : settings.littleEndian ? 4 : 2);
  const group = wanted < 1 || wanted > columns ? columns : wanted;
  const perByte = bits ? 8 : 2;
  const whole = settings.littleEndian ? Math.ceil(columns / group) * group : columns;
  const width = perByte * whole + Math.ceil(columns / group) - 1;
  let text = "";
  let zeros = 0;
  const flush = (line: string, row: Uint8Array, last: boolean): void => {
    const isZero = settings.autoskip && row.every((byte) => byte === 0);
    zeros = isZero ? zeros + 1 : 0;
    if (zeros <= 1 || last) text += line;
    else if (zeros === 2) text += "*\n";
  };
  for (let at = 0; at < bytes.length; at += columns) {
    const row = bytes.subarray(at, at + columns);
    const groups: string[] = [];
    for (let from = 0; from < row.length; from += group) {
      const part = Array.from(row.subarray(from, from + group), (byte) =>
        bits ? byte.toString(2).padStart(8, "0") : hex(settings, byte),
      );
      groups.push(
        settings.littleEndian
          ? part
              .reverse()
              .join("")
              .padStart(perByte * group)
          : part.join(""),
      );
    }
    const characters = Array.from(row, (byte) =>
      byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".",
    ).join("");
    const offset = start + at;
    const place = settings.decimal ? String(offset).padStart(8, "0") : offset.toString(16).padStart(8, "0");
    flush(`${place}: ${groups.join(" ").padEnd(width)}  ${characters}\n`, row, at + columns >= bytes.length);
  }
  return text;
}
