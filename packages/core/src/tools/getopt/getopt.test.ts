// getopt beside that of util-linux 2.38: what that printed for the same commands (fixtures/recorded.json).

import { expect, test } from "vitest";
import recorded from "./fixtures/recorded.json" with { type: "json" };
import { shellPrograms } from "../../shell/programs.ts";
import { runBash, TestSystem } from "../../shell/testing/test-system.ts";
import { coreutils } from "../coreutils/programs.ts";
import { getopt } from "./getopt.ts";

const programs = { ...Object.fromEntries([...coreutils, ...shellPrograms]), getopt };

test.each(recorded.map((one) => [one.script, one] as const))("%s", async (script, expected) => {
  const { stdout, stderr, code } = await runBash(script, { system: new TestSystem(), programs });
  expect({ script, stdout, stderr, code }).toEqual(expected);
});
