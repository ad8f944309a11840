// The order in which Open vSwitch walks through names that it keeps in a hash map (lib/shash.h over lib/hmap.h, hashed with
// MurmurHash3 of 32 bits). Tools show it where they print such a map as it is.

import type { Json, JsonObject } from "../json.ts";
import { isArray, isObject } from "../json.ts";
import { hashString } from "../murmur-hash.ts";

/** Names that were put into a map in the given order, in the order in which they come out. */
export function nameOrder(names: readonly string[]): readonly string[] {
  const { length } = names;
  if (length < 2) return names;
  const hashes = new Uint32Array(length);
  // chains of a bucket: the first name of each, and of each name the next one; -1 at the end
  let heads = new Int32Array(1).fill(-1);
  const next = new Int32Array(length);
  const put = (at: number): void => {
    const bucket = (hashes[at] as number) & (heads.length - 1);
    next[at] = heads[bucket] as number;
    heads[bucket] = at;
  };
  for (let at = 0; at < length; at++) {
    hashes[at] = hashString(names[at] as string, 0);
    put(at);
    const half = (at + 1) >> 1;
    if (half <= heads.length - 1) continue;
    let size = 4;
    while (size <= half) size *= 2;
    const old = heads;
    heads = new Int32Array(size).fill(-1);
    for (const head of old) {
      for (let one = head; one >= 0;) {
        const following = next[one] as number;
        put(one);
        one = following;
      }
    }
  }
  const ordered: string[] = [];
  for (const head of heads)
    for (let at = head; at >= 0; at = next[at] as number) ordered.push(names[at] as string);
  return ordered;
}

/** Members in the order in which Open vSwitch writes them, from a hash map. */
export function inHashOrder(json: JsonObject): JsonObject;
export function inHashOrder(json: Json): Json;
export function inHashOrder(json: Json): Json {
  if (isArray(json)) return json.map(inHashOrder);
  if (!isObject(json)) return json;
  const names = nameOrder(Object.keys(json));
  return Object.fromEntries(names.map((name) => [name, inHashOrder(json[name] ?? null)]));
}
