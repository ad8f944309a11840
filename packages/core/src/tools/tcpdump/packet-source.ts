// Where tcpdump's packets come from, and which of them it takes. A source is a file (savefile.ts) or a live capture; a filter
// is a compiled expression. The program's loop (tcpdump.ts) knows both only by these interfaces.

import type { Waitable } from "../../system/streams.ts";
import type { CapturedPacket } from "./print/packet.ts";

export interface PacketSource {
  /** DLT_ number. */
  readonly linkType: number;
  readonly snapLength: number;
  /** The unit of `CapturedPacket.fraction`. */
  readonly nanoseconds: boolean;
  /**
   * Fills `packet` with the next one. "wait": none is there yet, wait for `waitable`. Throws SourceFault if the source is
   * broken. Bytes stay valid until the next call.
   */
  next(packet: CapturedPacket): "packet" | "wait" | "end";
  readonly waitable?: Waitable;
  /** Waits until `next` may have something, or a signal has come. For a source that never says "wait": absent. */
  wait?(): Promise<void>;
  /** A file whose byte order is not the machine's (little-endian). */
  readonly swapped?: boolean;
  close(): void;
}

/** A broken source: the text that libpcap has for it. */
export class SourceFault {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export interface PacketFilter {
  /** True if the packet passes. */
  matches(packet: CapturedPacket): boolean;
}
