// Prints what differs between a recorded script and the embedded system: `tsx tests/conformance/show.ts 04 [linux-6.18]`.

import { profileNames } from "@patchcord/core/kernel/profile.ts";
import type { ProfileName } from "@patchcord/core/kernel/profile.ts";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { goldenNames, readGolden } from "./golden.ts";
import { runGolden } from "./run-golden.ts";

const [wanted = "", profile = "linux-6.1", ...flags] = process.argv.slice(2);
if (!profileNames.includes(profile as ProfileName)) throw new Error(`no profile ${profile}`);
const quiet = flags.includes("--summary");
for (const name of goldenNames(profile as ProfileName).filter((each) => each.startsWith(wanted))) {
  const outcomes = await runGolden(readGolden(profile as ProfileName, name), lookupProgram);
  const differing = outcomes.filter((outcome) => !outcome.equal);
  for (const { recorded, ours } of quiet ? [] : differing) {
    const { first, second } = recorded;
    console.log(`=== $ ${recorded.cmd}`);
    console.log(`--- recorded [${first.rc}]\n${first.stdout}${first.stderr.replace(/^(?=.)/gm, "2> ")}`);
    if (second.stdout !== first.stdout || second.stderr !== first.stderr || second.rc !== first.rc) {
      console.log(
        `--- second run [${second.rc}]\n${second.stdout}${second.stderr.replace(/^(?=.)/gm, "2> ")}`,
      );
    }
    console.log(`--- ours [${ours.rc}]\n${ours.stdout}${ours.stderr.replace(/^(?=.)/gm, "2> ")}`);
  }
  console.log(
    `${profile} ${name}: ${outcomes.length - differing.length} / ${outcomes.length} commands equal`,
  );
}
