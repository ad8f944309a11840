// A bounded sample of the random comparison; `npm run conformance:fuzz` runs thousands.

import { expect, test } from "vitest";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSequence, describeDifference } from "./fuzz/compare-runs.ts";
import { generateSequence } from "./fuzz/generate.ts";
import { realKernelMissing } from "./fuzz/run-real.ts";

const SAMPLE = 24;
const missing = realKernelMissing();
if (missing !== undefined) console.log(`random comparison with the real kernel: skipped, ${missing}`);

test(
  "random sequences print the same on the real kernel",
  { skip: missing !== undefined, timeout: 180_000 },
  async () => {
    const seeds = Array.from({ length: SAMPLE }, (_, index) => index + 1);
    const differences = await Promise.all(
      seeds.map(async (seed) => compareSequence(generateSequence(seed), lookupProgram)),
    );
    expect(differences.flatMap((each) => (each ? [describeDifference(each)] : [])).join("\n\n")).toBe("");
  },
);

test("a seed always gives the same sequence", () => {
  expect(generateSequence(5)).toEqual(generateSequence(5));
  expect(generateSequence(5)).not.toEqual(generateSequence(6));
});
