// Scripts in the manner of Open vSwitch's own tests, with daemons and dummies of their own, against the real daemons: a third of them.

import { expect, test } from "vitest";
import { describeLines, differingLines } from "./dummy/differing-lines.ts";
import { testScripts } from "./dummy/side-by-side.ts";

testScripts(0);

test("lines that differ are found where they are", () => {
  const found = differingLines("a\nb\nc\nd", "a\nx\nc\nd\ny\nz");
  expect([...found].map(([at, each]) => `${at} ${describeLines(each)}`)).toEqual([
    "2 - b",
    "2.5 + x",
    "4.5 + y\n+ z",
  ]);
  expect(differingLines("a\nb", "a\nb").size).toBe(0);
});
