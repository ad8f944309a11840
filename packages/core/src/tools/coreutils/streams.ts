// Input and output of the text programs: files, standard input and /dev/fd/N by name, lines as bytes, and writers that
// wait while a pipe is full.

import { Refusal } from "../../netlink/refusal.ts";
import { ERRNO } from "../../netlink/errno.ts";
import type { OpenFile, PipeEnd } from "../../system/files.ts";
import type { Process } from "../../system/process.ts";

/** Bytes of one read(2) and write(2). */
export const BLOCK = 65536;

/** A source of bytes: null at the end. Errors are thrown by the read that meets them. */
export type Reader = () => Promise<Uint8Array | null>;

/** Opens a file operand; "-" is standard input. */
export function openReader(process: Process, path: string): Reader {
  const number = descriptorNumber(path);
  if (number !== undefined) {
    const input = process.fds.get(number)?.input;
    if (!input) throw new Refusal(number === 0 ? ERRNO.EBADF : ERRNO.ENOENT);
    return async () => {
      for (;;) {
        const bytes = await process.read(input);
        if (bytes !== undefined) return bytes;
      }
    };
  }
  const file = process.files.open(path, { read: true });
  if (file.pipe) return pipeReader(process, file, file.pipe);
  return () => {
    const bytes = file.read(BLOCK);
    if (bytes.length > 0) return Promise.resolve(bytes);
    file.close();
    return Promise.resolve(null);
  };
}

/** Reads a named pipe, once somebody writes to it. A program that ends before that lets it go. */
function pipeReader(process: Process, file: OpenFile, { joined, input }: PipeEnd): Reader {
  process.onEnd(() => file.close());
  return async () => {
    while (!joined.ready) await process.wait([joined]);
    for (;;) {
      const bytes = input ? await process.read(input) : null;
      if (bytes === null) file.close();
      if (bytes !== undefined) return bytes;
    }
  };
}

/** Number of the open descriptor that a name means. */
export function descriptorNumber(path: string): number | undefined {
  if (path === "-" || path === "/dev/stdin") return 0;
  const number = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** Reads lines, each with its newline except perhaps the last. */
export class LineReader {
  readonly #read: Reader;
  readonly #delimiter: number;
  #rest: Uint8Array | null = new Uint8Array(0);
  #ended = false;

  constructor(read: Reader, delimiter = 10) {
    this.#read = read;
    this.#delimiter = delimiter;
  }

  /** The next line; null at the end. */
  async next(): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
    for (;;) {
      if (this.#rest && this.#rest.length > 0) {
        const end = this.#rest.indexOf(this.#delimiter);
        if (end >= 0) {
          parts.push(this.#rest.subarray(0, end + 1));
          this.#rest = this.#rest.subarray(end + 1);
          return join(parts);
        }
        parts.push(this.#rest);
        this.#rest = null;
      }
      const bytes = this.#ended ? null : await this.#read();
      if (bytes === null) {
        this.#ended = true;
        return parts.length === 0 ? null : join(parts);
      }
      this.#rest = bytes;
    }
  }
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1 && parts[0]) return parts[0];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Writes to a descriptor, then waits while its pipe is full. */
export async function writeBytes(process: Process, bytes: Uint8Array, fd = 1): Promise<void> {
  process.write(fd, bytes);
  await untilWritable(process, fd);
}

/** Waits while the pipe behind a descriptor is full. */
export async function untilWritable(process: Process, fd = 1): Promise<void> {
  const output = process.fds.get(fd)?.output;
  for (;;) {
    if (!output || output.ready) return;
    await process.wait([output]);
  }
}

/** Everything that a reader gives. */
export async function readAll(read: Reader): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let bytes = await read(); bytes !== null; bytes = await read()) parts.push(bytes);
  return join(parts);
}
