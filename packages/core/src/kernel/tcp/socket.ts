// A connection as its program has it: read, write, shut down and close (RFC 9293, 3.9.1; tcp_recvmsg, tcp_sendmsg, tcp_shutdown,
// tcp_close). Nothing blocks.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { StreamAddress, StreamSocket } from "../../system/stream-sockets.ts";
import type { Input, Output } from "../../system/streams.ts";
import type { IpAddress, SocketFamily } from "../sockets/ip-address.ts";
import { addressBytes } from "../sockets/ip-address.ts";
import { connectionInfo } from "../sockets/diag/tcp-info.ts";
import { acknowledgeRead } from "./acknowledging.ts";
import { endConnection, finish, finWaitLength, leaveBehind, setState } from "./ending.ts";
import { adjustSpace } from "./receive-window.ts";
import { advance } from "./sequence.ts";
import type { Tcb } from "./tcb.ts";
import { TIME_WAIT_LENGTH } from "./time-wait.ts";
import { setLifeTimer } from "./timers.ts";
import { appendData, push, queueFin, sendReset } from "./transmit.ts";

/** Bytes that one read takes at most. */
const MOST_READ = 65_536;

export function streamAddress(
  family: SocketFamily,
  address: IpAddress | undefined,
  port: number,
  scope = 0,
): StreamAddress & { readonly family: "inet" | "inet6" } {
  return { family, address: addressBytes(family, address), port, ...(scope !== 0 && { scope }) };
}

export class TcpSocket implements StreamSocket {
  readonly input: Input;
  readonly output: Output;
  readonly tcb: Tcb;
  readonly #settle: () => void;
  readonly #unread: Uint8Array[] = [];
  #closed = false;

  /** `settle` runs what a call sets off. */
  constructor(tcb: Tcb, settle: () => void) {
    this.tcb = tcb;
    this.#settle = settle;
    const socket = this;
    const subscribe = (wake: () => void): (() => void) => tcb.wakers.subscribe(wake);
    this.input = {
      get ready() {
        return socket.#unread.length > 0 || socket.#closed || isReadable(tcb);
      },
      subscribe,
      read: () => this.#read(),
      unread: (bytes) => {
        if (bytes.length > 0) this.#unread.unshift(bytes);
      },
    };
    this.output = {
      get ready() {
        if (socket.#closed || tcb.error !== 0 || tcb.sendShutdown) return true;
        if (tcb.state === "SYN-SENT") return false;
        if (!tcb.mayWrite) tcb.writerWaits = true;
        return tcb.mayWrite;
      },
      subscribe,
      write: (bytes) => this.#write(bytes),
    };
  }

  get inode(): number {
    return this.tcb.inode;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get local(): StreamAddress {
    const { family, ends, way } = this.tcb;
    return streamAddress(family, ends.local, ends.localPort, way.options.device);
  }

  get remote(): StreamAddress {
    const { family, ends, way } = this.tcb;
    return streamAddress(family, ends.remote, ends.remotePort, way.options.device);
  }

  #throwPending(): void {
    const { error } = this.tcb;
    if (error === 0) return;
    this.tcb.error = 0;
    throw new Refusal(error);
  }

  #read(): Uint8Array | null | undefined {
    const back = this.#unread.shift();
    if (back) return back;
    if (this.#closed) return null;
    const { tcb } = this;
    const bytes = takeReadable(tcb);
    if (bytes !== undefined) {
      tcb.copiedSeq = advance(tcb.copiedSeq, bytes.length);
      adjustSpace(tcb);
      acknowledgeRead(tcb);
      this.#settle();
      return bytes;
    }
    this.#throwPending();
    if (tcb.receiveShutdown || tcb.state === "CLOSED") return null;
    return undefined;
  }

  #write(bytes: Uint8Array): void {
    const { tcb } = this;
    if (this.#closed) throw new Refusal(ERRNO.EPIPE);
    this.#throwPending();
    if (tcb.sendShutdown) throw new Refusal(ERRNO.EPIPE);
    if (bytes.length === 0) return;
    appendData(tcb, bytes);
    if (tcb.state !== "SYN-SENT") push(tcb);
    this.#settle();
  }

  information(): Uint8Array {
    return connectionInfo(this.tcb);
  }

  /** shutdown(SHUT_WR) */
  endOutput(): void {
    const { tcb } = this;
    if (this.#closed || tcb.sendShutdown) return;
    tcb.sendShutdown = true;
    if (closeState(tcb)) queueFin(tcb);
    this.#settle();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeConnection(this.tcb);
    this.#settle();
  }
}

function isReadable(tcb: Tcb): boolean {
  return tcb.received.readable > 0 || tcb.receiveShutdown || tcb.error !== 0 || tcb.state === "CLOSED";
}

function takeReadable(tcb: Tcb): Uint8Array | undefined {
  const first = tcb.received.take();
  if (first === undefined || tcb.received.readable === 0) return first;
  const parts = [first];
  let length = first.length;
  while (length < MOST_READ) {
    const next = tcb.received.take();
    if (next === undefined) break;
    parts.push(next);
    length += next.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** tcp_close_state(): the state behind this side's FIN. True if there is one to be sent. */
function closeState(tcb: Tcb): boolean {
  switch (tcb.state) {
    case "SYN-RECEIVED":
    case "ESTABLISHED":
      setState(tcb, "FIN-WAIT-1");
      return true;
    case "CLOSE-WAIT":
      setState(tcb, "LAST-ACK");
      return true;
    default:
      return false;
  }
}

/** tcp_close() */
function closeConnection(tcb: Tcb): void {
  const unread = tcb.received.readable > 0;
  tcb.received.clear();
  tcb.orphaned = true;
  tcb.receiveShutdown = true;
  if (tcb.state === "CLOSED") return;
  if (tcb.state === "SYN-SENT") {
    setState(tcb, "CLOSED"); // its attempt has not failed
    endConnection(tcb);
    return;
  }
  if (unread) {
    // Bytes that nobody will read are lost: the peer is told (RFC 2525, 2.17).
    tcb.counters.count("TCPAbortOnClose");
    sendReset(tcb);
    finish(tcb);
    return;
  }
  tcb.sendShutdown = true;
  if (closeState(tcb)) queueFin(tcb);
  if (tcb.state !== "FIN-WAIT-2") return;
  const wait = finWaitLength(tcb);
  if (wait > TIME_WAIT_LENGTH) setLifeTimer(tcb, wait - TIME_WAIT_LENGTH);
  else leaveBehind(tcb, "FIN-WAIT-2", wait);
}
