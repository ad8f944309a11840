// Stream sockets of the real kernel: unix(7) and tcp(7). Opened synchronously inside the namespace; node:net would make
// its socket later, in whatever namespace the thread is then.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { readU32Host } from "@patchcord/core/netlink/host-bytes.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import type {
  StreamAddress,
  StreamListener,
  StreamOptions,
  StreamSocket,
} from "@patchcord/core/system/stream-sockets.ts";
import { Wakers } from "@patchcord/core/system/streams.ts";
import type { Input, Output } from "@patchcord/core/system/streams.ts";
import {
  acceptOrAgain,
  duplicate,
  getOption,
  libc,
  nameSocket,
  payloadAddress,
  payloadBytes,
  readOrAgain,
  socketName,
  writeOrAgain,
} from "./libc.ts";
import { Readiness } from "./readiness.ts";
import { AF, decodeSockaddrInet, encodeSockaddrInet, encodeSockaddrUnix } from "./socket-address.ts";
import { setStreamOptions } from "./stream-options.ts";
import { SHUT_WR, SO, SOCK, SOL } from "./socket-constants.ts";

const READ_BLOCK = 64 * 1024; // bytes
/** A writer is asked to pause while more than this waits for the peer. */
const PENDING_LIMIT = 256 * 1024; // bytes
const BACKLOG = 128;
const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_INFO_SIZE = 232; // bytes, as of Linux 6.1

function encodeAddress(address: StreamAddress): Uint8Array {
  if (address.family === "unix") return encodeSockaddrUnix(address.path);
  const { port, scope = 0 } = address;
  return encodeSockaddrInet({ address: address.address, port, scope });
}

function decodeAddress(name: Uint8Array): StreamAddress | undefined {
  const inet = decodeSockaddrInet(name);
  return inet && { family: inet.address.length === 4 ? "inet" : "inet6", ...inet };
}

function openSocket(address: StreamAddress): number {
  const domain = { unix: AF.UNIX, inet: AF.INET, inet6: AF.INET6 }[address.family];
  return libc.socket(domain, SOCK.STREAM | SOCK.CLOEXEC | SOCK.NONBLOCK, 0);
}

/** What is read and written of one descriptor, and the bytes that the kernel has not taken yet. */
class Connection implements StreamSocket {
  readonly input: Input;
  readonly output: Output;
  readonly local?: StreamAddress;
  readonly remote?: StreamAddress;
  readonly #fd: number;
  readonly #duplicate: number;
  readonly #readable: Readiness;
  readonly #writable: Readiness;
  readonly #drained = new Wakers();
  readonly #unread: Uint8Array[] = [];
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  #endFlush: (() => void) | undefined;
  #connecting: boolean;
  #closed = false;

