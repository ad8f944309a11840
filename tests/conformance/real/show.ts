// `npm run conformance:real -- [NAME...]`: scripts three ways on this machine's kernel, with every difference.

import { realProfile } from "../fuzz/run-real.ts";
import { goldenNames, readGolden } from "../golden.ts";
import { compareThreeWays, describe } from "./three-ways.ts";

const real = realProfile();
if ("missing" in real) {
  console.log(`There is no real kernel to compare with: ${real.missing}.`);
  process.exit(1);
}
const wanted = process.argv.slice(2);
const names = goldenNames(real.profile).filter(
  (name) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)),
);
await Promise.all(
  names.map(async (name) => {
    const comparisons = await compareThreeWays(readGolden(real.profile, name), real.profile);
    const tools = comparisons.filter((each) => !each.toolsEqual);
    const kernels = comparisons.filter((each) => !each.kernelsEqual);
    const all = comparisons.length;
    console.log(
      [
        ...tools.map((each) => `=== ${name}, tools\n${describe(each, "tools")}`),
        ...kernels.map((each) => `=== ${name}, kernels\n${describe(each, "kernels")}`),
        `${name}: tools ${all - tools.length} / ${all} equal, kernels ${all - kernels.length} / ${all}`,
      ].join("\n"),
    );
  }),
);
