// `npm run conformance:real -- [--once] [NAME...]`: every script that this machine's kernel can run, three ways, with every difference
// that is there every time, or in one attempt. One after the other, since the kernel's timers are late on a busy machine.

import { realProfile } from "../fuzz/run-real.ts";
import { judge, report } from "./attempts.ts";
import { scriptsFor } from "./scripts.ts";

const real = realProfile();
if ("missing" in real) {
  console.log(`There is no real kernel to compare with: ${real.missing}.`);
  process.exit(1);
}
const { profile } = real;
const words = process.argv.slice(2);
const attempts = words.includes("--once") ? 1 : undefined;
const wanted = words.filter((word) => !word.startsWith("--"));
const scripts = scriptsFor(profile).filter(
  ({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)),
);
let wrong = 0;
for (const script of scripts) {
  const { name, place, recording } = script;
  const start = performance.now();
  const options = { recording, ...(attempts === undefined ? {} : { attempts }) };
  const verdict = await judge(script, profile, place, options);
  wrong += verdict.tools.size + verdict.kernels.size;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(`${report(name, verdict)}, ${seconds} s`);
}
process.exitCode = wrong === 0 ? 0 : 1;
