// tcpdump's command line, taken apart as getopt_long(3) does it.

import type { Process } from "../../system/process.ts";
import { OptionReader, usage } from "./options.ts";
import type { Options } from "./options.ts";

/** Short options; ":" after those with a value. */
const SHORT = "aAbB:c:C:dDeE:fF:G:hHi:Ij:JKlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:Yz:Z:#";

/** Long options: their short letter, or their own name; "=" behind those with a value. */
const LONG: ReadonlyMap<string, string> = new Map([
  ["buffer-size=", "B"],
  ["list-interfaces", "D"],
  ["help", "h"],
  ["interface=", "i"],
  ["monitor-mode", "I"],
  ["time-stamp-type=", "j"],
  ["list-time-stamp-types", "J"],
  ["micro", "micro"],
  ["nano", "nano"],
  ["time-stamp-precision=", "time-stamp-precision"],
  ["dont-verify-checksums", "K"],
  ["list-data-link-types", "L"],
  ["no-optimize", "O"],
  ["no-promiscuous-mode", "p"],
  ["direction=", "Q"],
  ["snapshot-length=", "s"],
  ["absolute-tcp-sequence-numbers", "S"],
  ["packet-buffered", "U"],
  ["linktype=", "y"],
  ["immediate-mode", "immediate-mode"],
  ["relinquish-privileges=", "Z"],
  ["count", "count"],
  ["fp-type", "fp-type"],
  ["number", "#"],
  ["print", "print"],
  ["version", "version"],
]);

/** The long option that a word names, whole or by a beginning that only one has. */
function findLong(process: Process, word: string): { readonly key: string; readonly letter: string } {
  const matches = [...LONG].filter(([key]) => key.replace("=", "").startsWith(word));
  const exact = matches.find(([key]) => key.replace("=", "") === word);
  const [chosen] = exact === undefined ? matches : [exact];
  const same = exact !== undefined || matches.every(([, letter]) => letter === chosen?.[1]);
  if (chosen === undefined) {
    process.warn(`${process.argv[0]}: unrecognized option '--${word}'\n`);
    usage(process);
  }
  if (!same) {
    const names = matches.map(([key]) => `'--${key.replace("=", "")}'`).join(" ");
    process.warn(`${process.argv[0]}: option '--${word}' is ambiguous; possibilities: ${names}\n`);
    usage(process);
  }
  return { key: chosen[0], letter: chosen[1] };
}

/** Reads the process's arguments; ends the program if they are wrong or only ask for a text. */
export function readOptions(process: Process): Options {
  const args = process.argv.slice(1);
  const reader = new OptionReader(process);
  const operands: string[] = [];
  const name = process.argv[0] ?? "";
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const given = equals < 0 ? undefined : word.slice(equals + 1);
      const { key, letter } = findLong(process, word.slice(2, equals < 0 ? undefined : equals));
      if (!key.endsWith("=")) {
        if (given !== undefined) {
          process.warn(`${name}: option '--${key}' doesn't allow an argument\n`);
          usage(process);
        }
        reader.take(letter, "");
        continue;
      }
      const value = given ?? args[++at];
      if (value === undefined) {
        process.warn(`${name}: option '--${key.slice(0, -1)}' requires an argument\n`);
        usage(process);
      }
      reader.take(letter, value);
    } else if (word === "-" || !word.startsWith("-")) operands.push(word);
    else at += readShort(process, reader, word, args[at + 1]);
  }
  reader.options.expression = operands;
  reader.finish();
  return reader.options;
}

/** Reads a word of short options. Returns 1 if it took the next word as a value. */
function readShort(process: Process, reader: OptionReader, word: string, next: string | undefined): number {
  for (let index = 1; index < word.length; index++) {
    const letter = word[index] ?? "";
    const place = letter === ":" ? -1 : SHORT.indexOf(letter);
    if (place < 0) {
      process.warn(`${process.argv[0]}: invalid option -- '${letter}'\n`);
      usage(process);
    }
    if (SHORT[place + 1] !== ":") {
      reader.take(letter, "");
      continue;
    }
    const rest = word.slice(index + 1);
    if (rest !== "") {
      reader.take(letter, rest);
      return 0;
    }
    if (next === undefined) {
      process.warn(`${process.argv[0]}: option requires an argument -- '${letter}'\n`);
      usage(process);
    }
    reader.take(letter, next);
    return 1;
  }
  return 0;
}
