import { expect, test } from "vitest";
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
import { toHex } from "./testing/exchanges.ts";

const dirty = (length: number): Uint8Array => new Uint8Array(length).fill(0xa5);

test("little-endian at an offset, neighbours untouched", () => {
  const buf = dirty(6);
  writeU16Host(buf, 2, 0x1234);
  expect([toHex(buf), readU16Host(buf, 2)]).toEqual(["a5a53412a5a5", 0x1234]);
  writeU32Host(buf, 1, 0xfedcba98);
  expect([toHex(buf), readU32Host(buf, 1)]).toEqual(["a598badcfea5", 0xfedcba98]);
});

test("signed", () => {
  const buf = dirty(4);
  writeU32Host(buf, 0, -2);
  expect([readS32Host(buf, 0), readU32Host(buf, 0)]).toEqual([-2, 0xfffffffe]);
});

test("64 bits: counters are exact below 2^53, bigints always", () => {
  const buf = dirty(8);
  writeU64Host(buf, 0, 2 ** 53 - 1);
  expect([toHex(buf), readU64Host(buf, 0)]).toEqual(["ffffffffffff1f00", 2 ** 53 - 1]);
  writeU64HostBig(buf, 0, 0xfedcba9876543210n);
  expect([toHex(buf), readU64HostBig(buf, 0)]).toEqual(["1032547698badcfe", 0xfedcba9876543210n]);
});
