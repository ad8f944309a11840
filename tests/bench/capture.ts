// What a capture of the whole network costs: the same forwarding with one hop or every hop of every frame written into a
// pcapng file on the disk, as `patchcord capture` and `run --capture` do it, beside the forwarding alone, in turns.

import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_SNAP_LENGTH } from "@patchcord/core/wire/capture-packet.ts";
import { CaptureFile } from "../../packages/cli/src/capture-file.ts";
import { forwardFrames } from "./forward.ts";
import type { Forwarding } from "./forward.ts";
import { median, row } from "./row.ts";
import type { Row } from "./row.ts";

const TURNS = 3;
const ROUNDS = 3;
/** Before the rounds that count: the engine compiles what a capture adds, and the thread that writes starts. */
const WARM_UP = 2;
const HOPS = 4; // of a frame
/** Under 40 % of the rate may be lost. */
const TARGET = 0.6;

/** Frames a second of each round. */
function framesOf(frames: number, prepare?: Forwarding["prepare"]): number[] {
  return forwardFrames({ rounds: WARM_UP + ROUNDS, frames, ...(prepare && { prepare }) })
    .slice(WARM_UP)
    .map((round) => round.frames);
}

interface Measure {
  readonly name: string;
  /** All of them if undefined. */
  readonly device?: string;
  /** In a round: few enough that the disk need not keep up. */
  readonly frames: number;
}

/**
 * Of the four hops of a frame (out of the sender's eth0, into the bridge's port a, out of its port b, into the receiver's eth0),
 * each is a record of 112 bytes and, since nobody takes the frames in the end, one of them has a comment with the drop: half a
 * kilobyte a frame. One device is 112 bytes a frame.
 */
const MEASURES: readonly Measure[] = [
  { name: "forward with one of four hops written to pcapng", device: "a", frames: 256_000 },
  { name: "forward with every hop written to pcapng", frames: 256_000 },
];

export async function capture(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  const alone: number[] = [];
  const captured = MEASURES.map((): number[] => []);
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      alone.push(...framesOf(1_000_000));
      for (const [index, { device, frames }] of MEASURES.entries()) {
        let file: CaptureFile | undefined;
        const rates = framesOf(frames, ({ capture }) => {
          file = new CaptureFile({
            file: openSync(join(folder, "all.pcapng"), "w"),
            snapLength: DEFAULT_SNAP_LENGTH,
            namespaceName: (inode) => String(inode),
            wanted: ({ name }) => device === undefined || name === device,
            failed: (why) => {
              throw new Error(why);
            },
          });
          capture.start(file.log);
        });
        const written = file?.finish().packets ?? 0;
        const hops = device === undefined ? HOPS : 1;
        if (written !== (WARM_UP + ROUNDS) * frames * hops)
          throw new Error(`${written} packets are in the file`);
        captured[index]?.push(...rates);
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
