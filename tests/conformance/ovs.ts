// `npm run conformance:ovs -- [pipelines|headers|parsers] [COUNT] [FIRST-SEED]`: the embedded Open vSwitch and the real one with
// random flow tables and packets, with ones that change headers and tunnels, or ovs-ofctl's parsers with random words.

import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSwitches, describeSwitchDifference } from "./ovs/compare-switches.ts";
import { headerSequence } from "./ovs/header-sequence.ts";
import { pipelineSequence } from "./ovs/pipeline-sequence.ts";
import { realSwitchMissing } from "./ovs/real-switch.ts";
import { describeDifference, parserDifferences, parserLines } from "./ovs-tools/compare-parsers.ts";

const named = /^[a-z]/.test(process.argv[2] ?? "");
const kind = named ? process.argv[2] : "pipelines";
const [count = 200, first = 1] = process.argv.slice(named ? 3 : 2).map(Number);
const missing = realSwitchMissing();
if (missing !== undefined) {
  console.log(`The real Open vSwitch cannot be compared with: ${missing}.`);
  process.exit(1);
}

/** Each sequence's lines, and what is told of those that differ. */
async function compareSeed(seed: number): Promise<{ lines: number; told: string[] }> {
  if (kind === "parsers") {
    const lines = parserLines(seed);
    const differences = await parserDifferences(lines);
    return { lines: lines.length, told: differences.map(describeDifference) };
  }
  const sequence = kind === "headers" ? headerSequence(seed) : pipelineSequence(seed);
  const differences = await compareSwitches(sequence, lookupProgram);
  return { lines: sequence.lines.length, told: differences.map(describeSwitchDifference) };
}

let differing = 0;
let lines = 0;
for (let seed = first; seed < first + count; seed++) {
  const compared = await compareSeed(seed);
  lines += compared.lines;
  differing += compared.told.length;
  for (const text of compared.told) console.log(`${text}\n`);
}
console.log(`${count} sequences of ${lines} lines, ${differing} lines differ`);
process.exitCode = differing === 0 ? 0 : 1;
