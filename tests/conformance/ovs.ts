// `npm run conformance:ovs -- [COUNT] [FIRST-SEED]`: random flow tables and packets on the embedded Open vSwitch and on the real one.

import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSwitches, describeSwitchDifference } from "./ovs/compare-switches.ts";
import { pipelineSequence } from "./ovs/pipeline-sequence.ts";
import { realSwitchMissing } from "./ovs/real-switch.ts";

const [count = 200, first = 1] = process.argv.slice(2).map(Number);
const missing = realSwitchMissing();
if (missing !== undefined) {
  console.log(`The real Open vSwitch cannot be compared with: ${missing}.`);
  process.exit(1);
}
let differing = 0;
let lines = 0;
for (let seed = first; seed < first + count; seed++) {
  const sequence = pipelineSequence(seed);
  lines += sequence.lines.length;
  const differences = await compareSwitches(sequence, lookupProgram);
  differing += differences.length;
  for (const difference of differences) console.log(`${describeSwitchDifference(difference)}\n`);
}
console.log(`${count} sequences of ${lines} lines, ${differing} lines differ`);
process.exitCode = differing === 0 ? 0 : 1;
