// `npm run conformance:fuzz -- [COUNT] [FIRST-SEED]`: random sequences on the embedded system and on the real kernel.

import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSequences, describeDifference } from "./fuzz/compare-runs.ts";
import { generateSequence } from "./fuzz/generate.ts";
import type { Sequence } from "./fuzz/generate.ts";
import { realProfile } from "./fuzz/run-real.ts";

const [count = 2000, first = 1] = process.argv.slice(2).map(Number);
const AT_ONCE = 96;

const real = realProfile();
if ("missing" in real) {
  console.log(`The real kernel cannot be compared with: ${real.missing}.`);
  process.exit(1);
}

function* sequences(): Generator<Sequence> {
  for (let seed = first; seed < first + count; seed++) yield generateSequence(seed);
}

let done = 0;
const { differing, once } = await compareSequences(sequences(), AT_ONCE, lookupProgram, real.profile, {
  ran(difference) {
    done++;
    if (difference)
      console.log(`seed ${difference.seed} differs, to be repeated alone: ${difference.command}`);
    if (process.stderr.isTTY) process.stderr.write(`\r${done} / ${count}`);
    else if (done % 100 === 0) console.log(`${done} / ${count}`);
  },
  repeated(before, again) {
    if (again) console.log(`\n${describeDifference(again)}\n`);
    else console.log(`seed ${before.seed} differed once, equal when repeated`);
  },
});
console.log(
  `${done} sequences: ${differing.length} differ; ${once.length} differed once in the crowd and were equal when repeated alone`,
);
process.exitCode = differing.length === 0 ? 0 : 1;
