// The steps of a script, each given as a `bash -c` of its own, as the recorder does, to something that runs lines: the embedded
// system, our tools on the real kernel, the real tools on the real kernel. Needs nothing of ours, so it starts at once.

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

/** Runs a script's steps; the results of its recorded commands, in order. `before` is told the number of each line's next one. */
export async function runSteps(
  steps: readonly Step[],
  lines: Lines,
  before: (command: number, type: "silent" | "command") => unknown = () => {},
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
        await before(results.length, "silent");
        await lines.run(step.cmd);
        break;
      case "command":
        await before(results.length, "command");
        results.push(await lines.run(step.recorded.cmd));
    }
  }
  return results;
}
