// dd, xxd, hexdump, cmp, truncate, install, chmod and their kin: what the real programs of Debian 12 printed for the same commands
// (fixtures/bytes.json, install.json, text.json; a character a byte).

import { describe, expect, test } from "vitest";
import bytes from "./fixtures/bytes.json" with { type: "json" };
import text from "./fixtures/text.json" with { type: "json" };
import ownership from "./fixtures/install.json" with { type: "json" };
import { shellPrograms } from "../../shell/programs.ts";
import { runBash, TestSystem } from "../../shell/testing/test-system.ts";
import { hexdump } from "../hexdump/hexdump.ts";
import { flock } from "../flock/flock.ts";
import { logger } from "../logger/logger.ts";
import { xxd } from "../xxd/xxd.ts";
import { coreutils } from "./programs.ts";

const programs = {
  ...Object.fromEntries([...coreutils, ...shellPrograms]),
  flock,
  hd: hexdump,
  hexdump,
  logger,
  xxd,
};

describe("as the real programs", () => {
  test.each([...bytes, ...ownership, ...text].map((one) => [one.script, one] as const))(
    "%s",
    async (script, { stdout, stderr, code }) => {
      const system = new TestSystem();
      const outcome = await runBash(script, { system, programs, env: { LC_ALL: "C" } });
      expect({ stdout: outcome.stdout, stderr: outcome.stderr, code: outcome.code }).toEqual({
        stdout,
        stderr,
        code,
      });
    },
  );
});
