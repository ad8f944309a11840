// A bounded sample of the comparison of filters; `npm run conformance:filter` makes thousands.

import { expect, test } from "vitest";
import { packageMissing } from "../real-kernel.ts";
import { compareFilter, describeDifference } from "./filter/compare.ts";

const SAMPLE = 40;
const missing = packageMissing("tcpdump", "/usr/bin/tcpdump");
if (missing !== undefined) console.log(`filters against the real tcpdump: skipped, ${missing}`);

test(
  "random filters have the code, the complaints and the verdicts of the real tcpdump",
  { skip: missing !== undefined, timeout: 300_000 },
  () => {
    const seeds = Array.from({ length: SAMPLE }, (_, index) => index + 1);
    const differences = seeds.map(compareFilter);
    expect(differences.flatMap((each) => (each ? [describeDifference(each)] : [])).join("\n\n")).toBe("");
  },
);
