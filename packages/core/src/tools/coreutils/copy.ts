// cat, tee, head, tail, wc: programs that pass bytes on as they come.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { OpenFile } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";
import { SECOND } from "../../system/system.ts";
import { has, parseOptions, usageError, valueOf } from "./options.ts";
import { complain, localeQuoted, program, quoted, quotedIfNeeded } from "./program.ts";
import type { Reader } from "./streams.ts";
import { descriptorNumber, LineReader, openReader, writeBytes } from "./streams.ts";

const encoder = new TextEncoder();

/** Opens each operand in turn and hands it on; complaints are `NAME: FILE: error`. Returns the exit status. */
async function eachFile(
  process: Process,
  operands: readonly string[],
  use: (read: Reader, name: string) => Promise<void>,
  word: (name: string, error: string, opened: boolean) => string,
): Promise<number> {
  let status = 0;
  for (const name of operands.length > 0 ? operands : ["-"]) {
    let opened = false;
    try {
      const read = openReader(process, name);
      opened = true;
      await use(read, name);
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, word(name, strerror(refusal.errno), opened));
      status = 1;
    }
  }
  return status;
}

export const cat = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "AbeEnstTuv",
    long: {
      "show-all": "A",
      "number-nonblank": "b",
      "show-ends": "E",
      number: "n",
      "squeeze-blank": "s",
      "show-tabs": "T",
      "show-nonprinting": "v",
    },
  });
  const flag = (letters: string): boolean => [...letters].some((letter) => has(parsed, letter));
  const plain = !flag("AbeEnstTv");
  const decorate = new Decorator({
    numbers: flag("b") ? "nonblank" : flag("n") ? "all" : "none",
    squeeze: flag("s"),
    ends: flag("AeE"),
    tabs: flag("AtT"),
    nonprinting: flag("Aetv"),
  });
  return eachFile(
    process,
    parsed.operands,
    async (read) => {
      if (plain) {
        for (let bytes = await read(); bytes !== null; bytes = await read()) await writeBytes(process, bytes);
        return;
      }
      const lines = new LineReader(read);
      for (let line = await lines.next(); line !== null; line = await lines.next()) {
        await writeBytes(process, decorate.line(line));
      }
    },
    (name, error) => `${quotedIfNeeded(name)}: ${error}`,
  );
});

/** What cat's options add to lines. */
interface Decoration {
  readonly numbers: "none" | "all" | "nonblank";
  readonly squeeze: boolean;
  readonly ends: boolean;
  readonly tabs: boolean;
  readonly nonprinting: boolean;
}

class Decorator {
  readonly #options: Decoration;
  #number = 0;
  #blank = false;

  constructor(options: Decoration) {
    this.#options = options;
  }

  line(bytes: Uint8Array): Uint8Array {
    const { numbers, squeeze, ends, tabs, nonprinting } = this.#options;
    const ended = bytes.at(-1) === 10;
    const blank = ended && bytes.length === 1;
    if (blank && this.#blank && squeeze) return new Uint8Array(0);
    this.#blank = blank;
    const out: number[] = [];
    const put = (text: string): void => {
      for (const byte of encoder.encode(text)) out.push(byte);
    };
    if (numbers === "all" || (numbers === "nonblank" && !blank))
      put(`${String(++this.#number).padStart(6)}\t`);
    for (const byte of ended ? bytes.subarray(0, -1) : bytes) {
      if (byte === 9) put(tabs ? "^I" : "\t");
      else if (nonprinting) put(visible(byte));
      else out.push(byte);
    }
    if (ended) put(ends ? "$\n" : "\n");
    return Uint8Array.from(out);
  }
}

function visible(byte: number): string {
  if (byte >= 128) return `M-${visible(byte - 128)}`;
  if (byte < 32) return `^${String.fromCharCode(byte + 64)}`;
  return byte === 127 ? "^?" : String.fromCharCode(byte);
}

export const tee = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "aip",
    long: { append: "a", "ignore-interrupts": "i", "output-error": "p" },
  });
  if (has(parsed, "i")) process.onSignal("SIGINT", "ignore");
  const append = has(parsed, "a");
  let status = 0;
  const files: { readonly name: string; readonly file: Pick<OpenFile, "write" | "close"> }[] = [];
  for (const name of parsed.operands) {
    try {
      files.push({ name, file: openWriter(process, name, append) });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      complain(process, `${quotedIfNeeded(name)}: ${strerror(refusal.errno)}`);
      status = 1;
    }
  }
  const read = openReader(process, "-");
  for (let bytes = await read(); bytes !== null; bytes = await read()) {
    await writeBytes(process, bytes);
    for (const { name, file } of files) {
      try {
        file.write(bytes);
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        complain(process, `${quotedIfNeeded(name)}: ${strerror(refusal.errno)}`);
        status = 1;
      }
    }
  }
  for (const { file } of files) file.close();
  return status;
});

function openWriter(process: Process, name: string, append: boolean): Pick<OpenFile, "write" | "close"> {
  const number = name === "-" ? undefined : descriptorNumber(name);
  if (number === undefined)
    return process.files.open(name, { write: true, create: true, truncate: !append, append });
  return { write: (bytes) => process.write(number, bytes), close: () => {} };
}

