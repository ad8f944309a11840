// What a process reads from and writes to: pipes, captured output and terminals behind two narrow interfaces.
// Nothing here blocks: a reader that finds nothing waits through its Process, so that signals can interrupt it.

import { Refusal } from "../netlink/refusal.ts";

/** Something a process can wait for. */
export interface Waitable {
  /** True while a wait for it would return at once. */
  readonly ready: boolean;
  /** Calls `wake` whenever `ready` may have become true. Returns the function that ends the subscription. */
  subscribe(wake: () => void): () => void;
}

/** Bytes that are made when they are read: a reader in the same system that knows what they are made of may take that instead. */
export interface LazyBytes {
  bytes(): Uint8Array;
}

/** The readable end of something. `read` returns bytes, null at the end of the file, undefined if it would block. */
export interface Input extends Waitable {
  read(): Uint8Array | null | undefined;
  /** As `read`, but what was written by `writeLazily` comes as it was. */
  readLazily?(): Uint8Array | LazyBytes | null | undefined;
  /** Puts bytes back in front, so that a reader may take less than it was given (as `read` of a shell does). */
  unread(bytes: Uint8Array): void;
  /** It has a position, as files do and pipes do not. */
  readonly seekable?: boolean;
  /** Descriptor of the machine that a real program can read from instead; only outside of the embedded system. */
  readonly hostDescriptor?: number | undefined;
}

/** The writable end of something. `ready` is false while it asks writers to pause. */
export interface Output extends Waitable {
  /** Errors: EPIPE when nobody can read it any more. */
  write(bytes: Uint8Array): void;
  /** Writes bytes that need not be made if the reader has another use for them. Errors: as of `write`. */
  writeLazily?(bytes: LazyBytes): void;
  /** Size of the terminal behind it; undefined for pipes and files. */
  readonly terminal?: { readonly columns: number; readonly rows: number } | undefined;
  /** Descriptor of the machine that a real program can write to instead; only outside of the embedded system. */
  readonly hostDescriptor?: number | undefined;
}

/** A file descriptor's object. Shared by processes and counted: the last `release` closes it. */
export interface Descriptor {
  readonly input?: Input;
  readonly output?: Output;
  retain(): Descriptor;
  release(): void;
}

const EPIPE = 32;
/** Bytes, pipe(7). */
export const PIPE_CAPACITY = 65536;
/** What bytes that are not made yet count for. */
const LAZY_SIZE = 4096;

const sizeOf = (chunk: Uint8Array | LazyBytes): number =>
  chunk instanceof Uint8Array ? chunk.length : LAZY_SIZE;

/** By `readLazily`, where there is that. */
export function readLazily(input: Input): Uint8Array | LazyBytes | null | undefined {
  return input.readLazily ? input.readLazily() : input.read();
}

/** By `writeLazily`, where there is that. */
export function writeLazily(output: Output, bytes: LazyBytes): void {
  if (output.writeLazily) output.writeLazily(bytes);
  else output.write(bytes.bytes());
}

