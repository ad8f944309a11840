// Open vSwitch's hash of words and texts (lib/hash.h, MurmurHash3 of 32 bits), bit for bit: the order in which hash tables are walked
// follows from it.

export function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** mhash_add() */
export function hashAdd(hash: number, data: number): number {
  let mixed = Math.imul(data, 0xcc9e2d51);
  mixed = Math.imul(rotate(mixed, 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
}

/** hash_finish() */
export function hashFinish(hash: number, final: number): number {
  let mixed = hash ^ final;
  mixed ^= mixed >>> 16;
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** hash_int(), hash_2words() */
export function hashInt(value: number, basis: number): number {
  return hashFinish(hashAdd(hashAdd(value, 0), basis), 8);
}

/** hash_bytes() */
export function hashBytes(bytes: Uint8Array, basis: number): number {
  let hash = basis;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) hash = hashAdd(hash, littleEndian(bytes, at, 4));
  if (at < bytes.length) hash = hashAdd(hash, littleEndian(bytes, at, bytes.length - at));
  return hashFinish(hash, bytes.length);
}

const encoder = new TextEncoder();

/** hash_string(), of UTF-8 */
export function hashString(text: string, basis: number): number {
  let hash = basis;
  let word = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return hashBytes(encoder.encode(text), basis);
    word |= code << (8 * (at & 3));
    if ((at & 3) < 3) continue;
    hash = hashAdd(hash, word);
    word = 0;
  }
  if ((text.length & 3) > 0) hash = hashAdd(hash, word);
  return hashFinish(hash, text.length);
}

/** Up to four bytes of a number. */
export function littleEndian(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let i = 0; i < length; i++) value |= (bytes[at + i] as number) << (8 * i);
  return value;
}