const SUFFIXES: Readonly<Record<string, number>> = {
  b: 512,
  k: 1024,
  K: 1024,
  m: 1048576,
  M: 1048576,
  G: 1073741824,
};

/** Count of head and tail with its sign; a sign means "all but" or "from". */
function readCount(
  process: Process,
  text: string,
  what: "lines" | "bytes",
): { readonly sign: string; readonly count: number } {
  const match = /^([-+]?)(\d+)([bkKmMG]?)$/.exec(text);
  if (!match) usageError(process, `invalid number of ${what}: ${localeQuoted(process, text)}`);
  return { sign: match[1] ?? "", count: Number(match[2]) * (SUFFIXES[match[3] ?? ""] ?? 1) };
}

/** head -5 and tail -5 as -n 5. */
function withOldCount(process: Process): void {
  const [name = "", first = "", ...rest] = process.argv;
  const match =
    /^-(\d+)([cbkmlqv]*)$/.exec(first) ?? (name.endsWith("tail") ? /^([-+]\d+)()$/.exec(first) : null);
  if (match) process.argv = [name, /c/.test(match[2] ?? "") ? "-c" : "-n", match[1] ?? "", ...rest];
}

const HEAD_TAIL_LONG = { bytes: "c", lines: "n", quiet: "q", silent: "q", verbose: "v" };

function headers(
  process: Process,
  many: boolean,
  quiet: boolean,
  verbose: boolean,
): (name: string) => Promise<void> {
  let first = true;
  return async (name) => {
    if ((!many && !verbose) || quiet) return;
    const shown = name === "-" ? "standard input" : name;
    await writeBytes(process, encoder.encode(`${first ? "" : "\n"}==> ${shown} <==\n`));
    first = false;
  };
}

export const head = program(async (process) => {
  withOldCount(process);
  const parsed = parseOptions(process, {
    short: "c:n:qvz",
    long: {
      "bytes=": "c",
      "lines=": "n",
      quiet: HEAD_TAIL_LONG.quiet,
      silent: "q",
      verbose: "v",
      "zero-terminated": "z",
    },
  });
  const bytesText = valueOf(parsed, "c");
  const unit = bytesText === undefined ? "lines" : "bytes";
  const { sign, count } = readCount(process, bytesText ?? valueOf(parsed, "n") ?? "10", unit);
  const header = headers(process, parsed.operands.length > 1, has(parsed, "q"), has(parsed, "v"));
  return eachFile(
    process,
    parsed.operands,
    async (read, name) => {
      await header(name);
      if (unit === "bytes") await headBytes(process, read, count, sign === "-");
      else await headLines(process, new LineReader(read, has(parsed, "z") ? 0 : 10), count, sign === "-");
    },
    (name, error, opened) =>
      `${opened ? "error reading" : "cannot open"} ${quoted(name)}${opened ? "" : " for reading"}: ${error}`,
  );
});

async function headLines(process: Process, lines: LineReader, count: number, allBut: boolean): Promise<void> {
  const held: Uint8Array[] = [];
  for (let taken = 0; ; taken++) {
    if (!allBut && taken >= count) return;
    const line = await lines.next();
    if (line === null) return;
    if (!allBut) await writeBytes(process, line);
    else {
      held.push(line);
      if (held.length > count) await writeBytes(process, held.shift() ?? new Uint8Array(0));
    }
  }
}

async function headBytes(process: Process, read: Reader, count: number, allBut: boolean): Promise<void> {
  let held = new Uint8Array(0);
  let left = count;
  for (;;) {
    const bytes = allBut || left > 0 ? await read() : null;
    if (bytes === null) return;
    if (!allBut) {
      await writeBytes(process, bytes.subarray(0, left));
      left -= Math.min(left, bytes.length);
      continue;
    }
    const joined = new Uint8Array(held.length + bytes.length);
    joined.set(held);
    joined.set(bytes, held.length);
    const sure = Math.max(0, joined.length - count);
    await writeBytes(process, joined.subarray(0, sure));
    held = joined.slice(sure);
  }
}

export const tail = program(async (process) => {
  withOldCount(process);
  const parsed = parseOptions(process, {
    short: "c:fFn:qs:vz",
    long: {
      "bytes=": "c",
      follow: "f",
      "lines=": "n",
      quiet: "q",
      silent: "q",
      "sleep-interval=": "s",
      verbose: "v",
      "zero-terminated": "z",
    },
  });
  const bytesText = valueOf(parsed, "c");
  const unit = bytesText === undefined ? "lines" : "bytes";
  const { sign, count } = readCount(process, bytesText ?? valueOf(parsed, "n") ?? "10", unit);
  const header = headers(process, parsed.operands.length > 1, has(parsed, "q"), has(parsed, "v"));
  const follows = has(parsed, "f") || has(parsed, "F");
  const followed: { readonly name: string; size: number }[] = [];
  const status = await eachFile(
    process,
    parsed.operands,
    async (read, name) => {
      await header(name);
      const delimiter = unit === "bytes" ? undefined : has(parsed, "z") ? 0 : 10;
      const total = await tailOf(process, read, count, sign === "+", delimiter);
      if (follows && name !== "-") followed.push({ name, size: total });
    },
    (name, error, opened) =>
      `${opened ? "error reading" : "cannot open"} ${quoted(name)}${opened ? "" : " for reading"}: ${error}`,
  );
  if (followed.length > 0) await follow(process, followed, Number(valueOf(parsed, "s") ?? "1"));
  return status;
});