class Wakers {
  readonly #list = new Set<() => void>();
  subscribe(wake: () => void): () => void {
    this.#list.add(wake);
    return () => this.#list.delete(wake);
  }
  wake(): void {
    for (const wake of [...this.#list]) wake();
  }
}

/** A set of wake-up functions for whoever implements Waitable. */
export { Wakers };

type Ends = Pick<Descriptor, "input" | "output">;

class CountedDescriptor implements Descriptor {
  readonly input?: Input;
  readonly output?: Output;
  #references = 1;
  readonly #close: () => void;
  constructor(ends: Ends, close: () => void) {
    if (ends.input) this.input = ends.input;
    if (ends.output) this.output = ends.output;
    this.#close = close;
  }
  retain(): Descriptor {
    this.#references++;
    return this;
  }
  release(): void {
    if (--this.#references === 0) this.#close();
  }
}

/** Wraps an input and/or output as a counted descriptor; `close` runs at the last release. */
export function descriptor(ends: Ends, close: () => void = () => {}): Descriptor {
  return new CountedDescriptor(ends, close);
}

/** What is in a pipe, and which of its ends are open. */
class PipeBuffer {
  readonly readers = new Wakers();
  readonly writers = new Wakers();
  chunks: (Uint8Array | LazyBytes)[] = [];
  /** Bytes. */
  size = 0;
  writable = true;
  readable = true;
}

class PipeInput implements Input {
  readonly #pipe: PipeBuffer;

  constructor(pipe: PipeBuffer) {
    this.#pipe = pipe;
  }

  get ready(): boolean {
    return this.#pipe.size > 0 || !this.#pipe.writable;
  }

  subscribe(wake: () => void): () => void {
    return this.#pipe.readers.subscribe(wake);
  }

  readLazily(): Uint8Array | LazyBytes | null | undefined {
    const pipe = this.#pipe;
    const chunk = pipe.chunks.shift();
    if (chunk === undefined) return pipe.writable ? undefined : null;
    pipe.size -= sizeOf(chunk);
    pipe.writers.wake();
    return chunk;
  }

  read(): Uint8Array | null | undefined {
    const chunk = this.readLazily();
    return chunk && !(chunk instanceof Uint8Array) ? chunk.bytes() : chunk;
  }

  unread(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pipe.chunks.unshift(bytes);
    this.#pipe.size += bytes.length;
  }
}

class PipeOutput implements Output {
  readonly #pipe: PipeBuffer;

  constructor(pipe: PipeBuffer) {
    this.#pipe = pipe;
  }

  get ready(): boolean {
    return this.#pipe.size < PIPE_CAPACITY || !this.#pipe.readable;
  }

  subscribe(wake: () => void): () => void {
    return this.#pipe.writers.subscribe(wake);
  }

  write(bytes: Uint8Array): void {
    this.writeLazily(bytes.slice());
  }

  writeLazily(chunk: Uint8Array | LazyBytes): void {
    const pipe = this.#pipe;
    if (!pipe.readable) throw new Refusal(EPIPE);
    if (sizeOf(chunk) === 0) return;
    pipe.chunks.push(chunk);
    pipe.size += sizeOf(chunk);
    pipe.readers.wake();
  }
}

/** A pipe(7): 64 KiB of buffer that asks writers to pause above that, EOF and EPIPE when an end is closed. */
export class Pipe {
  readonly input: Input;
  readonly output: Output;
  readonly reader: Descriptor;
  readonly writer: Descriptor;

  constructor() {
    const pipe = new PipeBuffer();
    this.input = new PipeInput(pipe);
    this.output = new PipeOutput(pipe);
    this.reader = descriptor({ input: this.input }, () => {
      pipe.readable = false;
      pipe.chunks = [];
      pipe.size = 0;
      pipe.writers.wake();
    });
    this.writer = descriptor({ output: this.output }, () => {
      pipe.writable = false;
      pipe.readers.wake();
    });
  }
}

const never: Omit<Waitable, "ready"> = { subscribe: () => () => {} };

/** /dev/null as a descriptor. */
export function nullDescriptor(): Descriptor {
  return descriptor({
    input: { ready: true, seekable: true, ...never, read: () => null, unread: () => {} },
    output: { ready: true, ...never, write: () => {} },
  });
}

/** An input that holds the given bytes and then ends. */
export function bytesInput(bytes: Uint8Array): Input {
  let rest: Uint8Array | null = bytes.length > 0 ? bytes : null;
  return {
    ready: true,
    ...never,
    read: () => {
      const out = rest;
      rest = null;
      return out;
    },
    unread: (back) => {
      const tail = rest ?? new Uint8Array(0);
      const joined = new Uint8Array(back.length + tail.length);
      joined.set(back);
      joined.set(tail, back.length);
      rest = joined.length > 0 ? joined : null;
    },
  };
}

/** An output that hands every write to `sink`. */
export function sinkOutput(
  sink: (bytes: Uint8Array) => void,
  terminal?: { readonly columns: number; readonly rows: number },
): Output {
  return { ready: true, ...never, write: sink, terminal };
}
