/**
 * Netlink attributes: `struct nlattr` {u16 length, u16 type}, payload, padding to four bytes
 * (Linux Documentation/userspace-api/netlink/intro.rst, "Netlink attributes"; include/net/netlink.h).
 *
 * A writer that grows, and a reader that walks one level. What an attribute means is not known here: codecs are in
 * `attribute-codecs.ts`, tables of them in `attribute-table.ts`.
 */

import { type Decoded, Malformed } from "../wire/malformed.ts";
import { copyOf, cutBytes } from "../wire/page.ts";
import {
  readS32Host,
  readU16Host,
  readU32Host,
  readU64Host,
  writeU16Host,
  writeU32Host,
  writeU64Host,
} from "./host-bytes.ts";

/** The payload is itself a list of attributes. */
export const NLA_F_NESTED = 0x8000;
/** The payload is an integer in network order. */
export const NLA_F_NET_BYTEORDER = 0x4000;
/** What is left of the type field without the two flags. */
export const NLA_TYPE_MASK = 0x3fff;

/** Bytes of the attribute header. */
export const NLA_HEADER_LENGTH = 4;

/** NLMSG_ALIGN and NLA_ALIGN: both to four bytes. */
export function align4(length: number): number {
  return (length + 3) & ~3;
}

/** An attribute as it came: `type` with its flag bits, payload without padding. */
export interface RawAttribute {
  readonly type: number;
  readonly payload: Uint8Array;
}

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/** Text up to the first NUL or the end (`nla_strscpy`). Bytes that are not UTF-8 become U+FFFD. */
export function readText(buf: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; at++) {
    const byte = buf[at]!; // at < to <= buf.length
    if (byte === 0) return text;
    if (byte >= 0x80) {
      const nul = buf.subarray(at, to).indexOf(0);
      return textDecoder.decode(buf.subarray(from, nul < 0 ? to : at + nul));
    }
    text += String.fromCharCode(byte);
  }
  return text;
}

/**
 * Collects a message body: first a fixed structure of `headerLength` bytes (zero until written), then attributes.
 * The buffer grows as needed; everything not written is zero, as the kernel leaves its padding.
 */
export class AttributeWriter {
  #buf: Uint8Array;
  #end: number;

  constructor(headerLength = 0) {
    this.#buf = cutBytes(Math.max(256, align4(headerLength)));
    this.#end = align4(headerLength);
  }

  /** Bytes so far, padded to four. */
  get length(): number {
    return this.#end;
  }

