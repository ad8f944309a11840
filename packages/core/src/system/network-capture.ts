// Every frame on every device of every namespace at once, beside what any program can see. The embedded system offers it;
// on a real kernel a capture is put together from packet sockets.

import type { DropReason } from "../trace/drop-reason.ts";
import type { Microseconds } from "./system.ts";

/** A device at the moment of the frame. The same object, until it is renamed or moved. */
export interface SeenDevice {
  /** Inode number of its namespace's file. */
  readonly netns: number;
  readonly ifindex: number;
  readonly name: string;
  /** ARPHRD_ type. */
  readonly hardwareType: number;
  /** Link-layer address, 48 bits. */
  readonly address: number;
}

/** One object serves for all frames: what is to be kept must be copied. */
export interface SeenFrame {
  readonly device: SeenDevice;
  readonly outgoing: boolean;
  readonly time: Microseconds;
  /** The frame is bytes[start .. end), from its link-layer header on. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Tag that is kept beside the frame; TCI -1 for none. */
  readonly vlanTci: number;
  readonly vlanTpid: number;
  /** The packet's id (trace/recorder.ts), and that of the journey that it belongs to. */
  readonly packetId: number;
  readonly journey: number;
}

export interface FrameWatcher {
  frame(frame: SeenFrame): void;
  /** The packet has ended; told right after the frame that was its last. */
  dropped(packetId: number, reason: DropReason, place: string): void;
}

export interface NetworkCapture {
  /** Watches until the returned function is called. */
  start(watcher: FrameWatcher): () => void;
}
