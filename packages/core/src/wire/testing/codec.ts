/**
 * What every codec test asks: encoding writes every byte it claims, and decoding any bytes never throws and is stable
 * under encoding. For tests only.
 */
import * as fc from "fast-check";
import { expect } from "vitest";
import { bytesFromHex } from "../hex.ts";
import { isMalformed } from "../malformed.ts";
import type { Decoded } from "../malformed.ts";

/** The functions of one record type. */
export interface Codec<T> {
  readonly decode: (buf: Uint8Array, off: number, end: number) => Decoded<T>;
  readonly length: (record: T) => number;
  /** Returns the offset after what it wrote. */
  readonly write: (record: T, buf: Uint8Array, off: number) => number;
}

/** Bytes around the record, so that offsets other than 0 and writes outside are tested. */
const MARGIN = 3;
const FILL = 0xa5;

/** Encodes into the middle of a buffer of 0xa5, and checks that nothing outside was written. */
export function encode<T>(codec: Codec<T>, record: T): Uint8Array {
  const length = codec.length(record);
  const buf = new Uint8Array(length + 2 * MARGIN).fill(FILL);
  expect(codec.write(record, buf, MARGIN)).toBe(MARGIN + length);
  expect([...buf.subarray(0, MARGIN), ...buf.subarray(MARGIN + length)]).toEqual(
    new Array<number>(2 * MARGIN).fill(FILL),
  );
  return buf.slice(MARGIN, MARGIN + length);
}

/** Decodes all of `bytes`, standing at an odd offset between other bytes; fails on `Malformed`. */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array): T {
  const result = tryDecode(codec, bytes);
  if (isMalformed(result)) throw new Error(result.toString());
  return result;
}

/** As `decode`, with `Malformed` as a result. */
export function tryDecode<T>(codec: Codec<T>, bytes: Uint8Array): Decoded<T> {
  const buf = new Uint8Array(bytes.length + 2 * MARGIN).fill(FILL);
  buf.set(bytes, MARGIN);
  return codec.decode(buf, MARGIN, MARGIN + bytes.length);
}

/** Any bytes decode to a record or `Malformed`; what decodes is equal after encoding and decoding again. */
export function fuzzCodec<T>(codec: Codec<T>, seeds: readonly Uint8Array[] = []): void {
  const random = fc.uint8Array({ maxLength: 120 });
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
      fc.nat({ max: 20 }),
    )
    .map(([seed, changes, cut]) => {
      const bytes = seed.slice(0, Math.max(0, seed.length - cut));
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      return bytes;
    });
  const inputs = seeds.length === 0 ? random : fc.oneof(random, mutated);
  fc.assert(
    fc.property(inputs, (bytes) => {
      const first = tryDecode(codec, bytes);
      if (isMalformed(first)) {
        expect(first.offset).toBeGreaterThanOrEqual(MARGIN);
        return;
      }
      expect(tryDecode(codec, encode(codec, first))).toEqual(first);
    }),
    { numRuns: 500 },
  );
}

/** Bytes from hexadecimal text in a test. */
export function hex(text: string): Uint8Array {
  const bytes = bytesFromHex(text);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${text}`);
  return bytes;
}
