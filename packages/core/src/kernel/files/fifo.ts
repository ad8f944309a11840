// Named pipes (fifo(7)): one buffer for all who have opened the file. open(2) of one end waits for the other, which is told by
// `joined`; readers see the end of the file once nobody writes any more, and writers get EPIPE once nobody reads.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { OpenFile, OpenFlags } from "../../system/files.ts";
import { PIPE_CAPACITY, Wakers } from "../../system/streams.ts";
import type { Input, Output, Waitable } from "../../system/streams.ts";
import type { FileNode } from "./node.ts";

type Attributes = Pick<FileNode, "inode" | "device" | "modified">;

export class Fifo implements FileNode {
  readonly type = "fifo";
  readonly size = 0;
  readonly inode: number;
  readonly device: number;
  readonly modified: number | undefined;
  mode: number;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  #readers = 0;
  #writers = 0;
  /** How often each end was opened: who waits for it may come too late to see it open. */
  #readerOpens = 0;
  #writerOpens = 0;
  readonly #wakers = new Wakers();

  constructor(mode: number, { inode, device, modified }: Attributes) {
    this.mode = mode;
    this.inode = inode;
    this.device = device;
    this.modified = modified;
  }

  changeMode(mode: number): void {
    this.mode = mode;
  }

  open({ read = false, write = false }: OpenFlags): OpenFile {
    const [readerOpens, writerOpens] = [this.#readerOpens, this.#writerOpens];
    if (read) this.#open("reader");
    if (write) this.#open("writer");
    const fifo = this;
    const joined = this.#waitable(
      () =>
        (!read || fifo.#writers > 0 || fifo.#writerOpens > writerOpens) &&
        (!write || fifo.#readers > 0 || fifo.#readerOpens > readerOpens),
    );
    const input = this.#input();
    const output = this.#output(() => joined.ready);
    let open = true;
    return {
      pipe: { joined, ...(read ? { input } : {}), ...(write ? { output } : {}) },
      read: () => input.read() ?? new Uint8Array(0),
      write: (bytes) => output.write(bytes),
      close: () => {
        if (!open) return;
        open = false;
        if (read) this.#readers--;
        if (write) this.#writers--;
        if (this.#readers + this.#writers === 0) this.#drop();
        this.#wakers.wake();
      },
    };
  }

  #open(end: "reader" | "writer"): void {
    if (end === "reader") {
      this.#readers++;
      this.#readerOpens++;
    } else {
      this.#writers++;
      this.#writerOpens++;
    }
    this.#wakers.wake();
  }

  /** What nobody has read is lost with the last who has the file open. */
  #drop(): void {
    this.#chunks.length = 0;
    this.#length = 0;
  }

  #waitable(ready: () => boolean): Waitable {
    return {
      get ready() {
        return ready();
      },
      subscribe: (wake) => this.#wakers.subscribe(wake),
    };
  }

  #input(): Input {
    const fifo = this;
    return {
      get ready() {
        return fifo.#length > 0 || fifo.#writers === 0;
      },
      subscribe: (wake) => this.#wakers.subscribe(wake),
      read: () => {
        const chunk = this.#chunks.shift();
        if (chunk === undefined) return this.#writers > 0 ? undefined : null;
        this.#length -= chunk.length;
        this.#wakers.wake();
        return chunk;
      },
      unread: (bytes) => {
        if (bytes.length === 0) return;
        this.#chunks.unshift(bytes);
        this.#length += bytes.length;
      },
    };
  }

  #output(joined: () => boolean): Output {
    const fifo = this;
    return {
      get ready() {
        return fifo.#length < PIPE_CAPACITY || fifo.#readers === 0;
      },
      subscribe: (wake) => this.#wakers.subscribe(wake),
      write: (bytes) => {
        if (this.#readers === 0 && joined()) throw new Refusal(ERRNO.EPIPE);
        if (bytes.length === 0) return;
        this.#chunks.push(bytes.slice());
        this.#length += bytes.length;
        this.#wakers.wake();
      },
    };
  }
}
