// dd(1) of coreutils 9.1: copies blocks.

import { strerror } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import { usageError } from "./options.ts";
import { complain, localeQuoted, program, quotedIfNeeded } from "./program.ts";
import { sizeFactor } from "./sizes.ts";
import { join, openReader, writeBytes } from "./streams.ts";
import type { Reader } from "./streams.ts";

const DEFAULT_BLOCK = 512; // bytes

/** Suffixes that only dd has; B says that a count is one of bytes. */
const BLOCKS: Readonly<Record<string, number>> = { B: 1, c: 1, w: 2, b: 512 };

interface Copy {
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly inputBlock: number;
  readonly outputBlock: number;
  /** Blocks, or bytes if `countBytes`. */
  readonly count: number;
  readonly countBytes: boolean;
  /** Bytes. */
  readonly skip: number;
  readonly seek: number;
  readonly fullBlocks: boolean;
  readonly append: boolean;
  readonly conversions: ReadonlySet<string>;
  readonly status: string;
}

const CONVERSIONS = "notrunc sync fsync fdatasync noerror excl nocreat sparse lcase ucase".split(" ");
const NOT_IMPLEMENTED = "ascii ebcdic ibm block unblock swab".split(" ");

function bytesOf(process: Process, text: string): { readonly value: number; readonly bytes: boolean } {
  let value = 1;
  for (const factor of text.split("x")) {
    const match = /^(\d+)([a-zA-Z]*)$/.exec(factor);
    const suffix = match?.[2] ?? "";
    const unit = BLOCKS[suffix] ?? sizeFactor(suffix);
    if (!match || unit === undefined) {
      complain(process, `invalid number: ${localeQuoted(process, text)}`);
      return process.exit(1);
    }
    value *= Number(match[1]) * unit;
  }
  return { value, bytes: /\dB$/.test(text) };
}

function operandsOf(process: Process): Copy {
  const given = new Map<string, string>();
  for (const word of process.argv.slice(1)) {
    const [, name = "", value = ""] = /^([a-z]+)=(.*)$/s.exec(word) ?? [];
    if (!/^(?:if|of|bs|ibs|obs|cbs|count|skip|iseek|seek|oseek|conv|status|iflag|oflag)$/.test(name))
      usageError(process, `unrecognized operand ${localeQuoted(process, word)}`);
    given.set(name, value);
  }
  const number = (name: string, other?: string) => {
    const text = given.get(name) ?? (other === undefined ? undefined : given.get(other));
    return text === undefined ? undefined : bytesOf(process, text);
  };
  const block = number("bs")?.value;
  const flags = (name: string): readonly string[] => (given.get(name) ?? "").split(",").filter(Boolean);
  const inputFlags = flags("iflag");
  const outputFlags = flags("oflag");
  const inputBlock = block ?? number("ibs")?.value ?? DEFAULT_BLOCK;
  const outputBlock = block ?? number("obs")?.value ?? DEFAULT_BLOCK;
  if (inputBlock === 0 || outputBlock === 0) {
    complain(process, `invalid number: ${localeQuoted(process, given.get("bs") ?? "0")}`);
    process.exit(1);
  }
  const conversions = new Set(flags("conv"));
  for (const conversion of conversions) {
    if (CONVERSIONS.includes(conversion)) continue;
    if (NOT_IMPLEMENTED.includes(conversion)) {
      complain(process, `conv=${conversion} is not implemented`);
      return process.exit(1);
    }
    usageError(process, `invalid conversion: ${localeQuoted(process, conversion)}`);
  }
  const count = number("count");
  const skip = number("skip", "iseek");
  const seek = number("seek", "oseek");
  const inBytes = (list: readonly string[], flag: string, value: typeof count): boolean =>
    list.includes(flag) || value?.bytes === true;
  return {
    input: given.get("if"),
    output: given.get("of"),
    inputBlock,
    outputBlock,
    count: count?.value ?? Number.POSITIVE_INFINITY,
    countBytes: inBytes(inputFlags, "count_bytes", count),
    skip: (skip?.value ?? 0) * (inBytes(inputFlags, "skip_bytes", skip) ? 1 : inputBlock),
    seek: (seek?.value ?? 0) * (inBytes(outputFlags, "seek_bytes", seek) ? 1 : outputBlock),
    // A file gives as much as is asked for; a pipe gives what is there.
    fullBlocks: inputFlags.includes("fullblock") || given.has("if") || process.stdin.seekable === true,
    append: outputFlags.includes("append"),
    conversions,
    status: given.get("status") ?? "",
  };
}

export const dd = program(async (process) => {
  const copy = operandsOf(process);
  const started = process.monotonic();
  let read: Reader;
  try {
    read = openReader(process, copy.input ?? "-");
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(process, `failed to open ${quotedAlways(copy.input ?? "")}: ${strerror(refusal.errno)}`);
    return 1;
  }
  const blocks = new BlockReader(read, copy);
  let target: Target;
  try {
    target = new Target(process, copy);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(process, `failed to open ${quotedAlways(copy.output ?? "")}: ${strerror(refusal.errno)}`);
    return 1;
  }
  let status = 0;
  try {
    if (!(await blocks.skip(copy.skip)))
      complain(process, `${quotedIfNeeded(copy.input ?? "standard input")}: cannot skip to specified offset`);
    for (let block = await blocks.next(); block !== null; block = await blocks.next())
      await target.write(block);
    await target.finish();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    complain(
      process,
      `error writing ${quotedAlways(copy.output ?? "standard output")}: ${strerror(refusal.errno)}`,
    );
    status = 1;
  }
  if (copy.status !== "none") {
    process.warn(
      `${blocks.full}+${blocks.partial} records in\n${target.full}+${target.partial} records out\n`,
    );
    if (copy.status !== "noxfer")
      process.warn(`${transferred(target.bytes, process.monotonic() - started)}\n`);
  }
  return status;
});

