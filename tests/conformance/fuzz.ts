// `npm run conformance:fuzz -- [COUNT] [FIRST-SEED]`: random sequences on the embedded system and on the real kernel.

import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { compareSequence, describeDifference } from "./fuzz/compare-runs.ts";
import { generateSequence } from "./fuzz/generate.ts";
import { realProfile } from "./fuzz/run-real.ts";

const [count = 2000, first = 1] = process.argv.slice(2).map(Number);
/** The real runs mostly sleep. */
const AT_ONCE = 64;

const real = realProfile();
if ("missing" in real) {
  console.log(`The real kernel cannot be compared with: ${real.missing}.`);
  process.exit(1);
}
const { profile } = real;
let next = first;
let done = 0;
const suspicious: number[] = [];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    while (next < first + count) {
      const seed = next++;
      if (await compareSequence(generateSequence(seed), lookupProgram, profile)) suspicious.push(seed);
      done++;
      if (process.stderr.isTTY)
        process.stderr.write(`\r${done} / ${count}, ${suspicious.length} to look at again`);
    }
  }),
);
// Namespaces of one machine share the queue of link events, where a crowd of sequences delays each other's. What differs when a
// sequence runs alone differs.
let differing = 0;
for (const seed of suspicious) {
  const difference = await compareSequence(generateSequence(seed), lookupProgram, profile);
  if (difference === undefined) continue;
  differing++;
  if (differing <= 10) console.log(`${describeDifference(difference)}\n`);
}
console.log(`${done} sequences, ${suspicious.length} were run again alone, ${differing} differ`);
process.exitCode = differing === 0 ? 0 : 1;
