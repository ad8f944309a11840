// Our tcpdump on a capture in memory, as `tcpdump OPTIONS -r FILE` would be run.

import { tcpdump } from "@patchcord/core/tools/tcpdump/tcpdump.ts";
import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import { bytesInput, descriptor, sinkOutput } from "@patchcord/core/system/streams.ts";

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** The capture comes by standard input, so `reading from file -` is on standard error. */
export async function runOurs(capture: Uint8Array, options: readonly string[]): Promise<Run> {
  const system = new EmbeddedSystem({
    host: { turn: () => new Promise((resolve) => setImmediate(resolve)) },
  });
  const out = { stdout: "", stderr: "" };
  const decoder = new TextDecoder();
  const collect = (name: "stdout" | "stderr"): ReturnType<typeof descriptor> =>
    descriptor({ output: sinkOutput((bytes) => (out[name] += decoder.decode(bytes))) });
  const process = Process.start(system, () => undefined, tcpdump, {
    argv: ["tcpdump", ...options, "-r", "-"],
    fds: new Map([
      [0, descriptor({ input: bytesInput(capture) })],
      [1, collect("stdout")],
      [2, collect("stderr")],
    ]),
  });
  await system.run(() => process.status !== undefined);
  return { ...out, code: process.status ? exitCode(process.status) : -1 };
}
