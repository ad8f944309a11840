// `npm run soak -- [COUNT]`: kills bring-ups at random system calls and times, a thousand times over, and cleans up after each.

import { Command } from "../cli/command.ts";
import { guestMissing } from "../conformance/real/guest.ts";
import { killAndClean, killAndCleanMissing, killPoints } from "./kill-and-clean.ts";
import type { KillPoint } from "./kill-and-clean.ts";
import type { BringUpName } from "./killing/bring-ups.ts";
import { kindsGivenBack } from "./killing/kinds-in-guest.ts";

const COUNT = Number(process.argv[2] ?? 1000);
/** Runs in one place, which takes a second to prepare. */
const BATCH = 25;
/** Places at a time. */
const LANES = Number(process.argv[3] ?? 2);
/** Kills by the clock among those by calls: one of so many. */
const TIMED = 10;
const LONGEST = 3; // seconds
/** Cleanups that are killed as well: one of so many; and the most that one sends and writes. */
const KILLED_CLEANUPS = 4;
const MOST_SENT = 120;
/** What comes more often in it is killed more often. */
const TURNS: readonly BringUpName[] = (process.argv[4]?.split(",") as BringUpName[]) ?? [
  "kernel",
  "switch",
  "kernel",
  "switch",
  "database",
  "attach",
];

const missing = killAndCleanMissing();
if (missing !== undefined) {
  console.log(`It cannot be done here: ${missing}.`);
  process.exit(1);
}
const command = new Command();
const start = performance.now();
let begun = 0;
let batches = 0;
let done = 0;
let killed = 0;
let wrong = 0;
const places = new Map<BringUpName, Promise<KillPoint[]>>();

function pick(points: readonly KillPoint[]): KillPoint {
  const point = pickRun(points);
  if (Math.floor(Math.random() * KILLED_CLEANUPS) > 0) return point;
  return { ...point, during: 1 + Math.floor(Math.random() * MOST_SENT) };
}

function pickRun(points: readonly KillPoint[]): KillPoint {
  if (Math.floor(Math.random() * TIMED) === 0)
    return { calls: "time", at: Number((0.1 + Math.random() * LONGEST).toFixed(3)) };
  return points[Math.floor(Math.random() * points.length)] ?? { calls: "sendmsg", at: 1 };
}

async function lane(): Promise<void> {
  while (begun < COUNT) {
    const name = TURNS[batches++ % TURNS.length] ?? "kernel";
    const size = Math.min(BATCH, COUNT - begun);
    begun += size;
    const known = places.get(name) ?? killPoints(command, name);
    places.set(name, known);
    const points = await known;
    const picked = Array.from({ length: size }, () => pick(points));
    for (const outcome of await killAndClean(command, name, picked)) {
      done++;
      if (outcome.ended === 137) killed++;
      if (outcome.difference === "") continue;
      wrong++;
      console.log(`${name} ${outcome.calls} ${outcome.at}: ${outcome.difference}`);
    }
    const seconds = Math.round((performance.now() - start) / 1000);
    console.log(`${done} runs, ${killed} killed, ${wrong} not as before, ${seconds} s`);
  }
}

async function guestKinds(): Promise<void> {
  const without = guestMissing();
  const said = without === undefined ? await kindsGivenBack(command) : "";
  if (said !== "") wrong++;
  console.log(`kinds of devices in a guest: ${without ?? (said === "" ? "as before" : said)}`);
}

try {
  await Promise.all([guestKinds(), ...Array.from({ length: LANES }, lane)]);
} finally {
  command.remove();
}
process.exitCode = wrong === 0 && done === COUNT ? 0 : 1;
