// Lines for our shell and our tools on the kernel that is there.

import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { LinuxSystem } from "@patchcord/linux/linux-system.ts";
import { linuxLookup } from "../../../packages/cli/src/programs.ts";
import type { Result } from "../golden.ts";
import { runLine } from "../lines.ts";
import { lineEnvironment } from "../steps.ts";
import type { Lines } from "../steps.ts";

export class OurLines implements Lines {
  readonly env = lineEnvironment();
  cwd = "/tmp";
  readonly #system = new LinuxSystem();
  readonly #lookup: ProgramLookup = linuxLookup(this.#system);

  run(line: string): Promise<Result> {
    return runLine(this.#system, this.#lookup, line, this);
  }
}
