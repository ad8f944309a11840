import { expect, test } from "vitest";
import { isMalformed } from "../wire/malformed.ts";
import {
  arrayOf,
  at,
  be32,
  flag,
  flaggedNest,
  numberedList,
  struct,
  text,
  u16,
  u32,
  u64,
  uint,
} from "./attribute-codecs.ts";
import { AttributeTable, field, repeated } from "./attribute-table.ts";
import { AttributeReader, AttributeWriter, NLA_F_NESTED, readRawAttributes } from "./attributes.ts";
import { toHex } from "./testing/exchanges.ts";

/** Blanks between attributes are for the reader. */
const hex = (spaced: string): string => spaced.replaceAll(" ", "");

test("attributes are padded, their length is not", () => {
  const writer = new AttributeWriter();
  writer.u8(1, 0xff);
  writer.string(2, "lo");
  writer.u32(3, 0x01020304);
  expect(toHex(writer.finish())).toBe(hex("05000100ff000000 070002006c6f0000 0800030004030201"));
});

test("byte order: host integers little-endian, be16 and be32 big-endian", () => {
  const writer = new AttributeWriter();
  writer.u16(1, 0x0102);
  writer.be16(2, 0x0102);
  writer.be32(3, 0x01020304);
  writer.u64(4, 0x1_0000_0002);
  writer.s32(5, -2);
  expect(toHex(writer.finish())).toBe(
    hex("0600010002010000 0600020001020000 0800030001020304 0c0004000200000001000000 08000500feffffff"),
  );
});

test("nests, with and without the flag", () => {
  const writer = new AttributeWriter();
  writer.nest(1, () => writer.u8(9, 1));
  writer.nestFlagged(2, () => writer.flag(3));
  expect(readRawAttributes(writer.finish()).map(({ type }) => type)).toEqual([1, 2 | NLA_F_NESTED]);
});

test("the buffer grows past its first size", () => {
  const writer = new AttributeWriter(16);
  for (let index = 0; index < 1000; index++) writer.u32(index, index);
  const reader = new AttributeReader(writer.finish(), 16);
  let count = 0;
  while (reader.next()) expect(reader.u32()).toBe(count++);
  expect(count).toBe(1000);
});

test("the first error of a reader sticks, and reads go on with zeros", () => {
  const reader = new AttributeReader(Uint8Array.of(5, 0, 1, 0, 7, 0, 0, 0, 5, 0, 2, 0, 9, 0, 0, 0));
  reader.next();
  expect(reader.u32()).toBe(0);
  reader.next();
  expect([reader.u8(), reader.u16()]).toEqual([9, 0]);
  expect(reader.error).toMatchObject({ reason: "truncated", offset: 0 });
});

test("errors inside a nest are the outer reader's too", () => {
  const writer = new AttributeWriter();
  writer.nest(1, () => writer.u8(2, 1));
  const reader = new AttributeReader(writer.finish());
  reader.next();
  const inner = reader.nested();
  inner.next();
  inner.u32();
  expect(reader.error).toMatchObject({ offset: 4 });
});

test("the walk ends where the kernel's does, and tells what is left", () => {
  const reader = new AttributeReader(Uint8Array.of(8, 0, 1, 0, 1, 0, 0, 0, 9, 0, 2, 0));
  expect(reader.next()).toBe(true);
  expect(reader.next()).toBe(false);
  expect(reader.leftover).toBe(4);
});

const table = new AttributeTable({
  name: field(5, text),
  number: field(1, u32),
  many: repeated(2, u16),
  nest: field(3, flaggedNest(new AttributeTable({ yes: field(1, flag), when: field(2, u64) }))),
  list: field(4, arrayOf(be32)),
  numbered: field(6, numberedList(text)),
  size: field(7, uint),
});

test("a table writes in its own order and reads any order", () => {
  const record = {
    number: 1,
    name: "x",
    many: [1, 2],
    nest: { yes: true as const, when: 2 ** 40 },
    list: [1, 2, 3],
    numbered: ["a", "b"],
    size: 2 ** 33,
  };
  const encoded = table.encode(record);
  expect(readRawAttributes(encoded).map(({ type }) => type & 0xff)).toEqual([5, 1, 2, 2, 3, 4, 6, 7]);
  expect(table.decode(encoded)).toEqual(record);
});

test("what a table does not know is kept, with its flags, and written at the end", () => {
  const unknown = [{ type: 99 | NLA_F_NESTED, payload: Uint8Array.of(1, 2, 3) }];
  const encoded = table.encode({ unknown, number: 3 });
  expect(table.decode(encoded)).toEqual({ number: 3, unknown });
});

test("of an attribute that comes twice the last counts", () => {
  const writer = new AttributeWriter();
  writer.u32(1, 7);
  writer.u32(1, 8);
  expect(table.decode(writer.finish())).toEqual({ number: 8 });
});

test("undefined members are not written", () => {
  expect(table.encode({ name: undefined, number: undefined })).toHaveLength(0);
});

test("a structure fills its holes with zeros and forgives an older sender", () => {
  const two = struct(12, { a: at(0, u16), b: at(8, u32) }, 4);
  const holder = new AttributeTable({ two: field(1, two) });
  const buf = new Uint8Array(12).fill(0xa5);
  two.put(buf, 0, { a: 0x1234, b: 0x5678 });
  expect(toHex(buf)).toBe("3412a5a5a5a5a5a578560000");
  expect(toHex(holder.encode({ two: { a: 1, b: 2 } }))).toBe("10000100010000000000000002000000");
  expect(holder.decode(Uint8Array.of(8, 0, 1, 0, 1, 0, 0, 0))).toEqual({ two: { a: 1, b: 0 } });
  expect(isMalformed(holder.decode(Uint8Array.of(6, 0, 1, 0, 1, 0, 0, 0)))).toBe(true);
});

test("text that is not ASCII", () => {
  const encoded = table.encode({ name: "größe" });
  expect(table.decode(encoded)).toEqual({ name: "größe" });
});
