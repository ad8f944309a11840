// tput and clear: what those of ncurses 6.4 sent for the same commands on a terminal (fixtures/tput.json).

import { expect, test } from "vitest";
import recorded from "./fixtures/tput.json" with { type: "json" };
import { shellPrograms } from "../../shell/programs.ts";
import { runBash } from "../../shell/testing/test-system.ts";
import { ncursesPrograms } from "./programs.ts";

const programs = Object.fromEntries([...shellPrograms, ...ncursesPrograms]);

test.each(recorded.map((one) => [one.script.slice(0, one.script.indexOf(";")), one] as const))(
  "%s",
  async (_, { script, ...result }) => {
    const { stdout, stderr, code } = await runBash(script, { programs, env: { LC_ALL: "C" } });
    expect([stdout.split("\n"), stderr, code]).toEqual([
      result.stdout.split("\n"),
      result.stderr,
      result.code,
    ]);
  },
);
