// Every script that was recorded for the kernel of this machine, three ways: real tools and ours on the real kernel print
// the same, and ours print the same on the embedded one.

import { describe, expect, test } from "vitest";
import { realProfile } from "../fuzz/run-real.ts";
import { goldenNames, readGolden } from "../golden.ts";
import { packageMissing } from "../../real-kernel.ts";
import { judge } from "./attempts.ts";
import { thisMachine } from "./three-ways.ts";

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

const LIMIT = 600_000;

describe.skipIf("missing" in real)("three ways", () => {
  if ("missing" in real) return;
  const { profile } = real;
  for (const name of goldenNames(profile)) {
    test.concurrent(`${name}`, { timeout: LIMIT }, async () => {
      const { commands, tools, kernels } = await judge(readGolden(profile, name), profile, thisMachine);
      expect([...tools.values(), ...kernels.values()].join("\n\n")).toBe("");
      console.log(`${profile} ${name}: ${commands} commands equal three ways`);
    });
  }
});