/** Prints the end of an input; returns its whole size. `delimiter` undefined: counts bytes. */
async function tailOf(
  process: Process,
  read: Reader,
  count: number,
  from: boolean,
  delimiter: number | undefined,
): Promise<number> {
  let total = 0;
  const counted: Reader = async () => {
    const bytes = await read();
    total += bytes?.length ?? 0;
    return bytes;
  };
  const units = delimiter === undefined ? undefined : new LineReader(counted, delimiter);
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let seen = 0;
  for (;;) {
    const unit = units ? await units.next() : await counted();
    if (unit === null) break;
    if (from) {
      const skip = Math.max(0, count - 1);
      if (units) {
        if (seen++ >= skip) await writeBytes(process, unit);
      } else {
        await writeBytes(process, unit.subarray(Math.max(0, skip - seen)));
        seen += unit.length;
      }
      continue;
    }
    held.push(unit);
    heldBytes += unit.length;
    const [oldest] = held;
    const surplus = units ? held.length > count : heldBytes - (oldest?.length ?? 0) >= count;
    if (surplus) {
      heldBytes -= oldest?.length ?? 0;
      held.shift();
    }
  }
  if (!units && heldBytes > count && held[0]) held = [held[0].subarray(heldBytes - count), ...held.slice(1)];
  for (const unit of count === 0 ? [] : held) await writeBytes(process, unit);
  return total;
}

/** Looks at the files now and then and prints what was added. Ends by a signal only. */
async function follow(
  process: Process,
  files: { readonly name: string; size: number }[],
  interval: number,
): Promise<never> {
  for (;;) {
    await process.sleep(interval * SECOND);
    for (const file of files) {
      const bytes = process.files.readFile(file.name);
      if (bytes.length < file.size) {
        complain(process, `${file.name}: file truncated`);
        file.size = 0;
      }
      if (bytes.length > file.size) await writeBytes(process, bytes.subarray(file.size));
      file.size = bytes.length;
    }
  }
}

interface Counts {
  lines: number;
  words: number;
  chars: number;
  bytes: number;
  longest: number;
}

export const wc = program(async (process) => {
  const parsed = parseOptions(process, {
    short: "clmwL",
    long: { bytes: "c", chars: "m", lines: "l", words: "w", "max-line-length": "L" },
  });
  const columns = (["lines", "words", "chars", "bytes", "longest"] as const).filter((_, index) =>
    has(parsed, "lwmcL"[index] ?? ""),
  );
  const wanted = columns.length > 0 ? columns : (["lines", "words", "bytes"] as const);
  const { operands } = parsed;
  const rows: { readonly counts: Counts; readonly name: string }[] = [];
  const status = await eachFile(
    process,
    operands,
    async (read, name) => {
      rows.push({ counts: await countAll(read), name: operands.length === 0 ? "" : name });
    },
    (name, error) => `${quotedIfNeeded(name)}: ${error}`,
  );
  const total: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0 };
  for (const { counts } of rows) {
    for (const key of ["lines", "words", "chars", "bytes"] as const) total[key] += counts[key];
    total.longest = Math.max(total.longest, counts.longest);
  }
  if (operands.length > 1) rows.push({ counts: total, name: "total" });
  const pipes = operands.length === 0 || operands.includes("-");
  const single = wanted.length === 1 && rows.length <= 1;
  const width = single ? 1 : pipes ? 7 : String(total.bytes).length;
  for (const { counts, name } of rows) {
    const numbers = wanted.map((key) => String(counts[key]).padStart(width)).join(" ");
    process.print(`${numbers}${name === "" ? "" : ` ${name}`}\n`);
  }
  return status;
});

async function countAll(read: Reader): Promise<Counts> {
  const counts: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0 };
  let inWord = false;
  let column = 0;
  for (let bytes = await read(); bytes !== null; bytes = await read()) {
    counts.bytes += bytes.length;
    for (const byte of bytes) {
      const space = byte === 32 || (byte >= 9 && byte <= 13);
      if (byte === 10) {
        counts.lines++;
        counts.longest = Math.max(counts.longest, column);
        column = 0;
      } else if (byte === 9) column += 8 - (column % 8);
      else if (byte >= 32 && (byte & 0xc0) !== 0x80) column++;
      if ((byte & 0xc0) !== 0x80) counts.chars++;
      if (!space && !inWord) counts.words++;
      inWord = !space;
    }
  }
  counts.longest = Math.max(counts.longest, column);
  return counts;
}
