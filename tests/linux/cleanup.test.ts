// Whatever kills a run on the real kernel, `patchcord cleanup` leaves the machine as it was.

import { afterAll, expect, test } from "vitest";
import { Command } from "../cli/command.ts";
import { killAndClean, killAndCleanMissing } from "./kill-and-clean.ts";
import type { KillPoint } from "./kill-and-clean.ts";

const missing = killAndCleanMissing();
if (missing !== undefined) console.log(`kill and clean up: not tested, ${missing}`);
const command = new Command();
afterAll(() => command.remove());

/** Requests and mounts one by one, and what is written to the journal between them. */
const POINTS: readonly KillPoint[] = [
  ...[1, 2, 4, 6, 8, 12, 17, 20, 24, 29, 35, 42, 50, 75].map((at) => ({
    calls: "sendmsg",
    at,
  })),
  ...[1, 2, 3, 5].map((at) => ({ calls: "mount", at })),
  ...[3, 9, 33].map((at) => ({ calls: "mkdir,mkdirat,setns", at })),
  ...[2, 5, 8, 14, 20, 26, 30, 32].map((at) => ({ calls: "pwrite64,write", at: at * 4 })),
  { calls: "sendmsg", at: 100_000 },
];

test(
  "a killed bring-up leaves nothing after cleanup, and foreign things stay",
  { skip: missing !== undefined, timeout: 300_000 },
  async () => {
    // Two machines of their own at a time.
    const halves = [0, 1].map((half) => POINTS.filter((_, index) => index % 2 === half));
    const outcomes = (await Promise.all(halves.map((points) => killAndClean(command, points)))).flat();
    expect(outcomes.filter(({ difference }) => difference !== "")).toEqual([]);
    expect(outcomes).toHaveLength(POINTS.length);
    expect(outcomes.filter(({ ended }) => ended === 137).length).toBeGreaterThan(POINTS.length / 2);
    expect(outcomes.filter(({ at }) => at === 100_000).map(({ ended }) => ended === 137)).toEqual([false]);
  },
);
