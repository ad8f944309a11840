// The bytes of a capture file, in the order they come.

import type { OpenFile } from "../../system/files.ts";

const BLOCK = 1 << 18; // bytes read at once

/** Bytes of a file in the order they come, with as many together as asked for. */
export class ByteReader {
  readonly #file: Pick<OpenFile, "read" | "close">;
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;

  constructor(file: Pick<OpenFile, "read" | "close">) {
    this.#file = file;
  }

  /** Makes `length` bytes available from `at`; returns how many there are, fewer at the end of the file. */
  need(length: number): number {
    while (this.bytes.length - this.at < length) {
      const more = this.#file.read(BLOCK);
      if (more.length === 0) break;
      const rest = this.bytes.length - this.at;
      if (rest === 0) this.bytes = more;
      else {
        const joined = new Uint8Array(rest + more.length);
        joined.set(this.bytes.subarray(this.at));
        joined.set(more, rest);
        this.bytes = joined;
      }
      this.at = 0;
    }
    return Math.min(length, this.bytes.length - this.at);
  }

  close(): void {
    this.#file.close();
  }
}
