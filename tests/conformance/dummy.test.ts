// Scripts in the manner of Open vSwitch's own tests, with daemons and dummies of their own, against the real daemons.

import { describe, expect, test } from "vitest";
import { realDaemonsMissing, runEmbedded, runReal, scripts } from "./dummy/compare-scripts.ts";

const missing = realDaemonsMissing();
if (missing !== undefined) console.log(`scripts with dummies against the real daemons: skipped, ${missing}`);

describe("prints what the real daemons print", () => {
  test.each(scripts)("%s", { skip: missing !== undefined, timeout: 150_000 }, async (script) => {
    const [ours, real] = [await runEmbedded(script), await runReal(script)];
    expect(ours).toBe(real);
  });
});
