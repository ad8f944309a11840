// An embedded system that is given one line after the other, each as a `bash -c` of its own, as the recorder does.

import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { bashProgram } from "@patchcord/core/shell/bash.ts";
import { exitCode, Process } from "@patchcord/core/system/process.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { descriptor, nullDescriptor, sinkOutput } from "@patchcord/core/system/streams.ts";
import type { Output } from "@patchcord/core/system/streams.ts";
import type { Nanoseconds } from "@patchcord/core/system/system.ts";
import { virtualTimeHost } from "../../packages/cli/src/node-host.ts";
import type { Result } from "./golden.ts";

export interface LineOptions {
  readonly profile: ProfileName;
  readonly lookup: ProgramLookup;
  readonly hostName?: string;
  readonly seed?: number;
  /** Virtual time that starting a program takes. */
  readonly startCost: Nanoseconds;
  /** Virtual time that a call on an IP socket takes. */
  readonly callCost?: Nanoseconds;
  /** Virtual time that passes after each line. */
  readonly lineCost: Nanoseconds;
}

export class EmbeddedLines {
  readonly system: EmbeddedSystem;
  readonly env = new Map([
    ["LC_ALL", "C"],
    ["TZ", "UTC"],
    ["COLUMNS", "80"],
    ["HOME", "/root"],
    ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ]);
  cwd = "/tmp";
  readonly #options: LineOptions;

  constructor(options: LineOptions) {
    this.#options = options;
    this.system = new EmbeddedSystem({
      host: virtualTimeHost,
      profile: options.profile,
      hostName: options.hostName ?? "vethhost",
      startCost: options.startCost,
      callCost: options.callCost ?? 0,
      seed: options.seed ?? 1,
    });
  }

  async run(line: string): Promise<Result> {
    const { system, env, cwd } = this;
    const stdout = collector();
    const stderr = collector();
    const started = Process.start(system, this.#options.lookup, bashProgram, {
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
    const result = { stdout: stdout.text(), stderr: stderr.text(), rc };
    const until = system.monotonic() + this.#options.lineCost;
    system.after(this.#options.lineCost, () => {});
    await system.run(() => system.monotonic() >= until);
    return result;
  }
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
