// A JSON-RPC connection at the server's end of a stream socket. Messages are handled later than the bytes come, by a timer,
// so that a client's write never runs the server inside it; what a slow client does not read waits here, up to a limit.

import type { JsonRpcMessage } from "../../ovsproto/json-rpc.ts";
import { JsonRpcDecoder, ProtocolError, SentMessage } from "../../ovsproto/json-rpc.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { readStreamLazily } from "../../system/stream-sockets.ts";
import type { ConnectionLog } from "./connection-log.ts";
import type { StreamSocket } from "../../system/stream-sockets.ts";
import { writeLazily } from "../../system/streams.ts";
import type { Timer } from "../../system/system.ts";

export interface ConnectionHandler {
  received(message: JsonRpcMessage): void;
  /** The peer has gone or has sent what cannot be understood. */
  closed(): void;
}

/** Bytes that wait for a client before it is given up. */
const BACKLOG_LIMIT = 256 * 1024 * 1024;

export class JsonRpcConnection {
  readonly #socket: StreamSocket;
  readonly #later: (fire: () => void) => Timer;
  readonly #handler: ConnectionHandler;
  readonly #decoder = new JsonRpcDecoder();
  readonly #subscriptions: (() => void)[];
  #scheduled: Timer | undefined;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  readonly #log: ConnectionLog | undefined;
  /** The first bytes that came. */
  #head: Uint8Array | undefined;
  #open = true;

  constructor(
    socket: StreamSocket,
    later: (fire: () => void) => Timer,
    handler: ConnectionHandler,
    log?: ConnectionLog,
  ) {
    this.#log = log;
    log?.accepted();
    this.#socket = socket;
    this.#later = later;
    this.#handler = handler;
    const wake = (): void => this.#schedule();
    this.#subscriptions = [socket.input.subscribe(wake), socket.output.subscribe(wake)];
    if (socket.input.ready) this.#schedule();
  }

  #schedule(): void {
    if (!this.#open || this.#scheduled) return;
    if (!this.#socket.input.ready && (this.#queued === 0 || !this.#socket.output.ready)) return;
    this.#scheduled = this.#later(() => {
      this.#scheduled = undefined;
      this.#flush();
      this.#read();
    });
  }

  #read(): void {
    while (this.#open) {
      const bytes = readStreamLazily(this.#socket, ({ errno }) => {
        if (this.#open) this.#log?.receiveFailed(errno);
        this.#end();
      });
      if (bytes === undefined || !this.#open) return;
      if (bytes === null) {
        this.#log?.closedByPeer();
        this.#end();
        return;
      }
      if (bytes instanceof Uint8Array) this.#head ??= bytes.subarray(0, 2);
      for (const message of this.#decoder.feed(bytes)) {
        if (!this.#open) return;
        if (message instanceof ProtocolError) {
          this.#log?.malformed(message, this.#head ?? new Uint8Array(0));
          this.#end();
          return;
        }
        this.#log?.message("received", message);
        this.#handler.received(message);
      }
    }
  }

  send(message: JsonRpcMessage): void {
    if (!this.#open) return;
    this.#log?.message("send", message);
    const sent = new SentMessage(message);
    if (this.#queued === 0 && this.#socket.output.ready) {
      this.#write(() => writeLazily(this.#socket.output, sent));
      return;
    }
    const bytes = sent.bytes();
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    this.#flush();
    if (this.#queued > BACKLOG_LIMIT) this.#end();
  }

  #flush(): void {
    while (this.#open && this.#socket.output.ready) {
      const bytes = this.#queue.shift();
      if (!bytes) return;
      this.#queued -= bytes.length;
      this.#write(() => this.#socket.output.write(bytes));
    }
  }

  #write(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#log?.dropped(error.errno);
      this.#end();
    }
  }

  #end(): void {
    if (!this.#open) return;
    this.close();
    this.#handler.closed();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#scheduled?.cancel();
    for (const end of this.#subscriptions) end();
    this.#socket.close();
  }
}
