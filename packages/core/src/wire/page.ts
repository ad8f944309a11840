/**
 * Small byte arrays, cut one after the other from pages (the kernel's `page_frag_alloc`). An engine allocates each array
 * above some 64 bytes outside its heap, which takes ten times as long as a view of a page that is there already, and
 * a packet or a message is little else than such an array.
 *
 * A page stays as long as one of the arrays that were cut from it, so long arrays get memory of their own.
 */

const PAGE = 32768; // bytes
const LONGEST_CUT = 2048; // bytes
let page = new ArrayBuffer(PAGE);
let used = 0;

/**
 * A page to cut from for those that keep offsets into it instead of a view, which is an object of a hundred bytes. `bytes`
 * is what the last `take` was in, and `view` the same memory.
 */
export class Storage {
  bytes = new Uint8Array(PAGE);
  view = new DataView(this.bytes.buffer);
  #used = 0;

  /** Where `length` zero bytes begin in `bytes`. */
  take(length: number): number {
    const at = this.#used;
    if (at + length > this.bytes.length) {
      this.bytes = new Uint8Array(Math.max(PAGE, length));
      this.view = new DataView(this.bytes.buffer);
      this.#used = (length + 7) & ~7;
      return 0;
    }
    this.#used = (at + length + 7) & ~7;
    return at;
  }
}

/** `length` zero bytes. They may be a part of a larger `buffer`. */
export function cutBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > LONGEST_CUT) return new Uint8Array(length);
  if (used + length > PAGE) {
    page = new ArrayBuffer(PAGE);
    used = 0;
  }
  const bytes = new Uint8Array(page, used, length);
  used = (used + length + 7) & ~7;
  return bytes;
}

/** A copy of `bytes` from `start` to `end`. */
export function copyOf(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array<ArrayBuffer> {
  const copy = cutBytes(end - start);
  copy.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  return copy;
}
