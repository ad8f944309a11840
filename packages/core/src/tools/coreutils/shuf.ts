// shuf(1) of coreutils 9.1: lines, words or numbers in random order, by the system's own randomness.

import type { Process } from "../../system/process.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { complain, localeQuoted, program } from "./program.ts";
import { openReader, readAll, writeBytes } from "./streams.ts";

function below(process: Process, count: number): number {
  return Math.floor((process.system.random32() / 0x1_0000_0000) * count);
}

export const shuf = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "ei:n:o:rz",
    long: {
      echo: "e",
      "input-range=": "i",
      "head-count=": "n",
      "output=": "o",
      repeat: "r",
      "zero-terminated": "z",
    },
  });
  const end = has(parsed, "z") ? "\0" : "\n";
  const head = valueOf(parsed, "n");
  if (head !== undefined && !/^\d+$/.test(head)) {
    complain(process, `invalid line count: ${localeQuoted(process, head)}`);
    return 1;
  }
  const range = valueOf(parsed, "i");
  let items: string[];
  if (range !== undefined) {
    const [, low, high] = /^(\d+)-(\d+)$/.exec(range) ?? [];
    if (low === undefined || Number(low) > Number(high)) {
      complain(process, `invalid input range: ${localeQuoted(process, range)}`);
      return 1;
    }
    items = Array.from({ length: Number(high) - Number(low) + 1 }, (_, at) => String(Number(low) + at));
  } else if (has(parsed, "e")) items = [...parsed.operands];
  else {
    if (parsed.operands.length > 1)
      usageError(process, `extra operand ${localeQuoted(process, parsed.operands[1] ?? "")}`);
    const text = new TextDecoder().decode(await readAll(openReader(process, parsed.operands[0] ?? "-")));
    items = text.replace(new RegExp(`${end}$`), "").split(end);
    if (text === "") items = [];
  }
  const most = head === undefined ? Number.POSITIVE_INFINITY : Number(head);
  if (has(parsed, "r")) {
    for (let count = 0; count < most && items.length > 0; count++)
      await writeBytes(
        process,
        new TextEncoder().encode(`${items[below(process, items.length)] ?? ""}${end}`),
      );
    return 0;
  }
  const chosen: string[] = [];
  while (chosen.length < most && items.length > 0) {
    const at = below(process, items.length);
    chosen.push(items[at] ?? "");
    items[at] = items.at(-1) ?? "";
    items.pop();
  }
  const bytes = new TextEncoder().encode(chosen.map((item) => item + end).join(""));
  const output = valueOf(parsed, "o");
  if (output === undefined) await writeBytes(process, bytes);
  else process.files.writeFile(output, bytes);
  return 0;
});
