// `npm run conformance:real -- [NAME...]`: scripts three ways on this machine's kernel, with every difference of one attempt.

import { realProfile } from "../fuzz/run-real.ts";
import { goldenNames, readGolden } from "../golden.ts";
import { compareThreeWays, describe, thisMachine } from "./three-ways.ts";
import { RECORDED_WITH_OVS, userspacePlace, userspaceScript } from "./userspace-datapath.ts";

const real = realProfile();
if ("missing" in real) {
  console.log(`There is no real kernel to compare with: ${real.missing}.`);
  process.exit(1);
}
const { profile } = real;
const wanted = process.argv.slice(2);
const scripts = [
  ...goldenNames(profile).map((name) => ({ ...readGolden(profile, name), place: thisMachine })),
  ...RECORDED_WITH_OVS.map((name) => ({ ...userspaceScript(name, profile), place: userspacePlace })),
].filter(({ name }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)));
await Promise.all(
  scripts.map(async (script) => {
    const comparisons = await compareThreeWays(script, profile, script.place);
    const tools = comparisons.filter((each) => !each.toolsEqual);
    const kernels = comparisons.filter((each) => !each.kernelsEqual);
    const all = comparisons.length;
    console.log(
      [
        ...tools.map((each) => `=== ${script.name}, tools\n${describe(each, "tools")}`),
        ...kernels.map((each) => `=== ${script.name}, kernels\n${describe(each, "kernels")}`),
        `${script.name}: tools ${all - tools.length} / ${all} equal, kernels ${all - kernels.length} / ${all}`,
      ].join("\n"),
    );
  }),
);
