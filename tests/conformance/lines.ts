// Something that is given one line after the other, each as a `bash -c` of its own, as the recorder does: the embedded
// system, our tools on the real kernel, the real tools on the real kernel.

import { bashProgram } from "@patchcord/core/shell/bash.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "@patchcord/core/system/streams.ts";
import type { Output } from "@patchcord/core/system/streams.ts";
import type { System } from "@patchcord/core/system/system.ts";
import type { Result, Step } from "./golden.ts";

export interface Lines {
  readonly env: Map<string, string>;
  cwd: string;
  run(line: string): Promise<Result>;
}

/** What the recorder's programs find in their environment. */
export function lineEnvironment(): Map<string, string> {
  return new Map([
    ["LC_ALL", "C"],
    ["TZ", "UTC"],
    ["COLUMNS", "80"],
    ["HOME", "/root"],
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ]);
}

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

/** Runs a script's steps; the results of its recorded commands, in order. `before` is told the number of each. */
export async function runSteps(
  steps: readonly Step[],
  lines: Lines,
  before: (command: number) => unknown = () => {},
): Promise<Result[]> {
  const results: Result[] = [];
  for (const step of steps) {
    switch (step.type) {
      case "environment":
        lines.env.set(step.name, step.value);
        break;
      case "directory":
        lines.cwd = step.path;
        break;
      case "silent":
        await lines.run(step.cmd);
        break;
      case "command":
        await before(results.length);
        results.push(await lines.run(step.recorded.cmd));
    }
  }
  return results;
}
