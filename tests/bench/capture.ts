// What a capture of the whole network costs: the same forwarding with every hop of every frame written into a pcapng file,
// beside the forwarding alone, in turns.

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
/** Under 40 % of the rate may be lost. */
const TARGET = 0.6;

/** Frames a second of each round. */
function framesOf(prepare?: Forwarding["prepare"]): number[] {
  return forwardFrames({ rounds: ROUNDS, frames: FRAMES, ...(prepare && { prepare }) }).map(
    ({ frames }) => frames,
  );
}

export async function capture(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  const alone: number[] = [];
  const captured: number[] = [];
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      alone.push(...framesOf());
      const file = openSync(join(folder, "all.pcapng"), "w");
      const rates = framesOf(({ capture }) => {
        const writer = new PcapngCapture({
          write: (bytes) => void writeSync(file, bytes),
          namespaceName: (inode) => String(inode),
        });
        capture.start(writer);
      });
      captured.push(...rates);
      closeSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return [
    row({
      name: "forward with every hop written to pcapng",
      value: median(captured),
      unit: "frames/s",
      than: { what: "without a capture", value: median(alone) },
      target: TARGET,
    }),
  ];
}
