// seq, yes, true, false.

import type { Process, Program } from "../../system/process.ts";
import { MILLISECOND } from "../../system/system.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { program, localeQuoted } from "./program.ts";
import { untilWritable, writeBytes } from "./streams.ts";

export const trueProgram: Program = () => 0;
export const falseProgram: Program = () => 1;

const BATCH = 1024; // lines between two looks at the pipe

export const seq = program(async (process) => {
  const [name = "", ...words] = process.argv;
  // Negative numbers are operands, not options.
  const firstNumber = words.findIndex((word) => /^-[\d.]/.test(word));
  const leading = words
    .slice(0, firstNumber)
    .every((word, at) => word.startsWith("-") || /^-[sf]$/.test(words[at - 1] ?? ""));
  if (firstNumber >= 0 && leading && !words.slice(0, firstNumber).includes("--")) {
    process.argv = [name, ...words.slice(0, firstNumber), "--", ...words.slice(firstNumber)];
  }
  const parsed = parseOptions(process, {
    short: "f:s:w",
    long: { "format=": "f", "separator=": "s", "equal-width": "w" },
    stopEarly: true,
  });
  const { operands } = parsed;
  if (operands.length === 0) usageError(process, "missing operand");
  const extra = operands[3];
  if (extra !== undefined) usageError(process, `extra operand ${localeQuoted(process, extra)}`);
  for (const text of operands) {
    if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text))
      usageError(process, `invalid floating point argument: ${localeQuoted(process, text)}`);
  }
  const [a = "1", b = "1", c = "1"] = operands;
  const [first, step, last] =
    operands.length === 1 ? ["1", "1", a] : operands.length === 2 ? [a, "1", b] : [a, b, c];
  if (Number(step) === 0) usageError(process, `invalid Zero increment value: ${localeQuoted(process, step)}`);
  await printSequence(process, first, step, last, {
    separator: valueOf(parsed, "s") ?? "\n",
    equalWidth: has(parsed, "w"),
    format: valueOf(parsed, "f"),
  });
  return 0;
});

function decimals(text: string): number {
  return /\.(\d*)/.exec(text)?.[1]?.length ?? 0;
}

async function printSequence(
  process: Process,
  first: string,
  step: string,
  last: string,
  style: { readonly separator: string; readonly equalWidth: boolean; readonly format: string | undefined },
): Promise<void> {
  const precision = Math.max(decimals(first), decimals(step));
  const from = Number(first);
  const by = Number(step);
  const count = Math.floor((Number(last) - from) / by + 1e-10) + 1;
  const show = (value: number): string => value.toFixed(precision);
  const width = style.equalWidth
    ? Math.max(show(from).length, show(from + by * Math.max(0, count - 1)).length, show(Number(last)).length)
    : 0;
  const format =
    style.format === undefined
      ? undefined
      : /^((?:[^%]|%%)*)%([-+ 0#]*)(\d*)(?:\.(\d+))?([fge])((?:[^%]|%%)*)$/.exec(style.format);
  for (let index = 0; index < count; index++) {
    const value = from + index * by;
    let text = show(value);
    if (format) {
      const [, before = "", flags = "", size = "", digits, , after = ""] = format;
      const number =
        format[5] === "g"
          ? String(Number(value.toPrecision(Number(digits ?? 6))))
          : value.toFixed(Number(digits ?? 6));
      const padded = flags.includes("-")
        ? number.padEnd(Number(size))
        : number.padStart(Number(size), flags.includes("0") ? "0" : " ");
      text = before.replaceAll("%%", "%") + padded + after.replaceAll("%%", "%");
    } else if (width > 0)
      text = text.startsWith("-") ? `-${text.slice(1).padStart(width - 1, "0")}` : text.padStart(width, "0");
    process.print(index + 1 < count ? text + style.separator : `${text}\n`);
    if (index % BATCH === BATCH - 1) await untilWritable(process);
  }
}

export const yes = program(async (process) => {
  const text = `${process.argv.slice(1).join(" ") || "y"}\n`;
  const block = new TextEncoder().encode(text.repeat(Math.max(1, Math.floor(8192 / text.length))));
  for (;;) {
    await writeBytes(process, block);
    // A reader that is never full, such as /dev/null, must not keep the clock from running.
    await process.wait([], MILLISECOND);
  }
});
