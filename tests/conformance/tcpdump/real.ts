// The real tcpdump on a capture in memory.

import { spawnSync } from "node:child_process";
import type { Run } from "./ours.ts";

const OUTPUT = 1 << 28; // bytes that are kept

export function runReal(capture: Uint8Array, options: readonly string[]): Run {
  const { stdout, stderr, status } = spawnSync("tcpdump", [...options, "-r", "-"], {
    input: capture,
    encoding: "latin1",
    maxBuffer: OUTPUT,
    env: { ...process.env, TZ: "UTC" },
  });
  return { stdout, stderr, code: status ?? -1 };
}
