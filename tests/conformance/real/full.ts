// `npm run conformance:full -- [NAME...]`: every recorded script three ways in guests with Linux 6.1, and a count a script.

import { goldenNames, readGolden } from "../golden.ts";
import { judge } from "./attempts.ts";
import { guest, guestMissing } from "./guest.ts";
import { guestSample } from "./guest-sample.ts";

const PROFILE = "linux-6.1";
const missing = guestMissing();
if (missing !== undefined) {
  console.log(`There can be no guest here: ${missing}.`);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const scripts = [...goldenNames(PROFILE).map((name) => readGolden(PROFILE, name)), guestSample].filter(
  ({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)),
);
let wrong = 0;
await Promise.all(
  scripts.map(async (script) => {
    const { name } = script;
    try {
      const { commands, tools, kernels } = await judge(script, PROFILE, guest);
      wrong += tools.size + kernels.size;
      console.log(
        [
          ...[...tools.values()].map((text) => `=== ${name}, tools\n${text}`),
          ...[...kernels.values()].map((text) => `=== ${name}, kernels\n${text}`),
          `${name}: tools ${commands - tools.size} / ${commands} equal, kernels ${commands - kernels.size} / ${commands}`,
        ].join("\n"),
      );
    } catch (failure) {
      wrong++;
      console.log(`${name}: ${String(failure)}`);
    }
  }),
);
process.exitCode = wrong === 0 ? 0 : 1;
