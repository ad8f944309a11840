// What a large network costs: 10,000 namespaces with a veth each to one of ten bridges, an address, both ends up; the memory
// that it keeps, and how its time compares with that of a tenth of it. IPv6 is off, as in build.ts.

import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { row } from "./row.ts";
import type { Row } from "./row.ts";

const LARGE = 10_000;
const SMALL = 1_000;
const MEBIBYTE = 2 ** 20;
const MEMORY_LIMIT = 600; // MiB
const GROWTH_LIMIT = 12;

interface Measured {
  readonly seconds: number;
  readonly rss: number;
  readonly peak: number;
}

function measure(count: number): Measured {
  const program = join(dirname(fileURLToPath(import.meta.url)), "scale-child.mjs");
  const child = spawnSync(process.execPath, ["--expose-gc", program, String(count)], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`the network of ${count} namespaces failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Measured;
}

/** The faster of two runs. */
function fastest(count: number): Measured {
  const [one, other] = [measure(count), measure(count)];
  return one.seconds <= other.seconds ? one : other;
}

export function scale(): Promise<Row[]> {
  const small = fastest(SMALL);
  const large = fastest(LARGE);
  return Promise.resolve([
    row({
      name: `memory of ${LARGE} namespaces`,
      value: large.rss / MEBIBYTE,
      unit: "MiB",
      limit: MEMORY_LIMIT,
    }),
    row({ name: `memory of ${LARGE} namespaces, highest`, value: large.peak / MEBIBYTE, unit: "MiB" }),
    row({
      name: `time of ${LARGE} namespaces`,
      value: large.seconds,
      unit: "s",
      than: { what: `${SMALL} namespaces`, value: small.seconds },
      better: "as-much",
      target: GROWTH_LIMIT,
    }),
  ]);
}
