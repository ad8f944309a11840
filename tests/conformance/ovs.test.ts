// A bounded sample of the comparison with the real Open vSwitch; `npm run conformance:ovs [headers]` makes as many sequences as wanted.

import { expect, test } from "vitest";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSwitches, describeSwitchDifference } from "./ovs/compare-switches.ts";
import { headerSequence } from "./ovs/header-sequence.ts";
import { pipelineSequence } from "./ovs/pipeline-sequence.ts";
import { realSwitchMissing } from "./ovs/real-switch.ts";

const SEEDS = [1, 2, 3];
const HEADER_SEEDS = [8, 16];
const missing = realSwitchMissing();
if (missing !== undefined) console.log(`flow tables against the real Open vSwitch: skipped, ${missing}`);

test(
  "random flow tables and packets print what the real Open vSwitch prints",
  { skip: missing !== undefined, timeout: 300_000 },
  async () => {
    const differences: string[] = [];
    for (const seed of SEEDS) {
      const found = await compareSwitches(pipelineSequence(seed), lookupProgram);
      differences.push(...found.map(describeSwitchDifference));
    }
    expect(differences.join("\n\n")).toBe("");
  },
);

test(
  "random headers and tunnels are followed as by the real Open vSwitch",
  { skip: missing !== undefined, timeout: 300_000 },
  async () => {
    const differences: string[] = [];
    for (const seed of HEADER_SEEDS) {
      const found = await compareSwitches(headerSequence(seed), lookupProgram);
      differences.push(...found.map(describeSwitchDifference));
    }
    expect(differences.join("\n\n")).toBe("");
  },
);
