// Packets that a real kernel lets go, and why, as its own tracepoint says (skb:kfree_skb). It names a buffer, no packet: which
// packet that was is found out by where the buffer was seen last.

import type { Microseconds } from "./system.ts";

/** A buffer on a device. Devices of other namespaces may have the same name. */
export interface BufferSighting {
  readonly device: string;
  readonly outgoing: boolean;
  /** Bytes; of what came in without the link-layer header. */
  readonly length: number;
  readonly time: Microseconds;
}

export interface KernelDrop {
  readonly time: Microseconds;
  /** As the kernel calls it, without SKB_DROP_REASON_; a number in hexadecimal if it has no name there. */
  readonly reason: string;
  /** It happened in a call of ours. */
  readonly ours: boolean;
  /** Undefined if it was on no device while somebody looked. */
  readonly seen: BufferSighting | undefined;
  /** The function of the kernel that let it go; undefined if the kernel does not tell addresses. */
  place(): string | undefined;
}

export interface KernelDropWatch {
  /** Watches until the returned function is called. Errors: Refusal where the kernel does not allow it. */
  start(): () => readonly KernelDrop[];
}
