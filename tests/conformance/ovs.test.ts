// A bounded sample of the comparison with the real Open vSwitch; `npm run conformance:ovs [headers]` makes as many sequences as wanted.

import { expect, test } from "vitest";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { differingEachTime } from "./each-time.ts";
import { compareSwitches, describeSwitchDifference } from "./ovs/compare-switches.ts";
import type { SwitchSequence } from "./ovs/compare-switches.ts";
import { headerSequence } from "./ovs/header-sequence.ts";
import { pipelineSequence } from "./ovs/pipeline-sequence.ts";
import { realSwitchMissing } from "./ovs/real-switch.ts";

const SEEDS = [1, 2, 3];
const HEADER_SEEDS = [8, 16];
const missing = realSwitchMissing();
if (missing !== undefined) console.log(`flow tables against the real Open vSwitch: skipped, ${missing}`);

/** For people; empty if nothing differs. */
async function differences(sequences: readonly SwitchSequence[]): Promise<string> {
  const told: string[] = [];
  for (const sequence of sequences) {
    const compare = async () =>
      new Map((await compareSwitches(sequence, lookupProgram)).map((each) => [each.before.length, each]));
    const found = await differingEachTime(`seed ${sequence.seed}`, compare, describeSwitchDifference);
    told.push(...found.map(describeSwitchDifference));
  }
  return told.join("\n\n");
}

test(
  "random flow tables and packets print what the real Open vSwitch prints",
  { skip: missing !== undefined, timeout: 300_000 },
  async () => {
    expect(await differences(SEEDS.map((seed) => pipelineSequence(seed)))).toBe("");
  },
);

test(
  "random headers and tunnels are followed as by the real Open vSwitch",
  { skip: missing !== undefined, timeout: 300_000 },
  async () => {
    expect(await differences(HEADER_SEEDS.map((seed) => headerSequence(seed)))).toBe("");
  },
);
