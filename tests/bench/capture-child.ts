// One run of the forwarding measurement with a capture, for a process of its own: what a capture adds to the way of a frame stays in
// the engine's code when the capture is over. Prints as JSON what it found. Arguments: the file, and "none", "all" or the device.

import { openSync, statSync } from "node:fs";
import "../../packages/cli/src/engine-flags.ts";
import { DEFAULT_SNAP_LENGTH } from "@patchcord/core/wire/capture-packet.ts";
import { CaptureFile } from "../../packages/cli/src/capture-file.ts";
import { forwardFrames } from "./forward.ts";
import type { Forwarding } from "./forward.ts";

/** Frames of a round: few enough that the disk itself need not keep up. */
const FRAMES = 256_000;
const ROUNDS = 5;
/** Before the rounds that count: the engine compiles, and the thread that writes starts. */
const WARM_UP = 4;
const HOPS = 4; // of a frame

/** What one run found. */
export interface CaptureRun {
  /** Frames a second of each round. */
  readonly rates: readonly number[];
  /** In the file, for each frame. */
  readonly bytesPerFrame: number;
}

const [path = "", device = "none"] = process.argv.slice(2);
let file: CaptureFile | undefined;
const prepare: Forwarding["prepare"] = ({ capture }) => {
  file = new CaptureFile({
    file: openSync(path, "w"),
    snapLength: DEFAULT_SNAP_LENGTH,
    namespaceName: (inode) => String(inode),
    wanted: ({ name }) => device === "all" || name === device,
    failed: (why) => {
      throw new Error(why);
    },
  });
  capture.start(file.log);
};
const rounds = WARM_UP + ROUNDS;
const speeds = forwardFrames({ rounds, frames: FRAMES, ...(device !== "none" && { prepare }) });
if (file !== undefined) {
  const { packets } = file.finish();
  const hops = device === "all" ? HOPS : 1;
  if (packets !== rounds * FRAMES * hops) throw new Error(`${packets} packets are in the file`);
}
const found: CaptureRun = {
  rates: speeds.slice(WARM_UP).map(({ frames }) => frames),
  bytesPerFrame: file === undefined ? 0 : statSync(path).size / (rounds * FRAMES),
};
process.stdout.write(JSON.stringify(found));
