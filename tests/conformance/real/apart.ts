// Runs a script's steps on the kernel of this machine, in network, mount, UTS and pid namespaces that end with it. /run and
// /tmp are empty there and /sys is that of the new namespace, so several can run at once and nothing of the machine
// is touched.

import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Step, TimedResult } from "../golden.ts";
import type { Job } from "./child.ts";

export const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const cache = join(ROOT, "node_modules", ".cache");
const PROGRAMS = "patchcord-conformance";
const SCRIPT = join(import.meta.dirname, "apart.sh");

let bundled: Promise<unknown> | undefined;

/**
 * The child, and what only our tools need, as a file each, made once a run. They come in the place of old ones as a whole: another run
 * may read these, and a copy of the tree may share them by hard links.
 */
export function bundleChild(): Promise<unknown> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<void> {
  const { outputFiles } = await build({
    write: false,
    absWorkingDir: ROOT,
    entryPoints: ["child", "our-lines"].map((name) => join(import.meta.dirname, `${name}.ts`)),
    outdir: join(cache, PROGRAMS),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    external: ["koffi", "just-bash"],
    banner: {
      js: 'import { createRequire as nodeRequire } from "node:module"; const require = nodeRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  mkdirSync(join(cache, PROGRAMS), { recursive: true });
  for (const { path, contents } of outputFiles) {
    const whole = `${path}.${process.pid}`;
    writeFileSync(whole, contents);
    renameSync(whole, path);
  }
}

export type Tools = Job["tools"];

export interface PlaceOptions {
  readonly loopbackUp: boolean;
  readonly hostName: string;
  /** Milliseconds between two lines. */
  readonly pause: number;
}

/** Where `child.ts` finds its job and leaves the results. */
export function writeJob(
  folder: string,
  tools: Tools,
  steps: readonly Step[],
  { pause }: PlaceOptions,
  { paced = false, pace = [] }: Partial<Pick<Job, "paced" | "pace">> = {},
): void {
  const job: Job = { tools, steps, pause, paced, pace };
  writeFileSync(join(folder, "job.json"), JSON.stringify(job));
}

export function readResults(folder: string): TimedResult[] {
  return JSON.parse(readFileSync(join(folder, "results.json"), "utf8")) as TimedResult[];
}

/** A run takes seconds on a machine that has nothing else to do; it is ended after this time, milliseconds. */
const LIMIT = 600_000;

/** Runs side by side: a line begins when all have come to it, so that no kernel had more time to work than another. */
class Pace {
  #runs: number;
  #waiting: (() => void)[] = [];

  constructor(runs: number) {
    this.#runs = runs;
  }

  arrive(go: () => void): void {
    this.#waiting.push(go);
    this.#release();
  }

  leave(): void {
    this.#runs--;
    this.#release();
  }

  #release(): void {
    if (this.#waiting.length < this.#runs) return;
    for (const go of this.#waiting.splice(0)) go();
  }
}

/** The results of the recorded commands of each run, in order. */
export function runApart(
  runs: readonly Tools[],
  steps: readonly Step[],
  options: PlaceOptions,
): Promise<TimedResult[][]> {
  const pace = new Pace(runs.length);
  return Promise.all(runs.map((tools) => runOne(tools, steps, options, pace)));
}

async function runOne(
  tools: Tools,
  steps: readonly Step[],
  options: PlaceOptions,
  pace: Pace,
): Promise<TimedResult[]> {
  await bundleChild();
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "patchcord-results-"));
  writeJob(folder, tools, steps, options, { paced: true });
  const namespaces = ["-n", "-m", "-u", "-p", "-f", "--kill-child"];
  const state = options.loopbackUp ? "up" : "down";
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(
        "unshare",
        [...namespaces, "bash", SCRIPT, ROOT, folder, options.hostName, state, process.execPath],
        { stdio: "pipe", timeout: LIMIT, killSignal: "SIGKILL" },
      );
      let errors = "";
      child.stderr.on("data", (chunk) => (errors += chunk));
      child.stdin.on("error", () => {}); // it has ended, which "exit" tells
      child.stdout.on("data", () => pace.arrive(() => void child.stdin.write("\n")));
      child.on("error", reject);
      child.on("exit", (code, signal) => {
        if (code === 0) resolve();
        else reject(new Error(`a run with ${tools} tools ended with ${code ?? signal}: ${errors}`));
      });
    });
    return readResults(folder);
  } finally {
    pace.leave();
    rmSync(folder, { recursive: true, force: true });
  }
}
