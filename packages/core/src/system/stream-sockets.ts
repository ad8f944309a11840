// Stream sockets as programs use them: unix(7) and, where the system has it, tcp(7). A socket is a pair of an Input and
// an Output, so whatever waits for pipes waits for sockets too. Nothing blocks: a connection in progress is one whose
// output is not ready yet, and its failure is a Refusal of the next read or write.

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import { Pipe, readLazily, Wakers } from "./streams.ts";
import type { Input, LazyBytes, Output, Waitable } from "./streams.ts";

/** Where a stream socket is bound or connects to. Inet addresses have 4 or 16 bytes in wire order. */
export type StreamAddress =
  | { readonly family: "unix"; readonly path: string }
  | {
      readonly family: "inet" | "inet6";
      readonly address: Uint8Array;
      readonly port: number;
      /** sin6_scope_id. */
      readonly scope?: number;
    };

/** Options of tcp(7) sockets, given before they connect or listen. Sizes are bytes. */
export interface StreamOptions {
  /** bind(2) before connect(2). Port 0: any. */
  readonly local?: { readonly address: Uint8Array; readonly port: number };
  /** SO_BINDTODEVICE */
  readonly device?: string;
  /** IP_TOS, IPV6_TCLASS */
  readonly tos?: number;
  /** IP_TTL, IPV6_UNICAST_HOPS */
  readonly ttl?: number;
  /** SO_MARK */
  readonly mark?: number;
  /** SO_KEEPALIVE, and TCP_KEEPIDLE, TCP_KEEPINTVL (seconds), TCP_KEEPCNT. */
  readonly keepAlive?: boolean | { readonly idle: number; readonly interval: number; readonly count: number };
  readonly noDelay?: boolean;
  /** TCP_MAXSEG */
  readonly maximumSegment?: number;
  /** SO_RCVBUF, SO_SNDBUF */
  readonly receiveBuffer?: number;
  readonly sendBuffer?: number;
  /** TCP_CONGESTION */
  readonly congestion?: string;
  /** SO_REUSEADDR: of listeners on unless it is said not to be. */
  readonly reuseAddress?: boolean;
  /** SO_REUSEPORT */
  readonly reusePort?: boolean;
  /** Of listeners: IPV6_V6ONLY, and what listen(2) is given. */
  readonly v6only?: boolean;
  readonly backlog?: number;
  /** SO_ERROR is looked at right after connect(2): what has been refused by then is thrown. */
  readonly looksAtOnce?: boolean;
}

/** One end of a connection. */
export interface StreamSocket {
  /** Null from `read` once the peer has closed. Errors: ECONNREFUSED, ETIMEDOUT, ECONNRESET. */
  readonly input: Input;
  /** Errors of `write`: EPIPE when the peer has closed, and those of the connection. */
  readonly output: Output;
  /** Undefined for the nameless end of a unix connection. */
  readonly local?: StreamAddress;
  readonly remote?: StreamAddress;
  /** Inside TLS: the common name that the other side's certificate has, once the handshake is done. */
  readonly peerName?: () => string | undefined;
  /** TCP_INFO: `struct tcp_info` (netlink/sock-diag/tcp-info.ts). Absent: it is no TCP socket. */
  information?(): Uint8Array;
  /** shutdown(2) with SHUT_WR: the other side reads to the end of what was written. */
  endOutput(): void;
  close(): void;
}

/**
 * What has come. Undefined: nothing yet; null: the peer has closed, or the connection has failed in a way that `failed` is told.
 */
export function readStream(
  { input }: StreamSocket,
  failed?: (refusal: Refusal) => void,
): Uint8Array | null | undefined {
  return nullIfRefused(() => input.read(), failed);
}

/** The same of a peer in the same system that may write lazily. */
export function readStreamLazily(
  { input }: StreamSocket,
  failed?: (refusal: Refusal) => void,
): Uint8Array | LazyBytes | null | undefined {
  return nullIfRefused(() => readLazily(input), failed);
}

function nullIfRefused<T>(read: () => T, failed?: (refusal: Refusal) => void): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    failed?.(error);
    return null;
  }
}

/** A listening socket. Ready while a connection can be accepted. */
export interface StreamListener extends Waitable {
  /** With the port that was chosen, if 0 was asked for. */
  readonly address: StreamAddress;
  accept(): StreamSocket | undefined;
  /** The file of a unix socket stays, as on Linux. */
  close(): void;
}

/**
 * A listener whose connections wait to be accepted. `start` is given what takes a connection, and returns the address and what ends
 * it; a connection beyond `most` that wait is refused with EAGAIN.
 */
export function queueConnections(
  start: (connected: (socket: StreamSocket) => void) => {
    readonly address: StreamAddress;
    readonly close: () => void;
  },
  most = Number.POSITIVE_INFINITY,
): StreamListener {
  const waiting: StreamSocket[] = [];
  const wakers = new Wakers();
  const { address, close } = start((socket) => {
    if (waiting.length > most) throw new Refusal(ERRNO.EAGAIN);
    waiting.push(socket);
    wakers.wake();
  });
  return {
    address,
    get ready() {
      return waiting.length > 0;
    },
    subscribe: (wake) => wakers.subscribe(wake),
    accept: () => waiting.shift(),
    close: () => {
      close();
      for (const socket of waiting.splice(0)) socket.close();
    },
  };
}

/** socketpair(2): two ends of a connection in memory. The first end has connected to `address`. */
export function streamSocketPair(address?: StreamAddress): readonly [StreamSocket, StreamSocket] {
  const there = new Pipe();
  const back = new Pipe();
  const end = (from: Pipe, to: Pipe, name: "local" | "remote"): StreamSocket => {
    const { input } = from;
    const { output } = to;
    let open = true;
    let writes = true;
    const endOutput = (): void => {
      if (!writes) return;
      writes = false;
      to.writer.release();
    };
    return {
      input,
      output,
      ...(address ? { [name]: address } : {}),
      endOutput,
      close: () => {
        if (!open) return;
        open = false;
        from.reader.release();
        endOutput();
      },
    };
  };
  return [end(back, there, "remote"), end(there, back, "local")];
}
