// One line on one of our systems, as a `bash -c` of its own.

import { bashProgram } from "@patchcord/core/shell/bash.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "@patchcord/core/system/streams.ts";
import type { Output } from "@patchcord/core/system/streams.ts";
import type { System } from "@patchcord/core/system/system.ts";
import type { Result } from "./golden.ts";
import type { Lines } from "./steps.ts";

interface RunningSystem extends System {
  run(done: () => boolean): Promise<void>;
}

/** One line on one of our systems. */
export async function runLine(
  system: RunningSystem,
  lookup: ProgramLookup,
  line: string,
  { env, cwd }: Pick<Lines, "env" | "cwd">,
): Promise<Result> {
  const stdout = collector();
  const stderr = collector();
  const started = Process.start(system, lookup, bashProgram, {
    argv: ["bash", "-c", line],
    env,
    cwd,
    fds: new Map([
      [0, nullDescriptor()],
      [1, descriptor({ output: stdout.output })],
      [2, descriptor({ output: stderr.output })],
    ]),
  });
  await system.run(() => started.status !== undefined);
  const rc = started.status ? exitCode(started.status) : -1;
  return { stdout: stdout.text(), stderr: stderr.text(), rc };
}

function collector(): { readonly output: Output; text(): string } {
  const decoder = new TextDecoder();
  let text = "";
  return {
    output: sinkOutput((bytes) => {
      text += decoder.decode(bytes, { stream: true });
    }),
    text: () => text + decoder.decode(),
  };
}
