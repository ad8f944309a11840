// Runs inside namespaces that `apart.ts` has made: reads a job from standard input, runs its steps with the real tools or
// with ours on the kernel that is there, and writes the results to the file that the job names.

import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants } from "node:os";
import type { ProgramLookup } from "@patchcord/core/system/process.ts";
import { LinuxSystem } from "@patchcord/linux/linux-system.ts";
import { linuxLookup } from "../../../packages/cli/src/programs.ts";
import type { Result, Step, TimedResult } from "../golden.ts";
import { lineEnvironment, runLine, runSteps } from "../lines.ts";
import type { Lines } from "../lines.ts";

export interface Job {
  readonly tools: "real" | "ours";
  readonly steps: readonly Step[];
  readonly results: string;
  /** Milliseconds between two lines, so that the kernel's own work is done as in a recording. */
  readonly pause: number;
  /** Folder with programs of the place, ahead of the machine's. */
  readonly path: string;
}

/** No line takes longer, milliseconds. */
const LINE_LIMIT = 60_000;

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** bash and the tools of the machine. Output goes to files: a child in the background must not be waited for. */
class RealLines implements Lines {
  readonly env = lineEnvironment();
  cwd = "/tmp";
  readonly #folder = mkdtempSync("/mnt/lines-");

  async run(line: string): Promise<Result> {
    const files = [join(this.#folder, "out"), join(this.#folder, "err")];
    for (const file of files) rmSync(file, { force: true });
    const [out, err] = files.map((file) => openSync(file, "w")) as [number, number];
    const rc = await new Promise<number>((resolve, reject) => {
      const child = spawn("bash", ["-c", line], {
        stdio: ["ignore", out, err],
        env: Object.fromEntries(this.env),
        cwd: this.cwd,
        detached: true,
        timeout: LINE_LIMIT,
        killSignal: "SIGKILL",
      });
      child.on("error", reject);
      child.on("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]));
    });
    closeSync(out);
    closeSync(err);
    const [stdout = "", stderr = ""] = files.map((file) => readFileSync(file, "utf8"));
    return { stdout, stderr, rc };
  }
}

class OurLines implements Lines {
  readonly env = lineEnvironment();
  cwd = "/tmp";
  readonly #system = new LinuxSystem();
  readonly #lookup: ProgramLookup = linuxLookup(this.#system);

  run(line: string): Promise<Result> {
    return runLine(this.#system, this.#lookup, line, this);
  }
}

const job = JSON.parse(readFileSync(0, "utf8")) as Job;
const lines = job.tools === "real" ? new RealLines() : new OurLines();
lines.env.set("PATH", `${job.path}:${lines.env.get("PATH") ?? ""}`);
const start = performance.now();
const began: number[] = [];
const paced: Lines = {
  env: lines.env,
  get cwd() {
    return lines.cwd;
  },
  set cwd(path) {
    lines.cwd = path;
  },
  run: async (line) => {
    const result = await lines.run(line);
    await sleep(job.pause);
    return result;
  },
};
const results = await runSteps(job.steps, paced, () => began.push(performance.now() - start));
const timed: TimedResult[] = results.map((result, index) => ({ ...result, began: began[index] ?? 0 }));
writeFileSync(job.results, JSON.stringify(timed));
process.exit(0); // whatever a script has left in the background ends with its namespaces
