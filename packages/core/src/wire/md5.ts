// MD5 (RFC 1321) and HMAC-MD5 (RFC 2104), with which routing protocols sign. Nothing here relies on them against anybody.

const BLOCK = 64; // bytes
const INITIAL: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
/** RFC 1321 3.4: the integer part of 2^32 times the sine of 1 to 64. */
const SINES: readonly number[] = Array.from({ length: 64 }, (_, index) =>
  Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32),
);
const ROTATIONS: readonly (readonly number[])[] = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];

function mix(state: number[], view: DataView, block: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let step = 0; step < 64; step++) {
    const round = step >>> 4;
    let value: number;
    let word: number;
    if (round === 0) [value, word] = [(b & c) | (~b & d), step];
    else if (round === 1) [value, word] = [(b & d) | (c & ~d), 5 * step + 1];
    else if (round === 2) [value, word] = [b ^ c ^ d, 3 * step + 5];
    else [value, word] = [c ^ (b | ~d), 7 * step];
    const sum = (a + value + (SINES[step] ?? 0) + view.getUint32(block + 4 * (word % 16), true)) | 0;
    const bits = ROTATIONS[round]?.[step % 4] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << bits) | (sum >>> (32 - bits)))) | 0];
  }
  for (const [at, value] of [a, b, c, d].entries()) state[at] = ((state[at] ?? 0) + value) | 0;
}

export function md5(bytes: Uint8Array): Uint8Array {
  const length = bytes.length;
  const padded = new Uint8Array((((length + 8) >> 6) << 6) + BLOCK);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, (length << 3) >>> 0, true);
  view.setUint32(padded.length - 4, Math.floor(length / 0x2000_0000), true);
  const state = [...INITIAL];
  for (let block = 0; block < padded.length; block += BLOCK) mix(state, view, block);
  const digest = new DataView(new ArrayBuffer(16));
  for (const [at, word] of state.entries()) digest.setInt32(4 * at, word, true);
  return new Uint8Array(digest.buffer);
}

export function hmacMd5(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK);
  block.set(key.length > BLOCK ? md5(key) : key);
  const keyed = (pad: number, message: Uint8Array): Uint8Array => {
    const all = new Uint8Array(BLOCK + message.length);
    all.set(block.map((byte) => byte ^ pad));
    all.set(message, BLOCK);
    return md5(all);
  };
  return keyed(0x5c, keyed(0x36, bytes));
}
