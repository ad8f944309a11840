// The client tools of Open vSwitch print what Debian's print for the same words: scripts that need no server.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { differencesOf, realToolsMissing } from "./compare.ts";

const missing = realToolsMissing();
if (missing !== undefined) console.log(`Open vSwitch's own tools: not compared, ${missing}`);

test.skipIf(missing !== undefined).for(["ovsdb-tool", "ovs-ofctl", "ovs-captures"])(
  "%s",
  { timeout: 120_000 },
  async (script) => {
    const lines = readFileSync(new URL(`fixtures/${script}.sh`, import.meta.url), "utf8").split("\n");
    expect(await differencesOf(lines)).toEqual([]);
  },
);
