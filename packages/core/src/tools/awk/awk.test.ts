// awk beside Debian's mawk 1.3.4: what that printed for the same commands (fixtures/recorded.json).

import { describe, expect, test } from "vitest";
import recorded from "./fixtures/recorded.json" with { type: "json" };
import { shellPrograms } from "../../shell/programs.ts";
import { runBash, TestSystem } from "../../shell/testing/test-system.ts";
import { coreutils } from "../coreutils/programs.ts";
import { awkPrograms } from "./awk.ts";

const programs = Object.fromEntries([...coreutils, ...shellPrograms, ...awkPrograms]);

describe("as mawk", () => {
  test.each(recorded.map((one) => [one.script, one] as const))(
    "%s",
    async (script, { stdout, stderr, code }) => {
      const outcome = await runBash(script, { system: new TestSystem(), programs, env: { LC_ALL: "C" } });
      expect({ stdout: outcome.stdout, stderr: outcome.stderr, code: outcome.code }).toEqual({
        stdout,
        stderr,
        code,
      });
    },
  );
});

test("a loop without end gives way to a signal", async () => {
  const outcome = await runBash("timeout 1 awk 'BEGIN { while (1) n++ }'; echo $?", {
    system: new TestSystem(),
    programs,
  });
  expect(outcome.stdout).toBe("124\n");
});
