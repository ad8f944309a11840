// What a system can tell about the ways of packets, beside what any program may ask the kernel for. The embedded system tells
// everything; a real kernel has nothing like it, so a program must do without (`System.trace` is undefined there).

import type { DropReason } from "../trace/drop-reason.ts";
import type { TraceDevice } from "../trace/packet-event.ts";
import type { TraceNode } from "../trace/recorder.ts";
import type { Nanoseconds } from "./system.ts";

/** Packets that ended at a device for one reason since it was made. */
export interface DropCount {
  readonly device: TraceDevice;
  readonly reason: DropReason;
  readonly count: number;
}

/** A packet under observation. */
export interface FollowedPacket {
  /** Its tree up to now; undefined if nothing was sent. Times are those of `System.monotonic`. */
  journey(): TraceNode | undefined;
  /** False while the packet, or one that came of it, is on its way or waits. */
  readonly ended: boolean;
  /** Watches no longer. */
  stop(): void;
}

export interface PacketTrace {
  /** Calls `send`, and records the first packet that a program makes in it, with all that comes of that packet. */
  follow(send: () => void): FollowedPacket;
  /** What is sent from now on is recorded, up to a limit. */
  record(): Recording;
  drops(): readonly DropCount[];
}

export interface Recording {
  /** The newest packets, oldest first. */
  journeys(): readonly TraceNode[];
  readonly since: Nanoseconds;
  stop(): void;
}
