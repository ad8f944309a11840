// `npm run conformance:fuzz -- [--tools] [--switch] [COUNT] [FIRST-SEED]`: random sequences with the real tools on the real
// kernel, and with ours on the embedded one, or (--tools) on the real one too. --switch: sequences about Open vSwitch.

import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSequences, describeDifference, onEmbeddedKernel, onRealKernel } from "./fuzz/compare-runs.ts";
import { generateSwitchSequence } from "./fuzz/generate-switch.ts";
import { generateSequence } from "./fuzz/generate.ts";
import type { Sequence } from "./fuzz/generate.ts";
import { realProfile } from "./fuzz/run-real.ts";

const words = process.argv.slice(2);
const toolsOnly = words.includes("--tools");
const generate = words.includes("--switch") ? generateSwitchSequence : generateSequence;
const [count = 2000, first = 1] = words.filter((word) => !word.startsWith("--")).map(Number);
/** Enough to keep two CPUs busy; a larger crowd is only later for its own timers. */
const AT_ONCE = 24;
/** Each has a Node process of its own. */
const TOOLS_AT_ONCE = 2;

const real = realProfile();
if ("missing" in real) {
  console.log(`The real kernel cannot be compared with: ${real.missing}.`);
  process.exit(1);
}

function* sequences(): Generator<Sequence> {
  for (let seed = first; seed < first + count; seed++) yield generate(seed);
}

const way = toolsOnly ? onRealKernel : onEmbeddedKernel(lookupProgram, real.profile);
let done = 0;
const { differing, once } = await compareSequences(sequences(), toolsOnly ? TOOLS_AT_ONCE : AT_ONCE, way, {
  ran(difference) {
    done++;
    if (difference)
      console.log(`seed ${difference.seed} differs, to be repeated alone: ${difference.command}`);
    if (process.stderr.isTTY) process.stderr.write(`\r${done} / ${count}`);
    else if (done % 100 === 0) console.log(`${done} / ${count}`);
  },
  repeated(before, again) {
    if (again) console.log(`\n${describeDifference(again)}\n`);
    else console.log(`seed ${before.seed} did not differ each time`);
  },
});
console.log(
  `${done} sequences: ${differing.length} differ; ${once.length} differed in the crowd, and not each time when repeated alone`,
);
process.exitCode = differing.length === 0 ? 0 : 1;
