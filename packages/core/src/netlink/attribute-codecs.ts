/**
 * Codecs for attribute payloads: integers, text, bytes, flags, C structures, lists. A codec is one value that knows
 * both directions, so a family cannot write what it would not read.
 *
 * Reading follows the kernel's liberal validation (lib/nlattr.c, NL_VALIDATE_LIBERAL): a payload may be longer than
 * the type needs, never shorter. Sizes and offsets of structures are those of the uapi headers on 64-bit machines.
 */

import { type AttributeReader, type AttributeWriter, NLA_F_NESTED } from "./attributes.ts";
import {
  readS32Host,
  readU16Host,
  readU32Host,
  readU64Host,
  readU64HostBig,
  writeU16Host,
  writeU32Host,
  writeU64Host,
  writeU64HostBig,
} from "./host-bytes.ts";

/** Both directions of one attribute's payload. `read` looks at the reader's current attribute. */
export interface AttributeCodec<T> {
  read(reader: AttributeReader): T;
  write(writer: AttributeWriter, value: T): void;
  /** Bits added to the type field: NLA_F_NESTED where the sender sets it. */
  readonly typeFlags: number;
}

/** A payload of fixed size, which can also be a member of a structure. `get` and `put` do not check bounds. */
export interface FixedCodec<T> extends AttributeCodec<T> {
  readonly size: number;
  get(buf: Uint8Array, off: number): T;
  put(buf: Uint8Array, off: number, value: T): void;
}

function fixed<T>(
  size: number,
  get: (buf: Uint8Array, off: number) => T,
  put: (buf: Uint8Array, off: number, value: T) => void,
): FixedCodec<T> {
  // A payload that is too short reads as zeros; the reader keeps the error, and its owner reports it.
  const zeros = new Uint8Array(size);
  return {
    typeFlags: 0,
    size,
    get,
    put,
    read(reader) {
      if (reader.end - reader.start >= size) return get(reader.buf, reader.start);
      reader.fail("truncated", `attribute ${reader.type}: ${reader.end - reader.start} of ${size} bytes`);
      return get(zeros, 0);
    },
    write(writer, value) {
      const at = writer.reserve(size);
      put(writer.buffer, at, value);
    },
  };
}

export const u8 = fixed<number>(
  1,
  (buf, off) => buf[off]!, // a fixed codec's bounds are checked by `read`
  (buf, off, value) => {
    buf[off] = value;
  },
);
export const s8 = fixed<number>(1, (buf, off) => (buf[off]! << 24) >> 24, u8.put);
export const u16 = fixed<number>(2, readU16Host, writeU16Host);
export const s16 = fixed<number>(2, (buf, off) => (readU16Host(buf, off) << 16) >> 16, writeU16Host);
export const u32 = fixed<number>(4, readU32Host, writeU32Host);
export const s32 = fixed<number>(4, readS32Host, writeU32Host);
/** A counter or a time: exact below 2^53. */
export const u64 = fixed<number>(8, readU64Host, writeU64Host);
/** A flag word or an identifier: exact. */
export const u64Exact = fixed<bigint>(8, readU64HostBig, writeU64HostBig);

/** Network order. */
export const be16 = fixed<number>(
  2,
  (buf, off) => (buf[off]! << 8) | buf[off + 1]!,
  (buf, off, value) => {
    buf[off] = value >>> 8;
    buf[off + 1] = value;
  },
);
/** Network order. */
export const be32 = fixed<number>(
  4,
  (buf, off) => ((buf[off]! << 24) | (buf[off + 1]! << 16) | (buf[off + 2]! << 8) | buf[off + 3]!) >>> 0,
  (buf, off, value) => {
    for (let i = 0; i < 4; i++) buf[off + i] = value >>> (24 - 8 * i);
  },
);
/** Network order, exact. */
export const be64 = fixed<bigint>(
  8,
  (buf, off) => (BigInt(be32.get(buf, off)) << 32n) | BigInt(be32.get(buf, off + 4)),
  (buf, off, value) => {
    be32.put(buf, off, Number((value >> 32n) & 0xffff_ffffn));
    be32.put(buf, off + 4, Number(value & 0xffff_ffffn));
  },
);

/** `nla_put_uint`: four bytes if the value fits them, else eight. */
export const uint: AttributeCodec<number> = {
  typeFlags: 0,
  read: (reader) => (reader.end - reader.start >= 8 ? reader.u64() : reader.u32()),
  write: (writer, value) => (value < 0x1_0000_0000 ? writer.appendU32(value) : writer.appendU64(value)),
};

/** Exactly `size` bytes, such as a MAC or a bridge id. */
export function bytesOf(size: number): FixedCodec<Uint8Array> {
  return fixed(
    size,
    (buf, off) => buf.slice(off, off + size),
    (buf, off, value) => buf.set(value.subarray(0, size), off),
  );
}

/** Any payload, kept as it is: addresses of either family, data of another layer. */
export const bytes: AttributeCodec<Uint8Array> = {
  typeFlags: 0,
  read: (reader) => reader.bytes(),
  write: (writer, value) => writer.appendBytes(value),
};

