// What a capture costs: the same forwarding with one hop or every hop of every frame written into a pcapng file on the disk, as
// `patchcord capture` and `run --capture` do it, beside the forwarding alone, in turns. Every hop is more than a disk's cache
// takes at full speed, so beside that is what writing alone comes to.

import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_SNAP_LENGTH } from "@patchcord/core/wire/capture-packet.ts";
import { CaptureFile } from "../../packages/cli/src/capture-file.ts";
import { forwardFrames } from "./forward.ts";
import type { Forwarding } from "./forward.ts";
import { median, row } from "./row.ts";
import type { Row } from "./row.ts";

const TURNS = 3;
const ROUNDS = 3;
/** Before the rounds that count: the engine compiles what a capture adds, and the thread that writes starts. */
const WARM_UP = 2;
const HOPS = 4; // of a frame
/** Under 40 % of the rate may be lost. */
const TARGET = 0.6;

/** Frames a second of each round. */
function framesOf(frames: number, prepare?: Forwarding["prepare"]): number[] {
  return forwardFrames({ rounds: WARM_UP + ROUNDS, frames, ...(prepare && { prepare }) })
    .slice(WARM_UP)
    .map((round) => round.frames);
}

/** How much is written at a time, bytes; capture-writer.ts does the same. */
const BUFFER = 1 << 20;

interface Measure {
  readonly name: string;
  /** All of them if undefined. */
  readonly device?: string;
  readonly target?: number;
}

/**
 * Of the four hops of a frame (out of the sender's eth0, into the bridge's port a, out of its port b, into the receiver's eth0),
 * each is a record of 120 bytes and, since nobody takes the frames in the end, one of them has a comment with the drop: half a
 * kilobyte a frame, or 156 bytes for one hop.
 */
const MEASURES: readonly Measure[] = [
  { name: "forward with one of four hops written to pcapng", device: "a", target: TARGET },
  { name: "forward with every hop written to pcapng" },
];

/** Frames of a round: few enough that the disk itself need not keep up. */
const FRAMES = 256_000;

/** Megabytes a second of a loop that does nothing but write `bytes` to a new file. */
function plainWriting(path: string, bytes: number): number {
  const buffer = new Uint8Array(BUFFER).fill(0x5a);
  const file = openSync(path, "w");
  const start = performance.now();
  for (let left = bytes; left > 0; left -= BUFFER) writeSync(file, buffer, 0, Math.min(left, BUFFER));
  const seconds = (performance.now() - start) / 1000;
  closeSync(file);
  return bytes / 1e6 / seconds;
}

/** Frames a second of each round with a capture, and how large the file has become. */
function captured({ device }: Measure, path: string): { readonly rates: number[]; readonly bytes: number } {
  let file: CaptureFile | undefined;
  const rates = framesOf(FRAMES, ({ capture }) => {
    file = new CaptureFile({
      file: openSync(path, "w"),
      snapLength: DEFAULT_SNAP_LENGTH,
      namespaceName: (inode) => String(inode),
      wanted: ({ name }) => device === undefined || name === device,
      failed: (why) => {
        throw new Error(why);
      },
    });
    capture.start(file.log);
  });
  const written = file?.finish().packets ?? 0;
  const hops = device === undefined ? HOPS : 1;
  if (written !== (WARM_UP + ROUNDS) * FRAMES * hops) throw new Error(`${written} packets are in the file`);
  return { rates, bytes: statSync(path).size };
}

export async function capture(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "patchcord-bench-"));
  const path = join(folder, "all.pcapng");
  const alone: number[] = [];
  const rates = MEASURES.map((): number[] => []);
  const plain: number[] = [];
  let bytesPerFrame = 0; // of every hop
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      alone.push(...framesOf(FRAMES * HOPS));
      for (const [index, measure] of MEASURES.entries()) {
        const { rates: found, bytes } = captured(measure, path);
        rates[index]?.push(...found);
        bytesPerFrame = bytes / ((WARM_UP + ROUNDS) * FRAMES);
      }
      plain.push(plainWriting(path, Math.round(bytesPerFrame * FRAMES)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const everyHop = median(rates.at(-1) ?? []);
  return [
    ...MEASURES.map(({ name, target }, index) =>
      row({
        name,
        value: median(rates[index] ?? []),
        unit: "frames/s",
        than: { what: "without a capture", value: median(alone) },
        ...(target !== undefined && { target }),
      }),
    ),
    row({
      name: "that file of every hop",
      value: (everyHop * bytesPerFrame) / 1e6,
      unit: "MB/s",
      than: { what: "as many bytes written by a loop that does nothing else", value: median(plain) },
    }),
  ];
}
