// A bounded sample of random lines for ovs-ofctl's parsers; `npm run conformance:ovs -- parsers` makes as many as wanted.

import { expect, test } from "vitest";
import { realToolsMissing } from "./compare.ts";
import { describeDifference, parserDifferences, parserLines } from "./compare-parsers.ts";

const SEED = 1;
const LINES = 120;
const missing = realToolsMissing();
if (missing !== undefined) console.log(`random words for ovs-ofctl's parsers: not compared, ${missing}`);

test.skipIf(missing !== undefined)("random words are read alike", { timeout: 120_000 }, async () => {
  const differences = await parserDifferences(parserLines(SEED, LINES));
  expect(differences.map(describeDifference).join("\n\n")).toBe("");
});
