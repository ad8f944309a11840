// A capture file that is written while the network runs: what a system's capture is told goes into a log, which a thread of
// its own (capture-writer.ts) makes a pcapng file of. So forwarding costs little more than a copy of each frame.
//
// If the writer is slower, forwarding waits for it: nothing is lost, and the memory between them is bounded.

import { closeSync, existsSync } from "node:fs";
import { extname } from "node:path";
import { getSystemErrorMap } from "node:util";
import { Worker } from "node:worker_threads";
import { FrameLog } from "@patchcord/core/capture/frame-log.ts";
import type { SeenDevice } from "@patchcord/core/system/network-capture.ts";
import { DEFAULT_SNAP_LENGTH } from "@patchcord/core/wire/capture-packet.ts";
import { CaptureRing, WriterState } from "./capture-ring.ts";
import type { WriterOptions } from "./capture-ring.ts";

export interface CaptureFileOptions {
  /** An open file. It is closed at the end, unless it is a standard stream. */
  readonly file: number;
  /** How much of a frame is kept, bytes. */
  readonly snapLength: number;
  /** A filter of pcap-filter(7) that makes sense. */
  readonly filter?: string | undefined;
  readonly namespaceName: (inode: number) => string | undefined;
  readonly wanted: (device: SeenDevice, namespace: string | undefined) => boolean;
  /** The file takes no more: nothing that comes now is kept. Told once. */
  readonly failed: (why: string) => void;
}

const EPIPE = -32;
const STANDARD_STREAMS = 2;

/** The writer's file: beside this one, or above it when a bundle has put this one into a chunk. */
function writerFile(): URL {
  const name = `capture-writer${extname(import.meta.url)}`;
  const places = [`./${name}`, `../${name}`].map((place) => new URL(place, import.meta.url));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`${name} is not where it is installed`);
  return found;
}

export class CaptureFile {
  readonly log: FrameLog;
  readonly #ring = new CaptureRing();
  readonly #options: CaptureFileOptions;
  #ended = false;
  /** The writer has ended, and it has been said why. */
  #told = false;

  constructor(options: CaptureFileOptions) {
    this.#options = options;
    const { file, snapLength, filter, namespaceName, wanted } = options;
    const ring = this.#ring;
    // A filter may look at what is not kept.
    const loggedLength = filter === undefined ? snapLength : DEFAULT_SNAP_LENGTH;
    const workerData: WriterOptions = { memory: ring.memory, file, snapLength, loggedLength, filter };
    const worker = new Worker(writerFile(), { workerData });
    worker.unref();
    const first = ring.free() as Int32Array; // of a ring with nothing in it
    let current = first;
    this.log = new FrameLog({
      snapLength: loggedLength,
      namespaceName,
      wanted,
      chunks: {
        first,
        next: (words) => {
          if (this.#told) return current;
          ring.fill(words);
          const next = ring.free();
          if (next === undefined) this.#complain();
          return (current = next ?? current);
        },
      },
    });
  }

  /** Hands on what there is, for whoever reads a pipe. */
  flush(): void {
    if (!this.#ended) this.log.flush();
  }

  /** Returns when everything is in the file. How many packets that are, of how many interfaces. */
  finish(): { readonly packets: number; readonly interfaces: number } {
    const ring = this.#ring;
    if (!this.#ended) {
      this.#ended = true;
      this.log.flush();
      if (!this.#told) ring.fill(0);
      ring.waitUntilEnded();
      if (ring.state !== WriterState.DONE) this.#complain();
      if (this.#options.file > STANDARD_STREAMS) closeSync(this.#options.file);
    }
    return ring.counts;
  }

  #complain(): void {
    if (this.#told) return;
    this.#told = true;
    const { state, errno } = this.#ring;
    // Whoever reads a pipe may have had enough.
    if (state === WriterState.FAILED && errno === EPIPE) return;
    this.#options.failed(
      state === WriterState.FAILED
        ? (getSystemErrorMap().get(errno)?.[1] ?? `error ${-errno}`)
        : "the thread that writes it does not run",
    );
  }
}
