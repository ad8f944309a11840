// What the programs of iputils share: options as getopt(3) reads them, numbers as strtol_or_err reads them, and error(3).

import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";

/** error(3): standard output comes first; a status other than 0 ends the program. */
export function fail(process: Process, status: number, errno: number, text: string): never {
  complain(process, errno, text);
  process.exit(status);
}

/** error(3) with status 0. */
export function complain(process: Process, errno: number, text: string): void {
  process.flush();
  const name = process.argv[0] ?? "";
  process.warn(`${name}: ${text}${errno === 0 ? "" : `: ${strerror(errno)}`}\n`);
}

/** Calls `handle` for each option as it is met, so that its message comes before that of a later wrong one. */
export function readOptions(
  process: Process,
  letters: string,
  handle: (letter: string, value: string) => void,
  usage: () => never,
): string[] {
  const args = process.argv.slice(1);
  const operands: string[] = [];
  const name = process.argv[0] ?? "";
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") {
      operands.push(...args.slice(at + 1));
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      operands.push(word);
      continue;
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i] ?? "";
      const place = letter === ":" ? -1 : letters.indexOf(letter);
      if (place < 0) {
        process.warn(`${name}: invalid option -- '${letter}'\n`);
        usage();
      }
      if (letters[place + 1] !== ":") {
        handle(letter, "");
        continue;
      }
      const rest = word.slice(i + 1);
      const value = rest === "" ? args[++at] : rest;
      if (value === undefined) {
        process.warn(`${name}: option requires an argument -- '${letter}'\n`);
        usage();
      }
      handle(letter, value);
      break;
    }
  }
  return operands;
}

const LONG_MAX = 2n ** 63n - 1n;

/** A decimal number between `min` and `max`; anything else ends the program with status 1. */
export function readNumber(process: Process, text: string, min: bigint, max: bigint): number {
  const wrong = "invalid argument";
  if (!/^[ \t\n\v\f\r]*[+-]?\d+$/.test(text)) fail(process, 1, 0, `${wrong}: '${text}'`);
  const value = BigInt(text.trim().replace(/^\+/, ""));
  if (value > LONG_MAX || value < -LONG_MAX - 1n) fail(process, 1, ERRNO.ERANGE, `${wrong}: '${text}'`);
  if (value < min || value > max) {
    fail(process, 1, 0, `${wrong}: '${text}': out of range: ${min} <= value <= ${max}`);
  }
  return Number(value);
}

export const INT_MAX = 2_147_483_647n;
export { LONG_MAX };