/** Text with a NUL at the end. */
export const text: AttributeCodec<string> = {
  typeFlags: 0,
  read: (reader) => reader.string(),
  write: (writer, value) => writer.appendText(value),
};

/** Text without a NUL (`nla_put(skb, type, strlen(s), s)`). */
export const unterminatedText: AttributeCodec<string> = {
  typeFlags: 0,
  read: (reader) => reader.string(),
  write: (writer, value) => {
    writer.appendText(value);
    writer.dropLast(1);
  },
};

/** No payload: present means true. `false` is not written; see the table. */
export const flag: AttributeCodec<true> = {
  typeFlags: 0,
  read: () => true,
  write: () => {},
};

/** The payload is an array of equal elements without attribute headers. */
export function arrayOf<T>(element: FixedCodec<T>): AttributeCodec<readonly T[]> {
  return {
    typeFlags: 0,
    read(reader) {
      const all: T[] = [];
      for (let at = reader.start; at + element.size <= reader.end; at += element.size) {
        all.push(element.get(reader.buf, at));
      }
      return all;
    },
    write(writer, values) {
      const at = writer.reserve(element.size * values.length);
      const { buffer } = writer;
      for (let i = 0; i < values.length; i++) element.put(buffer, at + i * element.size, values[i] as T); // i in range
    },
  };
}

/** The same payload, with NLA_F_NESTED in the type field. */
export function flaggedNest<T>(codec: AttributeCodec<T>): AttributeCodec<T> {
  return {
    typeFlags: NLA_F_NESTED,
    read: (reader) => codec.read(reader),
    write: (writer, value) => codec.write(writer, value),
  };
}

/** A nest whose attributes all have the same payload and whose types are only a running number from `first`. */
export function numberedList<T>(element: AttributeCodec<T>, first = 1): AttributeCodec<readonly T[]> {
  return {
    typeFlags: 0,
    read(reader) {
      const all: T[] = [];
      const inner = reader.nested();
      while (inner.next()) all.push(element.read(inner));
      return all;
    },
    write(writer, values) {
      values.forEach((value, index) =>
        writer.attribute((first + index) | element.typeFlags, () => element.write(writer, value)),
      );
    },
  };
}

/** A nest that repeats one attribute type. Attributes of other types inside it are skipped. */
export function listOf<T>(type: number, element: AttributeCodec<T>): AttributeCodec<readonly T[]> {
  return {
    typeFlags: 0,
    read(reader) {
      const all: T[] = [];
      const inner = reader.nested();
      while (inner.next()) if (inner.type === type) all.push(element.read(inner));
      return all;
    },
    write(writer, values) {
      for (const value of values) {
        writer.attribute(type | element.typeFlags, () => element.write(writer, value));
      }
    },
  };
}

/** A member of a structure. */
export interface Member<T> {
  readonly offset: number;
  readonly codec: FixedCodec<T>;
}

export function at<T>(offset: number, codec: FixedCodec<T>): Member<T> {
  return { offset, codec };
}

type AnyMembers = Readonly<Record<string, Member<unknown>>>;

/** The record that a structure with these members stands for. */
export type StructRecord<M> = { readonly [K in keyof M]: M[K] extends Member<infer T> ? T : never };

/**
 * A C structure of `size` bytes. Holes are zero. Members missing in a record that is written are zero too.
 * A payload that ends before `size` but holds `minimum` bytes (an older sender) reads as if zeros followed.
 */
export function struct<M extends AnyMembers>(
  size: number,
  members: M,
  minimum: number = size,
): FixedCodec<StructRecord<M>> {
  const names = Object.keys(members);
  const offsets = names.map((name) => members[name]!.offset); // `name` is a key of `members`
  const codecs = names.map((name) => members[name]!.codec);
  const whole = fixed<StructRecord<M>>(
    size,
    (buf, off) => {
      const record: Record<string, unknown> = {};
      for (let i = 0; i < names.length; i++) record[names[i]!] = codecs[i]!.get(buf, off + offsets[i]!);
      return record as StructRecord<M>;
    },
    (buf, off, value) => {
      const record = value as Readonly<Record<string, unknown>>;
      for (let i = 0; i < names.length; i++) {
        const member = record[names[i]!];
        if (member !== undefined) codecs[i]!.put(buf, off + offsets[i]!, member);
      }
    },
  );
  return {
    ...whole,
    read(reader) {
      const length = reader.end - reader.start;
      if (length >= size || length < minimum) return whole.read(reader);
      const padded = new Uint8Array(size);
      padded.set(reader.buf.subarray(reader.start, reader.end));
      return whole.get(padded, 0);
    },
  };
}

/** Counters of one width, one behind the other, in the order of the names. */
export function counters<N extends string>(
  element: FixedCodec<number>,
  names: readonly N[],
  minimumCount: number = names.length,
): FixedCodec<StructRecord<{ readonly [K in N]: Member<number> }>> {
  const members = Object.fromEntries(names.map((name, index) => [name, at(index * element.size, element)]));
  return struct(
    names.length * element.size,
    members as { readonly [K in N]: Member<number> }, // fromEntries forgets which names there are
    minimumCount * element.size,
  );
}
