// Scripts on the embedded daemons and on the real ones. They wait most of the time, so they are several files' tests, which run side
// by side.

import { describe, expect, test } from "vitest";
import { differingEachTime } from "../each-time.ts";
import { realDaemonsMissing, runEmbedded, runReal, scripts } from "./compare-scripts.ts";
import { describeLines, differingLines } from "./differing-lines.ts";

const PARTS = 3;

/** The tests of every third script, from this one on. */
export function testScripts(part: number): void {
  const missing = realDaemonsMissing();
  if (missing !== undefined)
    console.log(`scripts with dummies against the real daemons: skipped, ${missing}`);
  const some = scripts.filter((_, at) => at % PARTS === part);
  describe("prints what the real daemons print", () => {
    test.each(some)("%s", { skip: missing !== undefined, timeout: 400_000 }, async (script) => {
      const ours: string[] = [];
      let real = "";
      const compare = async () => {
        const printed = await runEmbedded(script);
        ours.push(printed);
        real = await runReal(script);
        return differingLines(printed, real);
      };
      const differing = await differingEachTime(script, compare, describeLines);
      expect(new Set(ours).size).toBe(1); // nothing is left to chance there
      expect(ours[0]).toBe(differing.length === 0 ? ours[0] : real);
    });
  });
}
