// truncate(1) and sync(1) of coreutils 9.1.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO, strerror } from "../../netlink/errno.ts";
import type { Process } from "../../system/process.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { complain, localeQuoted, program, quoted } from "./program.ts";
import { parseSize } from "./sizes.ts";

/** The size that `text` makes of `size`: a number, or a change after + - < > / or %. */
function resized(text: string, size: number): number | undefined {
  const match = /^([-+<>/%]?)(.*)$/s.exec(text.trim());
  const value = parseSize(match?.[2] ?? "", "kmgt");
  if (!match || value === undefined) return undefined;
  switch (match[1]) {
    case "+":
      return size + value;
    case "-":
      return Math.max(0, size - value);
    case "<":
      return Math.min(size, value);
    case ">":
      return Math.max(size, value);
    case "/":
      return size - (size % value);
    case "%":
      return Math.ceil(size / value) * value;
    default:
      return value;
  }
}

function content(process: Process, path: string): Uint8Array | undefined {
  try {
    return process.files.readFile(path);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.ENOENT) throw refusal;
    return undefined;
  }
}

export const truncate = program((process) => {
  const parsed = parseOptions(process, {
    short: "cor:s:",
    long: { "no-create": "c", "io-blocks": "o", "reference=": "r", "size=": "s" },
  });
  const size = valueOf(parsed, "s");
  const reference = valueOf(parsed, "r");
  if (size === undefined && reference === undefined)
    usageError(
      process,
      `you must specify either ${localeQuoted(process, "--size")} or ${localeQuoted(process, "--reference")}`,
    );
  if (size !== undefined && resized(size, 0) === undefined) {
    complain(process, `Invalid number: ${localeQuoted(process, size)}`);
    return 1;
  }
  if (parsed.operands.length === 0) usageError(process, "missing file operand");
  const base = reference === undefined ? undefined : process.files.status(reference).size;
  let status = 0;
  for (const path of parsed.operands) {
    try {
      const before = content(process, path);
      if (before === undefined && has(parsed, "c")) continue;
      const length = size === undefined ? (base ?? 0) : (resized(size, base ?? before?.length ?? 0) ?? 0);
      const after = new Uint8Array(length);
      after.set((before ?? after).subarray(0, length));
      process.files.writeFile(path, after);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `cannot open ${quoted(path)} for writing: ${strerror(refusal.errno)}`);
      status = 1;
    }
  }
  return status;
});

/** Everything is in memory. */
export const sync = program((process) => {
  parseOptions(process, { short: "df", long: { data: "d", "file-system": "f" } });
  return 0;
});
