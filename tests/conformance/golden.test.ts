// Every recorded script on the embedded system, in every profile. A line a script: commands equal / all. The numbers in
// scores.json may only rise; what is not equal yet is listed there with its reason, and nothing is masked to get there.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { profileNames } from "@patchcord/core/kernel/profile.ts";
import { lookupProgram } from "../../packages/cli/src/programs.ts";
import { goldenNames, readGolden } from "./golden.ts";
import { runGolden } from "./run-golden.ts";
import type { Outcome } from "./run-golden.ts";

interface Score {
  readonly equal: number;
  readonly all: number;
  /** Commands that differ, with the reason. A command may stand for all its repetitions. */
  readonly differing?: Readonly<Record<string, string>>;
}
interface Scores {
  /** Scripts that are not run, with the reason. */
  readonly left: Readonly<Record<string, string>>;
  readonly scripts: Record<string, Score>;
}

const SCORES = join(import.meta.dirname, "scores.json");
const scores = JSON.parse(readFileSync(SCORES, "utf8")) as Scores;
const update = process.env["UPDATE_SCORES"] === "1";

function report(outcome: Outcome): string {
  const { recorded, ours } = outcome;
  const { first } = recorded;
  return [
    `$ ${recorded.cmd}`,
    "--- recorded",
    first.stdout + first.stderr,
    `[${first.rc}]`,
    "--- ours",
    ours.stdout + ours.stderr,
    `[${ours.rc}]`,
  ].join("\n");
}

describe.each(profileNames)("%s", (profile) => {
  for (const name of goldenNames(profile)) {
    const left = scores.left[name] ?? scores.left[`${profile}/${name}`];
    if (left !== undefined) {
      console.log(`${profile} ${name}: not run: ${left}`);
      continue;
    }
    test(`${name}`, { timeout: 120_000 }, async () => {
      const key = `${profile}/${name}`;
      const outcomes = await runGolden(readGolden(profile, name), lookupProgram);
      const differing = outcomes.filter((outcome) => !outcome.equal);
      const equal = outcomes.length - differing.length;
      console.log(`${profile} ${name}: ${equal} / ${outcomes.length} commands equal`);
      const score = scores.scripts[key];
      const reasons = score?.differing ?? {};
      if (update) {
        scores.scripts[key] = {
          equal,
          all: outcomes.length,
          ...(differing.length > 0
            ? {
                differing: Object.fromEntries(
                  differing.map((d) => [d.recorded.cmd, reasons[d.recorded.cmd] ?? ""]),
                ),
              }
            : {}),
        };
        writeFileSync(SCORES, `${JSON.stringify(scores, undefined, 2)}\n`);
        return;
      }
      const unexplained = differing.filter((outcome) => (reasons[outcome.recorded.cmd] ?? "") === "");
      expect(unexplained.map(report).join("\n\n")).toBe("");
      expect(equal).toBeGreaterThanOrEqual(score?.equal ?? outcomes.length);
    });
  }
});
