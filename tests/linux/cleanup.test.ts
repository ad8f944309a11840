// Whatever kills a run on the real kernel, `patchcord cleanup` leaves the machine as it was.

import { afterAll, describe, test } from "vitest";
import { Command } from "../cli/command.ts";
import { packageMissing } from "../real-kernel.ts";
import { killAndClean, killAndCleanMissing, killPoints } from "./kill-and-clean.ts";
import type { BringUpName } from "./killing/bring-ups.ts";

const missing = killAndCleanMissing();
if (missing !== undefined) console.log(`kill and clean up: not tested, ${missing}`);
const withoutOvs = missing ?? packageMissing("openvswitch-switch", "/usr/sbin/ovsdb-server");
if (withoutOvs !== undefined) console.log(`kill with Open vSwitch and clean up: not tested, ${withoutOvs}`);
const command = new Command();
afterAll(() => command.remove());

/** Kills of each, evenly over all calls that the bring-up makes. The soak makes a thousand at random. */
const KILLS: readonly (readonly [BringUpName, number])[] = [
  ["kernel", 14],
  ["switch", 10],
  ["database", 3],
  ["attach", 2],
];

describe.concurrent("a killed bring-up leaves nothing after cleanup, and foreign things stay", () => {
  test.for(KILLS)("%s", { timeout: 900_000 }, async ([name, count], { expect, skip }) => {
    const why = name === "switch" || name === "database" ? withoutOvs : missing;
    if (why !== undefined) skip(why);
    const all = await killPoints(command, name);
    const picked = Array.from({ length: count }, (_, n) => all[Math.floor(((n + 0.5) * all.length) / count)]);
    const points = picked.flatMap((point) => point ?? []);
    const never = name === "attach" ? [] : [{ calls: "sendmsg", at: 60_000 }];
    const outcomes = await killAndClean(command, name, [...points, ...never]);
    expect(outcomes).toHaveLength(points.length + never.length);
    // A call more or less than before may have been made, by which a kill comes too late: that one is tried again.
    const late = points.filter((_, at) => outcomes[at]?.ended !== 137);
    const again = late.length === 0 ? [] : await killAndClean(command, name, late);
    expect([...outcomes, ...again].filter(({ difference }) => difference !== "")).toEqual([]);
    const killed = [...outcomes, ...again].filter(({ ended }) => ended === 137);
    expect(killed.length).toBeGreaterThan(points.length / 2);
    expect(outcomes.slice(points.length).map(({ ended }) => ended)).toEqual(never.map(() => 0));
  });
});
