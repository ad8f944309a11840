// Waiting for a descriptor on Node's event loop: poll(2) answers whether it is ready now, libuv tells when it may have
// become so. libuv's callbacks must not throw and must not run programs, so a wake-up goes through the task queue.

import { node } from "koffi";
import { readU16Host, writeU16Host, writeU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { Wakers } from "@patchcord/core/system/streams.ts";
import type { Waitable } from "@patchcord/core/system/streams.ts";
import { libc, map } from "./libc.ts";

const POLL = { IN: 1, OUT: 4 } as const;
const pollfd = map(4096); // fd, events, revents

/** True if poll(2) says so, errors included. */
function isReady(fd: number, events: number): boolean {
  writeU32Host(pollfd.bytes, 0, fd);
  writeU16Host(pollfd.bytes, 4, events);
  writeU16Host(pollfd.bytes, 6, 0);
  return libc.poll(pollfd.address, 1, 0) > 0 && readU16Host(pollfd.bytes, 6) !== 0;
}

/** A descriptor that programs can wait for. Close it before the descriptor. */
export class Readiness implements Waitable {
  readonly #fd: number;
  readonly #direction: "in" | "out";
  readonly #wakers = new Wakers();
  #subscribers = 0;
  #handle: node.PollHandle | undefined;
  #closed = false;

  constructor(fd: number, direction: "in" | "out" = "in") {
    this.#fd = fd;
    this.#direction = direction;
  }

  /** A closed one is ready: whoever waits meets the error of its next call. */
  get ready(): boolean {
    return this.#closed || isReady(this.#fd, this.#direction === "in" ? POLL.IN : POLL.OUT);
  }

  subscribe(wake: () => void): () => void {
    const end = this.#wakers.subscribe(wake);
    if (this.#subscribers++ === 0) this.#watch();
    let subscribed = true;
    return () => {
      if (!subscribed) return;
      subscribed = false;
      end();
      if (--this.#subscribers === 0) this.#handle?.stop();
    };
  }

  #watch(): void {
    if (this.#closed) return;
    const options = this.#direction === "in" ? { readable: true } : { writable: true };
    const woken = (): void => void setImmediate(() => this.#wakers.wake());
    if (this.#handle === undefined) this.#handle = node.poll(this.#fd, options, woken);
    else this.#handle.start(options, woken);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle?.close();
    this.#handle = undefined;
    this.#wakers.wake();
  }
}
