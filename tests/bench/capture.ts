// What a capture costs: the same forwarding with one hop or every hop of every frame written into a pcapng file on the disk, as
// `patchcord capture` and `run --capture` do it, beside the forwarding alone, in turns. Every hop is more than a disk's cache
// takes at full speed, so beside that is what writing alone comes to.

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CaptureRun } from "./capture-child.ts";
import { median, row } from "./row.ts";
import type { Row } from "./row.ts";

const TURNS = 5;
/** Under 40 % of the rate may be lost. */
const TARGET = 0.6;
/** How much is written at a time, bytes; capture-writer.ts does the same. */
const BUFFER = 1 << 20;
const MEGABYTE = 1e6;
/** What is written without a capture beside it, bytes. */
const PLAIN = 128 * MEGABYTE;

/**
 * Of the four hops of a frame (out of the sender's eth0, into the bridge's port a, out of its port b, into the receiver's eth0),
 * each is a record of 120 bytes and, since nobody takes the frames in the end, one of them has a comment with the drop: half a
 * kilobyte a frame, or 156 bytes for one hop.
 */
const CHOICES = ["none", "a", "all"] as const;

function run(path: string, choice: (typeof CHOICES)[number]): CaptureRun {
  const child = join(dirname(fileURLToPath(import.meta.url)), "capture-child.mjs");
  const { stdout, stderr } = spawnSync(process.execPath, [child, path, choice], { encoding: "utf8" });
  if (stdout === "") throw new Error(`the measurement failed: ${stderr}`);
  return JSON.parse(stdout) as CaptureRun;
}

/** Megabytes a second of a loop that does nothing but write to a new file. */
function plainWriting(path: string): number {
  const buffer = new Uint8Array(BUFFER).fill(0x5a);
  const file = openSync(path, "w");
  const start = performance.now();
  for (let left = PLAIN; left > 0; left -= BUFFER) writeSync(file, buffer, 0, Math.min(left, BUFFER));
  const seconds = (performance.now() - start) / 1000;
  closeSync(file);
  return PLAIN / MEGABYTE / seconds;
}

export async function capture(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  const path = join(folder, "all.pcapng");
  const rates = { none: [] as number[], a: [] as number[], all: [] as number[] };
  const plain: number[] = [];
  let bytesPerFrame = 0; // of every hop
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      for (const choice of CHOICES) {
        const found = run(path, choice);
        rates[choice].push(median(found.rates));
        if (choice === "all") ({ bytesPerFrame } = found);
        rmSync(path, { force: true });
      }
      plain.push(plainWriting(path));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const everyHop = median(rates.all);
  const unit = "frames/s";
  const than = { what: "without a capture", value: median(rates.none) };
  return [
    row({
      name: "forward with one of four hops written to pcapng",
      value: median(rates.a),
      unit,
      than,
      target: TARGET,
    }),
    row({ name: "forward with every hop written to pcapng", value: everyHop, unit, than }),
    row({
      name: "that file of every hop",
      value: (everyHop * bytesPerFrame) / MEGABYTE,
      unit: "MB/s",
      than: { what: "a loop that does nothing but write", value: median(plain) },
    }),
  ];
}
