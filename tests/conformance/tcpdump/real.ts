// The real tcpdump on a capture in memory. It looks up the machine's interfaces for cooked captures: where that is allowed, it
// runs in a network namespace of its own, which has none but the loopback.

import { spawnSync } from "node:child_process";
import type { Run } from "./ours.ts";

const OUTPUT = 1 << 28; // bytes that are kept

const mayIsolate = spawnSync("unshare", ["--net", "true"]).status === 0;

export function runReal(capture: Uint8Array, options: readonly string[]): Run {
  const command = [...(mayIsolate ? ["unshare", "--net"] : []), "tcpdump", ...options, "-r", "-"];
  const { stdout, stderr, status } = spawnSync(command[0] ?? "", command.slice(1), {
    input: capture,
    encoding: "latin1",
    maxBuffer: OUTPUT,
    env: { ...process.env, TZ: "UTC" },
  });
  return { stdout, stderr, code: status ?? -1 };
}
