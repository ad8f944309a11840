// A dummy that is tied to others by a stream (options stream and pstream): frames with their length in front, 16 bits,
// big-endian. One end connects again and again, the other takes whoever comes.

import { Refusal } from "../../netlink/refusal.ts";
import { readStream } from "../../system/stream-sockets.ts";
import type { StreamAddress, StreamSocket } from "../../system/stream-sockets.ts";
import type { Nanoseconds, Timer } from "../../system/system.ts";
import { SOCKET_MODE } from "../stream-host.ts";
import type { StreamHost } from "../stream-host.ts";
import type { DummyAttachment } from "./dummy-netdev.ts";

const LENGTH_BYTES = 2;
const FIRST_BACKOFF = 1; // seconds
const MAX_BACKOFF = 8;

export interface AttachmentHost extends StreamHost {
  after(delay: Nanoseconds, fire: () => void): Timer;
}

/** One connection. */
class FrameStream {
  readonly #socket: StreamSocket;
  readonly #ends: (() => void)[];
  #buffer = new Uint8Array(0);
  #open = true;
  readonly #take: (frame: Uint8Array) => void;
  readonly #closed: () => void;

  constructor(socket: StreamSocket, take: (frame: Uint8Array) => void, closed: () => void) {
    this.#socket = socket;
    this.#take = take;
    this.#closed = closed;
    this.#ends = [socket.input.subscribe(() => this.#read())];
    this.#read();
  }

  send(frame: Uint8Array): void {
    if (!this.#open || !this.#socket.output.ready) return;
    const bytes = new Uint8Array(LENGTH_BYTES + frame.length);
    bytes[0] = frame.length >>> 8;
    bytes[1] = frame.length & 0xff;
    bytes.set(frame, LENGTH_BYTES);
    try {
      this.#socket.output.write(bytes);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#end();
    }
  }

  #read(): void {
    while (this.#open) {
      const bytes = readStream(this.#socket);
      if (bytes === undefined) return;
      if (bytes === null) {
        this.#end();
        return;
      }
      this.#feed(bytes);
    }
  }

  #feed(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#buffer.length + bytes.length);
    all.set(this.#buffer);
    all.set(bytes, this.#buffer.length);
    let at = 0;
    while (all.length - at >= LENGTH_BYTES) {
      const end = at + LENGTH_BYTES + ((all[at] as number) << 8) + (all[at + 1] as number);
      if (end > all.length) break;
      this.#take(all.slice(at + LENGTH_BYTES, end));
      at = end;
    }
    this.#buffer = all.slice(at);
  }

  #end(): void {
    if (!this.#open) return;
    this.close();
    this.#closed();
  }

  close(): void {
    this.#open = false;
    for (const end of this.#ends) end();
    this.#socket.close();
  }
}

export class ActiveStream implements DummyAttachment {
  readonly #host: AttachmentHost;
  readonly #address: StreamAddress;
  readonly #take: (frame: Uint8Array) => void;
  #stream: FrameStream | undefined;
  #timer: Timer | undefined;
  #backoff = FIRST_BACKOFF;

  constructor(host: AttachmentHost, address: StreamAddress, take: (frame: Uint8Array) => void) {
    this.#host = host;
    this.#address = address;
    this.#take = take;
    this.#timer = host.after(0, () => this.#connect());
  }

  get connected(): boolean {
    return this.#stream !== undefined;
  }

  #connect(): void {
    try {
      this.#stream = new FrameStream(this.#host.connectStream(this.#address), this.#take, () => {
        this.#stream = undefined;
        this.#wait();
      });
      this.#backoff = FIRST_BACKOFF;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#wait();
    }
  }

  #wait(): void {
    this.#timer = this.#host.after(this.#backoff * 1e9, () => this.#connect());
    this.#backoff = Math.min(MAX_BACKOFF, 2 * this.#backoff);
  }

  sent(frame: Uint8Array): void {
    this.#stream?.send(frame);
  }

  received(): void {}

  close(): void {
    this.#timer?.cancel();
    this.#stream?.close();
  }
}

export class PassiveStream implements DummyAttachment {
  readonly #streams = new Set<FrameStream>();
  readonly #stop: () => void;

  /** Errors: Refusal. */
  constructor(host: AttachmentHost, address: StreamAddress, take: (frame: Uint8Array) => void) {
    this.#stop = host.listenStream(address, SOCKET_MODE, (socket) => {
      const stream: FrameStream = new FrameStream(socket, take, () => this.#streams.delete(stream));
      this.#streams.add(stream);
    });
  }

  sent(frame: Uint8Array): void {
    for (const stream of this.#streams) stream.send(frame);
  }

  received(): void {}

  close(): void {
    this.#stop();
    for (const stream of this.#streams) stream.close();
  }
}
