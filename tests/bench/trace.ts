// What journeys cost: forwarding while nobody watches, against the same sources without any of the trace code; and how many
// hops a second are recorded when every packet is.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "esbuild";
import { watchPackets } from "@patchcord/core/kernel/journey.ts";
import { EVERY_PACKET } from "@patchcord/core/trace/recorder.ts";
import { forwardFrames } from "./forward.ts";
import { median, row } from "./row.ts";
import type { Row } from "./row.ts";

/** Pairs of runs, one of each build right after the other. */
const PAIRS = 5;
const FRAMES = 1_000_000;
/** At most two in a hundred frames less. */
const KEPT = 0.98;
const HOPS_TARGET = 200_000;

/** Every place where the kernel looks whether a packet, or anything, is recorded. */
const CHECKS = [
  /\b(?:\w+\.)*traceId !== 0/g,
  /\b\w+\.traced\b(?! =)/g,
  /\b(?:\w+\.)*kernel\.trace !== undefined/g,
];

const withoutTrace: Plugin = {
  name: "without-trace",
  setup(building) {
    building.onLoad({ filter: /packages\/core\/src\/(?:kernel|links)\/.*\.ts$/ }, ({ path }) => {
      let contents = readFileSync(path, "utf8");
      for (const check of CHECKS) contents = contents.replace(check, "false");
      return { contents, loader: "ts" };
    });
  },
};

/** A program that prints frames a second, in a folder. */
async function bundle(folder: string, name: string, plugins: Plugin[]): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(process.cwd(), "tests/bench/trace-child.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    logLevel: "silent",
    minifySyntax: true, // takes the branches out that can never be reached
    plugins,
  });
  return outfile;
}

function rate(program: string): number {
  const { stdout, stderr } = spawnSync(process.execPath, [program, String(FRAMES)], { encoding: "utf8" });
  const value = Number(stdout);
  if (!(value > 0)) throw new Error(`the measurement failed: ${stderr}`);
  return value;
}

async function unwatched(): Promise<Row> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  try {
    const plain = await bundle(folder, "with", []);
    const stripped = await bundle(folder, "without", [withoutTrace]);
    const pairs = Array.from({ length: PAIRS }, () => ({ with: rate(plain), without: rate(stripped) }));
    return row({
      name: "forward frames while nobody traces",
      value: Math.max(...pairs.map((pair) => pair.with)),
      unit: "frames/s of CPU time",
      than: { what: "a build without trace code", value: Math.max(...pairs.map((pair) => pair.without)) },
      target: KEPT,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function everyPacket(): Row {
  const hops = forwardFrames({
    frames: 200_000,
    rounds: 5,
    prepare: ({ kernel }) => watchPackets(kernel, EVERY_PACKET),
  }).map(({ hops: each }) => each);
  return row({
    name: "hops with every packet traced",
    value: median(hops),
    unit: "hops/s",
    target: HOPS_TARGET,
  });
}

export async function trace(): Promise<Row[]> {
  return [await unwatched(), everyPacket()];
}
