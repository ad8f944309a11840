// cmp(1) of diffutils 3.8.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { has, parseOptions, valueOf } from "./options.ts";
import { complain, program } from "./program.ts";
import { openReader, readAll } from "./streams.ts";

const DIFFERENT = 1;
const TROUBLE = 2;

export const cmp = program(async (process) => {
  const wrong = (text: string): never => {
    process.warn(`cmp: ${text}\ncmp: Try 'cmp --help' for more information.\n`);
    return process.exit(TROUBLE);
  };
  const parsed = parseOptions(process, {
    short: "bi:ln:s",
    long: {
      "print-bytes": "b",
      "ignore-initial=": "i",
      verbose: "l",
      "bytes=": "n",
      quiet: "s",
      silent: "s",
    },
    wrong,
  });
  const [first, second = "-"] = parsed.operands;
  if (first === undefined) return wrong("missing operand after 'cmp'");
  const skip = Number(valueOf(parsed, "i") ?? 0);
  const most = Number(valueOf(parsed, "n") ?? Number.POSITIVE_INFINITY);
  const contents: Uint8Array[] = [];
  for (const name of [first, second]) {
    try {
      contents.push((await readAll(openReader(process, name))).subarray(skip, skip + most));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      if (!has(parsed, "s")) complain(process, `${name}: ${strerror(refusal.errno)}`);
      return TROUBLE;
    }
  }
  const [a = new Uint8Array(0), b = new Uint8Array(0)] = contents;
  const shared = Math.min(a.length, b.length);
  let status = 0;
  let line = 1;
  for (let at = 0; at < shared; at++) {
    const left = a[at] ?? 0;
    const right = b[at] ?? 0;
    if (left !== right) {
      status = DIFFERENT;
      if (has(parsed, "s")) return status;
      if (!has(parsed, "l")) {
        process.print(`${first} ${second} differ: byte ${at + 1}, line ${line}\n`);
        return status;
      }
      process.print(`${String(at + 1).padStart(String(shared).length)} ${octal(left)} ${octal(right)}\n`);
    }
    if (left === 0x0a) line++;
  }
  if (a.length === b.length) return status;
  if (!has(parsed, "s")) {
    const shorter = a.length < b.length ? first : second;
    const within = a[shared - 1] === 0x0a ? `line ${line - 1}` : `in line ${line}`;
    const place = has(parsed, "l") ? "" : `, ${within}`;
    const end = shared === 0 ? `${shorter} which is empty` : `${shorter} after byte ${shared}${place}`;
    process.warn(`cmp: EOF on ${end}\n`);
  }
  return DIFFERENT;
});

function octal(byte: number): string {
  return byte.toString(8).padStart(3);
}
