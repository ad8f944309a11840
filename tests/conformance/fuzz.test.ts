// A bounded sample of the random comparison; `npm run conformance:fuzz` runs thousands.

import { expect, test } from "vitest";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSequences, describeDifference } from "./fuzz/compare-runs.ts";
import { generateSequence } from "./fuzz/generate.ts";
import { realProfile } from "./fuzz/run-real.ts";

const SAMPLE = 24;
const real = realProfile();
if ("missing" in real) console.log(`random comparison with the real kernel: skipped, ${real.missing}`);

test(
  "random sequences print the same on the real kernel",
  { skip: "missing" in real, timeout: 300_000 },
  async () => {
    if ("missing" in real) return;
    const sequences = Array.from({ length: SAMPLE }, (_, index) => generateSequence(index + 1));
    const { differing } = await compareSequences(sequences, SAMPLE, lookupProgram, real.profile);
    expect(differing.map(describeDifference).join("\n\n")).toBe("");
  },
);

test("a seed always gives the same sequence", () => {
  expect(generateSequence(5)).toEqual(generateSequence(5));
  expect(generateSequence(5)).not.toEqual(generateSequence(6));
});
