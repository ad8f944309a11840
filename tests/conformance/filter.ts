// `npm run conformance:filter -- [COUNT] [FIRST-SEED]`: random filter expressions compiled by us and by the real tcpdump.

import { packageMissing } from "../real-kernel.ts";
import { compareFilter, describeDifference } from "./filter/compare.ts";

const [count = 2000, first = 1] = process.argv.slice(2).map(Number);

const missing = packageMissing("tcpdump", "/usr/bin/tcpdump");
if (missing !== undefined) {
  console.log(`Filters cannot be compared: ${missing}.`);
  process.exit(1);
}
let differing = 0;
for (let seed = first; seed < first + count; seed++) {
  const difference = compareFilter(seed);
  if (difference !== undefined && ++differing <= 10) console.log(`${describeDifference(difference)}\n`);
  if (process.stderr.isTTY) process.stderr.write(`\r${seed - first + 1} / ${count}, ${differing} differ`);
}
console.log(`${count} expressions, ${differing} differ`);
process.exitCode = differing === 0 ? 0 : 1;