  constructor(fd: number, connecting: boolean, names: { local?: StreamAddress; remote?: StreamAddress }) {
    this.#fd = fd;
    this.#connecting = connecting;
    Object.assign(this, names);
    this.#readable = new Readiness(fd);
    // libuv watches a descriptor once, so the other direction has a duplicate.
    this.#duplicate = duplicate(fd);
    this.#writable = new Readiness(this.#duplicate, "out");
    const connection = this;
    this.input = {
      get ready() {
        return connection.#unread.length > 0 || connection.#closed || connection.#readable.ready;
      },
      subscribe: (wake) => this.#readable.subscribe(wake),
      read: () => this.#read(),
      unread: (bytes) => {
        if (bytes.length > 0) this.#unread.unshift(bytes);
      },
    };
    this.output = {
      get ready() {
        if (connection.#closed) return true;
        if (connection.#connecting) return connection.#writable.ready;
        return connection.#pendingLength < PENDING_LIMIT;
      },
      subscribe: (wake) => {
        const ends = [this.#drained.subscribe(wake), this.#writable.subscribe(wake)];
        return () => ends.forEach((end) => end());
      },
      write: (bytes) => this.#write(bytes),
    };
  }

  /** The verdict on a connection in progress. */
  #settle(): void {
    if (!this.#connecting || !this.#writable.ready) return;
    this.#connecting = false;
    const errno = readU32Host(getOption(this.#fd, SOL.SOCKET, SO.ERROR, 4), 0);
    if (errno !== 0) throw new Refusal(errno);
  }

  #read(): Uint8Array | null | undefined {
    if (this.#closed) return null;
    this.#settle();
    const back = this.#unread.shift();
    if (back) return back;
    if (this.#connecting) return undefined;
    const count = readOrAgain(this.#fd, payloadAddress, READ_BLOCK);
    if (count === undefined) return undefined;
    return count === 0 ? null : payloadBytes.slice(0, count);
  }

  #write(bytes: Uint8Array): void {
    if (this.#closed) throw new Refusal(ERRNO.EPIPE);
    this.#settle();
    if (bytes.length === 0) return;
    const left = this.#pendingLength > 0 || this.#connecting ? bytes.slice() : this.#push(bytes);
    if (left.length === 0) return;
    this.#pending.push(left);
    this.#pendingLength += left.length;
    this.#endFlush ??= this.#writable.subscribe(() => this.#flush());
  }

  /** Hands bytes to the kernel; what it did not take. */
  #push(bytes: Uint8Array): Uint8Array {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + READ_BLOCK);
      payloadBytes.set(part);
      const count = writeOrAgain(this.#fd, payloadAddress, part.length);
      if (count === undefined) return bytes.slice(at);
      at += count;
    }
    return new Uint8Array(0);
  }

  #flush(): void {
    try {
      this.#settle();
      if (this.#connecting) return;
      while (this.#pending.length > 0) {
        const first = this.#pending[0] as Uint8Array;
        const left = this.#push(first);
        this.#pendingLength -= first.length - left.length;
        if (left.length > 0) {
          this.#pending[0] = left;
          break;
        }
        this.#pending.shift();
      }
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      this.#pending = []; // the next read or write meets the error of the connection
      this.#pendingLength = 0;
    }
    if (this.#pendingLength === 0) {
      this.#endFlush?.();
      this.#endFlush = undefined;
    }
    this.#drained.wake();
  }

  information(): Uint8Array {
    return getOption(this.#fd, IPPROTO_TCP, TCP_INFO, TCP_INFO_SIZE);
  }

  endOutput(): void {
    if (this.#closed) return;
    this.#flush();
    libc.shutdown(this.#fd, SHUT_WR);
  }

  /** What is still pending gets one more chance; then the descriptor goes. */
  close(): void {
    if (this.#closed) return;
    if (this.#pendingLength > 0) this.#flush();
    this.#closed = true;
    this.#endFlush?.();
    this.#readable.close();
    this.#writable.close();
    libc.close(this.#duplicate);
    libc.close(this.#fd);
  }
}

/** To be called inside the namespace. */
export function connectStream(address: StreamAddress, options: StreamOptions = {}): StreamSocket {
  const fd = openSocket(address);
  let connecting = false;
  try {
    setStreamOptions(fd, address, options);
    if (options.local !== undefined)
      nameSocket(fd, "bind", encodeSockaddrInet({ ...options.local, scope: 0 }));
    nameSocket(fd, "connect", encodeAddress(address));
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.errno !== ERRNO.EINPROGRESS) {
      libc.close(fd);
      throw refusal;
    }
    connecting = true;
  }
  const local = address.family === "unix" ? undefined : decodeAddress(socketName(fd, "getsockname"));
  return new Connection(fd, connecting, { remote: address, ...(local ? { local } : {}) });
}

/** To be called inside the namespace. Errors: EADDRINUSE, EACCES. */
export function listenStream(address: StreamAddress, options: StreamOptions = {}): StreamListener {
  const fd = openSocket(address);
  try {
    setStreamOptions(fd, address, { reuseAddress: true, ...options });
    nameSocket(fd, "bind", encodeAddress(address));
    libc.listen(fd, options.backlog ?? BACKLOG);
  } catch (refusal) {
    libc.close(fd);
    throw refusal;
  }
  const readiness = new Readiness(fd);
  let open = true;
  return {
    address: address.family === "unix" ? address : (decodeAddress(socketName(fd, "getsockname")) ?? address),
    get ready() {
      return readiness.ready;
    },
    subscribe: (wake) => readiness.subscribe(wake),
    accept: () => {
      const connection = acceptOrAgain(fd, null, null, SOCK.CLOEXEC | SOCK.NONBLOCK);
      if (connection === undefined) return undefined;
      const remote = decodeAddress(socketName(connection, "getpeername"));
      return new Connection(connection, false, { local: address, ...(remote ? { remote } : {}) });
    },
    close: () => {
      if (!open) return;
      open = false;
      readiness.close();
      libc.close(fd);
    },
  };
}
