// Every script that was recorded for the kernel of this machine, three ways: real tools and ours on the real kernel print
// the same, and ours print the same on the embedded one. What the recordings explain (scores.json) may differ here too.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { realProfile } from "../fuzz/run-real.ts";
import { goldenNames, readGolden } from "../golden.ts";
import { packageMissing } from "../../real-kernel.ts";
import { compareThreeWays, describe as show } from "./three-ways.ts";
import type { Comparison } from "./three-ways.ts";

interface Known {
  readonly scripts: Readonly<Record<string, { readonly differing?: Readonly<Record<string, string>> }>>;
}
const read = (path: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, path), "utf8"));
const known = read("../scores.json") as Known;
/** What is not determined even on one kernel, with the reason. */
const undetermined = read("known.json") as Readonly<Record<string, Readonly<Record<string, string>>>>;

const missing = [
  ["bridge-utils", "/usr/sbin/brctl"],
  ["ethtool", "/usr/sbin/ethtool"],
  ["iputils-arping", "/usr/bin/arping"],
  ["iputils-tracepath", "/usr/bin/tracepath"],
  ["traceroute", "/usr/sbin/traceroute"],
  ["busybox", "/usr/bin/busybox"],
].flatMap(([name = "", file = ""]) => packageMissing(name, file) ?? []);
const real = missing.length > 0 ? { missing: missing.join(", ") } : realProfile();
if ("missing" in real) console.log(`three ways: skipped, ${real.missing}`);

/** Timers of a busy machine are late, so a difference counts if it is there every time. */
const ATTEMPTS = 3;
const LIMIT = 600_000;

describe.skipIf("missing" in real)("three ways", () => {
  if ("missing" in real) return;
  const { profile } = real;
  for (const name of goldenNames(profile)) {
    test.concurrent(`${name}`, { timeout: LIMIT }, async () => {
      const explained = known.scripts[`${profile}/${name}`]?.differing ?? {};
      const wrong = (comparisons: readonly Comparison[], what: "tools" | "kernels"): Map<string, string> =>
        new Map(
          comparisons
            .filter((each) => !(what === "tools" ? each.toolsEqual : each.kernelsEqual))
            .filter((each) => undetermined[name]?.[each.command] === undefined)
            .filter((each) => what === "tools" || explained[each.command] === undefined)
            .map((each) => [each.command, show(each, what)]),
        );
      let tools: Map<string, string> | undefined;
      let kernels: Map<string, string> | undefined;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const comparisons = await compareThreeWays(readGolden(profile, name), profile);
        tools = both(tools, wrong(comparisons, "tools"));
        kernels = both(kernels, wrong(comparisons, "kernels"));
        if (tools.size === 0 && kernels.size === 0) {
          console.log(`${profile} ${name}: ${comparisons.length} commands equal three ways`);
          return;
        }
      }
      expect([...(tools?.values() ?? []), ...(kernels?.values() ?? [])].join("\n\n")).toBe("");
    });
  }
});

/** What was wrong before and still is. */
function both(before: Map<string, string> | undefined, now: Map<string, string>): Map<string, string> {
  return before === undefined ? now : new Map([...now].filter(([command]) => before.has(command)));
}
