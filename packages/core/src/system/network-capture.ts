// Every frame on every device of every namespace at once, beside what any program can see. On a real kernel it is put together
// from packet sockets, and tells neither journeys (0) nor drops.

import type { DropReason } from "../trace/drop-reason.ts";
import type { Microseconds, Nanoseconds } from "./system.ts";

/** A device at the moment of the frame. The same object, until it is renamed or moved. */
export interface SeenDevice {
  /** Counts these objects from 0, so that a watcher can keep what it knows about them in an array. */
  readonly number: number;
  /** Inode number of its namespace's file. */
  readonly netns: number;
  readonly ifindex: number;
  readonly name: string;
  /** ARPHRD_ type. */
  readonly hardwareType: number;
  /** Link-layer address, 48 bits. */
  readonly address: number;
}

/** A packet that is on its way: what is to be kept of it must be copied. */
export interface SeenFrame {
  /** The frame is bytes[mac .. end), from its link-layer header on. */
  readonly bytes: Uint8Array;
  readonly mac: number;
  readonly end: number;
  /** Tag that is kept beside the frame; TCI -1 for none. */
  readonly vlanTci: number;
  readonly vlanTpid: number;
  /** The packet's id (trace/recorder.ts), and the one of the packet that its journey began with; 0 if nobody gives ids. */
  readonly traceId: number;
  readonly journey: number;
}

/** Tells when a frame was seen. Asked rather than told, so that no number need be made for whoever does not ask. */
export interface FrameClock {
  realtime(): Microseconds;
  /** What `realtime` is counted from: it differs by a constant from the whole microseconds of this, which is less to reckon. */
  readonly now: Nanoseconds;
}

/** Hears of every frame, so it must be quick; what it is given are plain values, so that none need be made. */
export interface FrameWatcher {
  /** Asked once about each device: frames of the others are not told, if the system can tell them apart cheaply. */
  wants(device: SeenDevice): boolean;
  /** The clock stands at the time of the frame. */
  frame(frame: SeenFrame, device: SeenDevice, outgoing: boolean, clock: FrameClock): void;
  /** The packet has ended; told right after the frame that was its last. */
  dropped(packetId: number, reason: DropReason, place: string): void;
}

export interface NetworkCapture {
  /** Watches until the returned function is called, which tells how many frames there was no time or memory for. */
  start(watcher: FrameWatcher): () => number;
}
