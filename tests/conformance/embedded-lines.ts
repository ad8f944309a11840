// An embedded system that is given one line after the other, each as a `bash -c` of its own, as the recorder does.

import { EmbeddedSystem } from "@patchcord/core/embedded.ts";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import type { Nanoseconds } from "@patchcord/core/system/system.ts";
import { virtualTimeHost } from "../../packages/cli/src/node-host.ts";
import { nodeTls } from "../../packages/cli/src/tls/node-tls.ts";
import type { Result, Step } from "./golden.ts";
import { runLine } from "./lines.ts";
import { lineEnvironment } from "./steps.ts";
import type { Lines } from "./steps.ts";

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

/** The recorder's own command starts the daemons that do not run, and calls the system by the name of its host. */
export function startingSwitch(step: Step, hostName: string): Step {
  if (step.type !== "silent" || step.cmd !== "ovs-start") return step;
  const start = "/usr/share/openvswitch/scripts/ovs-ctl start";
  const name = `ovs-vsctl --no-wait set Open_vSwitch . external_ids:system-id=${hostName}`;
  return { type: "silent", cmd: `${start}; ${name}` };
}

export class EmbeddedLines implements Lines {
  readonly system: EmbeddedSystem;
  readonly env = lineEnvironment();
  cwd = "/tmp";
  readonly #options: LineOptions;

  constructor(options: LineOptions) {
    this.#options = options;
    this.system = new EmbeddedSystem({
      host: virtualTimeHost,
      tls: nodeTls,
      profile: options.profile,
      hostName: options.hostName ?? "vethhost",
      startCost: options.startCost,
      callCost: options.callCost ?? 0,
      seed: options.seed ?? 1,
    });
  }

  async run(line: string): Promise<Result> {
    const { system } = this;
    const result = await runLine(system, this.#options.lookup, line, this);
    await this.advanceTo(system.monotonic() + this.#options.lineCost);
    return result;
  }

  /** Lets time pass until the system's clock shows `until`. */
  async advanceTo(until: Nanoseconds): Promise<void> {
    const { system } = this;
    if (until <= system.monotonic()) return;
    system.after(Math.ceil(until - system.monotonic()), () => {});
    await system.run(() => system.monotonic() >= until);
  }
}
