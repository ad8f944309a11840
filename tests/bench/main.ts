// npm run bench [-- [--json] [NAME...]]: the measurements, each beside what it is compared with, in one run.
// --json prints one object a line: name, value, unit, than {what, value}, ratio, target, ok, and `skipped` with a reason.
// The exit code is 1 if a target was missed. Slowest and most disturbing last: the real kernel takes namespaces down
// after the measurement.

import "../../packages/cli/src/engine-flags.ts";
import { availableParallelism, loadavg } from "node:os";
import { build } from "./build.ts";
import { capture } from "./capture.ts";
import { forward } from "./forward.ts";
import { linux } from "./linux.ts";
import { ovs } from "./ovs.ts";
import { printPackets } from "./print-packets.ts";
import { describe } from "./row.ts";
import type { Row } from "./row.ts";
import { scale } from "./scale.ts";
import { start } from "./start.ts";
import { trace } from "./trace.ts";

const measurements: ReadonlyMap<string, () => Promise<Row[]>> = new Map([
  ["start", start],
  ["forward", forward],
  ["capture", capture],
  ["trace", trace],
  ["ovs", ovs],
  ["scale", scale],
  ["build", build],
  ["print", printPackets],
  ["linux", linux],
]);

const names = process.argv.slice(2).filter((word) => word !== "--json");
const json = process.argv.includes("--json");
const unknown = names.filter((name) => !measurements.has(name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: no measurement ${unknown.join(", ")}; there are ${[...measurements.keys()].join(", ")}\n`,
  );
  process.exit(64);
}

const [load = 0] = loadavg();
if (load > 0.5) {
  const busy = `${load.toFixed(1)} of ${availableParallelism()} CPUs were busy in the last minute`;
  process.stderr.write(`bench: ${busy}; what runs beside a measurement changes its ratios\n`);
}

let missed = 0;
for (const [name, measure] of measurements) {
  if (names.length > 0 && !names.includes(name)) continue;
  for (const row of await measure()) {
    process.stdout.write(`${json ? JSON.stringify(row) : describe(row)}\n`);
    if (row.ok === false) missed++;
  }
}
process.exitCode = missed > 0 ? 1 : 0;
