// What waits in a socket for its program: datagrams, errors with the datagrams that caused them, and the memory both take.
// Kernel counterparts: sk_receive_queue, sk_error_queue, sk_err, sk_rmem_alloc.

import type { InetAddress, ReceivedError } from "../../system/sockets.ts";
import { coreSetting } from "../core-sysctls.ts";
import type { Kernel } from "../kernel.ts";
import type { IpAddress } from "./ip-address.ts";

/** SOCK_MIN_RCVBUF, bytes. */
const MIN_RECEIVE_BUFFER = 2304;

const PACKET_RECORD = 256; // sizeof(struct sk_buff), in whole cache lines
const SHARED_RECORD = 320; // sizeof(struct skb_shared_info)
const HEADROOM = 32; // link-layer header and what rounds it up

/** What a queued packet of `length` bytes costs (truesize): its memory comes in powers of two. */
export function queueCost(length: number): number {
  const needed = ((length + HEADROOM + 63) & ~63) + SHARED_RECORD;
  const slab = needed <= 4096 ? 2 ** Math.ceil(Math.log2(needed)) : (needed + 4095) & ~4095;
  return slab + PACKET_RECORD;
}

/** A datagram with all that a program may ask about it. */
export interface QueuedDatagram {
  readonly bytes: Uint8Array;
  readonly from: InetAddress;
  readonly timestamp: number;
  readonly ttl: number;
  readonly tos: number;
  readonly ifindex: number;
  /** Destination in its header. */
  readonly local: IpAddress;
  /** Raw IPv4 options; undefined if it had none. */
  readonly options: Uint8Array | undefined;
}

export class SocketQueues {
  readonly #datagrams: QueuedDatagram[] = [];
  readonly #errors: ReceivedError[] = [];
  #used = 0;
  readonly #kernel: Kernel;
  #limit: number;
  /** errno that the next call returns; 0 for none. */
  #pending = 0;
  drops = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#limit = coreSetting(kernel, "rmem_default");
  }

  /** Bytes in use. */
  get used(): number {
    return this.#used;
  }

  get ready(): boolean {
    return this.#datagrams.length > 0 || this.#errors.length > 0 || this.#pending !== 0;
  }

  /** SO_RCVBUF: the kernel doubles it, for its own records. */
  setLimit(bytes: number): void {
    const most = coreSetting(this.#kernel, "rmem_max");
    this.#limit = Math.max(MIN_RECEIVE_BUFFER, Math.min(bytes, most) * 2);
  }

  /** SO_RCVBUF as the kernel keeps it, bytes. */
  get limit(): number {
    return this.#limit;
  }

  get full(): boolean {
    return this.#used >= this.#limit;
  }

  /** False (and counted) if the buffer is full. */
  addDatagram(datagram: QueuedDatagram): boolean {
    if (this.full) {
      this.drops++;
      return false;
    }
    this.#used += queueCost(datagram.bytes.length);
    this.#datagrams.push(datagram);
    return true;
  }

  takeDatagram(): QueuedDatagram | undefined {
    const first = this.#datagrams.shift();
    if (first !== undefined) this.#used -= queueCost(first.bytes.length);
    return first;
  }

  /** Bytes of the first datagram that waits (SIOCINQ). */
  get firstLength(): number {
    return this.#datagrams[0]?.bytes.length ?? 0;
  }

  /** sock_queue_err_skb() */
  addError(error: ReceivedError): void {
    const cost = queueCost(error.bytes.length);
    if (this.#used + cost >= this.#limit) return;
    this.#used += cost;
    this.#errors.push(error);
  }

  /** sock_dequeue_err_skb(): with the last ICMP error its errno is forgotten, else the next one's is pending. */
  takeError(): ReceivedError | undefined {
    const error = this.#errors.shift();
    if (error === undefined) return undefined;
    this.#used -= queueCost(error.bytes.length);
    const next = this.#errors[0];
    if (next !== undefined && next.origin !== "local") this.#pending = next.errno;
    else if (error.origin !== "local") this.#pending = 0;
    return error;
  }

  setPending(errno: number): void {
    this.#pending = errno;
  }

  /** sock_error(): the pending errno, once. */
  takePending(): number {
    const errno = this.#pending;
    this.#pending = 0;
    return errno;
  }

  clear(): void {
    this.#datagrams.length = 0;
    this.#errors.length = 0;
    this.#used = 0;
    this.#pending = 0;
  }
}
