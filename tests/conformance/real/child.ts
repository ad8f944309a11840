// Runs where `apart.sh` has made a place for it: reads a job, runs its steps with the real tools or with ours on the kernel
// that is there, and writes the results.

import { readFileSync, writeFileSync } from "node:fs";
import type { LineTimes, Step } from "../golden.ts";
import { runSteps } from "../steps.ts";
import type { Lines } from "../steps.ts";
import type * as OurPart from "./our-lines.ts";
import { RealLines } from "./real-lines.ts";

export interface Job {
  readonly tools: "real" | "ours";
  readonly steps: readonly Step[];
  /** Milliseconds between two lines, so that the kernel's own work is done as in a recording. */
  readonly pause: number;
  /** Each line begins when standard input says so, after standard output has said that it may. */
  readonly paced: boolean;
  /** Milliseconds since the start before which each line does not begin: when those of a run before this one did. */
  readonly pace: readonly number[];
}

const FOLDER = "/mnt/results";
/** Programs that start and stop Open vSwitch, ahead of the machine's. */
const PROGRAMS = "/mnt/patchcord/tests/conformance/real/bin";

const sleep = (milliseconds: number): Promise<void> | undefined =>
  milliseconds > 0 ? new Promise((resolve) => void setTimeout(resolve, milliseconds)) : undefined;

const job = JSON.parse(readFileSync(`${FOLDER}/job.json`, "utf8")) as Job;
/** A file of its own beside this one: reading it is most of what starting costs, and the real tools do not need it. */
const ours = async (): Promise<Lines> => {
  const path = new URL("our-lines.mjs", import.meta.url).href;
  return new ((await import(path)) as typeof OurPart).OurLines();
};
const lines = job.tools === "real" ? new RealLines() : await ours();
lines.env.set("PATH", `${PROGRAMS}:${lines.env.get("PATH") ?? ""}`);
const start = performance.now();
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    process.stdin.once("data", () => resolve());
    process.stdout.write(".");
  });
const slowly: Lines = {
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
const times: LineTimes[] = [];
let silent: number[] = [];
let line = 0;
const results = await runSteps(job.steps, slowly, async (_, type) => {
  if (job.paced) await turn();
  await sleep((job.pace[line++] ?? 0) - (performance.now() - start));
  const now = performance.now() - start;
  if (type === "silent") silent.push(now);
  else {
    times.push({ began: now, silent });
    silent = [];
  }
});
const timed = results.map((result, index) => ({ ...result, ...times[index] }));
writeFileSync(`${FOLDER}/results.json`, JSON.stringify(timed));
process.exit(0); // whatever a script has left in the background ends with its namespaces
