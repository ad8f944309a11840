// The order in which Open vSwitch walks through names that it keeps in a hash map (lib/shash.h over lib/hmap.h, hashed with
// MurmurHash3 of 32 bits). Tools show it where they print such a map as it is.

import type { Json } from "../json.ts";
import { isArray, isObject } from "../json.ts";

const encoder = new TextEncoder();

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** The bytes of names, which are ASCII for the most part; longer ones have an array of their own. */
const scratch = new Uint8Array(64);

/** The bytes of a text at the beginning of the array that is returned, and how many there are. */
function bytesOf(text: string): readonly [Uint8Array, number] {
  if (text.length > scratch.length) {
    const bytes = encoder.encode(text);
    return [bytes, bytes.length];
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) {
      const bytes = encoder.encode(text);
      return [bytes, bytes.length];
    }
    scratch[at] = code;
  }
  return [scratch, text.length];
}

/** hash_string(). */
function hashOf(text: string): number {
  const [bytes, length] = bytesOf(text);
  let hash = 0;
  for (let at = 0; at < length; at += 4) {
    let word = 0;
    for (let index = 0; index < 4 && at + index < length; index++) {
      word |= (bytes[at + index] ?? 0) << (8 * index);
    }
    hash ^= Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
    hash = (Math.imul(rotate(hash, 13), 5) + 0xe6546b64) | 0;
  }
  hash ^= length;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Names that were put into a map in the given order, in the order in which they come out. */
export function nameOrder(names: readonly string[]): readonly string[] {
  if (names.length < 2) return names;
  let buckets: { readonly name: string; readonly hash: number }[][] = [[]];
  let count = 0;
  for (const name of names) {
    const entry = { name, hash: hashOf(name) };
    count++;
    buckets[(entry.hash & (buckets.length - 1)) >>> 0]?.unshift(entry);
    if (Math.floor(count / 2) <= buckets.length - 1) continue;
    let size = 4;
    while (size <= Math.floor(count / 2)) size *= 2;
    const old = buckets;
    buckets = Array.from({ length: size }, () => []);
    for (const bucket of old) {
      for (const one of bucket) buckets[(one.hash & (size - 1)) >>> 0]?.unshift(one);
    }
  }
  return buckets.flat().map(({ name }) => name);
}

/** Members in the order in which Open vSwitch writes them, from a hash map. */
export function inHashOrder(json: Json): Json {
  if (isArray(json)) return json.map(inHashOrder);
  if (!isObject(json)) return json;
  const names = nameOrder(Object.keys(json));
  return Object.fromEntries(names.map((name) => [name, inHashOrder(json[name] ?? null)]));
}
