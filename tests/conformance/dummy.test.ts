// Scripts in the manner of Open vSwitch's own tests, with daemons and dummies of their own, against the real daemons.

import { describe, expect, test } from "vitest";
import { realDaemonsMissing, runEmbedded, runReal, scripts } from "./dummy/compare-scripts.ts";
import { describeLines, differingLines } from "./dummy/differing-lines.ts";
import { differingEachTime } from "./each-time.ts";

const missing = realDaemonsMissing();
if (missing !== undefined) console.log(`scripts with dummies against the real daemons: skipped, ${missing}`);

describe("prints what the real daemons print", () => {
  test.each(scripts)("%s", { skip: missing !== undefined, timeout: 400_000 }, async (script) => {
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

test("lines that differ are found where they are", () => {
  const found = differingLines("a\nb\nc\nd", "a\nx\nc\nd\ny\nz");
  expect([...found].map(([at, each]) => `${at} ${describeLines(each)}`)).toEqual([
    "2 - b",
    "2.5 + x",
    "4.5 + y\n+ z",
  ]);
  expect(differingLines("a\nb", "a\nb").size).toBe(0);
});
