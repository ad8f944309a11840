// What a capture of the whole network costs: the same forwarding with one hop or every hop of every frame written into a
// pcapng file on the disk, by the thread that forwards, beside the forwarding alone, in turns.

import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PcapngCapture } from "@patchcord/core/capture/pcapng-capture.ts";
import { forwardFrames } from "./forward.ts";
import type { Forwarding } from "./forward.ts";
import { median, row } from "./row.ts";
import type { Row } from "./row.ts";

const TURNS = 3;
const ROUNDS = 3;
const FRAMES = 500_000;
const BUFFER = 1 << 20; // bytes, as `patchcord capture` has it
/** Under 40 % of the rate may be lost. */
const TARGET = 0.6;

/** Frames a second of each round. */
function framesOf(prepare?: Forwarding["prepare"]): number[] {
  return forwardFrames({ rounds: ROUNDS, frames: FRAMES, ...(prepare && { prepare }) }).map(
    ({ frames }) => frames,
  );
}

interface Measure {
  readonly name: string;
  /** All of them if undefined. */
  readonly device?: string;
}

/**
 * Of the four hops of a frame (out of the sender's eth0, into the bridge's port a, out of its port b, into the receiver's eth0),
 * each is a record of 112 bytes and, since nobody takes the frames in the end, one of them has a comment with the drop: half a
 * kilobyte a frame. One device is 112 bytes a frame.
 */
const MEASURES: readonly Measure[] = [
  { name: "forward with one of four hops written to pcapng", device: "a" },
  { name: "forward with every hop written to pcapng" },
];

export async function capture(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  const alone: number[] = [];
  const captured = MEASURES.map((): number[] => []);
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      alone.push(...framesOf());
      for (const [index, { device }] of MEASURES.entries()) {
        const file = openSync(join(folder, "all.pcapng"), "w");
        const buffer = new Uint8Array(BUFFER);
        const rates = framesOf(({ capture }) => {
          const writer = new PcapngCapture({
            sink: {
              buffer,
              write: (length) => {
                writeSync(file, buffer, 0, length);
                return buffer;
              },
            },
            namespaceName: (inode) => String(inode),
            wanted: ({ name }) => device === undefined || name === device,
          });
          capture.start(writer);
        });
        captured[index]?.push(...rates);
        closeSync(file);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return MEASURES.map(({ name }, index) =>
    row({
      name,
      value: median(captured[index] ?? []),
      unit: "frames/s",
      than: { what: "without a capture", value: median(alone) },
      target: TARGET,
    }),
  );
}