function quotedAlways(name: string): string {
  const shown = quotedIfNeeded(name);
  return shown === name ? `'${name}'` : shown;
}

/** Input in blocks of the wanted size; one read(2) gives at most one. */
class BlockReader {
  full = 0;
  partial = 0;
  readonly #read: Reader;
  readonly #copy: Copy;
  #rest: Uint8Array = new Uint8Array(0);
  #ended = false;
  #bytes = 0;

  constructor(read: Reader, copy: Copy) {
    this.#read = read;
    this.#copy = copy;
  }

  async #more(): Promise<boolean> {
    const bytes = this.#ended ? null : await this.#read();
    if (bytes === null) this.#ended = true;
    else this.#rest = this.#rest.length === 0 ? bytes : join([this.#rest, bytes]);
    return !this.#ended;
  }

  #take(length: number): Uint8Array {
    const taken = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** False if the input ended before. */
  async skip(bytes: number): Promise<boolean> {
    let left = bytes;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) return false;
      left -= this.#take(left).length;
    }
    return true;
  }

  async next(): Promise<Uint8Array | null> {
    const { inputBlock, count, countBytes, fullBlocks, conversions } = this.#copy;
    const left = countBytes ? count - this.#bytes : (count - this.full - this.partial) * inputBlock;
    const wanted = Math.min(inputBlock, left);
    if (wanted <= 0) return null;
    if (this.#rest.length === 0) await this.#more();
    if (fullBlocks) while (this.#rest.length < wanted && (await this.#more()));
    const block = inCase(this.#take(wanted), conversions);
    if (block.length === 0) return null;
    this.#bytes += block.length;
    if (block.length === inputBlock) this.full++;
    else this.partial++;
    if (block.length === inputBlock || !conversions.has("sync")) return block;
    const filled = new Uint8Array(inputBlock);
    filled.set(block);
    return filled;
  }
}

/** conv=lcase and conv=ucase, in the C locale. */
function inCase(bytes: Uint8Array, conversions: ReadonlySet<string>): Uint8Array {
  const first = conversions.has("lcase") ? 0x41 : conversions.has("ucase") ? 0x61 : undefined;
  if (first === undefined) return bytes;
  return bytes.map((byte) => (byte >= first && byte < first + 26 ? byte ^ 0x20 : byte));
}

/** Output in blocks; a file keeps what stands before the place that was sought, and with notrunc what stands behind. */
class Target {
  full = 0;
  partial = 0;
  bytes = 0;
  readonly #process: Process;
  readonly #size: number;
  /** Same size in and out: each block is written as it came. */
  readonly #direct: boolean;
  readonly #put: (bytes: Uint8Array) => Promise<void>;
  readonly #close: () => void;
  #waiting: Uint8Array = new Uint8Array(0);

  constructor(process: Process, copy: Copy) {
    this.#process = process;
    this.#size = copy.outputBlock;
    this.#direct = copy.inputBlock === copy.outputBlock;
    if (copy.output === undefined) {
      this.#put = (bytes) => writeBytes(process, bytes);
      this.#close = () => {};
      return;
    }
    const { files } = process;
    const path = copy.output;
    const truncate = !copy.conversions.has("notrunc") && !copy.append;
    const create = !copy.conversions.has("nocreat");
    const kept = this.#before(path, copy.seek);
    const file = files.open(path, { write: true, create, truncate, append: copy.append });
    // A file without a position to seek to: what stands before it is written anew.
    if (kept.length > 0) file.write(kept);
    this.#put = (bytes) => {
      file.write(bytes);
      return Promise.resolve();
    };
    this.#close = () => file.close();
  }

  #before(path: string, length: number): Uint8Array {
    const kept = new Uint8Array(length);
    if (length === 0) return kept;
    try {
      if (this.#process.files.status(path).type !== "file") return new Uint8Array(0);
      kept.set(this.#process.files.readFile(path).subarray(0, length));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
    }
    return kept;
  }

  async write(block: Uint8Array): Promise<void> {
    if (this.#direct) return this.#out(block);
    this.#waiting = join([this.#waiting, block]);
    while (this.#waiting.length >= this.#size) {
      await this.#out(this.#waiting.subarray(0, this.#size));
      this.#waiting = this.#waiting.subarray(this.#size);
    }
  }

  async #out(bytes: Uint8Array): Promise<void> {
    await this.#put(bytes);
    this.bytes += bytes.length;
    if (bytes.length === this.#size) this.full++;
    else this.partial++;
  }

  async finish(): Promise<void> {
    if (this.#waiting.length > 0) await this.#out(this.#waiting);
    this.#close();
  }
}

const DECIMAL = ["B", "kB", "MB", "GB", "TB"];
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB"];

/** A size with two significant digits, as human_readable() of gnulib writes it. */
function humanSize(bytes: number, base: number, units: readonly string[]): string {
  let value = bytes;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

function transferred(bytes: number, nanoseconds: number): string {
  const decimal = humanSize(bytes, 1000, DECIMAL);
  const binary = humanSize(bytes, 1024, BINARY);
  const sizes = bytes < 1000 ? "" : bytes < 1024 ? ` (${decimal})` : ` (${decimal}, ${binary})`;
  const seconds = nanoseconds / 1e9;
  const rate = seconds > 0 ? humanSize(bytes / seconds, 1000, DECIMAL) : "Infinity B";
  const unit = bytes === 1 ? "byte" : "bytes";
  return `${bytes} ${unit}${sizes} copied, ${Number(seconds.toPrecision(6))} s, ${rate}/s`;
}