  /** Makes room for `length` bytes at the end and returns their offset. Not aligned. */
  reserve(length: number): number {
    const at = this.#end;
    this.#end += length;
    if (this.#end > this.#buf.length) {
      const grown = cutBytes(Math.max(this.#end, this.#buf.length * 2));
      grown.set(this.#buf);
      this.#buf = grown;
    }
    return at;
  }

  /** The buffer behind the message. Valid until the next call that adds something. */
  get buffer(): Uint8Array {
    return this.#buf;
  }

  /** Starts an attribute and returns the handle that `end` wants; what is appended in between is its payload. */
  begin(type: number): number {
    const at = this.reserve(NLA_HEADER_LENGTH);
    writeU16Host(this.#buf, at + 2, type);
    return at;
  }

  /** Ends the attribute that `begin` started: writes its length, pads. */
  end(begun: number): void {
    writeU16Host(this.#buf, begun, this.#end - begun);
    this.reserve(align4(this.#end) - this.#end);
  }

  /** One attribute whose payload is what `fill` adds. */
  attribute(type: number, fill: () => void): void {
    const begun = this.begin(type);
    fill();
    this.end(begun);
  }

  /** A nest without NLA_F_NESTED, as rtnetlink's older families send it. */
  nest(type: number, fill: () => void): void {
    this.attribute(type, fill);
  }

  /** A nest with NLA_F_NESTED. */
  nestFlagged(type: number, fill: () => void): void {
    this.attribute(type | NLA_F_NESTED, fill);
  }

  u8(type: number, value: number): void {
    this.attribute(type, () => this.appendU8(value));
  }

  u16(type: number, value: number): void {
    this.attribute(type, () => this.appendU16(value));
  }

  u32(type: number, value: number): void {
    this.attribute(type, () => this.appendU32(value));
  }

  s32(type: number, value: number): void {
    this.attribute(type, () => this.appendU32(value));
  }

  u64(type: number, value: number): void {
    this.attribute(type, () => this.appendU64(value));
  }

  /** Network order (`nla_put_be16`). */
  be16(type: number, value: number): void {
    this.attribute(type, () => {
      this.appendU8(value >>> 8);
      this.appendU8(value);
    });
  }

  /** Network order (`nla_put_be32`). */
  be32(type: number, value: number): void {
    this.attribute(type, () => {
      for (let shift = 24; shift >= 0; shift -= 8) this.appendU8(value >>> shift);
    });
  }

  /** NUL-terminated, as `nla_put_string`. */
  string(type: number, value: string): void {
    this.attribute(type, () => this.appendText(value));
  }

  bytes(type: number, value: Uint8Array): void {
    this.attribute(type, () => this.appendBytes(value));
  }

  /** No payload: present means true. */
  flag(type: number): void {
    this.attribute(type, () => {});
  }

  raw(attribute: RawAttribute): void {
    this.bytes(attribute.type, attribute.payload);
  }

  appendU8(value: number): void {
    const at = this.reserve(1);
    this.#buf[at] = value;
  }

  appendU16(value: number): void {
    const at = this.reserve(2);
    writeU16Host(this.#buf, at, value);
  }

  appendU32(value: number): void {
    const at = this.reserve(4);
    writeU32Host(this.#buf, at, value);
  }

  appendU64(value: number): void {
    const at = this.reserve(8);
    writeU64Host(this.#buf, at, value);
  }

  appendBytes(value: Uint8Array): void {
    const at = this.reserve(value.length);
    this.#buf.set(value, at);
  }

  /** UTF-8 and a NUL. Names are ASCII almost always, and then need no encoder. */
  appendText(value: string): void {
    const { length } = value;
    const at = this.reserve(length + 1);
    for (let index = 0; index < length; index++) {
      const unit = value.charCodeAt(index);
      if (unit >= 0x80) {
        this.dropLast(length + 1);
        this.appendBytes(textEncoder.encode(value));
        this.appendU8(0);
        return;
      }
      this.#buf[at + index] = unit;
    }
  }

  /** Takes back the last `count` bytes, which must not have been part of a finished attribute. */
  dropLast(count: number): void {
    this.#end -= count;
    this.#buf.fill(0, this.#end, this.#end + count);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return copyOf(this.#buf, 0, this.#end);
  }
}

/** Shared by a reader and the readers of its nests: the first error stays. */
interface ErrorCell {
  error: Malformed | undefined;
}

/**
 * Walks one level of attributes. The walk ends where the kernel's liberal parser ends (`nla_ok` fails: fewer than
 * four bytes left, or a length that does not fit); what is left then is `leftover`, which old rtnetlink families
 * ignore. Typed reads never throw: a payload that is too short gives zero and makes `error` stick.
 */
export class AttributeReader {
  /** Type of the current attribute without flag bits. */
  type = 0;
  /** Type field as it came. */
  rawType = 0;
  /** Payload of the current attribute: bytes `start` up to `end` of `buf`. */
  start = 0;
  end = 0;
  readonly buf: Uint8Array;
  #next: number;
  readonly #limit: number;
  readonly #cell: ErrorCell;

  constructor(buf: Uint8Array, from = 0, to: number = buf.length, cell: ErrorCell = { error: undefined }) {
    this.buf = buf;
    this.#next = from;
    this.#limit = to;
    this.#cell = cell;
  }

  /** The first error of this reader or any reader of its nests. */
  get error(): Malformed | undefined {
    return this.#cell.error;
  }

  /** Bytes behind the last attribute that could be walked. */
  get leftover(): number {
    return Math.max(0, this.#limit - this.#next);
  }

  /** Moves to the next attribute; false at the end. */
  next(): boolean {
    const at = this.#next;
    const left = this.#limit - at;
    if (left < NLA_HEADER_LENGTH) return false;
    const length = readU16Host(this.buf, at);
    if (length < NLA_HEADER_LENGTH || length > left) return false;
    this.rawType = readU16Host(this.buf, at + 2);
    this.type = this.rawType & NLA_TYPE_MASK;
    this.start = at + NLA_HEADER_LENGTH;
    this.end = at + length;
    this.#next = Math.min(at + align4(length), this.#limit);
    return true;
  }

  /** Records the first error; `offset` defaults to the current attribute's header. */
  fail(reason: Malformed["reason"], what: string, offset: number = this.start - NLA_HEADER_LENGTH): void {
    this.#cell.error ??= new Malformed(reason, offset, what);
  }

  /** True if the payload has at least `length` bytes, otherwise the error sticks. */
  #has(length: number, what: string): boolean {
    if (this.end - this.start >= length) return true;
    this.fail("truncated", `attribute ${this.type} (${what})`);
    return false;
  }

  u8(): number {
    return this.#has(1, "u8") ? this.buf[this.start]! : 0; // length just checked
  }

  u16(): number {
    return this.#has(2, "u16") ? readU16Host(this.buf, this.start) : 0;
  }

  u32(): number {
    return this.#has(4, "u32") ? readU32Host(this.buf, this.start) : 0;
  }

  s32(): number {
    return this.#has(4, "s32") ? readS32Host(this.buf, this.start) : 0;
  }

  u64(): number {
    return this.#has(8, "u64") ? readU64Host(this.buf, this.start) : 0;
  }

  string(): string {
    return readText(this.buf, this.start, this.end);
  }

  /** A copy of the payload, independent of the message. */
  bytes(): Uint8Array {
    return this.buf.slice(this.start, this.end);
  }

  raw(): RawAttribute {
    return { type: this.rawType, payload: this.bytes() };
  }

  /** A reader for the attributes inside this one. It reports errors to the same place. */
  nested(): AttributeReader {
    return new AttributeReader(this.buf, this.start, this.end, this.#cell);
  }
}

/** Every attribute of one level as it came. */
export function readRawAttributes(
  buf: Uint8Array,
  from = 0,
  to: number = buf.length,
): readonly RawAttribute[] {
  const all: RawAttribute[] = [];
  const reader = new AttributeReader(buf, from, to);
  while (reader.next()) all.push(reader.raw());
  return all;
}

/** `value`, unless the reader met an error on the way. */
export function unlessFailed<T>(reader: AttributeReader, value: T): Decoded<T> {
  return reader.error ?? value;
}
