// How long the command takes from start to end: the first article's script, as a process, beside a Node that does nothing.

import { spawnSync } from "node:child_process";
import { median, row } from "./row.ts";
import type { Row } from "./row.ts";

const ROUNDS = 20;
const LIMIT = 6;

function milliseconds(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const taken = performance.now() - start;
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${stderr}`);
  return taken;
}

export function start(): Promise<Row[]> {
  const ours: number[] = [];
  const empty: number[] = [];
  const script = ["packages/cli/dist/main.js", "run", "examples/first-article.sh"];
  for (let round = -2; round < ROUNDS; round++) {
    const [nothing, whole] = [milliseconds(["-e", "0"]), milliseconds(script)];
    if (round < 0) continue; // the files are in the page cache from here on
    empty.push(nothing);
    ours.push(whole);
  }
  return Promise.resolve([
    row({
      name: "patchcord run examples/first-article.sh",
      value: median(ours),
      unit: "ms",
      than: { what: "node -e 0", value: median(empty) },
      better: "as-much",
      target: LIMIT,
    }),
  ]);
}
