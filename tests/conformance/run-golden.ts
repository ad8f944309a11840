// Runs a recorded script on the embedded system, line by line as the recorder does: each line is a `bash -c` of its own.

import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "@patchcord/core/system/streams.ts";
import { MILLISECOND } from "@patchcord/core/system/system.ts";
import { virtualTimeHost } from "../../packages/cli/src/node-host.ts";
import { bashProgram } from "@patchcord/core/shell/bash.ts";
import { AddressMap, equalsRecording } from "./compare.ts";
import type { GoldenScript, Recorded, Result } from "./golden.ts";

/** What a line costs on the recording guest beside the commands in it: 0.15 to 0.35 s were measured. */
const LINE_COST = 180 * MILLISECOND;
/** What starting a program costs there. */
const START_COST = 10 * MILLISECOND;

export interface Outcome {
  readonly recorded: Recorded;
  readonly ours: Result;
  readonly equal: boolean;
}

export async function runGolden(script: GoldenScript, lookup: ProgramLookup, seed = 1): Promise<Outcome[]> {
  const system = new EmbeddedSystem({
    host: virtualTimeHost,
    profile: script.profile,
    hostName: script.hostName,
    startCost: START_COST,
    seed,
  });
  const env = new Map([
    ["LC_ALL", "C"],
    ["TZ", "UTC"],
    ["COLUMNS", "80"],
    ["HOME", "/root"],
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ]);
  let cwd = "/tmp";

  const runLine = async (line: string): Promise<Result> => {
    const stdout = collector();
    const stderr = collector();
    const process = Process.start(system, lookup, bashProgram, {
      argv: ["bash", "-c", line],
      env,
      cwd,
      fds: new Map([
        [0, nullDescriptor()],
        [1, descriptor({ output: stdout.output })],
        [2, descriptor({ output: stderr.output })],
      ]),
    });
    await system.run(() => process.status !== undefined);
    const until = system.monotonic() + LINE_COST;
    system.after(LINE_COST, () => {});
    const result = {
      stdout: stdout.text(),
      stderr: stderr.text(),
      rc: process.status ? exitCode(process.status) : -1,
    };
    await system.run(() => system.monotonic() >= until);
    return result;
  };

  if (script.loopbackUp) await runLine("ip link set lo up");
  const addresses = new AddressMap();
  const outcomes: Outcome[] = [];
  for (const step of script.steps) {
    switch (step.type) {
      case "environment":
        env.set(step.name, step.value);
        break;
      case "directory":
        cwd = step.path;
        break;
      case "silent":
        await runLine(step.cmd);
        break;
      case "command": {
        const ours = await runLine(step.recorded.cmd);
        outcomes.push({
          recorded: step.recorded,
          ours,
          equal: equalsRecording(step.recorded, ours, addresses),
        });
      }
    }
  }
  return outcomes;
}

function collector(): { readonly output: ReturnType<typeof sinkOutput>; text(): string } {
  const decoder = new TextDecoder();
  let text = "";
  return {
    output: sinkOutput((bytes) => {
      text += decoder.decode(bytes, { stream: true });
    }),
    text: () => text + decoder.decode(),
  };
}
