/**
 * Copies bytes of packets to words, four bytes at a time. The bytes of most packets lie in pages that many share (wire/page.ts),
 * so the view of a page as words is kept until a packet of another page comes. Words are little-endian, as every machine with
 * JavaScript is.
 */
import { copyToWords } from "../wire/bytes.ts";

/** From here on `TypedArray.set` is faster than a loop, words. */
const LONG = 64;
/** Of a smaller array no view is made: it is a packet of its own, and will not be seen often. Bytes. */
const LEAST_PAGE = 8192;

export class WordSource {
  #bytes: Uint8Array | undefined = undefined;
  /** The same memory; nothing of it if the array is no page. */
  #words: Int32Array = new Int32Array(0);
  /** Bytes at the beginning of what `copyAsItLies` has copied that were not asked for, 0 to 3. */
  skipped = 0;

  /** Copies the words that these bytes lie in: `skipped` tells where in the first one they begin. */
  copyAsItLies(bytes: Uint8Array, start: number, length: number, words: Int32Array, at: number): number {
    if (bytes !== this.#bytes) this.#open(bytes);
    const from = this.#words;
    const skipped = start & 3;
    const after = at + ((skipped + length + 3) >> 2);
    const first = start >> 2;
    if (first + (after - at) > from.length) {
      this.skipped = 0;
      return copyToWords(bytes, start, length, words, at);
    }
    this.skipped = skipped;
    copyWords(from, first, words, at, after);
    return after;
  }

  #open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    const usable = bytes.length >= LEAST_PAGE && (bytes.byteOffset & 3) === 0;
    this.#words = usable
      ? new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
      : new Int32Array(0);
  }
}

/** Eight at a time, and in 32 bits (`| 0`), so that an engine checks neither each step nor each sum. */
function copyWords(from: Int32Array, first: number, words: Int32Array, at: number, after: number): void {
  if (after - at > LONG) {
    words.set(from.subarray(first, first + (after - at)), at);
    return;
  }
  let word = first | 0;
  let to = at | 0;
  for (const eights = (after - 8) | 0; to <= eights; to = (to + 8) | 0, word = (word + 8) | 0) {
    words[to] = from[word] as number;
    words[(to + 1) | 0] = from[(word + 1) | 0] as number;
    words[(to + 2) | 0] = from[(word + 2) | 0] as number;
    words[(to + 3) | 0] = from[(word + 3) | 0] as number;
    words[(to + 4) | 0] = from[(word + 4) | 0] as number;
    words[(to + 5) | 0] = from[(word + 5) | 0] as number;
    words[(to + 6) | 0] = from[(word + 6) | 0] as number;
    words[(to + 7) | 0] = from[(word + 7) | 0] as number;
  }
  for (; to < after; to = (to + 1) | 0, word = (word + 1) | 0) words[to] = from[word] as number;
}
