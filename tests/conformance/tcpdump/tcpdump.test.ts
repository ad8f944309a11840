// Our tcpdump and the real one on the captures of tests/fixtures/tcpdump, on those that generated.ts makes, and on seeded mutations
// of both, with -e and -vvv, plain, and with hex; and on a part of every sweep (`npm run conformance:tcpdump` has them whole). Where not every packet is equal yet, scores.json has how many are; the numbers may only rise
// (UPDATE_SCORES=1 writes them). The real tcpdump is installed if that is allowed; else the comparison is skipped and says so.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { packageMissing } from "../../real-kernel.ts";
import { generated, PROTOCOLS, swept, SWEEPS } from "./generated.ts";
import { beginnings, byPacket, mutated, readCapture, uncut } from "./packets.ts";
import type { Capture } from "./packets.ts";
import { runOurs } from "./ours.ts";
import { runReal } from "./real.ts";

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, "../../fixtures/tcpdump");
const scoresFile = join(here, "scores.json");
const OPTION_SETS = ["-nn -e -vvv", "-nn", "-nn -q -X"];
const SWEEP_OPTIONS = ["-nn -e -vvv", "-q -X"];
const FRAMES_OF_A_SWEEP = 50;
const CUT_OPTIONS = ["-nn -vvv -x"];
const LONGEST_CUT = 120;
const COPIES = 1;
const SEED = 11;

const scores = JSON.parse(readFileSync(scoresFile, "utf8")) as Record<string, string>;
const found: Record<string, string> = {};
const missing = packageMissing("tcpdump", "/usr/bin/tcpdump");
if (missing !== undefined) process.stderr.write(`tcpdump is not compared: ${missing}\n`);

/** How many packets of a capture are printed in the same way, with each of the option sets. */
async function compare(
  capture: Uint8Array,
  optionSets: readonly string[],
): Promise<{ equal: number; packets: number }> {
  let equal = 0;
  let packets = 0;
  const sets = optionSets.map((set) => ["-#", ...set.split(" ")]);
  const realRuns = sets.map((options) => runReal(capture, options));
  for (const [index, options] of sets.entries()) {
    const ours = byPacket((await runOurs(capture, options)).stdout);
    const real = byPacket((await realRuns[index])?.stdout ?? "");
    for (const [number, text] of real) {
      packets++;
      if (ours.get(number) === text) equal++;
    }
  }
  return { equal, packets };
}

describe.skipIf(missing !== undefined)("the same text as the real tcpdump", () => {
  const files = readdirSync(fixtures).filter((name) => name.endsWith(".pcap"));
  const captures: (readonly [string, () => Capture])[] = [
    ...files.map((name) => [name, () => readCapture(join(fixtures, name))] as const),
    ...Object.entries(PROTOCOLS).map(([name, protocol]) => [name, () => generated(protocol)] as const),
  ];
  test.each(captures)("%s", async (name, make) => {
    const { equal, packets } = await compare(mutated(make(), COPIES, SEED), OPTION_SETS);
    found[name] = `${equal} of ${packets}`;
    expect(packets).toBeGreaterThan(0);
    const floor = scores[name];
    expect(equal, `equal packets of ${packets}`).toBeGreaterThanOrEqual(
      floor === undefined ? packets : Number.parseInt(floor, 10),
    );
  });

  test.each(Object.entries(SWEEPS))("a part of the sweep %s", async (_name, sweep) => {
    const capture = uncut(swept(sweep, FRAMES_OF_A_SWEEP));
    const more = sweep.options ?? [];
    const { equal, packets } = await compare(
      capture,
      SWEEP_OPTIONS.map((set) => [...more, set].join(" ")),
    );
    expect(packets).toBeGreaterThan(0);
    expect(equal, `equal packets of ${packets}`).toBe(packets);
  });

  // What -x shows tells which of the printers gave up, the one that met the end or all.
  test.each(files)("every beginning of packets of %s", async (name) => {
    const capture = beginnings(readCapture(join(fixtures, name)), LONGEST_CUT);
    const { equal, packets } = await compare(capture, CUT_OPTIONS);
    expect(equal, `equal packets of ${packets}`).toBe(packets);
  });

  afterAll(() => {
    if (process.env["UPDATE_SCORES"] === undefined) return;
    writeFileSync(scoresFile, `${JSON.stringify({ ...scores, ...found }, null, 2)}\n`);
  });
});

test("no packet, however broken, throws", async () => {
  for (const name of readdirSync(fixtures)) {
    const capture = mutated(readCapture(join(fixtures, name)), 3, SEED + 1);
    const run = await runOurs(capture, ["-nn", "-e", "-vvv"]);
    expect(run.code).toBe(0);
  }
});
