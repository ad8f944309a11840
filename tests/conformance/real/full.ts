// `npm run conformance:full -- [--once] [NAME...]`: every recorded script three ways in guests with Linux 6.1, and those that were
// written for a guest; differences that are there every time, or in one attempt.

import { goldenNames, readGolden } from "../golden.ts";
import { judge, report } from "./attempts.ts";
import { guest, guestMissing } from "./guest.ts";
import { guestScript, guestScriptNames } from "./guest-scripts.ts";

const PROFILE = "linux-6.1";
const missing = guestMissing();
if (missing !== undefined) {
  console.log(`There can be no guest here: ${missing}.`);
  process.exit(1);
}
const words = process.argv.slice(2);
const attempts = words.includes("--once") ? 1 : undefined;
const wanted = words.filter((word) => !word.startsWith("--"));
const scripts = [
  ...goldenNames(PROFILE).map((name) => readGolden(PROFILE, name)),
  ...guestScriptNames().map(guestScript),
].filter(({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)));
let wrong = 0;
await Promise.all(
  scripts.map(async (script) => {
    const { name } = script;
    try {
      const verdict = await judge(script, PROFILE, guest, attempts === undefined ? {} : { attempts });
      wrong += verdict.tools.size + verdict.kernels.size;
      console.log(report(name, verdict));
    } catch (failure) {
      wrong++;
      console.log(`${name}: ${String(failure)}`);
    }
  }),
);
process.exitCode = wrong === 0 ? 0 : 1;
