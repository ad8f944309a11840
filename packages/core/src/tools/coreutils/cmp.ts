// cmp(1) of diffutils 3.8.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import { has, parseOptions, valueOf } from "./options.ts";
import { complain, program } from "./program.ts";
import { parseSize } from "./sizes.ts";
import { openReader, readAll } from "./streams.ts";

const DIFFERENT = 1;
const TROUBLE = 2;

export const cmp = program(async (process) => {
  const wrong = (text: string): never => {
    process.warn(`cmp: ${text}\ncmp: Try 'cmp --help' for more information.\n`);
    return process.exit(TROUBLE);
  };
  const size = (text: string, option: string): number =>
    parseSize(text) ?? wrong(`invalid --${option} value '${text}'`);
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
  const [first, second = "-", ...rest] = parsed.operands;
  if (first === undefined) return wrong("missing operand after 'cmp'");
  const extra = rest[2];
  if (extra !== undefined) return wrong(`extra operand '${extra}'`);
  const [, one = "0", other = one] = /^([^:]*)(?::(.*))?$/s.exec(valueOf(parsed, "i") ?? "") ?? [];
  const skips = [rest[0] ?? (one || "0"), rest[1] ?? (other || "0")].map((text) =>
    size(text, "ignore-initial"),
  );
  const bytes = valueOf(parsed, "n");
  const most = bytes === undefined ? Number.POSITIVE_INFINITY : size(bytes, "bytes");
  const contents: Uint8Array[] = [];
  for (const [index, name] of [first, second].entries()) {
    const skip = skips[index] ?? 0;
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
  const shows = has(parsed, "b");
  // POSIX asks for "char" where messages are not translated.
  const { env } = process;
  const locale = env.get("LC_ALL") || env.get("LC_MESSAGES") || env.get("LANG") || "C";
  const unit = locale === "C" || locale === "POSIX" ? "char" : "byte";
  let status = 0;
  let line = 1;
  for (let at = 0; at < shared; at++) {
    const left = a[at] ?? 0;
    const right = b[at] ?? 0;
    if (left !== right) {
      status = DIFFERENT;
      if (has(parsed, "s")) return status;
      if (!has(parsed, "l")) {
        const values = shows ? ` is ${octal(left)} ${visible(left)} ${octal(right)} ${visible(right)}` : "";
        process.print(
          `${first} ${second} differ: ${shows ? "byte" : unit} ${at + 1}, line ${line}${values}\n`,
        );
        return status;
      }
      const values = shows
        ? `${octal(left)} ${visible(left).padEnd(4)} ${octal(right)} ${visible(right)}`
        : `${octal(left)} ${octal(right)}`;
      process.print(`${String(at + 1).padStart(String(shared).length)} ${values}\n`);
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

/** sprintc(): control characters as ^A, those with the highest bit as M- and the rest. */
function visible(byte: number): string {
  const low = byte & 0x7f;
  const shown =
    low < 0x20 ? `^${String.fromCharCode(low + 0x40)}` : low === 0x7f ? "^?" : String.fromCharCode(low);
  return byte > low ? `M-${shown}` : shown;
}
