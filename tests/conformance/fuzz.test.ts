// A bounded sample of the random comparison; `npm run conformance:fuzz` runs thousands.

import { expect, test } from "vitest";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSequences, describeDifference, onEmbeddedKernel, onRealKernel } from "./fuzz/compare-runs.ts";
import type { Difference } from "./fuzz/compare-runs.ts";
import { generateSwitchSequence } from "./fuzz/generate-switch.ts";
import { generateSequence } from "./fuzz/generate.ts";
import { realProfile } from "./fuzz/run-real.ts";
import { realSwitchMissing } from "./ovs/real-switch.ts";

const real = realProfile();
if ("missing" in real) console.log(`random comparison with the real kernel: skipped, ${real.missing}`);
const noSwitch = "missing" in real ? real.missing : realSwitchMissing();
if (noSwitch !== undefined) console.log(`random comparison with Open vSwitch: skipped, ${noSwitch}`);

const AT_ONCE = 24;
/** Ours have a Node process for each sequence on the real kernel. */
const TOOLS_AT_ONCE = 3;

const ways = [
  { name: "our tools on the embedded kernel", count: 24, atOnce: AT_ONCE, onReal: false },
  { name: "our tools on the real kernel", count: 3, atOnce: TOOLS_AT_ONCE, onReal: true },
] as const;
/** Their real side is a pair of daemons each. */
const SWITCHES = 4;

function tell(once: readonly Difference[]): void {
  for (const each of once)
    console.log(`did not differ each time when repeated alone:\n${describeDifference(each)}`);
}

// Both wait most of the time.
test.concurrent.each(ways)(
  "random sequences print the same with $name as with the real tools",
  { skip: "missing" in real, timeout: 600_000 },
  async ({ count, atOnce, onReal }) => {
    if ("missing" in real) return;
    const sequences = Array.from({ length: count }, (_, index) => generateSequence(index + 1));
    const way = onReal ? onRealKernel : onEmbeddedKernel(lookupProgram, real.profile);
    const { differing, once } = await compareSequences(sequences, atOnce, way);
    tell(once);
    expect(differing.map(describeDifference).join("\n\n")).toBe("");
  },
);

test.concurrent(
  "random sequences with Open vSwitch print the same as with the real daemons",
  { skip: noSwitch !== undefined, timeout: 600_000 },
  async () => {
    if ("missing" in real) return;
    const sequences = Array.from({ length: SWITCHES }, (_, index) => generateSwitchSequence(index + 1));
    const way = onEmbeddedKernel(lookupProgram, real.profile);
    const { differing, once } = await compareSequences(sequences, SWITCHES, way);
    tell(once);
    expect(differing.map(describeDifference).join("\n\n")).toBe("");
  },
);

test("a seed always gives the same sequence", () => {
  expect(generateSequence(5)).toEqual(generateSequence(5));
  expect(generateSequence(5)).not.toEqual(generateSequence(6));
});
