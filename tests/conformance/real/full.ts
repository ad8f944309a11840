// `npm run conformance:full -- [--once] [NAME...]`: every recorded script three ways in guests with Linux 6.1, and those that were
// written for a guest. Differences that are there every time, or in one attempt, as each script ends; a table at the end. "kills": runs
// with the kernel datapath of Open vSwitch that are killed, and what `patchcord cleanup` leaves of them.

import { availableParallelism } from "node:os";
import { goldenNames, readGolden } from "../golden.ts";
import { killAndCleanMissing } from "../../linux/kill-and-clean.ts";
import { datapathKills } from "../../linux/killing/datapath-in-guest.ts";
import { judge, report } from "./attempts.ts";
import { withWholeBlocks } from "./capture-blocks.ts";
import { guest, guestMissing, sharedGuest } from "./guest.ts";
import { guestScript, guestScriptNames } from "./guest-scripts.ts";
import type { Place, Script } from "./three-ways.ts";
import { withoutIpv6 } from "./userspace-datapath.ts";

const PROFILE = "linux-6.1";
/** Scripts at a time: one guest a processor. */
const AT_ONCE = availableParallelism();
/**
 * Scripts that show a switch's counters, in which router solicitations and MLD reports are counted, which come at random times; or what it
 * has learned from them.
 */
const COUNTING: ReadonlySet<string> = new Set([
  "12_seed1_ovs",
  "25_vxlan",
  "30_seed1_ovs_literal",
  "32_ovs_kernel_dp",
  "60_neutron",
]);
const KILLS = "kills";
/** Kills of a bring-up, which has some thousand system calls; each takes a guest half a minute. */
const KILLED = 8;

const missing = guestMissing();
if (missing !== undefined) {
  console.log(`There can be no guest here: ${missing}.`);
  process.exit(1);
}
const words = process.argv.slice(2);
const attempts = words.includes("--once") ? 1 : undefined;
const wanted = words.filter((word) => !word.startsWith("--"));

interface Task {
  readonly script: Script & { readonly name: string };
  readonly place: Place;
}
const tasks: readonly Task[] = [
  ...guestScriptNames().map((name): Task => ({ script: guestScript(name), place: sharedGuest })),
  ...goldenNames(PROFILE).map((name): Task => {
    const script = readGolden(PROFILE, name);
    const steps = withWholeBlocks(COUNTING.has(name) ? withoutIpv6(script.steps) : script.steps);
    return { script: { ...script, steps }, place: guest };
  }),
]
  .filter(({ script: { name } }) => wanted.length === 0 || wanted.some((each) => name.startsWith(each)))
  .sort((a, b) => b.script.steps.length - a.script.steps.length); // the longest first, so that no processor waits at the end

const table: string[] = [];
let wrong = 0;

async function run({ script, place }: Task): Promise<void> {
  const { name } = script;
  const start = performance.now();
  const took = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  try {
    const verdict = await judge(script, PROFILE, place, attempts === undefined ? {} : { attempts });
    const { commands, tools, kernels } = verdict;
    wrong += tools.size + kernels.size;
    console.log(`${report(name, verdict)}, ${took()}`);
    const differing = [tools, kernels].map(({ size }) => (size === 0 ? "equal" : `${size} differ`));
    table.push(row(name, String(commands), ...differing, `${verdict.attempts}`, took()));
  } catch (failure) {
    wrong++;
    console.log(`${name}: ${String(failure)}`);
    table.push(row(name, "-", "did not end", "-", "-", took()));
  }
}

async function kills(): Promise<void> {
  const without = killAndCleanMissing();
  if (without !== undefined) {
    console.log(`${KILLS}: not made, ${without}`);
    return;
  }
  const start = performance.now();
  const outcomes = await datapathKills(KILLED);
  const different = outcomes.filter(({ difference }) => difference !== "");
  wrong += different.length;
  for (const { calls, at, difference } of different)
    console.log(`=== ${KILLS}, ${calls} ${at}\n${difference}`);
  const killed = outcomes.filter(({ ended }) => ended === 137).length;
  const took = `${((performance.now() - start) / 1000).toFixed(0)} s`;
  console.log(
    `${KILLS}: ${outcomes.length} runs, ${killed} killed, ${different.length} not as before, ${took}`,
  );
}

function row(name: string, ...cells: readonly string[]): string {
  return name.padEnd(24) + cells.map((cell) => cell.padStart(12)).join("");
}

const queue = tasks.values();
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const task of queue) await run(task);
  }),
);
if (wanted.length === 0 || wanted.includes(KILLS)) {
  await kills().catch((failure: unknown) => {
    wrong++;
    console.log(`${KILLS}: ${String(failure)}`);
  });
}
console.log([row("", "commands", "tools", "kernels", "attempts", "took"), ...table.sort()].join("\n"));
process.exitCode = wrong === 0 ? 0 : 1;
