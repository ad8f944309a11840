/** Reading and writing the bodies of OpenFlow messages: big-endian integers one after the other, with bounds. */
import { readU16BE, readU32BE, readU64BE, writeU16BE, writeU32BE, writeU64BE } from "../../wire/bytes.ts";
import { OpenflowError } from "./errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Appends; grows as needed. */
export class MessageWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A copy of what has been written. */
  bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Where to write. May replace the buffer, so it is called before the buffer is named. */
  #grow(by: number): number {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#bytes.length) {
      const bigger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length));
      bigger.set(this.#bytes.subarray(0, at));
      this.#bytes = bigger;
    }
    return at;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#bytes[at] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    writeU16BE(this.#bytes, at, value);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    writeU32BE(this.#bytes, at, value);
    return this;
  }

  u64(value: bigint): this {
    const at = this.#grow(8);
    writeU64BE(this.#bytes, at, value);
    return this;
  }

  /** The low `bytes` bytes of a number of any width. */
  wide(value: bigint, bytes: number): this {
    const at = this.#grow(bytes);
    let rest = value;
    for (let i = bytes - 1; i >= 0; i--) {
      this.#bytes[at + i] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return this;
  }

  zeros(count: number): this {
    const at = this.#grow(count);
    this.#bytes.fill(0, at, at + count);
    return this;
  }

  put(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A name in a field of fixed length, filled with zeros. */
  text(text: string, length: number): this {
    if (text === "") return this.zeros(length);
    const bytes = encoder.encode(text).subarray(0, length);
    return this.put(bytes).zeros(length - bytes.length);
  }

  /** Fills up to a multiple of `unit`, counted from `from`. */
  pad(unit: number, from = 0): this {
    return this.zeros((unit - ((this.#length - from) % unit)) % unit);
  }

  /** Writes 16 bits over what stands at `at`. */
  patchU16(at: number, value: number): this {
    writeU16BE(this.#bytes, at, value);
    return this;
  }

  /** Forgets what was written after `length`. */
  truncate(length: number): this {
    this.#length = length;
    return this;
  }
}

/** Hears why bytes are refused, as the original's log tells: `ofp_actions|WARN|...`. */
export type DecodeLog = (module: string, level: "WARN" | "INFO", message: string) => void;

/** Takes from the front. Reading past the end is the sender's error. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly log: DecodeLog | undefined;
  /** What daemons with dummies take for their tests is read, too: debug_recirc, debug_slow. */
  readonly testing: boolean;
  #at = 0;

  constructor(bytes: Uint8Array, log?: DecodeLog, testing = false) {
    this.#bytes = bytes;
    this.log = log;
    this.testing = testing;
  }

  /** Bytes left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Bytes taken. */
  get at(): number {
    return this.#at;
  }

  #take(count: number, error = "OFPBRC_BAD_LEN"): number {
    if (count > this.left) throw new OpenflowError(error);
    const at = this.#at;
    this.#at += count;
    return at;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] ?? 0;
  }

  u16(): number {
    return readU16BE(this.#bytes, this.#take(2));
  }

  u32(): number {
    return readU32BE(this.#bytes, this.#take(4));
  }

  u64(): bigint {
    return readU64BE(this.#bytes, this.#take(8));
  }

  wide(bytes: number): bigint {
    const at = this.#take(bytes);
    let value = 0n;
    for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(this.#bytes[at + i] ?? 0);
    return value;
  }

  /** The 16 bits at an offset from here, without taking them; 0 past the end. */
  peekU16(offset: number): number {
    return offset + 2 <= this.left ? readU16BE(this.#bytes, this.#at + offset) : 0;
  }

  peekU32(offset: number): number {
    return offset + 4 <= this.left ? readU32BE(this.#bytes, this.#at + offset) : 0;
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** @param error if there are not so many */
  take(count: number, error?: string): Uint8Array {
    const at = this.#take(count, error);
    return this.#bytes.subarray(at, at + count);
  }

  /** A reader of the next bytes alone. */
  part(count: number, error?: string): MessageReader {
    return new MessageReader(this.take(count, error), this.log, this.testing);
  }

  /** A reader of other bytes, taken from here, which tells the same log. */
  over(bytes: Uint8Array): MessageReader {
    return new MessageReader(bytes, this.log, this.testing);
  }

  /** What is left, without taking it. */
  peekRest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** Takes all that is left and tells whether it is zero. */
  restIsZero(): boolean {
    return this.rest().every((byte) => byte === 0);
  }

  zero(count: number): boolean {
    return this.take(count).every((byte) => byte === 0);
  }

  /** A name in a field of fixed length. */
  text(length: number): string {
    const bytes = this.take(length);
    const end = bytes.indexOf(0);
    return end === 0 ? "" : decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}
