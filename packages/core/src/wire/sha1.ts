// SHA-1 (FIPS 180-4, 6.1). It guards the records of an OVSDB file against damage, and makes stable interface identifiers of
// IPv6 out of a secret; nothing here relies on it against anybody.

const BLOCK = 64; // bytes
const INITIAL = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

export function sha1Hex(bytes: Uint8Array): string {
  const length = bytes.length;
  const padded = new Uint8Array((((length + 8) >> 6) << 6) + 64);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(length / 0x2000_0000));
  view.setUint32(padded.length - 4, (length << 3) >>> 0);
  const state = INITIAL.slice();
  const words = new Int32Array(80);
  for (let block = 0; block < padded.length; block += BLOCK) mix(state, words, view, block);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

/** The five words after one block of 64 bytes, without padding (6.1.2). */
export function sha1Compress(block: Uint8Array): readonly number[] {
  const state = INITIAL.slice();
  mix(state, new Int32Array(80), new DataView(block.buffer, block.byteOffset, BLOCK), 0);
  return Array.from(state, (word) => word >>> 0);
}

function mix(state: Int32Array, words: Int32Array, view: DataView, block: number): void {
  for (let at = 0; at < 16; at++) words[at] = view.getInt32(block + 4 * at);
  for (let at = 16; at < 80; at++) {
    const mixed = (words[at - 3] ?? 0) ^ (words[at - 8] ?? 0) ^ (words[at - 14] ?? 0) ^ (words[at - 16] ?? 0);
    words[at] = rotate(mixed, 1);
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state;
  for (let at = 0; at < 80; at++) {
    let choice = b ^ c ^ d;
    if (at < 20) choice = (b & c) | (~b & d);
    else if (at >= 40 && at < 60) choice = (b & c) | (b & d) | (c & d);
    const constant = at < 20 ? 0x5a827999 : at < 40 ? 0x6ed9eba1 : at < 60 ? 0x8f1bbcdc : 0xca62c1d6;
    const next = (rotate(a, 5) + choice + e + constant + (words[at] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  for (const [at, value] of [a, b, c, d, e].entries()) state[at] = (state[at] ?? 0) + value;
}
