// The thread that writes a capture: takes the log of what the network's thread sees from the ring between them, and makes the
// pcapng file. It has no event loop to come back to: it waits for chunks until the one that says that no more will come.

import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { PcapngCapture } from "@patchcord/core/capture/pcapng-capture.ts";
import type { CaptureSink } from "@patchcord/core/capture/record-buffer.ts";
import { CaptureRing, WriterState } from "./capture-ring.ts";
import type { WriterOptions } from "./capture-ring.ts";

/** What is collected before it is written, bytes. */
const BUFFER = 1 << 20;
/** How long a reader that takes nothing out of its pipe is left alone, milliseconds. */
const PIPE_PAUSE = 2;

/** The file takes no more. */
class Unwritable extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super();
    this.errno = errno;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at);
    } catch (error) {
      const { code, errno } = error as NodeJS.ErrnoException;
      if (errno === undefined) throw error;
      if (code !== "EAGAIN") throw new Unwritable(errno);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PIPE_PAUSE);
    }
  }
}

function fileSink(file: number): CaptureSink {
  const buffer = new Uint8Array(BUFFER);
  return {
    buffer,
    write: (length) => {
      writeAll(file, buffer.subarray(0, length));
      return buffer;
    },
  };
}

function write({ file, snapLength, loggedLength, filter }: WriterOptions, ring: CaptureRing): void {
  const capture = new PcapngCapture({
    sink: fileSink(file),
    snapLength,
    loggedLength,
    filter,
  });
  const read = capture.read.bind(capture);
  while (ring.take(read)) if (!ring.waiting) capture.flush(); // whoever reads a pipe need not wait for more
  capture.finish();
  ring.count(capture.packets, capture.interfaces);
}

const options = workerData as WriterOptions;
const ring = new CaptureRing(options.memory);
try {
  if (ring.start()) {
    write(options, ring);
    ring.state = WriterState.DONE;
  }
} catch (error) {
  if (error instanceof Unwritable) ring.fail(error.errno);
  else {
    ring.state = WriterState.BROKEN;
    throw error;
  }
}
